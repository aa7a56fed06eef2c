"""BitMEX as the loopback venue plays it: inverse and linear side by side, bars by their end.

Amounts are contracts: a dollar of XBTUSD, a millionth of a bitcoin of XBTUSDT. SOL trades linear
alone, and ETHUSD settles in bitcoin, which nobody here can use.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import numpy as np

from bot.core.arrays import MINUTE
from tests.support import loopback_now as now_
from tests.support.loopback_common import FUNDING, Asked, Refusal, funding_rate
from tests.support.loopback_markets import MARKETS, LoopbackMarket, grid
from tests.support.loopback_streams import Forced, Stream

SHARE = 0.05  # of the open interest
PER_COIN = {"BTC": 1_000_000, "ETH": 1_000, "SOL": 10_000}  # contracts of linear perpetuals
# Base coin and whether it is inverse.
SYMBOLS = {
    "XBTUSD": ("BTC", True),
    "XBTUSDT": ("BTC", False),
    "ETHUSDT": ("ETH", False),
    "SOLUSDT": ("SOL", False),
}
_BAR = 5 * MINUTE


def _contracts(symbol: str, quantity: float, price: float) -> int:
    base, inverse = SYMBOLS[symbol]
    return round(quantity * (price if inverse else PER_COIN[base]))


def _market(asked: Asked) -> LoopbackMarket:
    symbol = asked.params.get("symbol", "")
    if symbol not in SYMBOLS:
        raise Refusal(400, {"error": {"message": "Invalid symbol", "name": "HTTPError"}})
    return MARKETS[SYMBOLS[symbol][0]]


def _written(at: int) -> str:
    return f"{np.datetime64(at, 'ms')}Z"


def _asked_for(asked: Asked, name: str, otherwise: int) -> int:
    word = asked.params.get(name)
    return otherwise if word is None else round(datetime.fromisoformat(word).timestamp() * 1000)


def _instruments(asked: Asked) -> object:
    rows = []
    for symbol, (base, inverse) in SYMBOLS.items():
        market = MARKETS[base]
        day = now_.day(market, asked.now, SHARE)
        interest = float(market.interest(np.array([asked.now]), SHARE)[0])
        rows.append(
            {
                "symbol": symbol,
                "typ": "FFWCSX",
                "state": "Open",
                "underlying": "XBT" if base == "BTC" else base,
                "quoteCurrency": "USD" if inverse else "USDT",
                "settlCurrency": "XBt" if inverse else "USDt",
                "isInverse": inverse,
                "isQuanto": False,
                "multiplier": -100_000_000 if inverse else 1_000_000 // PER_COIN[base],
                "underlyingToSettleMultiplier": -100_000_000 if inverse else None,
                "underlyingToPositionMultiplier": None if inverse else PER_COIN[base],
                "fundingInterval": "2000-01-01T08:00:00.000Z",
                "fundingRate": float(funding_rate(asked.now)),
                "lastPrice": day.price,
                "lastChangePcnt": round(day.change, 4),
                "foreignNotional24h": day.turnover,
                "openInterest": _contracts(symbol, interest, day.price),
                "timestamp": _written(asked.now),
            }
        )
    quanto = {"symbol": "ETHUSD", "underlying": "ETH", "isInverse": False, "isQuanto": True}
    dated = {"symbol": "XBTZ26", "typ": "FFCCSX", "fundingRate": None, "fundingInterval": None}
    index = {"symbol": ".BXBT", "typ": "MRCXXX", "lastPrice": 1.0}
    return [*rows, *({**rows[0], **odd} for odd in (quanto, dated)), index]


def _buckets(asked: Asked) -> object:
    market, symbol = _market(asked), asked.params["symbol"]
    start = _asked_for(asked, "startTime", asked.now - 100 * _BAR)
    # The bar under way bears the time at which it will close.
    end = min(_asked_for(asked, "endTime", asked.now), asked.now + _BAR)
    closes = grid(start, end, _BAR)[: asked.whole("count", 100)]
    bars = market.bars(closes - _BAR, _BAR, asked.now, SHARE)
    return [
        {
            "timestamp": _written(at),
            "symbol": symbol,
            **dict(zip(("open", "high", "low", "close"), bar[:4], strict=True)),
            "trades": 9,
            "volume": _contracts(symbol, bar[4], bar[3]),
            "homeNotional": bar[4],
            "foreignNotional": bar[4] * bar[3],
        }
        for at, bar in zip(closes.tolist(), bars.tolist(), strict=True)
    ]


def _funding(asked: Asked) -> object:
    _market(asked)
    start = _asked_for(asked, "startTime", 0)
    end = min(_asked_for(asked, "endTime", asked.now), asked.now)
    return [
        {
            "timestamp": _written(at),
            "symbol": asked.params["symbol"],
            "fundingInterval": "2000-01-01T08:00:00.000Z",
            "fundingRate": float(funding_rate(at)),
        }
        for at in grid(start, end, FUNDING)[: asked.whole("count", 100)].tolist()
    ]


def _book(asked: Asked) -> object:
    symbol = asked.params["symbol"]
    bids, asks = now_.levels(_market(asked), asked.now)
    rows = [("Sell", *level) for level in asks[::-1]] + [("Buy", *level) for level in bids]
    return [
        {"symbol": symbol, "id": place, "side": side, "size": _contracts(symbol, quantity, price),
         "price": price, "timestamp": _written(asked.now)}
        for place, (side, price, quantity) in enumerate(rows)
    ]  # fmt: skip


def _trades(asked: Asked) -> object:
    symbol = asked.params["symbol"]
    return [
        {
            "timestamp": _written(one.time),
            "symbol": symbol,
            "side": "Buy" if one.side > 0 else "Sell",
            "size": _contracts(symbol, one.quantity, one.price),
            "price": one.price,
            "trdType": "Regular",
        }
        for one in now_.trades(_market(asked), asked.now, asked.whole("count", 100))
    ]


ANSWERS: Mapping[str, Callable[[Asked], object]] = {
    "/api/v1/instrument/active": _instruments,
    "/api/v1/trade/bucketed": _buckets,
    "/api/v1/funding": _funding,
    "/api/v1/orderBook/L2": _book,
    "/api/v1/trade": _trades,
}


def _replies(message: str, topics: set[str]) -> list[str]:
    if message == "ping":
        return ["pong"]
    request = json.loads(message)
    topics.update(request["args"])
    keys = {"table": "liquidation", "action": "partial", "keys": ["orderID"]}
    return [
        json.dumps({"info": "Welcome to the BitMEX Realtime API.", "limit": {"remaining": 39}}),
        json.dumps({"success": True, "subscribe": request["args"][0], "request": request}),
        json.dumps({**keys, "data": [_order(99, "XBTUSD", "Sell", 1.0, 1)]}),
    ]


def _order(number: int, symbol: str, side: str, price: float, contracts: int) -> dict[str, object]:
    order = {"orderID": f"{number:032x}", "symbol": symbol, "side": side}
    return {**order, "price": price, "leavesQty": contracts}


def _messages(forced: Sequence[Forced], now: int) -> Iterator[tuple[str, str]]:
    for place, one in enumerate(forced):
        base = "XBT" if one.base == "BTC" else one.base
        symbol = f"{base}USD" if one.inverse else f"{base}USDT"
        contracts = _contracts(symbol, one.quantity, one.price)
        side = "Sell" if one.side > 0 else "Buy"
        order = _order(now * 1000 + place, symbol, side, one.price, contracts)
        table = {"table": "liquidation"}
        # It is entered, partly filled, and gone.
        left = {"orderID": order["orderID"], "symbol": symbol, "leavesQty": contracts // 2}
        yield "liquidation", json.dumps({**table, "action": "insert", "data": [order]})
        yield "liquidation", json.dumps({**table, "action": "update", "data": [left]})
        yield "liquidation", json.dumps({**table, "action": "delete", "data": [order]})


STREAM = Stream(_replies, _messages)
