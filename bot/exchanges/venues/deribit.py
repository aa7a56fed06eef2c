"""Deribit perpetuals: inverse ones in dollars, and linear ones settled in USDC or USDT.

20 requests a second for each address, of which 50 in five seconds are sent at most. Open interest
is told only as it stands now. Its margin depends on everything an account holds.
"""

import json

from bot.core.arrays import HOUR, MINUTE
from bot.core.instruments import Contract
from bot.core.language import mark
from bot.exchanges.parse import deribit as parse
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

# 30 days: 2 pages of bars, 2 of funding.
_BARS = 5000
_FUNDINGS = 700
_TRADES = 1000
_SETTLED_IN = ("BTC", "ETH", "USDC", "USDT")
_HEARTBEAT = 30  # [s] after which it asks whether somebody listens


def _listings(_cursor: str) -> Call:
    return Call("publicGetGetInstruments", {"currency": "any", "kind": "future"})


def _candles(listing: Listing, span: Span) -> Call:
    params: Params = {
        "instrument_name": listing.id,
        "start_timestamp": span.start,
        "end_timestamp": span.end,
        "resolution": "5",
    }
    return Call("publicGetGetTradingviewChartData", params)


def _funding(listing: Listing, span: Span) -> Call:
    params: Params = {
        "instrument_name": listing.id,
        "start_timestamp": span.start,
        "end_timestamp": span.end,
    }
    return Call("publicGetGetFundingRateHistory", params)


def _book(listing: Listing) -> Call:
    params: Params = {"instrument_name": listing.id, "depth": parse.LEVELS}
    return Call("publicGetGetOrderBook", params)


def _trades(listing: Listing) -> Call:
    params: Params = {"instrument_name": listing.id, "count": _TRADES}
    return Call("publicGetGetLastTradesByInstrument", params)


def _request(number: int, method: str, params: Params) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def _subscribe(_ids: list[str]) -> list[str]:
    # One channel of all futures: no limit of channels to mind.
    return [
        _request(1, "public/set_heartbeat", {"interval": _HEARTBEAT}),
        _request(2, "public/subscribe", {"channels": ["trades.future.any.100ms"]}),
    ]


def _summary(currency: str) -> Call:
    params: Params = {"currency": currency, "kind": "future"}
    return Call("publicGetGetBookSummaryByCurrency", params)


DERIBIT = Venue(
    name=parse.NAME,
    ccxt_id="deribit",
    listings=_listings,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", 5 * MINUTE, _BARS, _candles, parse.candles),
    open_interest=(),
    funding=Series("funding", HOUR, _FUNDINGS, _funding, parse.funding),
    long_short_ratio=None,
    tiers=None,  # not published
    stream=Stream(
        url="wss://www.deribit.com/ws/api/v2",
        subscribe=_subscribe,
        parse=parse.forced_orders,
        ping=None,
        lossy=mark("every trade that is marked as a liquidation's when it is made is published"),
        answer=parse.alive,
    ),
    overview=Overview(tuple(_summary(currency) for currency in _SETTLED_IN), parse.overview),
    book=Book(parse.LEVELS, _book, parse.order_book),
    trades=LatestTrades(_TRADES, _trades, parse.trades),
    contracts=(Contract.LINEAR, Contract.INVERSE),
    ccxt={
        "rateLimiterAlgorithm": "rollingWindow",
        "rollingWindowSize": 5_000,
        "rateLimit": 100,
    },
    pauses={429: 10, 403: 300},
)
