"""OKX linear swaps.

Limits are by endpoint: 40 or 20 requests of candles, 10 of funding, tiers and open interest, 5 of
ratios in two seconds. ccxt's one limiter keeps to all of them by waiting, so pages cost time here.
"""

import json

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.language import mark
from bot.exchanges.parse import okx as parse
from bot.exchanges.parse import okx_now as now
from bot.exchanges.parse.common import Listing
from bot.exchanges.venue import (
    Book,
    Call,
    LatestTrades,
    Overview,
    Params,
    Series,
    Span,
    Stream,
    Tiers,
    Venue,
)

# 30 days: 10 pages of bars (1 s), 9 of open interest (2 s), 2 of ratios (1 s), 1 of funding.
# Bars of 5 minutes would take 3 s more, open interest by 15 minutes 5 s more.
_BARS = 300
_STATISTICS = 100
_FUNDINGS = 100
_LEVELS = 400
_TRADES = 500
# `candles` goes back this many bars; older ones come from the archive.
_RECENT_BARS = 1440
_BAR = 15 * MINUTE


def _candles(listing: Listing, span: Span) -> Call:
    recent = span.start > span.now - (_RECENT_BARS - 1) * _BAR
    # Pages are named by what they lie between: after is older than, before newer than.
    params: Params = {
        "instId": listing.id,
        "bar": "15m",
        "before": span.start - 1,
        "after": span.end + 1,
        "limit": _BARS,
    }
    return Call("publicGetMarketCandles" if recent else "publicGetMarketHistoryCandles", params)


def _statistics(listing: Listing, span: Span, period: str) -> Params:
    return {
        "instId": listing.id,
        "period": period,
        "begin": span.start - 1,
        "end": span.end + 1,
        "limit": _STATISTICS,
    }


def _listings(_cursor: str) -> Call:
    return Call("publicGetPublicInstruments", {"instType": "SWAP"})


def _open_interest(listing: Listing, span: Span) -> Call:
    params = _statistics(listing, span, "1H")
    return Call("publicGetRubikStatContractsOpenInterestHistory", params)


def _daily_open_interest(listing: Listing, span: Span) -> Call:
    params = _statistics(listing, span, "1D")
    return Call("publicGetRubikStatContractsOpenInterestHistory", params)


def _ratio(listing: Listing, span: Span) -> Call:
    params = _statistics(listing, span, "4H")
    return Call("publicGetRubikStatContractsLongShortAccountRatioContract", params)


def _funding(listing: Listing, span: Span) -> Call:
    params: Params = {
        "instId": listing.id,
        "before": span.start - 1,
        "after": span.end + 1,
        "limit": _FUNDINGS,
    }
    return Call("publicGetPublicFundingRateHistory", params)


def _tiers(listing: Listing) -> Call:
    params: Params = {
        "instType": "SWAP",
        "tdMode": "isolated",
        "instFamily": parse.family(listing),
    }
    return Call("publicGetPublicPositionTiers", params)


def _book(listing: Listing) -> Call:
    return Call("publicGetMarketBooks", {"instId": listing.id, "sz": _LEVELS})


def _trades(listing: Listing) -> Call:
    return Call("publicGetMarketTrades", {"instId": listing.id, "limit": _TRADES})


def _subscribe(_ids: list[str]) -> list[str]:
    args = [{"channel": "liquidation-orders", "instType": "SWAP"}]
    return [json.dumps({"op": "subscribe", "args": args})]


OKX = Venue(
    name=parse.NAME,
    ccxt_id="okx",
    listings=_listings,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", _BAR, _BARS, _candles, parse.candles),
    # By the hour it remembers some days, by the day some months.
    open_interest=(
        Series("open interest", HOUR, _STATISTICS, _open_interest, parse.open_interest),
        Series("open interest", DAY, _STATISTICS, _daily_open_interest, parse.open_interest),
    ),
    # Nearly all swaps pay each 8 hours; a page that does not reach back far enough is followed.
    funding=Series("funding", 8 * HOUR, _FUNDINGS, _funding, parse.funding),
    long_short_ratio=Series(
        "the long/short ratio", 4 * HOUR, _STATISTICS, _ratio, parse.long_short_ratio
    ),
    tiers=Tiers(_tiers, parse.tiers),
    stream=Stream(
        url="wss://ws.okx.com:8443/ws/v5/public",
        subscribe=_subscribe,
        parse=parse.forced_orders,
        ping="ping",
        lossy=mark("at most one liquidation a second of each market is published"),
    ),
    overview=Overview(
        (
            Call("publicGetMarketTickers", {"instType": "SWAP"}),
            Call("publicGetPublicOpenInterest", {"instType": "SWAP"}),
            Call("publicGetPublicFundingRate", {"instId": "ANY"}),
        ),
        now.overview,
    ),
    book=Book(_LEVELS, _book, lambda payload, listing, at: now.book(payload, listing, at, _LEVELS)),
    trades=LatestTrades(_TRADES, _trades, now.trades),
    pauses={429: 2, 418: 120, 403: 300},
)
