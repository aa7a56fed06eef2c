"""BitMEX perpetuals, inverse and linear; asked by ourselves, because ccxt knows it no more.

30 requests a minute for each address, of which 25 are spent at most: 30 days of a market are 11.
Open interest is told only as it stands now.
"""

import json
from datetime import UTC, datetime

from bot.core.arrays import HOUR, MINUTE
from bot.core.instruments import Contract
from bot.core.language import mark
from bot.exchanges.parse import bitmex as parse
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

_BAR = 5 * MINUTE
_BARS = 1000
_FUNDINGS = 500
_LEVELS = 1000
_TRADES = 1000

_ACTIVE = Call("GET /api/v1/instrument/active")


def _written(moment: int) -> str:
    """Write a moment [ms] as BitMEX reads it.

    >>> _written(1_760_000_400_123)
    '2025-10-09T09:00:00.123Z'
    """
    at = datetime.fromtimestamp(moment / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{moment % 1000:03d}Z"


def _page(listing: Listing, start: int, end: int, count: int) -> Params:
    return {
        "symbol": listing.id,
        "startTime": _written(start),
        "endTime": _written(end),
        "count": count,
    }


def _candles(listing: Listing, span: Span) -> Call:
    # Bars are asked for by when they close.
    page = _page(listing, span.start + _BAR, span.end + _BAR, _BARS)
    return Call("GET /api/v1/trade/bucketed", {"binSize": "5m", "partial": True, **page})


def _funding(listing: Listing, span: Span) -> Call:
    return Call("GET /api/v1/funding", _page(listing, span.start, span.end, _FUNDINGS))


def _book(listing: Listing) -> Call:
    return Call("GET /api/v1/orderBook/L2", {"symbol": listing.id, "depth": _LEVELS})


def _trades(listing: Listing) -> Call:
    params: Params = {"symbol": listing.id, "count": _TRADES, "reverse": True}
    return Call("GET /api/v1/trade", params)


def _subscribe(_ids: list[str]) -> list[str]:
    # Of all markets: one that is listed no more would have a named subscription refused.
    return [json.dumps({"op": "subscribe", "args": ["liquidation"]})]


BITMEX = Venue(
    name=parse.NAME,
    ccxt_id="",
    root="https://www.bitmex.com",
    listings=lambda _cursor: _ACTIVE,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", _BAR, _BARS, _candles, parse.candles),
    open_interest=(),
    funding=Series("funding", 8 * HOUR, _FUNDINGS, _funding, parse.funding),
    long_short_ratio=None,
    tiers=None,
    stream=Stream(
        url="wss://ws.bitmex.com/realtime",
        subscribe=_subscribe,
        parse=parse.forced_orders,
        ping="ping",
        lossy=mark(
            "every liquidation order is published as it is entered, at the price it asks first"
        ),
    ),
    overview=Overview((_ACTIVE,), parse.overview),
    book=Book(
        _LEVELS, _book, lambda payload, listing, at: parse.book(payload, listing, at, _LEVELS)
    ),
    trades=LatestTrades(_TRADES, _trades, parse.trades),
    contracts=(Contract.LINEAR, Contract.INVERSE),
    ccxt={"rateLimit": 2400, "rollingWindowSize": 60_000},
    pauses={429: 30, 403: 300},
)
