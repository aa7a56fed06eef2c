"""Gate as the loopback venue plays it: times in seconds, amounts in contracts, plain lists."""

from collections.abc import Callable

import numpy as np

from bot.core.arrays import HOUR, MINUTE, Times, times
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

SHARE = 0.5  # of the open interest
CONTRACTS = {"BTC": 0.0001, "ETH": 0.01, "SOL": 1.0}  # [base] of one contract
LIQUIDATIONS_EVERY = 20_000  # [ms]
_POINTS = 2000  # in one answer at most
_REMEMBERED = 10_000  # bars


def _wrong(what: str) -> Refusal:
    return Refusal(400, {"label": "INVALID_PARAM_VALUE", "message": f"invalid argument: {what}"})


def _market(asked: Asked) -> tuple[LoopbackMarket, float]:
    base = asked.params.get("contract", "").removesuffix("_USDT")
    if base not in MARKETS:
        raise Refusal(400, {"label": "CONTRACT_NOT_FOUND", "message": "contract not found"})
    return MARKETS[base], CONTRACTS[base]


def _stretch(asked: Asked, interval: int) -> Times:
    start = asked.whole("from", asked.now // 1000 - 100 * interval // 1000) * 1000
    end = min(asked.whole("to", asked.now // 1000) * 1000, asked.now)
    found = grid(start, end, interval)
    if len(found) > _POINTS:
        raise _wrong("too many points")
    return found


def _contracts(_asked: Asked) -> object:
    rows = [
        {
            "name": f"{base}_USDT",
            "type": "direct",
            "quanto_multiplier": text(CONTRACTS[base]),
            "maintenance_rate": "0.004",
            "leverage_max": "125",
            "funding_rate": "0.0001",
            "funding_interval": FUNDING // 1000,
            "in_delisting": False,
            "status": "trading",
            "contract_type": "",
        }
        for base in MARKETS
    ]
    gone = {"name": "OLD_USDT", "in_delisting": True}
    halted = {"name": "HALT_USDT", "status": "suspend"}
    share = {"name": "CAT_USDT", "contract_type": "stocks"}
    return [*rows, *({**rows[0], **odd} for odd in (gone, halted, share))]


def _klines(asked: Asked) -> object:
    market, size = _market(asked)
    interval = PERIODS[asked.params["interval"]]
    opens = _stretch(asked, interval)
    if asked.whole("from", asked.now) * 1000 < asked.now - _REMEMBERED * interval:
        raise _wrong("Candlestick too long ago. Maximum 10000 points recently are allowed")
    bars = market.bars(opens, interval, asked.now, SHARE)
    return [
        {
            "t": at // 1000,
            "v": bar[4] / size,
            "sum": text(bar[3] * bar[4]),
            **dict(zip("ohlc", map(text, bar[:4]), strict=True)),
        }
        for at, bar in zip(opens.tolist(), bars.tolist(), strict=True)
    ]


def _statistics(asked: Asked) -> object:
    """A row bears the start of its period and goes on changing until it ends."""
    market, size = _market(asked)
    interval = PERIODS[asked.params["interval"]]
    if asked.whole("limit", 30) > _POINTS:
        raise _wrong("limit")
    starts = grid(asked.whole("from", 0) * 1000, asked.now, interval)
    starts = starts[: asked.whole("limit", 30) + 2]  # a page may run past its limit
    ends = times(np.minimum(starts + interval, asked.now))
    interest = market.interest(ends, SHARE) / size
    prices = market.price(ends)
    return [
        {
            "time": at // 1000,
            "lsr_taker": 1.1,
            "lsr_account": long_short(at + interval),
            "open_interest": contracts,
            "open_interest_usd": contracts * size * price,
            "mark_price": price,
            "long_liq_size": 0,
            "short_liq_size": 0,
        }
        for at, contracts, price in zip(
            starts.tolist(), interest.tolist(), prices.tolist(), strict=True
        )
    ]


def _funding(asked: Asked) -> object:
    _market(asked)
    moments = _stretch(asked, FUNDING)[::-1][: asked.whole("limit", 100)]
    return [{"t": at // 1000, "r": funding_rate(at)} for at in moments.tolist()]


def _tiers(asked: Asked) -> object:
    _market(asked)
    steps = (("500000", "0.004", "125", "0"), ("1000000", "0.006", "80.5", "1000"))
    return [
        {
            "tier": place + 1,
            "risk_limit": cap,
            "maintenance_rate": maintenance,
            "initial_rate": text(1 / float(leverage)),
            "leverage_max": leverage,
            "deduction": deduction,
        }
        for place, (cap, maintenance, leverage, deduction) in enumerate(steps)
    ]


def _tickers(asked: Asked) -> object:
    found = []
    for base, market in MARKETS.items():
        day = now_.day(market, asked.now, SHARE)
        interest = market.interest(times([asked.now]), SHARE)[0] / CONTRACTS[base]
        found.append(
            {
                "contract": f"{base}_USDT",
                "last": text(day.price),
                "mark_price": text(day.price),
                "change_percentage": text(day.change * 100),
                "total_size": text(interest),
                "volume_24h_quote": text(day.turnover),
                "funding_rate": funding_rate(asked.now // FUNDING * FUNDING + FUNDING),
                "funding_rate_indicative": "0.0009",
            }
        )
    return found


def _book(asked: Asked) -> object:
    market, size = _market(asked)
    bids, asks = (
        [{"p": text(price), "s": quantity / size} for price, quantity in side]
        for side in now_.levels(market, asked.now)
    )
    return {"current": asked.now / 1000, "update": asked.now / 1000, "asks": asks, "bids": bids}


def _trades(asked: Asked) -> object:
    market, size = _market(asked)
    return [
        {
            "id": one.time,
            "create_time": one.time / 1000,
            "create_time_ms": one.time / 1000,
            "contract": asked.params["contract"],
            "size": one.side * one.quantity / size,
            "price": text(one.price),
        }
        for one in now_.trades(market, asked.now, asked.whole("limit", 100))
    ]


def _liquidations(asked: Asked) -> object:
    market, size = _market(asked)
    start = asked.whole("from", (asked.now - 10 * MINUTE) // 1000) * 1000
    end = min(asked.whole("to", asked.now // 1000) * 1000, asked.now)
    if end - start > HOUR:
        raise _wrong("range from/to must in 1 hour")
    latest = now_.prints(market, start, end, LIQUIDATIONS_EVERY)[::-1]
    return [
        {
            "time": one.time // 1000,
            "contract": asked.params["contract"],
            "size": one.side * one.quantity / size,
            "order_size": -one.side * one.quantity / size,
            "order_price": text(one.price * (1 - 0.005 * one.side)),
            "fill_price": text(one.price),
            "left": 0,
        }
        for one in latest[: asked.whole("limit", 100)]
    ]


_ROOT = "/api/v4/futures/usdt"
ANSWERS: dict[str, Callable[[Asked], object]] = {
    f"{_ROOT}/contracts": _contracts,
    f"{_ROOT}/candlesticks": _klines,
    f"{_ROOT}/contract_stats": _statistics,
    f"{_ROOT}/funding_rate": _funding,
    f"{_ROOT}/risk_limit_tiers": _tiers,
    f"{_ROOT}/tickers": _tickers,
    f"{_ROOT}/order_book": _book,
    f"{_ROOT}/trades": _trades,
    f"{_ROOT}/liq_orders": _liquidations,
}
