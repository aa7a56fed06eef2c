"""Binance USDⓈ-M as the loopback venue plays it: oldest first, from startTime on."""

from collections.abc import Callable

from bot.core.arrays import DAY, Times
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


def _binance_tickers(asked: Asked) -> object:
    rows: list[dict[str, object]] = []
    for base, market in MARKETS.items():
        day = now_.day(market, asked.now, SHARE)
        rows.append(
            {
                "symbol": f"{base}USDT",
                "lastPrice": text(day.price),
                "priceChangePercent": f"{day.change * 100:.3f}",
                "volume": text(day.turnover / day.price),
                "quoteVolume": text(day.turnover),
                "closeTime": asked.now,
            }
        )
    return [*rows, {**rows[0], "symbol": "BTCUSDT_261225"}]


def _binance_premiums(asked: Asked) -> object:
    rows = [
        {
            "symbol": f"{base}USDT",
            "markPrice": text(float(market.price(asked.now))),
            "lastFundingRate": funding_rate(asked.now),
            "nextFundingTime": asked.now // FUNDING * FUNDING + FUNDING,
            "time": asked.now,
        }
        for base, market in MARKETS.items()
    ]
    return [*rows, {"symbol": "BTCUSDT_261225", "lastFundingRate": "", "nextFundingTime": 0}]


def _binance_intervals(_asked: Asked) -> object:
    # Markets that pay each 8 hours are not in the list.
    return [{"symbol": "SOLUSDT", "fundingIntervalHours": 4, "adjustedFundingRateCap": "0.02"}]


def _binance_book(asked: Asked) -> object:
    bids, asks = now_.levels(_binance_market(asked), asked.now)
    sides = {"bids": bids, "asks": asks}
    rows = {name: [[text(p), text(q)] for p, q in side] for name, side in sides.items()}
    return {"lastUpdateId": 1, "E": asked.now, "T": asked.now, **rows}


def _binance_trades(asked: Asked) -> object:
    latest = now_.trades(_binance_market(asked), asked.now, asked.whole("limit", 500))
    return [
        {
            "id": one.time,
            "price": text(one.price),
            "qty": text(one.quantity),
            "quoteQty": text(one.price * one.quantity),
            "time": one.time,
            "isBuyerMaker": one.side < 0,
        }
        for one in latest[::-1]
    ]


ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/fapi/v1/exchangeInfo": _binance_listings,
    "/fapi/v1/klines": _binance_klines,
    "/futures/data/openInterestHist": _binance_interest,
    "/fapi/v1/fundingRate": _binance_funding,
    "/futures/data/globalLongShortAccountRatio": _binance_ratio,
    "/fapi/v1/ticker/24hr": _binance_tickers,
    "/fapi/v1/premiumIndex": _binance_premiums,
    "/fapi/v1/fundingInfo": _binance_intervals,
    "/fapi/v1/depth": _binance_book,
    "/fapi/v1/trades": _binance_trades,
}
