"""Kraken Futures: linear perpetuals of many collaterals, and inverse ones, all in dollars.

No limit is told for public requests, so as many are sent as an account may make at the cheapest:
50 in ten seconds of 500. Open interest, funding and accounts come from its analytics, which ccxt
does not know: its own history of funding is answered only as a whole, megabytes each time.
"""

import json
from functools import partial

from bot.core.arrays import HOUR, MINUTE
from bot.core.instruments import Contract
from bot.core.language import mark
from bot.exchanges.parse import kraken as parse
from bot.exchanges.parse import kraken_now
from bot.exchanges.parse.common import Listing
from bot.exchanges.venue import Book, Call, LatestTrades, Overview, Series, Span, Stream, Venue

# 30 days: 5 pages of bars, 6 of open interest, 2 of funding, 2 of accounts.
_BARS = 2000
_BUCKETS = 480
_INTEREST = 15 * MINUTE
# So many names go into one subscription.
_NAMES = 100


def _listings(_cursor: str) -> Call:
    return Call("publicGetInstruments")


def _candles(listing: Listing, span: Span) -> Call:
    return Call(
        "chartsGetPriceTypeSymbolInterval",
        {
            "price_type": "trade",
            "symbol": listing.id,
            "interval": "5m",
            "from": span.start // 1000,
            "to": span.end // 1000,
        },
    )


def _analytics(what: str, interval: int, listing: Listing, span: Span) -> Call:
    return Call(
        f"GET /api/charts/v1/analytics/{listing.id}/{what}",
        {"since": span.start // 1000, "to": span.end // 1000, "interval": interval // 1000},
    )


def _book(listing: Listing) -> Call:
    return Call("publicGetOrderbook", {"symbol": listing.id})


def _trades(listing: Listing) -> Call:
    return Call("publicGetHistory", {"symbol": listing.id})


def _subscribe(ids: list[str]) -> list[str]:
    parts = [ids[start : start + _NAMES] for start in range(0, len(ids), _NAMES)]
    return [
        json.dumps({"event": "subscribe", "feed": "trade", "product_ids": part}) for part in parts
    ]


KRAKEN = Venue(
    name=parse.NAME,
    ccxt_id="krakenfutures",
    listings=_listings,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", 5 * MINUTE, _BARS, _candles, parse.candles),
    open_interest=(
        Series(
            "open interest",
            _INTEREST,
            _BUCKETS,
            partial(_analytics, "open-interest", _INTEREST),
            parse.open_interest,
            valued=True,
        ),
    ),
    funding=Series("funding", HOUR, _BUCKETS, partial(_analytics, "funding", HOUR), parse.funding),
    long_short_ratio=Series(
        "the long/short ratio",
        HOUR,
        _BUCKETS,
        partial(_analytics, "long-short-info", HOUR),
        parse.long_short_ratio,
    ),
    tiers=None,
    listed_brackets=True,
    brackets_listed=True,
    stream=Stream(
        url="wss://futures.kraken.com/ws/v1",
        subscribe=_subscribe,
        parse=parse.forced_orders,
        ping=None,
        lossy=mark(
            "every liquidation through the order book is published, and none that is assigned"
        ),
    ),
    overview=Overview((Call("publicGetTickers"),), kraken_now.overview),
    book=Book(kraken_now.LEVELS, _book, kraken_now.order_book),
    trades=LatestTrades(100, _trades, kraken_now.trades),
    contracts=(Contract.LINEAR, Contract.INVERSE),
    root="https://futures.kraken.com",
    ccxt={
        "rateLimiterAlgorithm": "rollingWindow",
        "rollingWindowSize": 10_000,
        "rateLimit": 200,
    },
    pauses={429: 10, 403: 300},
)
