"""HTX linear swaps as the loopback venue plays it: what is traded and open is told on both sides.

Bars come oldest first; open interest and ratios as the latest rows, whatever was meant.
"""

import gzip
import json
from collections.abc import Callable, Iterator, Sequence

from bot.core.arrays import HOUR, MINUTE, Times
from tests.support.loopback_common import FUNDING, Asked, Refusal, funding_rate, long_short, text
from tests.support.loopback_markets import MARKETS, LoopbackMarket, grid
from tests.support.loopback_streams import Forced, Stream

SHARE = 0.25  # of the open interest
RATIOS = 48  # rows of it
_PERIODS = {"5min": 5 * MINUTE, "60min": HOUR, "4hour": 4 * HOUR, "1day": 24 * HOUR}


def _ok(asked: Asked, data: object, **more: object) -> object:
    return {"status": "ok", "data": data, "ts": asked.now, **more}


def _market(asked: Asked) -> LoopbackMarket:
    base = asked.params.get("contract_code", "").removesuffix("-USDT")
    if base not in MARKETS:
        refusal = {"status": "error", "err_code": 1332, "err_msg": "The contract doesn't exist."}
        raise Refusal(200, refusal)
    return MARKETS[base]


def _latest(asked: Asked, rows: int) -> Times:
    interval = _PERIODS[asked.params["period"]]
    return grid(asked.now - rows * interval, asked.now, interval)[-rows:][::-1]


def _listings(asked: Asked) -> object:
    def contract(base: str, size: float, state: int, kind: str = "swap") -> dict[str, object]:
        return {
            "symbol": base,
            "contract_code": f"{base}-USDT" + ("" if kind == "swap" else "-261225"),
            "contract_size": size,
            "contract_status": state,
            "business_type": kind,
            "settlement_period": "8",
        }

    rows = [contract(base, market.contract_size, 1) for base, market in MARKETS.items()]
    return _ok(asked, [*rows, contract("OLD", 1.0, 3), contract("BTC", 0.01, 1, "futures")])


