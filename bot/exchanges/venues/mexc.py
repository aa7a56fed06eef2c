"""MEXC perpetuals settled in dollars.

20 requests in two seconds to each endpoint, which are kept for all of them together; the list of
contracts may be asked for once in five seconds, and is once an hour. Open interest is told only as
it stands now, and liquidations not at all.
"""

from bot.core.arrays import HOUR, MINUTE
from bot.exchanges.parse import mexc as parse
from bot.exchanges.parse.common import Listing
from bot.exchanges.venue import (
    Book,
    Call,
    LatestTrades,
    Overview,
    Params,
    Series,
    Span,
    Tiers,
    Venue,
)

# 30 days: 5 pages of bars and 8 of funding, 0.1 s each.
_BARS = 2000
# Funding is told by pages of so many rows, newest first. It is paid each hour at most, so that a
# page reaches back as many hours at least.
_FUNDING_ROWS = 100
_FUNDINGS = 12  # of 8 hours, within what one page reaches
_LEVELS = 1000
_TRADES = 100
_WEIGHT = 2.0  # of each request; 50 ms for each


def _listings(_cursor: str) -> Call:
    return Call("contractPublicGetDetail")


def _candles(listing: Listing, span: Span) -> Call:
    params: Params = {
        "symbol": listing.id,
        "interval": "Min5",
        "start": span.start // 1000,
        "end": span.end // 1000,
    }
    return Call("contractPublicGetKlineSymbol", params)


def _funding(listing: Listing, span: Span) -> Call:
    since = span.now // HOUR - span.end // HOUR  # fundings after this stretch, at most
    params: Params = {
        "symbol": listing.id,
        "page_num": 1 + since // _FUNDING_ROWS,
        "page_size": _FUNDING_ROWS,
    }
    return Call("contractPublicGetFundingRateHistory", params)


def _tiers(listing: Listing) -> Call:
    return Call("contractPublicGetTicker", {"symbol": listing.id})


def _book(listing: Listing) -> Call:
    return Call("contractPublicGetDepthSymbol", {"symbol": listing.id, "limit": _LEVELS})


def _trades(listing: Listing) -> Call:
    return Call("contractPublicGetDealsSymbol", {"symbol": listing.id, "limit": _TRADES})


MEXC = Venue(
    name=parse.NAME,
    ccxt_id="mexc",
    listings=_listings,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", 5 * MINUTE, _BARS, _candles, parse.candles),
    open_interest=(),
    funding=Series("funding", 8 * HOUR, _FUNDINGS, _funding, parse.funding),
    long_short_ratio=None,
    tiers=Tiers(_tiers, parse.tiers),
    stream=None,
    overview=Overview((Call("contractPublicGetTicker"),), parse.overview),
    book=Book(
        _LEVELS, _book, lambda payload, listing, at: parse.book(payload, listing, at, _LEVELS)
    ),
    trades=LatestTrades(_TRADES, _trades, parse.trades),
    weight=lambda _params: _WEIGHT,
    pauses={429: 10, 418: 120, 403: 300},
)
