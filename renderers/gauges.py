"""A figure beside its own past: a strip from least to greatest, the present marked on it."""

import math
from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.arrays import Floats
from bot.core.language import say
from bot.core.signals.squeeze import Gauge
from renderers import lettering
from renderers.canvas import Box, Canvas
from renderers.theme import ALPHAS, Ink, Palette

SIZE = 27  # [px] of the text
HEIGHT = 158  # [px] of a gauge with its words
_STRIP = (52, 104)  # [px] from the gauge's top: of the strip's top and bottom
_ABOVE, _BELOW = 36, 142  # [px] baselines of the words
_CUT = 0.005  # of the past at either end may be cut off
_BINS = 80  # of the past, across the strip
_DARKEST = 9  # of ALPHAS, where most of the past lies


@dataclass(frozen=True, slots=True)
class Span:
    """Values to the right in a box."""

    low: float
    high: float

    def x(self, box: Box, value: float) -> int:
        """Return the column of a value [px from the picture's left], at an end if beyond."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return box.left + round(share * (box.width - 1))


def span_of(past: Floats, *shown: float) -> Span:
    """Return what a strip spans: nearly all of the past, and what must be seen."""
    known = past[np.isfinite(past)]
    ends = np.quantile(known, (_CUT, 1 - _CUT)).tolist() if len(known) else []
    ends += [value for value in shown if math.isfinite(value)]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    margin = 0.04 * (high - low) if high > low else max(abs(high), 1e-6)
    return Span(low - margin, high + margin)


def draw(
    canvas: Canvas, gauge: Gauge, title: str, place: tuple[Box, Ink], look: Palette, *, signed: bool
) -> None:
    """Draw one gauge into a box of HEIGHT; `place` is the box and the ink of the crowded side."""
    box, side = place
    strip = Box(box.left, box.top + _STRIP[0], box.right, box.top + _STRIP[1])
    span = span_of(gauge.past, gauge.value, gauge.threshold)
    canvas.fill(strip, look.panel)
    _past(canvas, strip, span, gauge.past, look)
    _passing(canvas, strip, span, gauge, side)
    _words(canvas, box, gauge, title, look, signed=signed)
    for value, anchor in ((span.low, "left"), (span.high, "right")):
        text = figures.percent(value, signed=signed)
        x = strip.left if anchor == "left" else strip.right
        canvas.text(
            x,
            box.top + _BELOW,
            text,
            look.muted,
            size=SIZE,
            anchor="left" if anchor == "left" else "right",
        )
    if math.isfinite(gauge.threshold):
        _threshold(canvas, box, strip, (span, gauge), look, signed=signed)
    if math.isfinite(gauge.value):
        x = span.x(strip, gauge.value)
        canvas.fill(Box(x - 6, strip.top - 8, x + 7, strip.bottom + 8), look.paper)
        canvas.fill(Box(x - 3, strip.top - 8, x + 4, strip.bottom + 8), look.ink)


def _words(
    canvas: Canvas, box: Box, gauge: Gauge, title: str, look: Palette, *, signed: bool
) -> None:
    """Write the figure's name, what it is, how it ranks, and whether it passes."""
    y = box.top + _ABOVE
    value = figures.percent(gauge.value, signed=signed)
    mark = say("passes") if gauge.passed else say("does not pass")
    end = canvas.text(
        box.right, y, mark, look.ink, size=SIZE, bold=gauge.passed, anchor="right"
    ).left
    left = canvas.text(box.left, y, title, look.muted, size=30).right + 22
    left = canvas.text(left, y, value, look.ink, size=36, bold=True).right + 22
    if math.isfinite(gauge.rank):
        text = say("{standing} of its past", standing=figures.standing(gauge.rank))
        canvas.text(left, y, lettering.fitted(text, end - 24 - left, SIZE), look.ink, size=SIZE)


def _past(canvas: Canvas, strip: Box, span: Span, past: Floats, look: Palette) -> None:
    """Shade the strip the more, the more of the past lies there."""
    known = past[np.isfinite(past)]
    counts, _ = np.histogram(np.clip(known, span.low, span.high), _BINS, (span.low, span.high))
    most = math.sqrt(max(int(counts.max()), 1))
    for place, count in enumerate(counts.tolist()):
        if count:
            left = strip.left + place * strip.width // _BINS
            right = strip.left + (place + 1) * strip.width // _BINS
            alpha = 1 + round((_DARKEST - 1) * math.sqrt(count) / most)
            canvas.tint(Box(left, strip.top, right, strip.bottom), look.muted, min(alpha, ALPHAS))


def _passing(canvas: Canvas, strip: Box, span: Span, gauge: Gauge, side: Ink) -> None:
    """Underline where the figure passes, in the colour of the crowded side."""
    if not math.isfinite(gauge.threshold):
        return
    at = span.x(strip, gauge.threshold)
    left, right = (at, strip.right) if gauge.least else (strip.left, at)
    canvas.fill(Box(left, strip.bottom - 8, right, strip.bottom), side)


def _threshold(
    canvas: Canvas, box: Box, strip: Box, of: tuple[Span, Gauge], look: Palette, *, signed: bool
) -> None:
    """Mark the threshold, and write it below."""
    span, gauge = of
    x = span.x(strip, gauge.threshold)
    canvas.dashes(Box(x - 1, strip.top - 6, x + 2, strip.bottom + 10), look.ink, ALPHAS, 6)
    asked = figures.percent(gauge.threshold, signed=signed)
    text = (
        say("takes {least}", least=asked)
        if gauge.least
        else say("takes down to {most}", most=asked)
    )
    half = lettering.width(text, SIZE) // 2
    ends = [
        lettering.width(figures.percent(end, signed=signed), SIZE) + 24
        for end in (span.low, span.high)
    ]
    middle = min(max(x, box.left + ends[0] + half), box.right - ends[1] - half)
    canvas.text(middle, box.top + _BELOW, text, look.ink, size=SIZE, anchor="middle")