def _klines(asked: Asked) -> object:
    interval = _PERIODS[asked.params["period"]]
    start, end = asked.whole("from", 0) * 1000, asked.whole("to", asked.now // 1000) * 1000
    opens = grid(start, min(end, asked.now), interval)[:2000]
    bars = _market(asked).bars(opens, interval, asked.now, SHARE)
    size = _market(asked).contract_size
    rows = [
        {"id": at // 1000, **dict(zip(("open", "high", "low", "close"), bar[:4], strict=True)),
         "amount": 2 * bar[4], "vol": 2 * bar[4] / size, "count": 9}
        for at, bar in zip(opens.tolist(), bars.tolist(), strict=True)
    ]  # fmt: skip
    return _ok(asked, rows, ch=f"market.{asked.params['contract_code']}.kline.5min")


def _interest(asked: Asked) -> object:
    market = _market(asked)
    moments = _latest(asked, min(asked.whole("size", 48), 200))
    assert asked.params["amount_type"] == "2", "in base coin"
    rows = [
        {"volume": text(2 * amount), "amount_type": 2, "ts": at, "value": "0"}
        for at, amount in zip(moments.tolist(), market.interest(moments, SHARE), strict=True)
    ]
    code = asked.params["contract_code"]
    return _ok(asked, {"symbol": market.base, "contract_code": code, "tick": rows})


def _funding(asked: Asked) -> object:
    _market(asked)
    end = min(asked.whole("end_time", asked.now), asked.now)
    moments = grid(asked.whole("start_time", 0), end, FUNDING)[::-1]
    rows = [
        {"id": str(at), "contract_code": asked.params["contract_code"],
         "funding_rate": funding_rate(at), "funding_time": str(at)}
        for at in moments.tolist()[: min(asked.whole("limit", 20), 100)]
    ]  # fmt: skip
    return {"code": 200, "message": "Success", "data": rows, "ts": asked.now}


def _ratio(asked: Asked) -> object:
    market = _market(asked)
    rows = [
        {
            "buy_ratio": long_short(at) / (1 + long_short(at)),
            "sell_ratio": 1 / (1 + long_short(at)),
            "locked_ratio": 0.0,
            "ts": at,
        }
        for at in _latest(asked, RATIOS).tolist()
    ]
    code = asked.params["contract_code"]
    return _ok(asked, {"symbol": market.base, "contract_code": code, "list": rows})


def _tiers(asked: Asked) -> object:
    _market(asked)

    def ladders(leverage: int, *factors: float) -> dict[str, object]:
        steps = [
            {"ladder": place, "min_size": 1000 * place, "max_size": 1000 * place + 999,
             "adjust_factor": factor}
            for place, factor in enumerate(factors)
        ]  # fmt: skip
        return {"lever_rate": leverage, "ladders": steps}

    code = asked.params["contract_code"]
    factors = [ladders(10, 0.075, 0.08), ladders(100, 0.5, 0.6)]
    return _ok(asked, [{"contract_code": code, "margin_mode": "isolated", "list": factors}])


def _tickers(asked: Asked) -> object:
    day = grid(asked.now - 24 * HOUR, asked.now, 5 * MINUTE)[-288:]
    ticks = []
    for base, market in MARKETS.items():
        bars = market.bars(day, 5 * MINUTE, asked.now, SHARE)
        turnover = float((bars[:, 4] * bars[:, 3]).sum())
        ticks.append(
            {"contract_code": f"{base}-USDT", "open": text(bars[0, 0]), "close": text(bars[-1, 3]),
             "trade_turnover": text(2 * turnover), "ts": asked.now}
        )  # fmt: skip
    return {"status": "ok", "ticks": ticks, "ts": asked.now}


def _interest_now(asked: Asked) -> object:
    now = grid(asked.now, asked.now, 1)
    rows = [
        {"contract_code": f"{base}-USDT", "amount": 2 * float(market.interest(now, SHARE)[0])}
        for base, market in MARKETS.items()
    ]
    return _ok(asked, rows)


def _funding_now(asked: Asked) -> object:
    rate = funding_rate(asked.now)
    return _ok(asked, [{"contract_code": f"{b}-USDT", "funding_rate": rate} for b in MARKETS])


def _book(asked: Asked) -> object:
    market = _market(asked)
    price = float(market.price(asked.now))
    size = market.contract_size

    def side(way: int) -> list[list[float]]:
        return [[price * (1 + way * 1e-4 * (1 + n)), (1 + n) / size] for n in range(150)]

    tick = {"bids": side(-1), "asks": side(+1), "ts": asked.now - 5, "version": 1}
    channel = f"market.{asked.params['contract_code']}.depth.step0"
    return {"status": "ok", "ch": channel, "tick": tick, "ts": asked.now}


def _trades(asked: Asked) -> object:
    market = _market(asked)
    moments = grid(asked.now - 60_000, asked.now, 1000)[::-1].tolist()
    rows = [
        {"id": at, "ts": at, "data": [
            {"amount": 2 / market.contract_size, "ts": at, "id": at, "price": price,
             "direction": "sell" if at // 1000 % 2 else "buy"}
        ]}
        for at in moments
        for price in [float(market.price(at))]
    ]  # fmt: skip
    channel = f"market.{asked.params['contract_code']}.trade.detail"
    return {"status": "ok", "ch": channel, "data": rows, "ts": asked.now}


ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/linear-swap-api/v1/swap_contract_info": _listings,
    "/linear-swap-ex/market/history/kline": _klines,
    "/linear-swap-api/v1/swap_his_open_interest": _interest,
    "/v5/market/funding_rate_history": _funding,
    "/linear-swap-api/v1/swap_elite_account_ratio": _ratio,
    "/linear-swap-api/v1/swap_adjustfactor": _tiers,
    "/linear-swap-ex/market/detail/batch_merged": _tickers,
    "/linear-swap-api/v1/swap_open_interest": _interest_now,
    "/linear-swap-api/v1/swap_batch_funding_rate": _funding_now,
    "/linear-swap-ex/market/depth": _book,
    "/linear-swap-ex/market/history/trade": _trades,
}


def _packed(message: object) -> bytes:
    return gzip.compress(json.dumps(message).encode(), mtime=0)


_ASKED_AT = "1489474081631"


def _replies(message: str, topics: set[str]) -> list[bytes]:
    """Answer; nothing is told to those who do not answer the ping with the time it bore."""
    request = json.loads(message)
    if request == {"op": "pong", "ts": _ASKED_AT}:
        topics.add("liquidation_orders")
    if request["op"] != "sub":
        return []
    done = {"op": "sub", "cid": request["cid"], "topic": request["topic"], "err-code": 0}
    return [_packed({**done, "ts": 1489474081000}), _packed({"op": "ping", "ts": _ASKED_AT})]


def _messages(forced: Sequence[Forced], now: int) -> Iterator[tuple[str, bytes]]:
    for base in dict.fromkeys(one.base for one in forced):
        rows = [
            {
                "symbol": base,
                "contract_code": f"{base}-USDT",
                "direction": "sell" if one.side > 0 else "buy",
                "offset": "close",
                "volume": one.quantity / MARKETS[base].contract_size,
                "amount": one.quantity,
                "price": one.price,
                "trade_turnover": one.quantity * one.price,
                "created_at": one.time or now,
                "business_type": "swap",
            }
            for one in forced
            if one.base == base
        ]
        topic = f"public.{base}-USDT.liquidation_orders"
        yield (
            "liquidation_orders",
            _packed({"op": "notify", "topic": topic, "ts": now, "data": rows}),
        )


STREAM = Stream(_replies, _messages)
