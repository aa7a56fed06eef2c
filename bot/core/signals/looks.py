"""Looks at the map: from the columns of an estimate, or walking forward through a history."""

import math
from collections.abc import Iterable, Iterator

import numpy as np

from bot.core.arrays import HOUR
from bot.core.estimate.bars import bars
from bot.core.estimate.clusters import zones
from bot.core.estimate.columns import REACH, Column, column
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


def look(column: Column, interest: float) -> Look:
    """Read one column of an estimate; `interest` [USD] is the open interest it was made from."""
    sides, first = column.sides(), column.first
    # Longs downward from the price, shorts upward: the nearest first.
    below, above = sides[LONG][::-1][: FAR + 1], sides[SHORT][: FAR + 1]
    found = []
    for zone in zones(below):
        low, high = first - zone.high + 1, first - zone.low + 1
        found.append(Zone(PositionSide.LONG, _price(low), _price(high), zone.usd))
    for zone in zones(above):
        low, high = first + zone.low, first + zone.high
        found.append(Zone(PositionSide.SHORT, _price(low), _price(high), zone.usd))
    return Look(
        column.time,
        _price(first + 0.5),
        tuple(sorted(found, key=lambda zone: -zone.usd)),
        float(below[: NEAR + 1].sum()),
        float(above[: NEAR + 1].sum()),
        interest,
    )


def looks(columns: Iterable[Column], interest_at: dict[int, float]) -> Iterator[Look]:
    """Read those columns of an estimate that stand on the hour, oldest first.

    `interest_at` [USD] by the column's time [ms]; a column without is left out.
    """
    for each in columns:
        if each.time % EVERY == 0 and each.time in interest_at:
            yield look(each, interest_at[each.time])


def walked(history: MarketHistory, parameters: Parameters | None = None) -> Iterator[Look]:
    """Look at the map each hour while walking forward through a history.

    The same looks as those of an estimate that was kept current, whatever came after.
    """
    inventory = start(history, parameters)
    learner = Learner.of(history, inventory.parameters)
    all_bars = bars(history)
    for at, closed in enumerate(all_bars.time.tolist()):
        learner.push(inventory, all_bars, at, history)
        if closed % EVERY == 0:
            first = math.floor(inventory.price)
            long = inventory.side_usd(LONG, first - REACH, first + 1)
            short = inventory.side_usd(SHORT, first, first + REACH + 1)
            kept = column(closed, closed, inventory.price, long, short)
            yield look(kept, inventory.interest)


def _price(bins: float) -> float:
    return float(np.exp(STEP * bins))
