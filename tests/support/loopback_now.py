"""What the loopback markets look like at one moment: book, latest trades, the last day."""

from typing import NamedTuple

import numpy as np

from bot.core.arrays import DAY, HOUR, times
from tests.support.loopback_markets import LoopbackMarket

LEVELS = 40  # of each side of a book
_STEP = 0.0005  # [fraction of the price] between levels
TRADES_EVERY = 1_000  # [ms]


class Print(NamedTuple):
    """One trade, or one liquidation."""

    time: int  # [ms]
    side: int  # +1 the taker bought, -1 the taker sold; of a liquidation the position's
    price: float
    quantity: float  # [base]


class Day(NamedTuple):
    """What the last 24 hours were like."""

    price: float
    change: float  # [fraction]
    turnover: float  # [quote]


def levels(market: LoopbackMarket, now: int) -> tuple[list[tuple[float, float]], ...]:
    """Bids and asks, best first, as (price, quantity [base])."""
    mid = float(market.price(now))
    return tuple(
        [
            (mid * (1 + way * _STEP * (place + 1)), (place + 1) * 100 * market.contract_size)
            for place in range(LEVELS)
        ]
        for way in (-1, +1)
    )


def prints(market: LoopbackMarket, start: int, end: int, every: int) -> list[Print]:
    """Trades at all multiples of `every` from start to end [ms]: side and size by their time."""
    first = -(-start // every)
    return [
        Print(
            place * every,
            +1 if place % 3 else -1,
            float(market.price(place * every)),
            (place % 7 + 1) * 10 * market.contract_size,
        )
        for place in range(first, end // every + 1)
    ]


def trades(market: LoopbackMarket, now: int, count: int) -> list[Print]:
    """The latest trades, newest first."""
    return prints(market, now - (count - 1) * TRADES_EVERY, now, TRADES_EVERY)[::-1]


def day(market: LoopbackMarket, now: int, share: float) -> Day:
    price, before = float(market.price(now)), float(market.price(now - DAY))
    hours = times(np.arange(now - DAY, now, HOUR))
    bars = market.bars(hours, HOUR, now, share)
    return Day(price, price / before - 1, float(np.sum(bars[:, 3] * bars[:, 4])))
