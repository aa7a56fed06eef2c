"""Who takes, and which trades are large by the measure of their own market."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import MINUTE, floats, times
from bot.core.market.depth import Trades

# A trade is large if it is among this part of its market's latest trades, the largest ...
_LARGEST = 0.01
# ... and so many times the usual one: where all trades are alike, none is large.
_TIMES_USUAL = 5.0
_FEWEST = 30  # trades that say what is usual
_MOST = 24  # large ones that are told of a venue
_LATEST = 60 * MINUTE  # [ms] older trades of a quiet market say nothing about now


@dataclass(frozen=True, slots=True)
class LargeTrade:
    """What one taker bought or sold at once."""

    exchange: str
    time: int  # [ms] UTC
    side: int  # +1 the taker bought, -1 the taker sold
    price: float  # [quote/base] mean over its fills
    usd: float


@dataclass(frozen=True, slots=True)
class Flow:
    """What takers did on one venue over the trades it tells of."""

    exchange: str
    start: int  # [ms] UTC of the first trade
    end: int  # [ms] UTC of the last
    count: int  # of orders, not of their fills
    bought: float  # [USD]
    sold: float  # [USD]
    threshold: float | None  # [USD] from which a trade is large; None: too few to say
    large: tuple[LargeTrade, ...]  # largest first


def orders_of(trades: Trades) -> Trades:
    """Join the fills of each taker's order: those of one side within one millisecond."""
    if not len(trades):
        return trades
    key = trades.time * 2 + (trades.side > 0)
    found, place = np.unique(key, return_inverse=True)
    quantity = np.bincount(place, trades.quantity)
    value = np.bincount(place, trades.value)
    side = np.where(found % 2 == 1, 1, -1).astype(np.int8)
    return Trades(times(found // 2), side, floats(value / quantity), floats(quantity))


def flow_of(exchange: str, trades: Trades, now: int) -> Flow | None:
    """Sum up the trades of the hour before `now` [ms]; None if there is none."""
    orders = orders_of(trades)
    recent = orders.time >= now - _LATEST
    if not recent.any():
        return None
    time, side, price = orders.time[recent], orders.side[recent], orders.price[recent]
    usd = orders.value[recent]
    threshold = None
    large = np.zeros(0, dtype=np.int64)
    if len(usd) >= _FEWEST:
        threshold = max(float(np.quantile(usd, 1 - _LARGEST)), _TIMES_USUAL * float(np.median(usd)))
        large = np.flatnonzero(usd >= threshold)
        large = large[np.argsort(-usd[large], kind="stable")][:_MOST]
    return Flow(
        exchange,
        int(time[0]),
        int(time[-1]),
        len(usd),
        float(usd[side > 0].sum()),
        float(usd[side < 0].sum()),
        threshold,
        tuple(
            LargeTrade(exchange, int(time[i]), int(side[i]), float(price[i]), float(usd[i]))
            for i in large
        ),
    )
