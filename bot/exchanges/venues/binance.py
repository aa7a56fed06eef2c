"""Binance USDⓈ-M futures.

2,400 weight a minute for each address, of which ccxt's limiter spends at most half; statistics
(open interest, ratio) 1,000 requests in five minutes, for the latest 30 days.
"""

import json

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.language import mark
from bot.exchanges.parse import binance as parse
from bot.exchanges.parse import binance_now as now
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

# Its clock and ours differ, and a start even a moment too early is refused as a whole.
_REMEMBERED = 30 * DAY - 10 * MINUTE
# A page of 499 bars weighs 2, one of 1,500 weighs 10: small pages bring more bars for the weight.
# 30 days are 18 pages of 5-minute bars and 18 of open interest, all asked for at once.
_BARS = 499
_STATISTICS = 500
_FUNDINGS = 1000
# A book of 1,000 levels weighs 20, one of 500 weighs 10; trades weigh 5, the overview 51.
_LEVELS = 1000
_TRADES = 1000


def _page(listing: Listing, span: Span, limit: int) -> Params:
    return {"symbol": listing.id, "startTime": span.start, "endTime": span.end, "limit": limit}


def _listings(_cursor: str) -> Call:
    return Call("fapiPublicGetExchangeInfo")


def _candles(listing: Listing, span: Span) -> Call:
    return Call("fapiPublicGetKlines", {"interval": "5m", **_page(listing, span, _BARS)})


def _open_interest(listing: Listing, span: Span) -> Call:
    page = _page(listing, span, _STATISTICS)
    return Call("fapiDataGetOpenInterestHist", {"period": "5m", **page})


def _funding(listing: Listing, span: Span) -> Call:
    return Call("fapiPublicGetFundingRate", _page(listing, span, _FUNDINGS))


def _ratio(listing: Listing, span: Span) -> Call:
    page = _page(listing, span, _STATISTICS)
    return Call("fapiDataGetGlobalLongShortAccountRatio", {"period": "1h", **page})


def _book(listing: Listing) -> Call:
    return Call("fapiPublicGetDepth", {"symbol": listing.id, "limit": _LEVELS})


def _trades(listing: Listing) -> Call:
    return Call("fapiPublicGetTrades", {"symbol": listing.id, "limit": _TRADES})


def _subscribe(_ids: list[str]) -> list[str]:
    # One stream of all markets: no limit of streams to mind, and the fuller it is the sooner
    # silence tells. It thins each symbol exactly as that symbol's own stream does.
    request = {"method": "SUBSCRIBE", "params": ["!forceOrder@arr"], "id": 1}
    return [json.dumps(request)]


BINANCE = Venue(
    name=parse.NAME,
    ccxt_id="binanceusdm",
    listings=_listings,
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
        ),
    ),
    # Funding falls due each 8, 4 or 1 hours; pages are laid for the last.
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
        url="wss://fstream.binance.com/market/ws",
        subscribe=_subscribe,
        parse=parse.forced_orders,
        ping=None,
        lossy=mark("at most one liquidation a second of each market is published"),
    ),
    overview=Overview(
        (
            Call("fapiPublicGetTicker24hr"),
            Call("fapiPublicGetPremiumIndex"),
            Call("fapiPublicGetFundingInfo"),
        ),
        now.overview,
    ),
    book=Book(_LEVELS, _book, lambda payload, listing, at: now.book(payload, listing, at, _LEVELS)),
    trades=LatestTrades(_TRADES, _trades, now.trades),
    taker_volume=True,
    # Weight is counted by the minute, so a whole gathering may go out at once.
    ccxt={"rateLimiterAlgorithm": "rollingWindow"},
    # A first ban lasts two minutes; 403 is its firewall, which looks at five minutes.
    pauses={429: 60, 418: 120, 403: 300},
)
