"""Sums outward from the price: longs below, shorts above, and which of them outweighs the other."""

import math
from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.arrays import Floats, floats
from bot.core.estimate.maps import LiquidationMap
from bot.core.language import say
from renderers import density, lettering
from renderers.axes import PriceAxis
from renderers.canvas import Box, Canvas
from renderers.theme import Ink, Palette

_ROOM = 12  # [px] kept free to the right of the longest curve
_PAD = 10  # [px] around a written sum
_LABEL = 42  # [px] height of a written sum
_DASH, _GAP = 9, 6  # [px]
_WHOLE = 0.0195  # distances from here on are written as whole percents


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """USD between the price and each pixel row; rows from the price outward."""

    row: int  # the price's row in the box
    shorts: Floats  # upward, shape (row,)
    longs: Floats  # downward, shape (height - row,)

    @property
    def delta(self) -> Floats:
        """Shorts less longs at equal distance, as far as both are in view [USD]."""
        both = min(len(self.shorts), len(self.longs))
        return floats(self.shorts[:both] - self.longs[:both])

    @property
    def most(self) -> float:
        """The largest sum in view [USD], at least 1."""
        ends = [float(part[-1]) for part in (self.shorts, self.longs) if len(part)]
        return max(1.0, *ends)


def sums_of(now: LiquidationMap, axis: PriceAxis) -> Sums:
    """Add up the newest map on the rows of an axis."""
    long_rows, short_rows = density.rows_of(now, axis)
    percents = 100 * float(np.log(axis.high / axis.low)) / axis.box.height  # of one row
    row = int(np.clip(round(float(axis.y(now.price))) - axis.box.top, 0, axis.box.height))
    return Sums(
        row,
        floats(np.cumsum(short_rows[:row][::-1] * percents)),
        floats(np.cumsum(long_rows[row:] * percents)),
    )


def delta_text(sums: Sums, axis: PriceAxis) -> str:
    """Write the delta, and the distance from the price up to which both sides are summed."""
    reach = math.expm1(len(sums.delta) / axis.box.height * math.log(axis.high / axis.low))
    figure = figures.usd(float(sums.delta[-1]) if len(sums.delta) else 0.0, signed=True)
    away = f"{100 * reach:.{0 if reach >= _WHOLE else 1}f} %"
    return say("delta ±{away} {usd}", away=away, usd=figure)


def draw(canvas: Canvas, sums: Sums, box: Box, look: Palette) -> None:
    """Draw both sums as curves, and the delta as a dashed one on the side that is heavier."""
    unit = (box.width - _ROOM) / sums.most
    delta, above, below = (np.full(box.height, np.nan) for _ in range(3))
    outward = np.arange(len(sums.delta))
    heavier_above = sums.delta > 0
    size = np.abs(sums.delta) * unit
    dashed = outward % (_DASH + _GAP) < _DASH
    for rows, here in (
        (sums.row - 1 - outward, heavier_above),
        (sums.row + outward, ~heavier_above),
    ):
        delta[rows[here & dashed]] = size[here & dashed]
    above[: sums.row] = sums.shorts[::-1] * unit
    below[sums.row :] = sums.longs * unit
    for x, ink in ((delta, look.ink), (above, look.short), (below, look.long)):
        canvas.rising_curve(box, x, look.paper, thick=8.0)
        canvas.rising_curve(box, x, ink, thick=4.0)


def sample(canvas: Canvas, left: int, y: int, look: Palette) -> None:
    """Draw a short piece of the delta's line, for a legend."""
    for x in range(left, left + 3 * (_DASH + _GAP), _DASH + _GAP):
        canvas.fill(Box(x, y - 2, x + _DASH, y + 2), look.ink)


def write(canvas: Canvas, sums: Sums, box: Box, look: Palette) -> None:
    """Write the sums where the curves end: shorts in the upper corner, longs in the lower."""
    for part, top, ink in (
        (sums.shorts, box.top, look.short),
        (sums.longs, box.bottom - _LABEL, look.long),
    ):
        if len(part):
            _corner(canvas, box.right, top, figures.usd(float(part[-1])), ink, look)


def _corner(canvas: Canvas, right: int, top: int, text: str, ink: Ink, look: Palette) -> None:
    """Write a figure on a ground of its own, so that it reads over anything."""
    wide = lettering.width(text, 28, bold=True)
    canvas.fill(Box(right - wide - 2 * _PAD, top, right, top + _LABEL), look.panel)
    canvas.text(right - _PAD, top + 32, text, ink, size=28, bold=True, anchor="right")
