"""Bitget perpetuals settled in USDT.

20 requests a second to each endpoint, one to that of ratios and five to that of liquidations;
ccxt's limiter keeps to all of them by waiting. More than 6,000 a minute are answered with five
minutes of nothing. Open interest is told only as it stands now.

Liquidations of the last three days can be had when asked for. The page on the websocket that has
them too gives their amounts in quote currency; those who read the list find base coin in it. So it
is read, and refused if that makes an amount nobody ever held.
"""

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.language import mark
from bot.exchanges.parse import bitget as parse
from bot.exchanges.parse.common import Listing
from bot.exchanges.venue import (
    Book,
    Call,
    LatestTrades,
    Overview,
    Params,
    Polled,
    Series,
    Span,
    Tiers,
    Venue,
)

_PRODUCT = {"productType": "USDT-FUTURES"}
# 30 days: 9 pages of bars, 8 of funding, 1 of ratios.
_BARS = 1000
# `candles` goes back 30 days; older ones come from the archive, 200 at a time.
_RECENT = 29 * DAY
_ARCHIVED_BARS = 200
# Funding is told by pages of so many rows, newest first. It is paid each hour at most, so that a
# page reaches back as many hours at least.
_FUNDING_ROWS = 100
_FUNDINGS = 12  # of 8 hours, within what one page reaches
_RATIO_REACH = 30 * DAY  # no stretch can be asked for: what is told is told at once
_LEVELS = 1000
_TRADES = 1000
_LIQUIDATIONS = 100


def _symbol(listing: Listing, **params: object) -> Params:
    return {"symbol": listing.id, **_PRODUCT, **params}


def _listings(_cursor: str) -> Call:
    return Call("publicMixGetV2MixMarketContracts", dict(_PRODUCT))


def _candles(listing: Listing, span: Span) -> Call:
    params = _symbol(listing, granularity="5m", startTime=span.start, endTime=span.end)
    if span.start > span.now - _RECENT:
        return Call("publicMixGetV2MixMarketCandles", {**params, "limit": _BARS})
    return Call("publicMixGetV2MixMarketHistoryCandles", {**params, "limit": _ARCHIVED_BARS})


def _funding(listing: Listing, span: Span) -> Call:
    since = span.now // HOUR - span.end // HOUR  # fundings after this stretch, at most
    params = _symbol(listing, pageSize=_FUNDING_ROWS, pageNo=1 + since // _FUNDING_ROWS)
    return Call("publicMixGetV2MixMarketHistoryFundRate", params)


def _ratio(listing: Listing, _span: Span) -> Call:
    params: Params = {"symbol": listing.id, "period": "1h"}
    return Call("publicMixGetV2MixMarketAccountLongShort", params)


def _tiers(listing: Listing) -> Call:
    return Call("publicMixGetV2MixMarketQueryPositionLever", _symbol(listing))


def _book(listing: Listing) -> Call:
    return Call("publicMixGetV2MixMarketMergeDepth", _symbol(listing, limit="max"))


def _trades(listing: Listing) -> Call:
    return Call("publicMixGetV2MixMarketFillsHistory", _symbol(listing, limit=_TRADES))


def _liquidated(listing: Listing, _span: Span) -> Call:
    params: Params = {
        "category": _PRODUCT["productType"],
        "symbol": listing.id,
        "limit": _LIQUIDATIONS,
    }
    return Call("publicUtaGetV3MarketLiquidations", params)


BITGET = Venue(
    name=parse.NAME,
    ccxt_id="bitget",
    listings=_listings,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", 5 * MINUTE, _BARS, _candles, parse.candles),
    open_interest=(),
    funding=Series("funding", 8 * HOUR, _FUNDINGS, _funding, parse.funding),
    long_short_ratio=Series(
        "the long/short ratio",
        HOUR,
        _RATIO_REACH // HOUR + 2,
        _ratio,
        parse.long_short_ratio,
        reach=_RATIO_REACH,
    ),
    tiers=Tiers(_tiers, parse.tiers),
    stream=None,
    overview=Overview(
        (_listings(""), Call("publicMixGetV2MixMarketTickers", dict(_PRODUCT))),
        parse.overview,
    ),
    book=Book(
        _LEVELS, _book, lambda payload, listing, at: parse.book(payload, listing, at, _LEVELS)
    ),
    trades=LatestTrades(_TRADES, _trades, parse.trades),
    polled=Polled(
        every=10.0,
        call=_liquidated,
        parse=parse.liquidated,
        lossy=mark("of a hundred and more within seconds only the latest hundred are seen"),
        page=_LIQUIDATIONS,
        reach=3 * DAY,
        rows=parse.liquidated_rows,
    ),
    pauses={429: 5, 403: 300},
)
