"""One figure over time, as narrow as a row: what it was, what is usual, what it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, floats
from bot.core.panels.reading import Kind, Line
from bot.core.panels.standing import Standing
from renderers.axes import TimeAxis
from renderers.canvas import Box, Canvas
from renderers.theme import ALPHAS, Palette

_EDGE = 0.08  # of a strip's height left above and below what is drawn
# A strip spans at least this, so that calm looks calm: eight-hourly funding, ratio, share of coins.
_CALM = {Kind.FUNDING: 0.0003, Kind.RATIO: 0.2, Kind.INTEREST: 0.02}
# What is beyond this part of all hours is cut off, lest one spike flatten a month.
_CUT = 0.995


@dataclass(frozen=True, slots=True)
class Scale:
    """Values upward in a box."""

    low: float
    high: float

    def y(self, box: Box, value: Floats | float) -> Floats:
        """Return rows [px from the box's top], those beyond the scale at its end."""
        share = (np.clip(value, self.low, self.high) - self.low) / (self.high - self.low)
        return floats(box.height * (1 - _EDGE - (1 - 2 * _EDGE) * share))


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One strip: whose, where, and between which values."""

    line: Line
    box: Box
    scale: Scale


def scale(kind: Kind, lines: Sequence[Line], start: int) -> Scale:
    """Return what strips span: nearly all that was from `start` [ms] on, and the present."""
    values = [line.strip.value[line.strip.time >= start] for line in lines]
    known = np.concatenate([each[np.isfinite(each)] for each in values])
    ends = np.quantile(known, (1 - _CUT, _CUT)).tolist() if len(known) else []
    if kind is not Kind.INTEREST:  # the present of a sum may be of more venues than its past
        ends += [line.now for line in lines if np.isfinite(line.now)]
    if kind is Kind.FUNDING:
        ends.append(0.0)
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    calm = _CALM[kind] * (max(abs(low), abs(high), 1e-12) if kind is Kind.INTEREST else 1.0)
    if high - low < calm:
        middle = (low + high) / 2
        low, high = middle - calm / 2, middle + calm / 2
    return Scale(low, high)


def strip(canvas: Canvas, kind: Kind, drawn: Drawn, times: TimeAxis, look: Palette) -> None:
    """Draw a line, what is usual behind it, and the present at its end."""
    line, box, scale = drawn.line, drawn.box, drawn.scale
    if line.standings:
        _usual(canvas, line.standings[0], box, scale, look)
    value = _on_columns(kind, line, times, box)
    y = scale.y(box, value)
    row = np.arange(box.height)[:, None]
    if kind is Kind.FUNDING:
        zero = float(scale.y(box, 0.0))
        known = np.isfinite(value)
        for ink, sign in ((look.long, 1), (look.short, -1)):
            ends = np.where(known & (np.sign(value) == sign), y, zero)
            inside = (row >= np.minimum(ends, zero) - 0.5) & (row < np.maximum(ends, zero) + 0.5)
            inside &= (ends != zero)[None, :]
            canvas.cover(box.left, box.top, (inside * ALPHAS).astype(np.uint8), ink)
        canvas.tint(
            Box(box.left, box.top + round(zero), box.right, box.top + round(zero) + 1), look.ink, 5
        )
        return
    if kind is Kind.RATIO and scale.low < 1 < scale.high:
        even = box.top + round(float(scale.y(box, 1.0)))
        canvas.dashes(Box(box.left, even, box.right, even + 2), look.ink, 6, 8)
    canvas.curve(box, y, look.ink)


def _usual(canvas: Canvas, standing: Standing, box: Box, scale: Scale, look: Palette) -> None:
    """Mark between which values four of five hours lay, and which was the middle one."""
    high, middle, low = (
        box.top + round(float(scale.y(box, each)))
        for each in (standing.high, standing.median, standing.low)
    )
    canvas.tint(Box(box.left, high, box.right, low + 1), look.muted, 3)
    canvas.dashes(Box(box.left, middle, box.right, middle + 2), look.muted, 7, 5)


def _on_columns(kind: Kind, line: Line, times: TimeAxis, box: Box) -> Floats:
    """Return the value at each pixel column; nan where none is known.

    Funding stands from one payment to the next, the others are joined.
    """
    time, value = line.strip.time, line.strip.value
    at = times.start + (np.arange(box.width) + 0.5) / box.width * (times.end - times.start)
    if kind is Kind.FUNDING:
        return floats(value[np.maximum(np.searchsorted(time, at, side="right") - 1, 0)])
    return floats(np.interp(at, time, value))
