"""KuCoin as the loopback venue plays it: amounts in lots, XBT for BTC, an envelope with a code."""

from collections.abc import Callable

from bot.core.arrays import DAY, MINUTE, times
from tests.support import loopback_now as now_
from tests.support.loopback_common import FUNDING, Asked, Refusal, funding_rate, text
from tests.support.loopback_markets import MARKETS, LoopbackMarket, grid

SHARE = 0.2  # of the open interest
CONTRACTS = {"BTC": 0.001, "ETH": 0.01, "SOL": 0.1}  # [base] of one lot
FUNDED = 100  # fundings that are remembered
REMEMBERED = {"15min": 7 * DAY, "1day": 70 * DAY}
_PERIODS = {"15min": 15 * MINUTE, "1day": DAY}
_BARS = 200
_NAMES = {"BTC": "XBT"}


def symbol(base: str) -> str:
    return f"{_NAMES.get(base, base)}USDTM"


_BASES = {symbol(base): base for base in MARKETS}


def _told(data: object) -> object:
    return {"code": "200000", "data": data}


def _named(name: str) -> tuple[LoopbackMarket, float]:
    if name not in _BASES:
        raise Refusal(200, {"code": "400100", "msg": "symbol not exists"})
    return MARKETS[_BASES[name]], CONTRACTS[_BASES[name]]


def _market(asked: Asked) -> tuple[LoopbackMarket, float]:
    return _named(asked.params.get("symbol", ""))


def _contracts(asked: Asked) -> object:
    rows = []
    for base, market in MARKETS.items():
        day = now_.day(market, asked.now, SHARE)
        interest = market.interest(times([asked.now]), SHARE)[0] / CONTRACTS[base]
        rows.append(
            {
                "symbol": symbol(base),
                "type": "FFWCSX",
                "baseCurrency": _NAMES.get(base, base),
                "quoteCurrency": "USDT",
                "settleCurrency": "USDT",
                "multiplier": CONTRACTS[base],
                "isInverse": False,
                "status": "Open",
                "fundingFeeRate": float(funding_rate(asked.now)),
                "fundingRateGranularity": FUNDING,
                "openInterest": text(interest),
                "turnoverOf24h": day.turnover,
                "markPrice": day.price,
                "lastTradePrice": day.price,
                "priceChgPct": day.change,
            }
        )
    inverse = {"symbol": "XBTUSDM", "quoteCurrency": "USD", "settleCurrency": "XBT",
               "multiplier": -1.0, "isInverse": True}  # fmt: skip
    dated = {"symbol": "XBTMZ26", "type": "FFICSX"}
    paused = {"symbol": "OLDUSDTM", "baseCurrency": "OLD", "status": "Paused"}
    return _told([*rows, *({**rows[0], **odd} for odd in (inverse, dated, paused))])


def _klines(asked: Asked) -> object:
    market, size = _market(asked)
    interval = asked.whole("granularity", 1) * MINUTE
    opens = grid(asked.whole("from", 0), min(asked.whole("to", asked.now), asked.now), interval)
    bars = market.bars(opens[:_BARS], interval, asked.now, SHARE)
    return _told(
        [
            [at, *bar[:4], bar[4] / size, bar[3] * bar[4]]
            for at, bar in zip(opens[:_BARS].tolist(), bars.tolist(), strict=True)
        ]
    )


def _interest(asked: Asked) -> object:
    market, size = _market(asked)
    period = asked.params["interval"]
    start = max(asked.whole("startAt", 0), asked.now - REMEMBERED[period])
    end = min(asked.whole("endAt", asked.now), asked.now)
    moments = grid(start, end, _PERIODS[period])[::-1][: asked.whole("pageSize", 30)]
    lots = market.interest(moments, SHARE) / size
    return _told(
        [
            {"openInterest": text(amount), "ts": at}
            for at, amount in zip(moments.tolist(), lots.tolist(), strict=True)
        ]
    )


def _funding(asked: Asked) -> object:
    _market(asked)
    end = min(asked.whole("to", asked.now), asked.now)
    start = max(asked.whole("from", 0), asked.now - FUNDED * FUNDING)
    moments = grid(start, end, FUNDING)[::-1][:100]
    return _told(
        [
            {
                "symbol": asked.params["symbol"],
                "fundingRate": float(funding_rate(at)),
                "timepoint": at,
            }
            for at in moments.tolist()
        ]
    )


def _tiers(asked: Asked) -> object:
    name = asked.path.rpartition("/")[2]
    _named(name)
    steps = ((250_000, 0.004, 125), (600_000, 0.005, 100))
    return _told(
        [
            {
                "symbol": name,
                "level": place + 1,
                "maxRiskLimit": cap,
                "minRiskLimit": 0 if place == 0 else steps[place - 1][0],
                "maxLeverage": leverage,
                "initialMargin": 1 / leverage,
                "maintainMargin": maintenance,
            }
            for place, (cap, maintenance, leverage) in enumerate(steps)
        ]
    )


def _book(asked: Asked) -> object:
    market, size = _market(asked)
    bids, asks = (
        [[text(price), quantity / size] for price, quantity in side]
        for side in now_.levels(market, asked.now)
    )
    told = {"symbol": asked.params["symbol"], "sequence": 100, "bids": bids, "asks": asks}
    return _told({**told, "ts": asked.now * 1_000_000})


def _trades(asked: Asked) -> object:
    market, size = _market(asked)
    return _told(
        [
            {
                "sequence": one.time,
                "side": "buy" if one.side > 0 else "sell",
                "size": round(one.quantity / size),
                "price": text(one.price),
                "tradeId": str(one.time),
                "ts": one.time * 1_000_000,
            }
            for one in now_.trades(market, asked.now, 100)
        ]
    )


ANSWERS: dict[str, Callable[[Asked], object]] = {
    "/api/v1/contracts/active": _contracts,
    "/api/v1/kline/query": _klines,
    "/api/ua/v1/market/open-interest": _interest,
    "/api/v1/contract/funding-rates": _funding,
    "/api/v1/level2/snapshot": _book,
    "/api/v1/trade/history": _trades,
    **{f"/api/v1/contracts/risk-limit/{name}": _tiers for name in [*_BASES, "DOGEUSDTM"]},
}
