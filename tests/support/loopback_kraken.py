"""Kraken Futures as the loopback venue plays it: PF_ in base coin, PI_ in dollars, oldest first."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from bot.core.arrays import MINUTE, Floats, Times
from tests.support.loopback_common import Asked, long_short, text
from tests.support.loopback_hyperliquid import hourly_rate
from tests.support.loopback_markets import MARKETS, LoopbackMarket, grid
from tests.support.loopback_streams import Forced, Stream

SHARE = 0.1  # of the open interest
SHARE_INVERSE = 0.02
_NAMES = {"BTC": "XBT"}
_IDS = {base: f"{_NAMES.get(base, base)}USD" for base in MARKETS}
_MARKETS = {_IDS[base]: market for base, market in MARKETS.items()}


def iso(at: int) -> str:
    """Write a moment [ms] as Kraken and dYdX do."""
    moment = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def _named(asked: Asked) -> tuple[LoopbackMarket, bool]:
    """Return the market that a path or a query names, and whether it is the inverse one."""
    name = asked.params.get("symbol") or next(
        part for part in asked.path.split("/") if part.startswith(("PF_", "PI_"))
    )
    kind, _, pair = name.partition("_")
    return _MARKETS[pair], kind == "PI"


def _counted(amounts: Floats, prices: Floats, *, inverse: bool) -> Floats:
    return amounts * prices if inverse else amounts


def _listings(asked: Asked) -> object:
    levels = [(0, 0.02, 0.01), (500_000, 0.04, 0.02), (2_000_000, 0.1, 0.05)]

    def contract(name: str, kind: str, start: str, **more: object) -> dict[str, object]:
        margins = [
            {start: floor, "initialMargin": initial, "maintenanceMargin": maintenance}
            for floor, initial, maintenance in levels
        ]
        return {"symbol": name, "type": kind, "tradeable": True, "contractSize": 1,
                "marginLevels": margins, **more}  # fmt: skip

    rows = [contract(f"PF_{pair}", "flexible_futures", "numNonContractUnits") for pair in _MARKETS]
    rows += [
        contract("PI_XBTUSD", "futures_inverse", "contracts"),
        contract(
            "FI_XBTUSD_261225", "futures_inverse", "contracts", lastTradingTime=iso(asked.now)
        ),
        contract("PF_OLDUSD", "flexible_futures", "numNonContractUnits", tradeable=False),
        {"symbol": "in_xbtusd", "type": "spot index", "tradeable": False},
    ]
    return {"result": "success", "instruments": rows, "serverTime": iso(asked.now)}


def _span(asked: Asked, interval: int, start: str) -> Times:
    end = min(asked.whole("to", asked.now // 1000) * 1000, asked.now)
    return grid(asked.whole(start, 0) * 1000, end, interval)


def _candles(asked: Asked) -> object:
    market, inverse = _named(asked)
    opens = _span(asked, 5 * MINUTE, "from")
    share = SHARE_INVERSE if inverse else SHARE
    bars = market.bars(opens[:2000], 5 * MINUTE, asked.now, share)
    volume = _counted(bars[:, 4], bars[:, :4].mean(axis=1), inverse=inverse)
    rows = [
        {"time": at, **dict(zip(("open", "high", "low", "close"), map(text, bar), strict=True)),
         "volume": float(amount)}
        for at, bar, amount in zip(opens[:2000].tolist(), bars[:, :4], volume, strict=True)
    ]  # fmt: skip
    return {"candles": rows, "more_candles": len(opens) > 2000}


def _analytics(asked: Asked, data: Callable[[Times], object], scale: int) -> object:
    buckets = _span(asked, asked.whole("interval", 0) * 1000, "since")
    result = {"timestamp": (buckets // scale).tolist(), "data": data(buckets), "more": False}
    return {"result": result, "errors": []}


def _interest(asked: Asked) -> object:
    market, inverse = _named(asked)
    interval = asked.whole("interval", 0) * 1000
    share = SHARE_INVERSE if inverse else SHARE

    def spans(buckets: Times) -> object:
        ends = np.minimum(buckets + interval, asked.now)
        amounts = _counted(market.interest(ends, share), market.price(ends), inverse=inverse)
        return [[text(one * 0.9), text(one), text(one * 0.9), text(one)] for one in amounts]

    return _analytics(asked, spans, 1000)


def _funding(asked: Asked) -> object:
    def rates(buckets: Times) -> object:
        told = [[f"{hourly_rate(at):.10f}"] * 4 for at in buckets.tolist()]
        return {"rate": [["1.5"] * 4 for _ in told], "relativeRate": told}

    return _analytics(asked, rates, 1)


def _accounts(asked: Asked) -> object:
    def counts(buckets: Times) -> object:
        long = [round(1e6 * long_short(at)) for at in buckets.tolist()]
        return {"longCount": long, "shortCount": [1_000_000] * len(long)}

    return _analytics(asked, counts, 1000)


def _ticker(name: str, market: LoopbackMarket, at: int) -> dict[str, object]:
    inverse = name.startswith("PI_")
    price = float(market.price(at))
    share = SHARE_INVERSE if inverse else SHARE
    now = grid(at, at, 1)
    interest = _counted(market.interest(now, share), market.price(now), inverse=inverse)
    rate = hourly_rate(at)
    return {
        "symbol": name,
        "last": price,
        "markPrice": price,
        "vol24h": 1000 * (price if inverse else 1),
        "volumeQuote": 1000 * price,
        "openInterest": float(interest[0]),
        "open24h": price / 1.02,
        "fundingRate": rate / price if inverse else rate * price,
        "suspended": False,
    }  # fmt: skip


def _tickers(asked: Asked) -> object:
    rows = [_ticker(f"PF_{pair}", market, asked.now) for pair, market in _MARKETS.items()]
    rows.append(_ticker("PI_XBTUSD", _MARKETS["XBTUSD"], asked.now))
    index = {"symbol": "in_xbtusd", "last": 1.0}
    return {"result": "success", "tickers": [*rows, index], "serverTime": iso(asked.now)}


def _book(asked: Asked) -> object:
    market, inverse = _named(asked)
    price = float(market.price(asked.now))

    def side(way: int) -> list[list[float]]:
        steps = [price * (1 + way * 1e-4 * (1 + n)) for n in range(300)]
        return [[at, at if inverse else 1.0] for at in steps]

    book = {"bids": side(-1), "asks": side(+1)}
    return {"result": "success", "orderBook": book, "serverTime": iso(asked.now - 5)}


def _trades(asked: Asked) -> object:
    market, inverse = _named(asked)
    rows = [
        {"time": iso(at), "trade_id": 100 - n, "price": price, "uid": f"{at}", "type": "fill",
         "size": price if inverse else 1.0, "side": "sell" if n % 2 else "buy"}
        for n, at in enumerate(range(asked.now, asked.now - 100_000, -1000))
        for price in [float(market.price(at))]
    ]  # fmt: skip
    return {"result": "success", "history": rows, "serverTime": iso(asked.now)}


_BY_NAME: dict[str, Callable[[Asked], object]] = {
    "/api/charts/v1/trade/{}/5m": _candles,
    "/api/charts/v1/analytics/{}/open-interest": _interest,
    "/api/charts/v1/analytics/{}/funding": _funding,
    "/api/charts/v1/analytics/{}/long-short-info": _accounts,
}
ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/derivatives/api/v3/instruments": _listings,
    "/derivatives/api/v3/tickers": _tickers,
    "/derivatives/api/v3/orderbook": _book,
    "/derivatives/api/v3/history": _trades,
} | {
    path.format(name): answer
    for path, answer in _BY_NAME.items()
    for name in [*(f"PF_{pair}" for pair in _MARKETS), "PI_XBTUSD"]
}


def _trade(name: str, one: Forced, quantity: float, at: int, number: int) -> dict[str, object]:
    return {
        "feed": "trade",
        "product_id": name,
        "uid": f"{at}-{number}",
        "side": "sell" if one.side > 0 else "buy",
        "type": "liquidation",
        "seq": number,
        "time": at,
        "qty": quantity,
        "price": one.price,
    }


def _replies(message: str, topics: set[str]) -> list[str]:
    request = json.loads(message)
    known = {f"PF_{pair}" for pair in _MARKETS} | {"PI_XBTUSD"}
    if set(request["product_ids"]) - known:
        return [json.dumps({"event": "error", "message": "Invalid product id"})]
    topics.update(request["product_ids"])
    before = Forced("BTC", +1, 64_000.0, 1.0)
    told = [_trade(name, before, 1.0, 1_700_000_000_000, 1) for name in request["product_ids"]]
    snapshots = [
        {"feed": "trade_snapshot", "product_id": one["product_id"], "trades": [one]} for one in told
    ]
    reply = {"event": "subscribed", "feed": "trade", "product_ids": request["product_ids"]}
    return [json.dumps({"event": "info", "version": 1}), *map(json.dumps, [reply, *snapshots])]


def _messages(forced: Sequence[Forced], now: int) -> Iterator[tuple[str, str]]:
    for number, one in enumerate(forced):
        name = f"{'PI' if one.inverse else 'PF'}_{_IDS[one.base]}"
        quantity = one.quantity * one.price if one.inverse else one.quantity
        at = one.time or now
        yield name, json.dumps(_trade(name, one, quantity, at, number))
        ordinary = _trade(name, one, quantity, at, number + 1_000_000) | {"type": "fill"}
        yield name, json.dumps(ordinary)


STREAM = Stream(_replies, _messages)
