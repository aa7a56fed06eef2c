"""Looks at the map: from the columns of estimates, or walking forward through histories."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from typing import Self

import numpy as np

from bot.core.arrays import HOUR, Floats32
from bot.core.estimate.bars import bars
from bot.core.estimate.clusters import zones
from bot.core.estimate.columns import REACH, Column, column
from bot.core.estimate.inventory import Inventory
from bot.core.estimate.learning import Learner
from bot.core.estimate.maps import STEP
from bot.core.estimate.market import start
from bot.core.estimate.parameters import LONG, SHORT, Parameters
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.signals.events import Look, Zone

# How often the map is looked at [ms].
EVERY = HOUR

# As far as squeezes and magnets reach [log price], in bins; what is further off draws nobody.
NEAR = round(0.05 / STEP)
FAR = round(0.12 / STEP)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One market's column, and the open interest it was made from."""

    column: Column
    interest: float  # [USD]


def look(seen: Sequence[Seen]) -> Look:
    """Read the columns of one time, of one market or of several venues of a coin together.

    The price is that of the venue with the most open interest; what another, whose price differs a
    little, holds beyond it is counted with the bin the price stands in.
    """
    lead = max(seen, key=lambda each: each.interest).column
    below, above = _together(seen, lead.first)
    found = []
    for zone in zones(below):
        low, high = lead.first - zone.high + 1, lead.first - zone.low + 1
        found.append(Zone(PositionSide.LONG, _price(low), _price(high), zone.usd))
    for zone in zones(above):
        low, high = lead.first + zone.low, lead.first + zone.high
        found.append(Zone(PositionSide.SHORT, _price(low), _price(high), zone.usd))
    return Look(
        lead.time,
        _price(lead.first + 0.5),
        tuple(sorted(found, key=lambda zone: -zone.usd)),
        float(below[: NEAR + 1].sum()),
        float(above[: NEAR + 1].sum()),
        sum(each.interest for each in seen),
    )


def _together(seen: Sequence[Seen], first: int) -> tuple[Floats32, Floats32]:
    """Sum longs downward and shorts upward from bin `first` [USD], each shape (FAR + 1,)."""
    total = np.zeros((2, FAR + 1), np.float32)
    for each in seen:
        sides, off = each.column.sides(), each.column.first - first
        for side, outward, way in ((LONG, sides[LONG][::-1], -off), (SHORT, sides[SHORT], off)):
            place = np.maximum(np.arange(way, way + len(outward)), 0)
            inside = place <= FAR
            np.add.at(total[side], place[inside], outward[inside])
    return total[LONG], total[SHORT]


@dataclass(slots=True)
class Walker:
    """A map on its way through a history, and where it has come to."""

    inventory: Inventory
    learner: Learner

    @classmethod
    def of(cls, history: MarketHistory, parameters: Parameters | None = None) -> Self:
        """Stand before the first bar of a history."""
        inventory = start(history, parameters)
        return cls(inventory, Learner.of(history, inventory.parameters))

    def on(self, history: MarketHistory) -> Iterator[Seen]:
        """Go on through the bars that are new, and keep the map of each hour.

        The same columns as those of an estimate that was kept current, whatever came after.
        """
        inventory = self.inventory
        new = bars(history, inventory.time if inventory.count else None)
        for at, closed in enumerate(new.time.tolist()):
            self.learner.push(inventory, new, at, history)
            if closed % EVERY == 0:
                first = math.floor(inventory.price)
                long = inventory.side_usd(LONG, first - REACH, first + 1)
                short = inventory.side_usd(SHORT, first, first + REACH + 1)
                kept = column(closed, closed, inventory.price, long, short)
                yield Seen(kept, inventory.interest)


def seen(history: MarketHistory, parameters: Parameters | None = None) -> Iterator[Seen]:
    """Walk forward through a history and keep the map of each hour."""
    return Walker.of(history, parameters).on(history)


def walked(
    histories: Sequence[MarketHistory],
    parameters: Parameters | None = None,
    tick: Callable[[], object] = lambda: None,
) -> Iterator[Look]:
    """Look each hour at the map of a market, or of several venues together, oldest first.

    Hours that not all venues have are those of the venues that have them. `tick` is called after
    each hour of each venue.
    """
    walks = (seen(history, parameters) for history in histories)
    for _, found in groupby(merge(*walks, key=_time), key=_time):
        each = list(found)
        for _ in each:
            tick()
        yield look(each)


def _time(one: Seen) -> int:
    return one.column.time


def _price(bins: float) -> float:
    return float(np.exp(STEP * bins))
