"""Where the present stands in its own past."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, Floats, Times

DAYS = (30, 90)
# A percentile of less than this says nothing [hours].
_FEWEST = 24
# How near two lengths of history are told as one [days].
_SAME = 1.0
_QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Standing:
    """The present value among those of the days before."""

    days: int  # as many as were wanted
    reached: float  # [days] that history holds of them
    percentile: float  # [fraction] of hours in which the value was lower
    low: float  # the value below which it was a tenth of the time
    median: float
    high: float  # the value above which it was a tenth of the time

    @property
    def rests_on(self) -> str:
        """Say how long the past is that is meant.

        "30 d", "12 d"
        """
        return f"{round(min(self.reached, self.days))} d"


def standings(
    time: Times, value: Floats, now: float, as_of: int, days: Sequence[int] = DAYS
) -> tuple[Standing, ...]:
    """Rank `now` among hourly values before `as_of` [ms]; nan is a value not known.

    Of lengths that history does not reach, the first is told with what there is of it.
    """
    known = np.isfinite(value) & (time < as_of)
    time, value = time[known], value[known]
    found: list[Standing] = []
    for length in days:
        past = value[time >= as_of - length * DAY]
        if len(past) < _FEWEST or not np.isfinite(now):
            continue
        first = int(time[time >= as_of - length * DAY][0])
        reached = (as_of - first) / DAY
        if found and reached - found[-1].reached <= _SAME:
            continue
        rank = float(np.mean(past < now) + np.mean(past == now) / 2)
        low, median, high = np.quantile(past, _QUANTILES).tolist()
        found.append(Standing(length, reached, rank, low, median, high))
    return tuple(found)
