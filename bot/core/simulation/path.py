"""The way of the price through one step: orders and closing levels, in the order they are met.

This is the one place that goes position by position: a liquidation moves the price, and so
decides whether the next is met at all.
"""

import math
from bisect import insort
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from bot.core.arrays import Floats
from bot.core.simulation.book import Book

# A liquidation engine sends its orders one after the other.
_ORDER_GAP = 60  # [ms]


class Why(IntEnum):
    """What closed a position."""

    OWNER = 0
    STOP = 1
    TAKE = 2
    LIQUIDATION = 3


class Ladder:
    """Levels on one side of the price, mirrored (x sign) so that the nearest is the largest.

    Only levels within reach are kept; the farthest entry is a sentinel which, when the price
    comes to it, brings in those beyond. `nearest` is the mirrored level met next.
    """

    def __init__(self, levels: Floats, sign: float, price: float, reach: float) -> None:
        self._levels, self._sign, self._reach = levels, sign, reach
        self._ceiling = np.inf  # mirrored level above which all have been brought in
        self._entries: list[tuple[float, int]] = []
        self._bring(sign * price - reach)

    def pop(self) -> tuple[float, int]:
        """Take the level met next and its row; the row is -1 where there only might be more."""
        level, row = self._entries.pop()
        if row < 0:
            self._bring(level - self._reach)
        self.nearest = self._entries[-1][0]
        return level, row

    def add(self, level: float, row: int) -> None:
        """Add a mirrored level of a row that came later than the others."""
        insort(self._entries, (level, row))
        self.nearest = self._entries[-1][0]

    def _bring(self, floor: float) -> None:
        levels, sign = self._levels, self._sign
        near = levels > floor if sign > 0 else levels < -floor
        rows = np.flatnonzero(near)
        mirrored = sign * levels[rows]
        new = mirrored <= self._ceiling
        self._entries += zip(mirrored[new].tolist(), rows[new].tolist(), strict=True)
        self._entries.append((floor, -1))
        self._entries.sort()
        self._ceiling = floor
        self.nearest = self._entries[-1][0]


class Order(NamedTuple):
    """What an owner means to do in a step."""

    substep: int
    row: int  # the position's; rows from the book's count on are positions yet to open
    value: float  # [quote] bought, negative if sold
    taker: bool  # it takes from the book; otherwise it waited there


class Opening(NamedTuple):
    """What the path must know of a position that opens on the way."""

    side: float
    value: float  # [quote]
    down: float  # log distance from its entry to the level that closes it below
    up: float
    stopped: bool  # by its stop-loss rather than by liquidation


class Closing(NamedTuple):
    """A position that was closed on the way."""

    row: int
    why: Why
    price: float  # log price
    time: int  # [ms] from the start of the step


@dataclass(frozen=True, slots=True)
class Quotes:
    """How the price answers to orders."""

    target: float  # premium over the underlying that quotes lean to [log price]
    keep: float  # share of a premium that is left after a substep
    lasting: float  # [log price] by which the underlying moves with one quote unit of demand
    passing: float  # [log price] by which one unit taken from the book moves the premium


