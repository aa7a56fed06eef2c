"""Bitfinex perpetuals settled in Tether.

It allows 90 requests a minute of how markets stand, 30 of candles and of tickers and 15 of trades,
and blocks an address for a minute that asks oftener (docs.bitfinex.com, requirements and
limitations); of each, half is spent at most. Margin is one step for each contract.

Liquidations can also be asked for, three times a minute for all markets together, which is too
seldom to follow them; they are listened to.
"""

import json

from bot.core.arrays import HOUR, MINUTE
from bot.core.language import mark
from bot.exchanges.parse import bitfinex as parse
from bot.exchanges.parse import bitfinex_now
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

# 30 days: 1 page of bars, 9 of open interest, 9 of funding, which come in rows of a minute each.
_MINUTES = 5000  # rows of how a market stood, in one answer
_BAR = 5 * MINUTE
_FUNDING = 8 * HOUR
_TRADES = 1000
_A_MINUTE = 45  # requests of the most usual kind

_LISTINGS = Call("publicGetConfConfig", {"config": "pub:info:pair:futures,pub:map:currency:sym"})


def _candles(listing: Listing, span: Span) -> Call:
    params: Params = {
        "symbol": listing.id,
        "timeframe": "5m",
        "start": span.start,
        "end": span.end,
        "limit": parse.BARS,
    }
    return Call("publicGetCandlesTradeTimeframeSymbolHist", params)


def _standing(listing: Listing, span: Span) -> Call:
    params: Params = {
        "symbol": listing.id,
        "start": span.start,
        "end": span.end,
        "limit": _MINUTES,
    }
    return Call("publicGetStatusDerivSymbolHist", params)


def _book(listing: Listing) -> Call:
    params: Params = {"symbol": listing.id, "precision": "P0", "len": bitfinex_now.LEVELS}
    return Call("publicGetBookSymbolPrecision", params)


def _trades(listing: Listing) -> Call:
    return Call("publicGetTradesSymbolHist", {"symbol": listing.id, "limit": _TRADES})


def _subscribe(_ids: list[str]) -> list[str]:
    # One channel of all markets.
    return [json.dumps({"event": "subscribe", "channel": "status", "key": "liq:global"})]


def _weight(params: Params) -> float:
    """Weigh a request by how seldom its kind may be asked.

    >>> _weight({"timeframe": "5m"}), _weight({"symbol": "tBTCF0:USTF0", "limit": 1000})
    (3.0, 6.0)
    """
    if "timeframe" in params or "symbols" in params:
        return 3.0
    return 6.0 if params.get("limit") == _TRADES else 1.0


BITFINEX = Venue(
    name=parse.NAME,
    ccxt_id="bitfinex",
    listings=lambda _cursor: _LISTINGS,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", _BAR, parse.BARS, _candles, parse.candles),
    open_interest=(
        Series("open interest", _BAR, _MINUTES * MINUTE // _BAR, _standing, parse.open_interest),
    ),
    funding=Series("funding", _FUNDING, _MINUTES * MINUTE // _FUNDING, _standing, parse.funding),
    long_short_ratio=None,
    tiers=None,
    listed_brackets=True,
    brackets_listed=True,
    stream=Stream(
        url="wss://api-pub.bitfinex.com/ws/2",
        subscribe=_subscribe,
        parse=parse.forced_orders,
        ping=json.dumps({"event": "ping", "cid": 1}),
        lossy=mark(
            "every execution of a liquidated position is published, but not what the venue keeps "
            "for itself"
        ),
    ),
    overview=Overview(
        (
            Call("publicGetStatusDeriv", {"keys": "ALL"}),
            Call("publicGetTickers", {"symbols": "ALL"}),
        ),
        bitfinex_now.overview,
    ),
    book=Book(bitfinex_now.LEVELS, _book, bitfinex_now.order_book),
    trades=LatestTrades(_TRADES, _trades, bitfinex_now.trades),
    ccxt={
        "rateLimiterAlgorithm": "rollingWindow",
        "rollingWindowSize": 60_000,
        "rateLimit": 60_000 / _A_MINUTE,
    },
    weight=_weight,
    pauses={429: 60, 403: 300},
)
