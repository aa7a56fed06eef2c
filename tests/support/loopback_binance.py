"""Binance USDⓈ-M as the loopback venue plays it: oldest first, from startTime on."""

from collections.abc import Callable

from bot.core.arrays import DAY, Times
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

SHARE = 1.0  # of the open interest


def _binance_market(asked: Asked) -> LoopbackMarket:
    base = asked.params.get("symbol", "").removesuffix("USDT")
    if base not in MARKETS:
        raise Refusal(400, {"code": -1121, "msg": "Invalid symbol."})
    return MARKETS[base]


def _binance_times(asked: Asked, interval: int, most: int) -> Times:
    start = asked.whole("startTime", asked.now - most * interval)
    end = min(asked.whole("endTime", asked.now), asked.now)
    return grid(start, end, interval)[: min(asked.whole("limit", most), most)]


def _binance_statistics(asked: Asked) -> Times:
    if asked.whole("startTime", asked.now) < asked.now - 30 * DAY:
        raise Refusal(400, {"code": -1130, "msg": "parameter 'startTime' is invalid."})
    return _binance_times(asked, PERIODS[asked.params["period"]], 500)


def _binance_listings(_asked: Asked) -> object:
    def symbol(base: str, kind: str, status: str) -> dict[str, object]:
        return {
            "symbol": f"{base}USDT" + ("" if kind == "PERPETUAL" else "_261225"),
            "pair": f"{base}USDT",
            "contractType": kind,
            "status": status,
            "baseAsset": base,
            "quoteAsset": "USDT",
            "marginAsset": "USDT",
            "underlyingType": "COIN",
        }

    symbols = [symbol(base, "PERPETUAL", "TRADING") for base in MARKETS]
    symbols += [symbol("BTC", "CURRENT_QUARTER", "TRADING"), symbol("OLD", "PERPETUAL", "SETTLING")]
    return {"timezone": "UTC", "symbols": symbols}


def _binance_klines(asked: Asked) -> object:
    interval = PERIODS[asked.params["interval"]]
    opens = _binance_times(asked, interval, 1500)
    bars = _binance_market(asked).bars(opens, interval, asked.now, SHARE)
    return [
        [at, *map(text, bar[:5]), at + interval - 1, text(bar[3] * bar[4]), 99,
         text(bar[5]), text(bar[3] * bar[5]), "0"]
        for at, bar in zip(opens.tolist(), bars.tolist(), strict=True)
    ]  # fmt: skip


def _binance_interest(asked: Asked) -> object:
    market, moments = _binance_market(asked), _binance_statistics(asked)
    amounts = market.interest(moments, SHARE)
    values = amounts * market.price(moments)
    return [
        {
            "symbol": asked.params["symbol"],
            "sumOpenInterest": text(amount),
            "sumOpenInterestValue": text(value),
            "timestamp": at,
        }
        for at, amount, value in zip(moments.tolist(), amounts, values, strict=True)
    ]


def _binance_funding(asked: Asked) -> object:
    _binance_market(asked)
    return [
        {
            "symbol": asked.params["symbol"],
            "fundingTime": at,
            "fundingRate": funding_rate(at),
            "markPrice": "",
        }
        for at in _binance_times(asked, FUNDING, 1000).tolist()
    ]


def _binance_ratio(asked: Asked) -> object:
    _binance_market(asked)
    return [
        {
            "symbol": asked.params["symbol"],
            "longShortRatio": f"{long_short(at):.4f}",
            "longAccount": f"{long_short(at) / (1 + long_short(at)):.4f}",
            "shortAccount": f"{1 / (1 + long_short(at)):.4f}",
            "timestamp": at,
        }
        for at in _binance_statistics(asked).tolist()
    ]


ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/fapi/v1/exchangeInfo": _binance_listings,
    "/fapi/v1/klines": _binance_klines,
    "/futures/data/openInterestHist": _binance_interest,
    "/fapi/v1/fundingRate": _binance_funding,
    "/futures/data/globalLongShortAccountRatio": _binance_ratio,
}
