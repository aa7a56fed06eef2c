"""The heatmap of a window, put together from the columns that were kept."""

import math
from collections.abc import Sequence

import numpy as np

from bot.core.arrays import Floats, Floats32, Times
from bot.core.estimate.columns import REACH, Column, width
from bot.core.estimate.maps import STEP, Heatmap, LiquidationMap
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.market.series import Candles
from bot.core.windows import Window

# What is shown beyond the prices of the window: clusters that can be reached next. More time,
# more way: as far again as price went within the window, but neither less nor more than this, and
# no further than the columns reach that were made at the window's other end.
_LEAST, _MOST = 0.04, 0.12

# A market that has not told of this many columns is not waited for.
_WAITED = 2


def price_range(candles: Candles, price: float) -> tuple[int, int]:
    """First bin and number of bins of a picture of these candles."""
    low = min(float(candles.low.min()), price) if len(candles) else price
    high = max(float(candles.high.max()), price) if len(candles) else price
    went = math.log(high / low)
    margin = max(min(went, _MOST, REACH * STEP - went), _LEAST)
    first = math.floor((math.log(low) - margin) / STEP)
    last = math.floor((math.log(high) + margin) / STEP)
    return first, last - first + 1


def heatmap(
    columns: Sequence[Sequence[Column]],
    now: Sequence[LiquidationMap],
    window: Window,
    times: Sequence[int],
    interval: int,
    as_of: int,
    bins: tuple[int, int],
) -> Heatmap:
    """Sum the columns of several markets into one picture.

    `columns` are those kept by each market, `times` when each was last known [ms], `interval` the
    longest of their candles [ms], and `now` the map of each at `as_of` [ms], which fills the
    column that is forming. A column is closed when every market has passed it: one that comes a
    little late must not change what has been drawn. A market that stays behind for longer is
    waited for no more, and a column of which it knows nothing holds nothing of it.
    """
    step = width(window, interval)
    in_time = [time for time in times if as_of - time <= _WAITED * step + interval]
    closed = min([as_of, *in_time]) // step * step
    start = (as_of - window.length) // step * step
    forming = as_of > closed
    ends = np.arange(start + step, closed + 1, step, dtype=np.int64)
    first, count = bins
    filled = np.zeros((2, len(ends) + forming, count), dtype=np.float32)
    for market in columns:
        _add(filled, market, ends, first)
    if forming:
        for current in now:
            _put(filled[LONG, -1], first, current.first_bin, current.long_usd)
            _put(filled[SHORT, -1], first, current.first_bin, current.short_usd)
    edges = np.append(ends - step, closed)
    if forming:
        edges = np.append(edges, -(-as_of // step) * step)
    return Heatmap(edges, first, filled[LONG], filled[SHORT], forming)


def _add(filled: Floats32, columns: Sequence[Column], ends: Times, first: int) -> None:
    by_time = {column.time: column for column in columns}
    for at, end in enumerate(ends.tolist()):
        column = by_time.get(end)
        if column is None:
            continue
        long, short = column.sides()
        _put(filled[LONG, at], first, column.first - REACH, long)
        _put(filled[SHORT, at], first, column.first, short)


def _put(row: Floats32, first: int, begins: int, usd: Floats | Floats32) -> None:
    """Add USD by bin, from bin `begins` on, to a row of bins from `first` on."""
    low, high = max(first, begins), min(first + len(row), begins + len(usd))
    if low < high:
        row[low - first : high - first] += usd[low - begins : high - begins]
