"""Bybit linear as the loopback venue plays it: newest first, up to endTime."""

from collections.abc import Callable, Sequence

import numpy as np

from bot.core.arrays import MINUTE
from tests.support import loopback_now as now_
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


def bybit(asked: Asked, rows: Sequence[object], **more: object) -> object:
    result = {
        "category": asked.params.get("category"),
        "symbol": asked.params.get("symbol"),
        "list": rows,
        **more,
    }
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": asked.now}


def _bybit_market(asked: Asked) -> LoopbackMarket:
    base = asked.params.get("symbol", "").removesuffix("USDT")
    if base not in MARKETS:
        raise Refusal(200, {"retCode": 10001, "retMsg": "params error", "result": {}})
    return MARKETS[base]


def moments_of(asked: Asked, interval: int, most: int, start: str, end: str) -> list[int]:
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
    return in_pages(asked, rows)


def in_pages(asked: Asked, rows: Sequence[object]) -> object:
    """Answer with two pages, so that whoever reads only the first misses a market."""
    second = asked.params.get("cursor") == "second"
    part = rows[2:] if second else rows[:2]
    return bybit(asked, part, nextPageCursor="" if second else "second")


def _bybit_klines(asked: Asked) -> object:
    interval = int(asked.params["interval"]) * MINUTE
    opens = moments_of(asked, interval, 1000, "start", "end")
    moments = np.array(opens, dtype=np.int64)
    bars = _bybit_market(asked).bars(moments, interval, asked.now, SHARE)
    rows = [
        [str(at), *map(text, bar[:5]), text(bar[3] * bar[4])]
        for at, bar in zip(opens, bars.tolist(), strict=True)
    ]
    return bybit(asked, rows)


def _bybit_interest(asked: Asked) -> object:
    interval = {"5min": 5, "15min": 15, "1h": 60}[asked.params["intervalTime"]] * MINUTE
    moments = moments_of(asked, interval, 200, "startTime", "endTime")
    amounts = _bybit_market(asked).interest(np.array(moments, dtype=np.int64), SHARE)
    rows = [
        {"openInterest": text(2 * amount), "timestamp": str(at)}  # of both sides
        for at, amount in zip(moments, amounts, strict=True)
    ]
    return bybit(asked, rows, nextPageCursor="")


def _sure(answer: Callable[[Asked], object]) -> Callable[[Asked], object]:
    """Answer once it is sure that a linear contract was asked for."""

    def told(asked: Asked) -> object:
        _bybit_market(asked)
        return answer(asked)

    return told


def funding(asked: Asked) -> object:
    moments = moments_of(asked, FUNDING, 200, "startTime", "endTime")
    symbol = asked.params["symbol"]
    rows = [
        {"symbol": symbol, "fundingRate": funding_rate(at), "fundingRateTimestamp": str(at)}
        for at in moments
    ]
    return bybit(asked, rows)


def ratio(asked: Asked) -> object:
    moments = moments_of(asked, PERIODS[asked.params["period"]], 500, "startTime", "endTime")
    rows = [
        {
            "symbol": asked.params["symbol"],
            "buyRatio": f"{long_short(at) / (1 + long_short(at)):.4f}",
            "sellRatio": f"{1 / (1 + long_short(at)):.4f}",
            "timestamp": str(at),
        }
        for at in moments
    ]
    return bybit(asked, rows, nextPageCursor="")


def _bybit_tiers(asked: Asked) -> object:
    _bybit_market(asked)
    steps = (("2000000", "0.005", "0.01", "100", ""), ("4000000", "0.01", "0.02", "50", "10000"))
    return bybit(asked, tier_rows(asked, steps))


def tier_rows(asked: Asked, steps: Sequence[tuple[str, ...]]) -> list[dict[str, object]]:
    return [
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


def ticker_rows(asked: Asked, share: float, quote: str, *, dollars: bool) -> object:
    """All markets of the moment; amounts in base coin, or in dollars."""
    rows: list[dict[str, object]] = []
    for base, market in MARKETS.items():
        day = now_.day(market, asked.now, share)
        interest = float(market.interest(np.array([asked.now]), share)[0])
        amount, other = day.turnover / day.price, day.turnover
        rows.append(
            {
                "symbol": f"{base}{quote}",
                "lastPrice": text(day.price),
                "price24hPcnt": f"{day.change:.6f}",
                "volume24h": text(other if dollars else amount),
                "turnover24h": text(amount if dollars else other),
                "openInterest": text(2 * interest * (day.price if dollars else 1)),
                "fundingRate": funding_rate(asked.now),
                "fundingIntervalHour": "4" if base == "SOL" else "8",
            }
        )
    dated = {**rows[0], "symbol": f"BTC{quote}-25DEC26", "fundingRate": ""}
    return bybit(asked, [*rows, dated])


def book_of(asked: Asked, market: LoopbackMarket, *, dollars: bool) -> object:
    bids, asks = (
        [[text(price), text(quantity * (price if dollars else 1))] for price, quantity in side]
        for side in now_.levels(market, asked.now)
    )
    result = {"s": asked.params["symbol"], "b": bids, "a": asks, "ts": asked.now, "u": 1}
    return {"retCode": 0, "retMsg": "OK", "result": result, "time": asked.now}


def trades_of(asked: Asked, market: LoopbackMarket, *, dollars: bool) -> object:
    rows = [
        {
            "execId": str(one.time),
            "symbol": asked.params["symbol"],
            "price": text(one.price),
            "size": text(one.quantity * (one.price if dollars else 1)),
            "side": "Buy" if one.side > 0 else "Sell",
            "time": str(one.time),
        }
        for one in now_.trades(market, asked.now, asked.whole("limit", 500))
    ]
    return bybit(asked, rows)


ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/v5/market/instruments-info": _bybit_listings,
    "/v5/market/kline": _bybit_klines,
    "/v5/market/open-interest": _bybit_interest,
    "/v5/market/funding/history": _sure(funding),
    "/v5/market/account-ratio": _sure(ratio),
    "/v5/market/risk-limit": _bybit_tiers,
    "/v5/market/tickers": lambda asked: ticker_rows(asked, SHARE, "USDT", dollars=False),
    "/v5/market/orderbook": lambda asked: book_of(asked, _bybit_market(asked), dollars=False),
    "/v5/market/recent-trade": lambda asked: trades_of(asked, _bybit_market(asked), dollars=False),
}
