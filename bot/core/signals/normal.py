"""What liquidations of a market are usual, hour by hour, of the hours in which they were heard."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median_low

from bot.core.arrays import HOUR
from bot.core.market.heard import Heard

# What is normal is learnt from so many days, and known after so many hours that were heard.
DAYS, LEAST = 7, 24

# Some hours of the day are busier than others: those at most so far from an hour tell what is
# usual at it once there are so many of them, three days' worth, and it is so many times what is
# usual at any hour. Less of a difference is as likely chance.
BESIDE, ENOUGH, BUSIER = 2, 15, 2.0

_DAY = 24

# An hour counts as heard if this part of it was: feeds are cut off for seconds now and then.
_MOSTLY = 0.9


@dataclass(slots=True)
class Normal:
    """The busiest minute of each hour of the last days, both sides together [USD]."""

    _peaks: deque[tuple[int, float]] = field(default_factory=deque)  # hour since 1970, USD
    _since: int | None = None  # first hour that may count
    _known: tuple[int, float] = (-1, math.nan)  # hour, usual

    def copy(self) -> "Normal":
        """Return one that goes its own way from here."""
        return replace(self, _peaks=self._peaks.copy())

    def begin(self, time: int) -> None:
        """Count hours from `time` [ms] on; later words on it change nothing."""
        if self._since is None:
            self._since = -(-time // HOUR)

    def take(self, time: int, minute: float) -> None:
        """Take in what the minute before `time` [ms] brought."""
        hour = (time - 1) // HOUR
        self.begin(time)
        if self._peaks and self._peaks[-1][0] == hour:
            self._peaks[-1] = hour, max(self._peaks[-1][1], minute)
        else:
            self._peaks.append((hour, minute))
        while self._peaks[0][0] < hour - DAYS * _DAY:
            self._peaks.popleft()

    def usual(self, time: int, heard: Heard | None = None) -> float:
        """Median of the hours' busiest minutes before that of `time` [ms]; nan if too new.

        Hours that were heard and told of nothing count as such. Of an hour of the day that is
        busier than others, its own days tell.
        """
        hour = (time - 1) // HOUR
        if self._known[0] != hour:
            self._known = hour, self._worked_out(hour, heard)
        return self._known[1]

    def _worked_out(self, hour: int, heard: Heard | None) -> float:
        if self._since is None:
            return math.nan
        peaks = dict(self._peaks)
        hours = range(max(self._since, hour - DAYS * _DAY), hour)
        told = [each for each in hours if heard is None or _mostly(heard, each)]
        if len(told) < LEAST:
            return math.nan
        beside = [each for each in told if _apart(each, hour) <= BESIDE]
        usual = _middle([peaks.get(each, 0.0) for each in told])
        if len(beside) < ENOUGH:
            return usual
        here = _middle([peaks.get(each, 0.0) for each in beside])
        return here if here >= BUSIER * usual else usual


def _middle(values: Sequence[float]) -> float:
    return median_low(values)


def _apart(one: int, other: int) -> int:
    """How many hours of the day two hours are apart, at most twelve."""
    apart = (one - other) % _DAY
    return min(apart, _DAY - apart)


def _mostly(heard: Heard, hour: int) -> bool:
    parts = heard.between(hour * HOUR, (hour + 1) * HOUR).spans
    return sum(end - start for start, end in parts) >= _MOSTLY * HOUR
