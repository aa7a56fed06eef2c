"""Lighter perpetuals, settled in USDC, on its deployment upon Ethereum.

60 requests a minute for each address (apidocs.lighter.xyz, rate limits), of which 50 are sent at
most. Open interest is told only as it stands now. Margin is one step for each market.
"""

import json

from bot.core.arrays import HOUR, MINUTE
from bot.core.language import mark
from bot.exchanges.parse import lighter as parse
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

# 30 days: 18 pages of bars, 2 of funding.
_ROWS = 500  # in one answer at most
_TRADES = 100
# A connection may have so many questions without an answer; 100 channels are allowed.
_MARKETS = 40

_DETAILS = Call("publicGetOrderBookDetails")


def _candles(listing: Listing, span: Span) -> Call:
    # The end is not included.
    params: Params = {
        "market_id": listing.id,
        "resolution": "5m",
        "start_timestamp": span.start,
        "end_timestamp": span.end + 1,
        "count_back": _ROWS,
    }
    return Call("publicGetCandles", params)


def _funding(listing: Listing, span: Span) -> Call:
    params: Params = {
        "market_id": listing.id,
        "resolution": "1h",
        "start_timestamp": span.start // 1000,
        "end_timestamp": span.end // 1000 + 1,
        "count_back": _ROWS,
    }
    return Call("publicGetFundings", params)


def _book(listing: Listing) -> Call:
    params: Params = {"market_id": listing.id, "limit": parse.LEVELS}
    return Call("publicGetOrderBookOrders", params)


def _trades(listing: Listing) -> Call:
    return Call("publicGetRecentTrades", {"market_id": listing.id, "limit": _TRADES})


def _subscribe(ids: list[str]) -> list[str]:
    return [json.dumps({"type": "subscribe", "channel": f"trade/{name}"}) for name in ids]


LIGHTER = Venue(
    name=parse.NAME,
    ccxt_id="lighter",
    listings=lambda _cursor: _DETAILS,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", 5 * MINUTE, _ROWS, _candles, parse.candles),
    open_interest=(),
    funding=Series("funding", HOUR, _ROWS, _funding, parse.funding),
    long_short_ratio=None,
    tiers=None,
    listed_brackets=True,
    brackets_listed=True,
    stream=Stream(
        # Whoever only reads is served from everywhere.
        url="wss://mainnet.zklighter.elliot.ai/stream?readonly=true",
        subscribe=_subscribe,
        parse=parse.forced_orders,
        ping='{"type": "ping"}',
        lossy=mark("every fill of a liquidation is published, but not of positions deleveraged"),
        answer=parse.pong,
        most=_MARKETS,
    ),
    overview=Overview((_DETAILS, Call("publicGetFundingRates")), parse.overview),
    book=Book(parse.LEVELS, _book, parse.order_book),
    trades=LatestTrades(_TRADES, _trades, parse.trades),
    ccxt={
        "rateLimiterAlgorithm": "rollingWindow",
        "rollingWindowSize": 60_000,
        "rateLimit": 1_200,
    },
    pauses={429: 60, 403: 300},
)
