"""Maps kept for the picture: one for each column of each window, small, and never touched again."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, Floats32, Times
from bot.core.windows import WINDOWS, Window

# Bins kept on the far side of the price: 35 % and a little below, 42 % above.
REACH = 350

# Half precision keeps 11 bits, one part in 2,000, over nine orders of magnitude: a colour shows
# 256 steps. A month of columns of one market takes 1.3 MB.
_Half = NDArray[np.float16]
_LARGEST = 2.0**15
_HALF = 0.5  # the part of a power of two, as `frexp` takes it apart


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One market's map at the close of one bar."""

    time: int  # [ms] UTC
    until: int  # [ms] UTC, the last time at which some window shows it
    first: int  # bin of the price
    scale: float  # [USD] a power of two
    long: _Half  # [scale] bins first - REACH .. first, shape (REACH + 1,)
    short: _Half  # [scale] bins first .. first + REACH, shape (REACH + 1,)

    def sides(self) -> Floats32:
        """USD by bin of longs and of shorts, shape (2, REACH + 1)."""
        both = np.array((self.long, self.short), dtype=np.float32)
        return both * np.float32(self.scale)


def column(time: int, until: int, price: float, long: Floats, short: Floats) -> Column:
    """Keep a map at a price [bins]: USD of the bins of each side that a column has."""
    return packed([(time, until, price)], np.array(((long, short),)))[0]


def packed(moments: list[tuple[int, int, float]], usd: Floats) -> list[Column]:
    """Keep C maps, each told as in `column`, their USD in shape (C, 2, REACH + 1)."""
    most = usd.max(axis=(1, 2), initial=0.0)
    part, power = np.frexp(most / _LARGEST)
    scales = np.ldexp(1.0, power - (part == _HALF))  # the next power of two, or it itself
    usd *= (1 / scales)[:, None, None]  # which is exact, of powers of two
    return [
        Column(time, until, math.floor(price), scale, *both.astype(np.float16))
        for (time, until, price), scale, both in zip(moments, scales.tolist(), usd, strict=True)
    ]


def width(window: Window, interval: int) -> int:
    """Width of a window's columns [ms] for candles of `interval` [ms]: whole candles."""
    return -(-window.column // interval) * interval


def shown_until(time: Times, interval: int) -> Times:
    """Return the last time [ms] at which some window shows a column that ends at each `time` [ms].

    `interval` is that of the candles [ms]. Before `time` if no window has such a column.
    """
    until = time - 1
    for window in WINDOWS:
        step = width(window, interval)
        # Two more than a window is long: where it begins, and one for the column that is forming.
        shown = np.where(time % step == 0, time + window.length + 2 * step, until)
        until = np.maximum(until, shown)
    return until
