"""Bybit linear perpetuals.

600 requests in five seconds for each address, of which ccxt's limiter sends at most 50.
"""

import json

from bot.core.arrays import HOUR, MINUTE
from bot.core.language import mark
from bot.exchanges.parse import bybit as parse
from bot.exchanges.parse import bybit_now as now
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

# 30 days: 9 pages of bars, 15 of open interest, 4 of funding and 2 of ratios, side by side.
# Open interest in steps of 5 minutes would be 44 pages, more than the limiter lets out at once.
_BARS = 1000
_INTERESTS = 200
_FUNDINGS = 200
_RATIOS = 500
_LEVELS = 500
_TRADES = 1000
# A subscription carries at most 21,000 characters; 300 names stay well below.
_NAMES = 300


def _page(listing: Listing, span: Span, limit: int) -> Params:
    return {
        "category": "linear",
        "symbol": listing.id,
        "startTime": span.start,
        "endTime": span.end,
        "limit": limit,
    }


def _listings(cursor: str) -> Call:
    params: Params = {"category": "linear", "limit": 1000}
    if cursor:
        params["cursor"] = cursor
    return Call("publicGetV5MarketInstrumentsInfo", params)


def _candles(listing: Listing, span: Span) -> Call:
    params: Params = {
        "category": "linear",
        "symbol": listing.id,
        "interval": "5",
        "start": span.start,
        "end": span.end,
        "limit": _BARS,
    }
    return Call("publicGetV5MarketKline", params)


def _open_interest(listing: Listing, span: Span) -> Call:
    page = _page(listing, span, _INTERESTS)
    return Call("publicGetV5MarketOpenInterest", {"intervalTime": "15min", **page})


def _funding(listing: Listing, span: Span) -> Call:
    return Call("publicGetV5MarketFundingHistory", _page(listing, span, _FUNDINGS))


def _ratio(listing: Listing, span: Span) -> Call:
    page = _page(listing, span, _RATIOS)
    return Call("publicGetV5MarketAccountRatio", {"period": "1h", **page})


def _tiers(listing: Listing) -> Call:
    return Call("publicGetV5MarketRiskLimit", {"category": "linear", "symbol": listing.id})


def _book(listing: Listing) -> Call:
    params: Params = {"category": "linear", "symbol": listing.id, "limit": _LEVELS}
    return Call("publicGetV5MarketOrderbook", params)


def _trades(listing: Listing) -> Call:
    params: Params = {"category": "linear", "symbol": listing.id, "limit": _TRADES}
    return Call("publicGetV5MarketRecentTrade", params)


def _subscribe(ids: list[str]) -> list[str]:
    topics = [f"allLiquidation.{name}" for name in ids]
    parts = [topics[start : start + _NAMES] for start in range(0, len(topics), _NAMES)]
    return [json.dumps({"op": "subscribe", "args": part}) for part in parts]


BYBIT = Venue(
    name=parse.NAME,
    ccxt_id="bybit",
    listings=_listings,
    parse_listings=parse.listings,
    next_page=parse.next_page,
    candles=Series("candles", 5 * MINUTE, _BARS, _candles, parse.candles),
    open_interest=(
        Series("open interest", 15 * MINUTE, _INTERESTS, _open_interest, parse.open_interest),
    ),
    funding=Series("funding", HOUR, _FUNDINGS, _funding, parse.funding),
    long_short_ratio=Series("the long/short ratio", HOUR, _RATIOS, _ratio, parse.long_short_ratio),
    tiers=Tiers(_tiers, parse.tiers),
    stream=Stream(
        url="wss://stream.bybit.com/v5/public/linear",
        subscribe=_subscribe,
        parse=parse.forced_orders,
        ping=json.dumps({"op": "ping"}),
        lossy=mark("every liquidation is published, at its bankruptcy price"),
    ),
    overview=Overview(
        (Call("publicGetV5MarketTickers", {"category": "linear"}),),
        now.overview,
    ),
    book=Book(_LEVELS, _book, lambda payload, listing, at: now.book(payload, listing, at, _LEVELS)),
    trades=LatestTrades(_TRADES, _trades, now.trades),
    ccxt={"rateLimiterAlgorithm": "rollingWindow"},
    # "Access too frequent" comes as 403 and wants ten minutes of quiet.
    pauses={429: 5, 403: 600},
)
