"""How far market orders would push the price, by what stands in the books."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, floats
from bot.core.errors import NotEnoughData
from bot.core.flow.ladder import Ladder, OrderSide, ladder
from bot.core.language import later
from bot.core.market.depth import OrderBook

# Venues tell a few hundred levels, which on a large market are a few tenths of a percent. Beyond
# them orders are taken to stand as thick as in the outer half of what is told. Resting orders thin
# out further away and flee from a fast market, so an extrapolated move is rather too small.
_OUTER = 0.5

_ROUNDING = 1e-12  # price times quantity is the value only so nearly
_MOST_DOWN = 1.0  # [fraction] a price cannot fall further


@dataclass(frozen=True, slots=True, eq=False)
class Impact:
    """What market orders of some sizes would do; arrays have shape (N,)."""

    move: Floats  # [fraction of the middle price] to the last order met, 0 for no order
    told: Floats  # [fraction] of the USD that meets orders the venues tell of; 1: all of it

    @property
    def extrapolated(self) -> NDArray[np.bool_]:
        """Whether a move goes beyond what some venue tells, shape (N,)."""
        return self.told < 1


def impact(books: Sequence[OrderBook], usd: Floats, met: OrderSide) -> Impact:
    """Return how far orders of `usd` [USD], shape (N,), push the price through `met` orders.

    Sales meet bids and push down, purchases meet asks and push up. Orders are sent to all venues
    so that each moves as far as the others, in fractions of its own middle price: the least move
    that this many dollars can make. Nobody withdraws an order and nobody adds one.

        move = the least f at which  sum over venues of depth(f) >= usd

    One bid of 100 USD at 99, the middle at 100: orders of 50 and 100 USD go there.

    Raises NotEnoughData without a book.
    """
    if not books:
        raise NotEnoughData(later("no order book to read"))
    ladders = [ladder(book, met) for book in books]
    away = np.concatenate([each.away for each in ladders])
    order = np.argsort(away, kind="stable")
    away = away[order]
    seen = np.cumsum(np.concatenate([each.value for each in ladders])[order])
    reach = np.array([each.reach for each in ladders])
    thick = np.array([_thickness(each) for each in ladders])
    wanted = floats(usd)

    def guessed(at: Floats) -> Floats:
        """USD taken to stand beyond what is told, up to `at` [fraction]."""
        return floats(np.maximum(at[:, None] - reach, 0.0) @ thick)

    after = seen + guessed(away)  # just beyond each level
    place = np.searchsorted(after * (1 + _ROUNDING), wanted, side="left")
    before = np.maximum(place - 1, 0)
    # From the level before, what is guessed grows evenly up to the next level.
    slope = np.where(reach <= away[before, None], thick, 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # before any venue's end it is 0
        further = away[before] + (wanted - after[before]) / slope
    level = np.append(away, np.inf)[place]
    move = np.where(place > 0, np.fmin(further, level), level)
    if met is OrderSide.BID:
        move = np.minimum(move, _MOST_DOWN)
    move = np.where(wanted > 0, move, 0.0)
    made_up = np.minimum(guessed(move), wanted)
    return Impact(floats(move), floats(1 - made_up / np.where(wanted > 0, wanted, 1.0)))


def _thickness(told: Ladder) -> float:
    """Orders in the outer half of what is told [USD per fraction]."""
    outer = told.value[told.away >= (1 - _OUTER) * told.reach].sum()
    return float(outer) / (_OUTER * told.reach)
