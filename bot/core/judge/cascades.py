"""Cascades that are known because every liquidation is, and how well a machine sees them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, MINUTE, Floats, Times, floats, times
from bot.core.market.liquidations import Liquidations, PositionSide
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import STEP

# A cascade is known where one side loses this part of the open interest in one go, which is what an
# ordinary day loses in all; in two minutes at least, apart from one another, that lose a tenth of
# it each; and where the price goes by this part of a day's usual move meanwhile.
WHOLE, WAVE, MOVED = 0.01, 0.001, 0.15

# In one go: five minutes never lose less than this, but for breaks of so long.
_GOING, _BREAK = 0.0005, 10 * MINUTE

# Detections count as true within a lesser one: the edges of what is a cascade are anyone's guess.
LEAST = 0.0012

# Before a machine has heard a day it says nothing, and nothing is asked of it.
DEAF = DAY

_IN_MINUTE, _IN_FIVE, _IN_BREAK = MINUTE // STEP, 5 * MINUTE // STEP, _BREAK // STEP


@dataclass(frozen=True, slots=True)
class Known:
    """A stretch of liquidations of one side."""

    side: PositionSide
    began: int  # [ms]
    confirmed: int  # [ms] when its second wave was there; where there is none, when it was largest
    ended: int  # [ms]
    share: float  # [fraction of open interest] lost in it
    cascade: bool  # all that makes it a cascade is there


@dataclass(frozen=True, slots=True)
class Detected:
    """How well cascades were seen on some markets."""

    known: int  # cascades
    seen: int  # of them
    said: int  # detections
    false: int  # of them
    delays: tuple[float, ...]  # [s] of those seen, from the second wave on; below 0: before it
    days: float  # of all markets

    @property
    def recall(self) -> float:
        """Part of the cascades that were seen; nan without one."""
        return self.seen / self.known if self.known else float("nan")

    @property
    def precision(self) -> float:
        """Part of the detections that were right; nan without one."""
        return 1 - self.false / self.said if self.said else float("nan")

    @property
    def delay(self) -> float:
        """Median delay [s]; nan if none was seen."""
        return float(np.median(self.delays)) if self.delays else float("nan")

    @property
    def false_a_month(self) -> float:
        """False alarms of a market in thirty days."""
        return self.false / self.days * 30

    def __add__(self, other: "Detected") -> "Detected":
        return Detected(
            self.known + other.known,
            self.seen + other.seen,
            self.said + other.said,
            self.false + other.false,
            self.delays + other.delays,
            self.days + other.days,
        )


def known_cascades(
    every: Liquidations, interest: float, day_move: float, start: int, end: int
) -> list[Known]:
    """Find the stretches of liquidations of a market whose liquidations are all known.

    `interest` [quote] is its usual open interest, `day_move` [log price] a day's usual move.
    """
    return [
        each
        for side in PositionSide
        for each in _stretches(every, side, interest, day_move, start, end)
    ]


def _stretches(
    every: Liquidations, side: PositionSide, interest: float, day_move: float, start: int, end: int
) -> list[Known]:
    own = every.side == side.value
    steps = (end - start) // STEP + 1
    place = np.clip((every.time[own] - start) // STEP, 0, steps - 1)
    lost = floats(np.bincount(place, every.value[own] / interest, steps))
    minute, five = _rolling(lost, _IN_MINUTE), _rolling(lost, _IN_FIVE)
    going = np.flatnonzero(five >= _GOING)
    if not len(going):
        return []
    found = []
    for part in np.split(going, np.flatnonzero(np.diff(going) > _IN_BREAK) + 1):
        first, last = int(part[0]), int(part[-1])
        if five[first : last + 1].max() < LEAST:
            continue
        prices = every.price[own][(place >= first - _IN_MINUTE) & (place <= last)]
        moved = float(np.log(prices.max() / prices.min())) if len(prices) else 0.0
        share = float(lost[first : last + 1].sum())
        waves = times(first + np.flatnonzero(minute[first : last + 1] >= WAVE))
        second = _second(waves)
        largest = first + int(five[first : last + 1].argmax())
        found.append(
            Known(
                side,
                start + first * STEP,
                start + (largest if second is None else second) * STEP,
                start + (last + 1) * STEP,
                share,
                second is not None and share >= WHOLE and moved >= MOVED * day_move,
            )
        )
    return found


def _second(waves: Times) -> int | None:
    """Return the first step at which a minute is a wave that shares nothing with an earlier one."""
    for wave in waves.tolist():
        later = waves[(waves >= wave + _IN_MINUTE) & (waves <= wave + _IN_FIVE)]
        if len(later):
            return int(later[0])
    return None


def _rolling(values: Floats, width: int) -> Floats:
    """Sum over the last `width` values, shape as `values`."""
    total = np.concatenate((np.zeros(width), np.cumsum(values)))
    rolled: Floats = total[width:] - total[:-width]
    return rolled


def detected(known: Sequence[Known], said: Sequence[Episode], start: int, end: int) -> Detected:
    """Compare what a machine said with what is known."""
    began = [each for each in said if each.kind is Kind.CASCADE and each.phase == "cascade"]
    asked = [each for each in known if each.cascade and each.began >= start + DEAF]
    delays, seen = [], 0
    for each in asked:
        hits = [one.time for one in began if _within(one, each, MINUTE)]
        if hits:
            seen += 1
            delays.append((min(hits) - each.confirmed) / 1000)
    false = sum(not any(_within(one, each, _BREAK // 2) for each in known) for one in began)
    return Detected(len(asked), seen, len(began), false, tuple(delays), (end - start) / DAY)


def _within(one: Episode, known: Known, slack: int) -> bool:
    way = Way.DOWN if known.side is PositionSide.LONG else Way.UP
    return one.way is way and known.began - slack <= one.time <= known.ended + slack
