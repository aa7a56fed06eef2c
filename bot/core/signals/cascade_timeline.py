"""A cascade step by step, as its picture shows it: waves, confirmation, fading, end."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import MINUTE, Floats, Times, floats
from bot.core.market.liquidations import Liquidations, PositionSide
from bot.core.signals.cascade import AFTERWARDS, FADED, FIRST
from bot.core.signals.episode import Episode
from bot.core.signals.setups import Amounts, Setup


@dataclass(frozen=True, slots=True)
class Wave:
    """A stretch in which every minute brings what it takes to go on."""

    start: int  # [ms] UTC
    end: int  # [ms] UTC
    usd: float  # [USD] of the side that is liquidated


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """The liquidations of a cascade by equal steps; arrays have shape (N,)."""

    side: PositionSide  # whose positions are liquidated
    time: Times  # [ms] UTC, start of each step
    usd: Floats  # [USD] of that side
    other_usd: Floats  # [USD] of the other one
    minute_usd: Floats  # [USD] of that side in the minute that ends with each step
    price: Floats  # [quote/base] at which that side was liquidated, by value; nan: at none
    interval: int  # [ms] of a step
    wave_usd: float  # [USD] that a minute takes to be a first wave; nan: not known
    waves: tuple[Wave, ...]  # oldest first
    confirmed: int | None  # [ms] UTC
    faded_usd: float  # [USD] a minute that brings less fades
    fading: int | None  # [ms] UTC since when none brought more; None: not yet


def timeline(setup: Setup, amounts: Amounts, events: Liquidations | None, end: int) -> Timeline:
    """Read a cascade's steps until `end` [ms]; waves and fading are those of its own time.

    A minute fades that brings less than FADED of the busiest one, as the cascade itself is judged.
    """
    now = setup.now
    side = PositionSide.LONG if now.way.sign < 0 else PositionSide.SHORT
    usd, other = amounts.long_usd, amounts.short_usd
    if side is PositionSide.SHORT:
        usd, other = other, usd
    minute = _within(usd, max(MINUTE // amounts.interval, 1))
    until = min(now.ended if now.ended is not None else end, end)
    # A wave is seen at the end of its first minute.
    during = (amounts.time + amounts.interval > now.began - MINUTE) & (amounts.time < until)
    wave, again = (_threshold(now, name) for name in (FIRST, AFTERWARDS))
    confirmed = next((each.time for each in setup.states if each.phase == "cascade"), None)
    busiest = float(minute[during].max()) if during.any() else 0.0
    busy = np.flatnonzero(during & (minute >= FADED * busiest) & (minute > 0))
    last = int(amounts.time[busy[-1]]) + amounts.interval if len(busy) else until
    fades = confirmed is not None and last >= confirmed and until - last >= 2 * amounts.interval
    return Timeline(
        side,
        amounts.time,
        usd,
        other,
        minute,
        _prices(amounts, events, side),
        amounts.interval,
        wave,
        tuple(_waves(amounts, usd, during & (minute >= again))),
        confirmed,
        FADED * busiest,
        last if fades else None,
    )


def _within(usd: Floats, steps: int) -> Floats:
    """Sum each step and those before it, `steps` together.

    >>> _within(np.array([1.0, 2.0, 0.0, 4.0]), 2)
    array([1., 3., 2., 4.])
    """
    sums = np.concatenate((np.zeros(steps), np.cumsum(usd)))
    return floats(sums[steps:] - sums[:-steps])


def _threshold(now: Episode, name: str) -> float:
    found = next((fact.threshold for fact in now.facts if fact.name == name), None)
    return float("nan") if found is None else found


def _waves(amounts: Amounts, usd: Floats, high: np.ndarray) -> Iterator[Wave]:
    """Yield the stretches that are `high`, from the first to the last liquidation in them."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], high, [False])).astype(np.int8)))
    steps, taken = max(MINUTE // amounts.interval, 1), 0
    for first, after in edges.reshape(-1, 2).tolist():
        # Its first minute reaches back to before it.
        some = np.flatnonzero(usd[max(first - steps + 1, taken) : after]) + max(
            first - steps + 1, taken
        )
        if len(some):
            start, end = int(some[0]), int(some[-1])
            taken = after
            yield Wave(
                int(amounts.time[start]),
                int(amounts.time[end]) + amounts.interval,
                float(usd[start : end + 1].sum()),
            )


def _prices(amounts: Amounts, events: Liquidations | None, side: PositionSide) -> Floats:
    """Return the mean price of a side's liquidations in each step, weighted by their value."""
    count = len(amounts.time)
    if events is None or not count:
        return np.full(count, np.nan)
    place = (events.time - int(amounts.time[0])) // amounts.interval
    ours = (events.side == side.value) & (place >= 0) & (place < count)
    value = np.bincount(place[ours], events.value[ours], count)
    total = np.bincount(place[ours], (events.value * events.price)[ours], count)
    return floats(np.divide(total, value, out=np.full(count, np.nan), where=value > 0))
