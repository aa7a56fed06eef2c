"""KuCoin perpetuals settled in dollars.

2,000 weight in thirty seconds for each address: a page of candles weighs 3, of open interest 10,
of funding 5. ccxt's limiter reckons with twice as much of both. No liquidation is published: every
topic of its websocket that could carry them is answered with 404.
"""

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.exchanges.parse import kucoin as parse
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

# 30 days: 44 pages of bars (2 s), 5 of open interest and 8 of funding, side by side.
_BARS = 200
_INTERESTS = 200
_FUNDINGS = 12  # of 8 hours; paid each hour, these are 96 rows of at most 100
_FUNDING_REACH = 33 * DAY  # the latest 100 are remembered
# By the quarter hour it remembers seven days, by the day seventy.
_INTEREST_REACH, _DAILY_REACH = 7 * DAY, 70 * DAY
_LEVELS = 5000  # the whole book is told
_TRADES = 100


def _listings(_cursor: str) -> Call:
    return Call("futuresPublicGetContractsActive")


def _candles(listing: Listing, span: Span) -> Call:
    params: Params = {
        "symbol": listing.id,
        "granularity": 5,  # [minutes]
        "from": span.start,
        "to": span.end,
    }
    return Call("futuresPublicGetKlineQuery", params)


def _open_interest_by(interval: str, listing: Listing, span: Span) -> Call:
    params: Params = {
        "symbol": listing.id,
        "interval": interval,
        "startAt": span.start,
        "endAt": span.end,
        "pageSize": _INTERESTS,
    }
    return Call("utaGetMarketOpenInterest", params)


def _open_interest(listing: Listing, span: Span) -> Call:
    return _open_interest_by("15min", listing, span)


def _daily_open_interest(listing: Listing, span: Span) -> Call:
    return _open_interest_by("1day", listing, span)


def _funding(listing: Listing, span: Span) -> Call:
    params: Params = {"symbol": listing.id, "from": span.start, "to": span.end}
    return Call("futuresPublicGetContractFundingRates", params)


def _of_symbol(method: str, listing: Listing) -> Call:
    return Call(method, {"symbol": listing.id})


KUCOIN = Venue(
    name=parse.NAME,
    ccxt_id="kucoinfutures",
    listings=_listings,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", 5 * MINUTE, _BARS, _candles, parse.candles),
    open_interest=(
        Series(
            "open interest",
            15 * MINUTE,
            _INTERESTS,
            _open_interest,
            parse.open_interest,
            reach=_INTEREST_REACH,
        ),
        Series(
            "open interest",
            DAY,
            _INTERESTS,
            _daily_open_interest,
            parse.open_interest,
            reach=_DAILY_REACH,
        ),
    ),
    funding=Series("funding", 8 * HOUR, _FUNDINGS, _funding, parse.funding, reach=_FUNDING_REACH),
    long_short_ratio=None,
    tiers=Tiers(
        lambda listing: _of_symbol("futuresPublicGetContractsRiskLimitSymbol", listing),
        parse.tiers,
    ),
    stream=None,
    overview=Overview((_listings(""),), parse.overview),
    book=Book(
        _LEVELS,
        lambda listing: _of_symbol("futuresPublicGetLevel2Snapshot", listing),
        lambda payload, listing, at: parse.book(payload, listing, at, _LEVELS),
    ),
    trades=LatestTrades(
        _TRADES,
        lambda listing: _of_symbol("futuresPublicGetTradeHistory", listing),
        parse.trades,
    ),
    # The weight is given back thirty seconds after the first request that it was spent on.
    pauses={429: 30, 403: 300},
)
