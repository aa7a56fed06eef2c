"""What coming bars do that does not depend on what stands, worked out for many at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bot.core.arrays import DAY, Floats
from bot.core.estimate.bars import Bars
from bot.core.estimate.openings import Openings, Patterns

# So many bars at once: fewer cost each bar more, and more save nothing.
_BARS = 64

# A tier loses no more than this many lifetimes in a bar: nothing is left that counts, and what
# many such bars leave still is a number.
_LONG_AFTER = 6.0

# Positions close by trading: where a bar turns over twice the usual, they age twice as fast. Usual
# is the mean of a few days; beyond these bounds a bar's turnover says something else, such as a
# venue's outage or a wash.
_USUAL_DAYS = 4.0
_SLOWEST, _FASTEST = 0.1, 10.0


class Before(NamedTuple):
    """What is known when a bar opens, besides what stands."""

    bars: int  # so far
    time: int  # [ms] UTC, the last close
    usual: float  # [contracts a day] mean turnover of the last days
    watched: float  # [days] it is the mean of


class Bar(NamedTuple):
    """One bar; prices are in [bins]."""

    open: float
    high: float
    low: float
    close: float
    mark: float  # [quote/base] the close itself
    time: int  # [ms] UTC, its close
    open_interest: float  # [contracts] nan before the first
    usual: float  # [contracts a day] once the bar is part of it
    watched: float  # [days]
    left: Floats  # [fraction of each tier] that is not closed within it, shape (2, K)


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """Bars number `first` to `end` - 1 of `bars`."""

    bars: Bars
    first: int
    end: int
    each: list[Bar]
    patterns: Patterns  # of their openings


def look(bars: Bars, first: int, before: Before, openings: Openings, lifetime: Floats) -> Ahead:
    """Work out bar number `first`, and the next ones as long as their entries fit onto the grid.

    What is said of a bar does not depend on how many are looked at. `lifetime` [ms] has shape
    (2, K).
    """
    low, high = bars.low[first : first + _BARS], bars.high[first : first + _BARS]
    count = openings.count(low, high)
    part = slice(first, first + count)
    time = bars.time[part]
    days = (time - np.concatenate(((before.time,), time[:-1]))) / DAY
    turnover = bars.turnover[part] / days
    usual, watched, pace = zip(*_paces(before, turnover.tolist(), days.tolist()), strict=True)
    lost = (np.array(pace) * days * DAY)[:, None, None] * (-1 / lifetime)
    columns = (bars.open, bars.high, bars.low, bars.close, bars.mark, bars.time, bars.open_interest)
    each = map(
        Bar,
        *(column[part].tolist() for column in columns),
        usual,
        watched,
        np.exp(np.maximum(lost, -_LONG_AFTER)),
    )
    turns = before.bars + np.arange(count)
    patterns = openings.patterns(low[:count], high[:count], bars.close[part], turns)
    return Ahead(bars, first, first + count, list(each), patterns)


def _paces(
    before: Before, turnover: list[float], days: list[float]
) -> Iterator[tuple[float, float, float]]:
    """Yield for each bar what is usual with it, and how fast positions age in it."""
    _, _, usual, watched = before
    for traded, length in zip(turnover, days, strict=True):
        watched = min(watched + length, _USUAL_DAYS)
        usual += min(length / watched, 1.0) * (traded - usual)
        pace = min(max(traded / usual, _SLOWEST), _FASTEST) if usual > 0 else 1.0
        yield usual, watched, pace
