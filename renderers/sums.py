"""Sums outward from the price: longs below, shorts above, and which of them outweighs the other."""

from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.arrays import Floats
from bot.core.estimate.maps import LiquidationMap
from renderers import density, lettering
from renderers.axes import PriceAxis
from renderers.canvas import Box, Canvas
from renderers.theme import Ink, Palette

_ROOM = 10  # [px] kept free to the right of the longest curve
_PAD = 8  # [px] around a written sum


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
        return self.shorts[:both] - self.longs[:both]

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
        np.cumsum(short_rows[:row][::-1] * percents),
        np.cumsum(long_rows[row:] * percents),
    )


def draw(canvas: Canvas, sums: Sums, box: Box, look: Palette) -> None:
    """Draw both sums as curves, and the delta as a shade on the side that is heavier."""
    unit = (box.width - _ROOM) / sums.most
    outward = np.arange(len(sums.delta))
    size = np.abs(sums.delta) * unit
    reach = np.zeros(box.height)
    heavier_above = sums.delta > 0
    reach[sums.row - 1 - outward[heavier_above]] = size[heavier_above]
    reach[sums.row + outward[~heavier_above]] = size[~heavier_above]
    shade = np.where(np.arange(box.width)[None, :] < reach[:, None], 4, 0).astype(np.uint8)
    canvas.cover(box.left, box.top, shade, look.ink)
    above, below = np.full(box.height, np.nan), np.full(box.height, np.nan)
    above[: sums.row] = sums.shorts[::-1] * unit
    below[sums.row :] = sums.longs * unit
    for x, ink in ((above, look.short), (below, look.long)):
        canvas.rising_curve(box, x, look.paper, thick=8.0)
        canvas.rising_curve(box, x, ink, thick=4.0)


def write(canvas: Canvas, sums: Sums, box: Box, look: Palette) -> None:
    """Write the sums where the curves end: shorts in the upper corner, longs in the lower."""
    for part, baseline, ink in (
        (sums.shorts, box.top + 34, look.short),
        (sums.longs, box.bottom - 14, look.long),
    ):
        if len(part):
            on_ground(canvas, box.right - _PAD, baseline, figures.usd(float(part[-1])), ink, look)


def on_ground(
    canvas: Canvas, right: int, baseline: int, text: str, ink: Ink, look: Palette
) -> None:
    """Write a figure on a ground of its own, so that it reads over anything."""
    wide = lettering.width(text, 28, bold=True)
    ground = Box(right - wide - _PAD, baseline - 29, right + _PAD, baseline + 10)
    canvas.fill(ground, look.panel)
    canvas.text(right, baseline, text, ink, size=28, bold=True, anchor="right")
