"""Deribit as the loopback venue plays it: inverse ones in dollars, linear ones in base coin."""

import json
from collections.abc import Callable, Iterator, Sequence

from bot.core.arrays import HOUR, MINUTE
from tests.support.loopback_common import Asked, Refusal
from tests.support.loopback_hyperliquid import hourly_rate
from tests.support.loopback_markets import MARKETS, LoopbackMarket, grid
from tests.support.loopback_streams import Forced, Stream

SHARE = 0.08  # of the open interest
BARS = 5000  # in one answer at most
FUNDINGS = 744
_INVERSE = ("BTC", "ETH")
# By name: the market, and whether it is inverse.
NAMES: dict[str, tuple[LoopbackMarket, bool]] = {
    f"{base}-PERPETUAL": (MARKETS[base], True) for base in _INVERSE
} | {f"{base}_USDC-PERPETUAL": (market, False) for base, market in MARKETS.items()}


def _result(asked: Asked, result: object) -> object:
    return {"jsonrpc": "2.0", "result": result, "usOut": asked.now * 1000, "testnet": False}


def _named(asked: Asked) -> tuple[LoopbackMarket, bool]:
    name = asked.params.get("instrument_name", "")
    if name not in NAMES:
        error = {"code": -32602, "message": "Invalid params", "data": {"reason": "wrong format"}}
        raise Refusal(400, {"jsonrpc": "2.0", "error": error})
    return NAMES[name]


def _listings(asked: Asked) -> object:
    assert asked.params == {"currency": "any", "kind": "future"}

    def future(name: str, base: str, settle: str, period: str = "perpetual") -> dict[str, object]:
        quote = "USD" if settle == base else settle
        return {"instrument_name": name, "kind": "future", "is_active": True, "contract_size": 10,
                "settlement_period": period, "base_currency": base, "counter_currency": quote,
                "settlement_currency": settle, "max_leverage": 50}  # fmt: skip

    rows = [
        future(name, market.base, market.base if inverse else "USDC")
        for name, (market, inverse) in NAMES.items()
    ]
    dated = future("BTC-25DEC26", "BTC", "BTC", "month")
    stale = future("OLD_USDC-PERPETUAL", "OLD", "USDC") | {"is_active": False}
    return _result(asked, [*rows, dated, stale])


def _candles(asked: Asked) -> object:
    market, _ = _named(asked)
    interval = asked.whole("resolution", 0) * MINUTE
    end = min(asked.whole("end_timestamp", 0), asked.now)
    opens = grid(asked.whole("start_timestamp", 0), end, interval)[-BARS:]
    bars = market.bars(opens, interval, asked.now, SHARE)
    names = ("open", "high", "low", "close", "volume")
    columns = {name: bars[:, place].tolist() for place, name in enumerate(names)}
    cost = (bars[:, 3] * bars[:, 4]).tolist()
    return _result(asked, {"ticks": opens.tolist(), **columns, "cost": cost, "status": "ok"})


def _funding(asked: Asked) -> object:
    _named(asked)
    end = min(asked.whole("end_timestamp", 0), asked.now)
    hours = grid(asked.whole("start_timestamp", 0), end, HOUR)[-FUNDINGS:].tolist()
    rows = [
        {"timestamp": at, "index_price": 1.0, "prev_index_price": 1.0,
         "interest_8h": 8 * hourly_rate(at), "interest_1h": hourly_rate(at)}
        for at in hours
    ]  # fmt: skip
    return _result(asked, rows)


def _summaries(asked: Asked) -> object:
    rows = []
    for name, (market, inverse) in NAMES.items():
        if asked.params["currency"] != (market.base if inverse else "USDC"):
            continue
        price = float(market.price(asked.now))
        interest = float(market.interest(grid(asked.now, asked.now, 1), SHARE)[0])
        turnover = {"volume_usd": 1000 * price} if inverse else {"volume_notional": 1000 * price}
        rows.append(
            {"instrument_name": name, "mark_price": price, "last": price, "volume": 1000.0,
             "open_interest": interest * price if inverse else interest, "price_change": 2.0,
             "current_funding": 8 * hourly_rate(asked.now), **turnover}
        )  # fmt: skip
    return _result(asked, rows)


def _book(asked: Asked) -> object:
    market, inverse = _named(asked)
    price = float(market.price(asked.now))

    def side(way: int) -> list[list[float]]:
        steps = [price * (1 + way * 1e-4 * (1 + n)) for n in range(200)]
        return [[at, at if inverse else 1.0] for at in steps]

    told = {"instrument_name": asked.params["instrument_name"], "timestamp": asked.now - 5}
    return _result(asked, {**told, "bids": side(-1), "asks": side(+1)})


def _trade(name: str, at: int, price: float, amount: float, side: str) -> dict[str, object]:
    return {"trade_seq": at % 10**9, "trade_id": f"{at}", "timestamp": at, "price": price,
            "instrument_name": name, "direction": side, "amount": amount,
            "index_price": price, "mark_price": price, "tick_direction": 0}  # fmt: skip


def _trades(asked: Asked) -> object:
    market, inverse = _named(asked)
    name = asked.params["instrument_name"]
    moments = range(asked.now, asked.now - 100_000, -1000)
    rows = []
    for number, at in enumerate(moments):
        price = float(market.price(at))
        side = "sell" if number % 2 else "buy"
        rows.append(_trade(name, at, price, price if inverse else 1.0, side))
    return _result(asked, {"trades": rows, "has_more": True})


ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/api/v2/public/get_instruments": _listings,
    "/api/v2/public/get_tradingview_chart_data": _candles,
    "/api/v2/public/get_funding_rate_history": _funding,
    "/api/v2/public/get_book_summary_by_currency": _summaries,
    "/api/v2/public/get_order_book": _book,
    "/api/v2/public/get_last_trades_by_instrument": _trades,
}


_CHANNEL = "trades.future.any.100ms"


def _replies(message: str, topics: set[str]) -> list[str]:
    """Answer; nothing is told to those who do not answer the test of the connection."""
    request = json.loads(message)
    answer = {"jsonrpc": "2.0", "id": request["id"]}
    if request["method"] == "public/set_heartbeat":
        test = {"jsonrpc": "2.0", "method": "heartbeat", "params": {"type": "test_request"}}
        return [json.dumps({**answer, "result": "ok"}), json.dumps(test)]
    if request["method"] == "public/test":
        topics.add(_CHANNEL)
        return [json.dumps({**answer, "result": {"version": "1.2.26"}})]
    assert request["params"]["channels"] == [_CHANNEL]
    return [json.dumps({**answer, "result": [_CHANNEL]})]


def _message(rows: Sequence[dict[str, object]]) -> tuple[str, str]:
    params = {"channel": _CHANNEL, "data": rows}
    return _CHANNEL, json.dumps({"jsonrpc": "2.0", "method": "subscription", "params": params})


def _messages(forced: Sequence[Forced], now: int) -> Iterator[tuple[str, str]]:
    rows = []
    for one in forced:
        name = f"{one.base}-PERPETUAL" if one.inverse else f"{one.base}_USDC-PERPETUAL"
        amount = one.quantity * one.price if one.inverse else one.quantity
        side = "sell" if one.side > 0 else "buy"
        row = _trade(name, one.time or now, one.price, amount, side) | {"liquidation": "T"}
        ordinary = {key: value for key, value in row.items() if key != "liquidation"}
        rows += [row, ordinary]
    yield _message(rows)


STREAM = Stream(_replies, _messages)
