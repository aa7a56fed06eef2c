"""Binance COIN-M as the loopback venue plays it: amounts in contracts of 100 or 10 dollars."""

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

SHARE = 0.12  # of the open interest
CONTRACTS = {"BTC": 100.0, "ETH": 10.0, "SOL": 10.0}  # [USD] of one contract


def _market(asked: Asked) -> LoopbackMarket:
    name = asked.params.get("symbol", "").removesuffix("_PERP") or asked.params.get("pair", "")
    base = name.removesuffix("USD")
    if base not in MARKETS:
        raise Refusal(400, {"code": -1121, "msg": "Invalid symbol."})
    return MARKETS[base]


def _size(asked: Asked) -> float:
    return CONTRACTS[_market(asked).base]


def _times(asked: Asked, interval: int, most: int) -> Times:
    start = asked.whole("startTime", asked.now - most * interval)
    end = min(asked.whole("endTime", asked.now), asked.now)
    return grid(start, end, interval)[: min(asked.whole("limit", most), most)]


def _statistics(asked: Asked) -> Times:
    if asked.whole("startTime", asked.now) < asked.now - 30 * DAY:
        raise Refusal(400, {"code": -1130, "msg": "parameter 'startTime' is invalid."})
    return _times(asked, PERIODS[asked.params["period"]], 500)


def _listings(_asked: Asked) -> object:
    rows: list[dict[str, object]] = [
        {
            "symbol": f"{base}USD_PERP",
            "pair": f"{base}USD",
            "contractType": "PERPETUAL",
            "contractStatus": "TRADING",
            "contractSize": int(size),
            "baseAsset": base,
            "quoteAsset": "USD",
            "marginAsset": base,
        }
        for base, size in CONTRACTS.items()
    ]
    dated = {"symbol": "BTCUSD_261225", "contractType": "CURRENT_QUARTER"}
    gone = {"symbol": "OLDUSD_PERP", "baseAsset": "OLD", "contractStatus": "CLOSE"}
    return {"timezone": "UTC", "symbols": [*rows, {**rows[0], **dated}, {**rows[0], **gone}]}


def _klines(asked: Asked) -> object:
    interval, size = PERIODS[asked.params["interval"]], _size(asked)
    opens = _times(asked, interval, 1500)
    bars = _market(asked).bars(opens, interval, asked.now, SHARE)
    return [
        [at, *map(text, bar[:4]), text(bar[4] * bar[3] / size), at + interval - 1, text(bar[4]),
         99, text(bar[5] * bar[3] / size), text(bar[5]), "0"]
        for at, bar in zip(opens.tolist(), bars.tolist(), strict=True)
    ]  # fmt: skip


def _interest(asked: Asked) -> object:
    market, moments = _market(asked), _statistics(asked)
    amounts = market.interest(moments, SHARE)
    contracts = amounts * market.price(moments) / _size(asked)
    return [
        {
            "pair": asked.params["pair"],
            "contractType": asked.params["contractType"],
            "sumOpenInterest": text(count),
            "sumOpenInterestValue": text(amount),
            "timestamp": at,
        }
        for at, amount, count in zip(moments.tolist(), amounts, contracts, strict=True)
    ]


def _funding(asked: Asked) -> object:
    _market(asked)
    return [
        {"symbol": asked.params["symbol"], "fundingTime": at, "fundingRate": funding_rate(at)}
        for at in _times(asked, FUNDING, 1000).tolist()
    ]


def _ratio(asked: Asked) -> object:
    _market(asked)
    return [
        {
            "pair": asked.params["pair"],
            "longShortRatio": f"{long_short(at):.4f}",
            "longAccount": f"{long_short(at) / (1 + long_short(at)):.4f}",
            "shortAccount": f"{1 / (1 + long_short(at)):.4f}",
            "timestamp": at,
        }
        for at in _statistics(asked).tolist()
    ]


def _tickers(asked: Asked) -> object:
    rows: list[dict[str, object]] = []
    for base, market in MARKETS.items():
        day = now_.day(market, asked.now, SHARE)
        rows.append(
            {
                "symbol": f"{base}USD_PERP",
                "pair": f"{base}USD",
                "lastPrice": text(day.price),
                "priceChangePercent": f"{day.change * 100:.3f}",
                "volume": text(day.turnover / CONTRACTS[base]),
                "baseVolume": text(day.turnover / day.price),
            }
        )
    return [*rows, {**rows[0], "symbol": "BTCUSD_261225"}]


def _premiums(asked: Asked) -> object:
    rows: list[dict[str, object]] = [
        {"symbol": f"{base}USD_PERP", "lastFundingRate": funding_rate(asked.now)}
        for base in MARKETS
    ]
    return [*rows, {"symbol": "BTCUSD_261225", "lastFundingRate": ""}]


def _intervals(_asked: Asked) -> object:
    return [{"symbol": "SOLUSD_PERP", "fundingIntervalHours": 4}]


def _book(asked: Asked) -> object:
    size, sides = _size(asked), now_.levels(_market(asked), asked.now)
    bids, asks = ([[text(p), text(q * p / size)] for p, q in side] for side in sides)
    return {"symbol": asked.params["symbol"], "T": asked.now, "bids": bids, "asks": asks}


def _trades(asked: Asked) -> object:
    latest = now_.trades(_market(asked), asked.now, asked.whole("limit", 500))
    return [
        {
            "id": one.time,
            "price": text(one.price),
            "qty": text(one.quantity * one.price / _size(asked)),
            "baseQty": text(one.quantity),
            "time": one.time,
            "isBuyerMaker": one.side < 0,
        }
        for one in latest[::-1]
    ]


ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/dapi/v1/exchangeInfo": _listings,
    "/dapi/v1/klines": _klines,
    "/futures/data/openInterestHist": _interest,
    "/dapi/v1/fundingRate": _funding,
    "/futures/data/globalLongShortAccountRatio": _ratio,
    "/dapi/v1/ticker/24hr": _tickers,
    "/dapi/v1/premiumIndex": _premiums,
    "/dapi/v1/fundingInfo": _intervals,
    "/dapi/v1/depth": _book,
    "/dapi/v1/trades": _trades,
}
