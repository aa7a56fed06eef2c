"""How machines are fed, and the two things all of them need: a market's size and its own past."""

import math
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.core.arrays import DAY
from bot.core.signals.episode import Episode
from bot.core.signals.events import Bar, Event

# What "a major" is where a dollar figure is said of one: bitcoin's perpetuals on all large venues
# together [USD of turnover a day]. The largest venue alone turned over 12.4 and 15.3 bn a day in
# recordings of 2024 and 2025, and has somewhat less than a third of all.
MAJOR_TURNOVER = 45e9

# Turnover is the mean of so many days, of at least so many.
_DAYS, _LEAST_DAYS = 7, 1


class Machine(Protocol):
    """A small state machine over event time."""

    def take(self, event: Event) -> Iterable[Episode]:
        """Take in what became known; say of each episode that changed how it stands now."""
        ...


def run(events: Iterable[Event], machines: Sequence[Machine]) -> Iterator[Episode]:
    """Feed machines with events in order, and pass on all they say."""
    for event in events:
        for machine in machines:
            yield from machine.take(event)


@dataclass(slots=True)
class Size:
    """How large a market is beside a major one, by its own turnover of the last days."""

    _bars: deque[tuple[int, float]] = field(default_factory=deque)  # close [ms], turnover [USD]
    _sum: float = 0.0
    _first: int = 0  # [ms] open of the first bar seen

    def take(self, bar: Bar) -> None:
        """Take in a closed bar."""
        self._first = self._first or bar.time - bar.interval
        self._bars.append((bar.time, bar.turnover))
        self._sum += bar.turnover
        while self._bars[0][0] <= bar.time - _DAYS * DAY:
            self._sum -= self._bars.popleft()[1]

    @property
    def turnover(self) -> float:
        """Mean turnover [USD a day]; nan before a day has been seen."""
        if not self._bars:
            return math.nan
        span = min(self._bars[-1][0] - self._first, _DAYS * DAY)
        return self._sum / (span / DAY) if span >= _LEAST_DAYS * DAY else math.nan

    def scaled(self, usd: float) -> float:
        """Return what a dollar figure that fits a major comes to here [USD]; nan if not known."""
        return usd * self.turnover / MAJOR_TURNOVER


@dataclass(slots=True)
class Past:
    """A figure's own past: how high a value is beside those of the last days.

    >>> past = Past(length=10)
    >>> for time, value in enumerate((1.0, 2.0, 3.0, 4.0)):
    ...     past.take(time, value)
    >>> past.rank(2.5), past.rank(4.0)
    (0.5, 0.875)
    """

    length: int  # [ms] how far back
    _rows: deque[tuple[int, float]] = field(default_factory=deque)
    _sorted: list[float] = field(default_factory=list)

    def take(self, time: int, value: float) -> None:
        """Take in a value [any unit] as of `time` [ms]; what is no number is passed over."""
        while self._rows and self._rows[0][0] <= time - self.length:
            _, old = self._rows.popleft()
            del self._sorted[bisect_left(self._sorted, old)]
        if math.isfinite(value):
            self._rows.append((time, value))
            insort(self._sorted, value)

    def __len__(self) -> int:
        return len(self._sorted)

    @property
    def days(self) -> float:
        """How many days the past reaches back."""
        return (self._rows[-1][0] - self._rows[0][0]) / DAY if self._rows else 0.0

    @property
    def mean(self) -> float:
        """Mean of the past; nan if there is none."""
        return sum(self._sorted) / len(self._sorted) if self._sorted else math.nan

    def rank(self, value: float) -> float:
        """Return which part of the past lies below a value, equals counting half; nan if none."""
        if not self._sorted or not math.isfinite(value):
            return math.nan
        below, upto = bisect_left(self._sorted, value), bisect_right(self._sorted, value)
        return (below + upto) / 2 / len(self._sorted)

    def at(self, rank: float) -> float:
        """Return the value at a rank from 0 to 1; nan if there is no past."""
        if not self._sorted:
            return math.nan
        return self._sorted[min(int(rank * len(self._sorted)), len(self._sorted) - 1)]

    def score(self, value: float) -> float:
        """Return how far a value is from the median, in robust standard deviations; nan if none."""
        if not self._sorted or not math.isfinite(value):
            return math.nan
        middle = self.at(0.5)
        spread = (self.at(0.75) - self.at(0.25)) / 1.349  # of a normal distribution
        return (value - middle) / spread if spread > 0 else 0.0
