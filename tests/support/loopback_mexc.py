"""MEXC as the loopback venue plays it: columns of bars in seconds, amounts in contracts."""

from collections.abc import Callable

from bot.core.arrays import MINUTE, times
from tests.support import loopback_now as now_
from tests.support.loopback_common import FUNDING, Asked, Refusal, funding_rate
from tests.support.loopback_markets import MARKETS, LoopbackMarket, grid

SHARE = 0.3  # of the open interest
CONTRACTS = {"BTC": 0.0001, "ETH": 0.01, "SOL": 0.1}  # [base] of one contract
_BARS = 2000
_FUNDED = 1000  # fundings that are remembered


def _told(data: object) -> object:
    return {"success": True, "code": 0, "data": data}


def _named(name: str) -> tuple[LoopbackMarket, float]:
    base = name.removesuffix("_USDT")
    if base not in MARKETS:
        raise Refusal(200, {"success": False, "code": 1001, "message": "Contract does not exist!"})
    return MARKETS[base], CONTRACTS[base]


def _in_path(asked: Asked) -> tuple[LoopbackMarket, float]:
    return _named(asked.path.rpartition("/")[2])


def _contracts(_asked: Asked) -> object:
    steps = [(50_000, 0.004, 125), (310_000, 0.008, 60)]
    rows = [
        {
            "symbol": f"{base}_USDT",
            "baseCoin": base,
            "quoteCoin": "USDT",
            "settleCoin": "USDT",
            "contractSize": CONTRACTS[base],
            "futureType": 1,
            "state": 0,
            "isHidden": False,
            "riskLimitType": "BY_VOLUME",
            "riskLimitMode": "CUSTOM",
            "riskLimitCustom": [
                {"level": place + 1, "maxVol": cap, "mmr": rate, "imr": 1 / most,
                 "maxLeverage": most}
                for place, (cap, rate, most) in enumerate(steps)
            ],
        }
        for base in MARKETS
    ]  # fmt: skip
    inverse = {"symbol": "BTC_USD", "quoteCoin": "USD", "settleCoin": "BTC", "contractSize": 100}
    paused = {"symbol": "OLD_USDT", "baseCoin": "OLD", "state": 4}
    return _told([*rows, {**rows[0], **inverse}, {**rows[0], **paused}])


def _klines(asked: Asked) -> object:
    market, size = _in_path(asked)
    interval = {"Min5": 5 * MINUTE}[asked.params["interval"]]
    end = min(asked.whole("end", asked.now // 1000) * 1000, asked.now)
    opens = grid(asked.whole("start", 0) * 1000, end, interval)[-_BARS:]
    bars = market.bars(opens, interval, asked.now, SHARE)
    names = ("open", "high", "low", "close")
    told = {name: bars[:, place].tolist() for place, name in enumerate(names)}
    return _told(
        {
            "time": (opens // 1000).tolist(),
            **told,
            "vol": (bars[:, 4] / size).tolist(),
            "amount": (bars[:, 3] * bars[:, 4]).tolist(),
        }
    )


def _funding(asked: Asked) -> object:
    _named(asked.params.get("symbol", ""))
    size = asked.whole("page_size", 20)
    first = (asked.whole("page_num", 1) - 1) * size
    newest = asked.now // FUNDING
    rows = [
        {
            "symbol": asked.params["symbol"],
            "fundingRate": float(funding_rate((newest - back) * FUNDING)),
            "settleTime": (newest - back) * FUNDING,
        }
        for back in range(first, min(first + size, _FUNDED))
    ]
    return _told({"pageSize": size, "totalCount": _FUNDED, "resultList": rows})


def _ticker(base: str, now: int) -> dict[str, object]:
    day = now_.day(MARKETS[base], now, SHARE)
    interest = float(MARKETS[base].interest(times([now]), SHARE)[0])
    return {
        "symbol": f"{base}_USDT",
        "lastPrice": day.price,
        "fairPrice": day.price,
        "amount24": day.turnover,
        "holdVol": interest / CONTRACTS[base],
        "riseFallRate": day.change,
        "fundingRate": float(funding_rate(now)),
        "timestamp": now,
    }


def _tickers(asked: Asked) -> object:
    if "symbol" in asked.params:
        market, _ = _named(asked.params["symbol"])
        return _told(_ticker(market.base, asked.now))
    return _told([_ticker(base, asked.now) for base in MARKETS])


def _book(asked: Asked) -> object:
    market, size = _in_path(asked)
    bids, asks = (
        [[price, quantity / size, 3] for price, quantity in side]
        for side in now_.levels(market, asked.now)
    )
    return _told({"asks": asks, "bids": bids, "version": 1, "timestamp": asked.now})


def _trades(asked: Asked) -> object:
    market, size = _in_path(asked)
    return _told(
        [
            {"p": one.price, "v": one.quantity / size, "T": 1 if one.side > 0 else 2, "O": 3,
             "M": 2, "t": one.time}
            for one in now_.trades(market, asked.now, asked.whole("limit", 100))
        ]
    )  # fmt: skip


_ROOT = "/api/v1/contract"
_OF_ONE = {"kline": _klines, "depth": _book, "deals": _trades}
ANSWERS: dict[str, Callable[[Asked], object]] = {
    f"{_ROOT}/detail": _contracts,
    f"{_ROOT}/ticker": _tickers,
    f"{_ROOT}/funding_rate/history": _funding,
    **{
        f"{_ROOT}/{what}/{base}_USDT": answer
        for what, answer in _OF_ONE.items()
        for base in [*MARKETS, "DOGE"]
    },
}