class Walk:
    """The price on its way through one step, and what happened there."""

    def __init__(
        self, spot: float, premium: float, quotes: Quotes, reach: float, book: Book
    ) -> None:
        """Levels within `reach` [log price] are looked at first; what lies beyond follows."""
        self.spot, self.premium = spot, premium
        self.price = self.low = self.high = spot + premium
        self.entries: list[float] = []  # log entry price of each opening
        self.closings: list[Closing] = []
        self.trail: list[tuple[float, float, float]] = []  # last, low, high of each substep
        self._quotes = quotes
        self._first = book.count  # row of the first opening
        self._side, self._quantity = book["side"], book["quantity"]
        self._stopped = book["stopped"]
        self._below = Ladder(book["down"], 1.0, self.price, reach)
        self._above = Ladder(book["up"], -1.0, self.price, reach)
        self._openings: list[Opening] = []
        self._gone: set[int] = set()
        self._time = 0.0  # [ms] of the last forced order

    def run(
        self,
        moves: list[float],
        noise: list[float],
        orders: list[Order],
        openings: list[Opening],
        substep: int,
    ) -> None:
        """Go through the substeps of `substep` [ms] each; `orders` in the order of time."""
        self._openings = openings
        quotes, due = self._quotes, 0
        self._meet(0.0, self.price, substep)
        for number, (move, shake) in enumerate(zip(moves, noise, strict=True)):
            before = self.price
            self.low = self.high = before
            lean = quotes.target + (self.premium - quotes.target) * quotes.keep + shake
            self.spot += move
            self.premium = lean
            self._come_to(self.spot + lean)
            self._meet(number * substep, before, substep)
            while due < len(orders) and orders[due].substep == number:
                self._carry_out(orders[due])
                due += 1
                self._meet(number * substep, self.price, substep)
            self.trail.append((self.price, self.low, self.high))

    def _come_to(self, price: float) -> None:
        self.price = price
        if price < self.low:
            self.low = price
        elif price > self.high:
            self.high = price

    def _fill(self, value: float, *, taker: bool) -> float:
        """Buy (or sell, if negative) `value` [quote]; returns how far the price moved for it.

        What is held for good moves the underlying by as much when it is bought as when it is
        sold again, so that no trading, however lopsided its takers, carries the price away.
        """
        lasting = value * self._quotes.lasting
        passing = value * self._quotes.passing if taker else 0.0
        self.spot += lasting
        self.premium += passing
        self._come_to(self.price + lasting + passing)
        return passing

    def _carry_out(self, order: Order) -> None:
        """Fill an owner's order: one that takes from the book pays half of what it moves."""
        if order.row in self._gone:
            return
        at = self.price
        fill = at + self._fill(order.value, taker=order.taker) / 2
        if order.row < self._first:
            self._gone.add(order.row)
            self.closings.append(Closing(order.row, Why.OWNER, fill, 0))
            return
        opening = self._openings[order.row - self._first]
        self.entries.append(fill)
        self._below.add(fill + opening.down, order.row)
        self._above.add(-fill - opening.up, order.row)

    def _meet(self, start: float, before: float, substep: int) -> None:
        """Close what the price has come to since it was at `before`, nearest first."""
        below, above = self._below, self._above
        while below.nearest >= self.price or above.nearest >= -self.price:
            sign = 1.0 if below.nearest >= self.price else -1.0
            mirrored, row = (below if sign > 0 else above).pop()
            if row < 0 or row in self._gone:
                continue
            # A level may have come to the price instead: no fill is better than the price was.
            level = sign * min(mirrored, sign * before)
            way = self.price - before
            part = min((level - before) / way, 1.0) if way else 0.0
            earliest = max(self._time + _ORDER_GAP, start + max(part, 0.0) * substep)
            self._close(sign, level, row, min(earliest, start + substep - 1))

    def _close(self, sign: float, level: float, row: int, time: float) -> None:
        """Close a position at its level: `sign` +1 if the price fell to it, -1 if it rose."""
        if row < self._first:
            side, quantity = float(self._side[row]), float(self._quantity[row])
            stopped = bool(self._stopped[row])
        else:
            number = row - self._first
            opening = self._openings[number]
            side, stopped = opening.side, opening.stopped
            quantity = opening.value * math.exp(-self.entries[number])
        self._gone.add(row)
        value = -side * quantity * math.exp(level)
        if side != sign:  # a target, which waited in the book
            why = Why.TAKE
            fill = level + self._fill(value, taker=False)
        else:
            why = Why.STOP if stopped else Why.LIQUIDATION
            fill = level + self._fill(value, taker=True) / 2
            self._time = time
        # A level that came to the price is filled beside it, maybe where nothing was traded yet.
        self.low, self.high = min(self.low, fill), max(self.high, fill)
        self.closings.append(Closing(row, why, fill, int(time)))
