"""One side of a book as a ladder: how far from the middle each level stands, and what it holds."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from bot.core.arrays import Floats, floats
from bot.core.market.depth import OrderBook


class OrderSide(Enum):
    """Which orders of a book: those that want to buy, or to sell."""

    BID = 1
    ASK = -1


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """Levels of one side, nearest first; arrays have shape (N,), N is at least 1."""

    away: Floats  # [fraction of the middle price] from the middle, positive, rising
    value: Floats  # [quote] at each level

    @property
    def reach(self) -> float:
        """How far this side is told [fraction]."""
        return float(self.away[-1])

    def within(self, distance: float) -> float:
        """Sum what stands not further than `distance` [fraction] from the middle [quote]."""
        return float(self.value[self.away <= distance + _ROUNDING].sum())


# 1 - 99/100 is a little more than 0.01 in binary; a level there is still within 1 %.
_ROUNDING = 1e-9


def ladder(book: OrderBook, side: OrderSide) -> Ladder:
    """Return one side of a book by its distance from the book's own middle."""
    orders = book.bids if side is OrderSide.BID else book.asks
    return Ladder(floats(np.abs(orders.price / book.mid - 1)), orders.value)
