"""Binance COIN-M futures: inverse perpetuals, settled in their own coin.

2,400 weight a minute for each address, counted apart from USDⓈ-M; statistics (open interest, ratio)
of the latest 30 days.
"""

import json

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.instruments import Contract
from bot.core.language import mark
from bot.exchanges.parse import binancecoinm as parse
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
    Venue,
)

_REMEMBERED = 30 * DAY - 10 * MINUTE  # as for USDⓈ-M
_BARS = 499
_STATISTICS = 500
_FUNDINGS = 1000
_LEVELS = 1000
_TRADES = 1000


def _page(span: Span, limit: int) -> Params:
    return {"startTime": span.start, "endTime": span.end, "limit": limit}


def _candles(listing: Listing, span: Span) -> Call:
    page = _page(span, _BARS)
    return Call("dapiPublicGetKlines", {"symbol": listing.id, "interval": "5m", **page})


def _open_interest(listing: Listing, span: Span) -> Call:
    params: Params = {"pair": parse.pair(listing), "contractType": "PERPETUAL", "period": "5m"}
    return Call("dapiDataGetOpenInterestHist", {**params, **_page(span, _STATISTICS)})


def _funding(listing: Listing, span: Span) -> Call:
    return Call("dapiPublicGetFundingRate", {"symbol": listing.id, **_page(span, _FUNDINGS)})


def _ratio(listing: Listing, span: Span) -> Call:
    params: Params = {"pair": parse.pair(listing), "period": "1h", **_page(span, _STATISTICS)}
    return Call("dapiDataGetGlobalLongShortAccountRatio", params)


def _book(listing: Listing) -> Call:
    return Call("dapiPublicGetDepth", {"symbol": listing.id, "limit": _LEVELS})


def _trades(listing: Listing) -> Call:
    return Call("dapiPublicGetTrades", {"symbol": listing.id, "limit": _TRADES})


def _subscribe(_ids: list[str]) -> list[str]:
    return [json.dumps({"method": "SUBSCRIBE", "params": ["!forceOrder@arr"], "id": 1})]


BINANCECOINM = Venue(
    name=parse.NAME,
    ccxt_id="binancecoinm",
    listings=lambda _cursor: Call("dapiPublicGetExchangeInfo"),
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", 5 * MINUTE, _BARS, _candles, parse.candles),
    open_interest=(
        Series(
            "open interest",
            5 * MINUTE,
            _STATISTICS,
            _open_interest,
            parse.open_interest,
            reach=_REMEMBERED,
            valued=True,
        ),
    ),
    funding=Series("funding", HOUR, _FUNDINGS, _funding, parse.funding),
    long_short_ratio=Series(
        "the long/short ratio",
        HOUR,
        _STATISTICS,
        _ratio,
        parse.long_short_ratio,
        reach=_REMEMBERED,
    ),
    tiers=None,  # leverageBracket wants a key
    stream=Stream(
        url="wss://dstream.binance.com/ws",
        subscribe=_subscribe,
        parse=parse.forced_orders,
        ping=None,
        lossy=mark("at most one liquidation a second of each market is published"),
    ),
    overview=Overview(
        (
            Call("dapiPublicGetTicker24hr"),
            Call("dapiPublicGetPremiumIndex"),
            Call("dapiPublicGetFundingInfo"),
        ),
        parse.overview,
    ),
    book=Book(
        _LEVELS, _book, lambda payload, listing, at: parse.book(payload, listing, at, _LEVELS)
    ),
    trades=LatestTrades(_TRADES, _trades, parse.trades),
    contracts=(Contract.INVERSE,),
    taker_volume=True,
    ccxt={"rateLimiterAlgorithm": "rollingWindow"},
    pauses={429: 60, 418: 120, 403: 300},
)
