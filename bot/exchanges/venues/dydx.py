"""dYdX v4 perpetuals, settled in USDC, as its indexer tells of them.

100 requests in ten seconds for each address, of which 50 are sent at most.
"""

import json
from datetime import UTC, datetime

from bot.core.arrays import HOUR, MINUTE
from bot.core.language import mark
from bot.exchanges.parse import dydx as parse
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

# 30 days: 9 pages of bars, 3 of open interest, 1 of funding.
_ROWS = 1000  # in any answer


def _iso(moment: int) -> str:
    """Write a moment [ms] as dYdX reads it.

    >>> _iso(1_791_532_800_123)
    '2026-10-09T08:00:00.123Z'
    """
    at = datetime.fromtimestamp(moment / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bars(listing: Listing, span: Span, resolution: str) -> Call:
    # The end is not included.
    params: Params = {
        "market": listing.id,
        "resolution": resolution,
        "fromISO": _iso(span.start),
        "toISO": _iso(span.end + 1),
        "limit": _ROWS,
    }
    return Call("indexerGetCandlesPerpetualMarketsMarket", params)


def _listings(_cursor: str) -> Call:
    return Call("indexerGetPerpetualMarkets")


def _candles(listing: Listing, span: Span) -> Call:
    return _bars(listing, span, "5MINS")


def _open_interest(listing: Listing, span: Span) -> Call:
    return _bars(listing, span, "15MINS")


def _funding(listing: Listing, span: Span) -> Call:
    # There is no start to name; so many rows lie in the span.
    params: Params = {
        "market": listing.id,
        "effectiveBeforeOrAt": _iso(span.end),
        "limit": min((span.end - span.start) // HOUR + 2, _ROWS),
    }
    return Call("indexerGetHistoricalFundingMarket", params)


def _book(listing: Listing) -> Call:
    return Call("indexerGetOrderbooksPerpetualMarketMarket", {"market": listing.id})


def _trades(listing: Listing) -> Call:
    params: Params = {"market": listing.id, "limit": _ROWS}
    return Call("indexerGetTradesPerpetualMarketMarket", params)


def _subscribe(ids: list[str]) -> list[str]:
    return [
        json.dumps({"type": "subscribe", "channel": "v4_trades", "id": name, "batched": False})
        for name in ids
    ]


DYDX = Venue(
    name=parse.NAME,
    ccxt_id="dydx",
    listings=_listings,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", 5 * MINUTE, _ROWS, _candles, parse.candles),
    open_interest=(
        Series("open interest", 15 * MINUTE, _ROWS, _open_interest, parse.open_interest),
    ),
    funding=Series("funding", HOUR, _ROWS, _funding, parse.funding),
    long_short_ratio=None,
    tiers=None,
    listed_brackets=True,
    brackets_listed=True,
    stream=Stream(
        url="wss://indexer.dydx.trade/v4/ws",
        subscribe=_subscribe,
        parse=parse.forced_orders,
        ping=None,
        lossy=mark("every fill of a liquidation is published, but not of positions deleveraged"),
        most=32,
    ),
    overview=Overview((Call("indexerGetPerpetualMarkets"),), parse.overview),
    book=Book(parse.LEVELS, _book, parse.order_book),
    trades=LatestTrades(_ROWS, _trades, parse.trades),
    ccxt={
        "rateLimiterAlgorithm": "rollingWindow",
        "rollingWindowSize": 10_000,
        "rateLimit": 200,
    },
    pauses={429: 10, 403: 300},
)
