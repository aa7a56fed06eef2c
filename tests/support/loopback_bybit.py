"""Bybit linear as the loopback venue plays it: newest first, up to endTime."""

from collections.abc import Callable, Sequence

import numpy as np

from bot.core.arrays import MINUTE
from tests.support.loopback_common import (
    FUNDING,
    PERIODS,
    Asked,
    Refusal,
    funding_rate,
    long_short,
    text,
)
from tests.support.loopback_markets import MARKETS, LoopbackMarket, grid

SHARE = 0.6  # of the open interest


def _bybit(asked: Asked, rows: Sequence[object], **more: object) -> object:
    result = {"category": "linear", "symbol": asked.params.get("symbol"), "list": rows, **more}
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": asked.now}


def _bybit_market(asked: Asked) -> LoopbackMarket:
    base = asked.params.get("symbol", "").removesuffix("USDT")
    if base not in MARKETS:
        raise Refusal(200, {"retCode": 10001, "retMsg": "params error", "result": {}})
    return MARKETS[base]


def _bybit_times(asked: Asked, interval: int, most: int, start: str, end: str) -> list[int]:
    last = min(asked.whole(end, asked.now), asked.now)
    moments = grid(asked.whole(start, last - most * interval), last, interval)
    newest_first: list[int] = moments[::-1].tolist()
    return newest_first[: min(asked.whole("limit", 50), most)]


def _bybit_listings(asked: Asked) -> object:
    rows = [
        {
            "symbol": f"{base}USDT",
            "contractType": "LinearPerpetual",
            "status": "Trading",
            "baseCoin": base,
            "quoteCoin": "USDT",
            "settleCoin": "USDT",
        }
        for base in MARKETS
    ]
    # Two pages, so that whoever reads only the first misses a market.
    second = asked.params.get("cursor") == "second"
    return _bybit(
        asked, rows[2:] if second else rows[:2], nextPageCursor="" if second else "second"
    )


def _bybit_klines(asked: Asked) -> object:
    interval = int(asked.params["interval"]) * MINUTE
    opens = _bybit_times(asked, interval, 1000, "start", "end")
    moments = np.array(opens, dtype=np.int64)
    bars = _bybit_market(asked).bars(moments, interval, asked.now, SHARE)
    rows = [
        [str(at), *map(text, bar[:5]), text(bar[3] * bar[4])]
        for at, bar in zip(opens, bars.tolist(), strict=True)
    ]
    return _bybit(asked, rows)


def _bybit_interest(asked: Asked) -> object:
    interval = {"5min": 5, "15min": 15, "1h": 60}[asked.params["intervalTime"]] * MINUTE
    moments = _bybit_times(asked, interval, 200, "startTime", "endTime")
    amounts = _bybit_market(asked).interest(np.array(moments, dtype=np.int64), SHARE)
    rows = [
        {"openInterest": text(amount), "timestamp": str(at)}
        for at, amount in zip(moments, amounts, strict=True)
    ]
    return _bybit(asked, rows, nextPageCursor="")


def _bybit_funding(asked: Asked) -> object:
    _bybit_market(asked)
    moments = _bybit_times(asked, FUNDING, 200, "startTime", "endTime")
    symbol = asked.params["symbol"]
    rows = [
        {"symbol": symbol, "fundingRate": funding_rate(at), "fundingRateTimestamp": str(at)}
        for at in moments
    ]
    return _bybit(asked, rows)


def _bybit_ratio(asked: Asked) -> object:
    _bybit_market(asked)
    moments = _bybit_times(asked, PERIODS[asked.params["period"]], 500, "startTime", "endTime")
    rows = [
        {
            "symbol": asked.params["symbol"],
            "buyRatio": f"{long_short(at) / (1 + long_short(at)):.4f}",
            "sellRatio": f"{1 / (1 + long_short(at)):.4f}",
            "timestamp": str(at),
        }
        for at in moments
    ]
    return _bybit(asked, rows, nextPageCursor="")


def _bybit_tiers(asked: Asked) -> object:
    _bybit_market(asked)
    steps = (("2000000", "0.005", "0.01", "100", ""), ("4000000", "0.01", "0.02", "50", "10000"))
    rows = [
        {
            "id": place + 1,
            "symbol": asked.params["symbol"],
            "riskLimitValue": cap,
            "maintenanceMargin": maintenance,
            "initialMargin": initial,
            "isLowestRisk": int(place == 0),
            "maxLeverage": leverage,
            "mmDeduction": deduction,
        }
        for place, (cap, maintenance, initial, leverage, deduction) in enumerate(steps)
    ]
    return _bybit(asked, rows)


ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/v5/market/instruments-info": _bybit_listings,
    "/v5/market/kline": _bybit_klines,
    "/v5/market/open-interest": _bybit_interest,
    "/v5/market/funding/history": _bybit_funding,
    "/v5/market/account-ratio": _bybit_ratio,
    "/v5/market/risk-limit": _bybit_tiers,
}
