"""Open interest and funding, under the heatmap and on its time axis."""

import numpy as np

from bot.core import figures
from bot.core.arrays import HOUR, Floats
from bot.core.estimate.reading import MapReading, StripSeries
from renderers.axes import TimeAxis
from renderers.canvas import Box, Canvas
from renderers.theme import Ink, Palette

# Funding is drawn to at least this rate [fraction for eight hours], so that calm looks calm.
_CALM_FUNDING = 0.0003
# Open interest is drawn over at least this span [fraction], for the same reason.
_CALM_INTEREST = 0.01
_BAR = 5  # [px] half the width of a funding bar


def open_interest(
    canvas: Canvas, reading: MapReading, times: TimeAxis, box: Box, side: Box, look: Palette
) -> None:
    """Draw the line of open interest, with its newest value and its change beside it."""
    canvas.fill(box, look.panel)
    series = reading.open_interest
    if series is None or not len(series.time):
        _beside(canvas, side, "Open interest", "no open interest", look.muted, look)
        return
    value = series.value
    newest, oldest = float(value[-1]), float(value[0])
    change = f" {figures.percent(newest / oldest - 1, signed=True)}" if oldest > 0 else ""
    _beside(canvas, side, "Open interest", figures.usd(newest) + change, look.ink, look)
    middle, size = float(value.max() + value.min()) / 2, float(np.ptp(value))
    size = max(size, _CALM_INTEREST * middle, 1e-9)
    y = box.height * (0.5 - 0.8 * (_on_columns(series, times, box) - middle) / size)
    row = np.arange(box.height)[:, None]
    below = np.where(row > np.nan_to_num(y, nan=box.height)[None, :], 3, 0).astype(np.uint8)
    canvas.cover(box.left, box.top, below, look.ink)
    canvas.curve(box, y, look.ink)


def funding(
    canvas: Canvas, reading: MapReading, times: TimeAxis, box: Box, side: Box, look: Palette
) -> None:
    """Draw a bar for each funding time: up where longs pay, down where shorts do."""
    canvas.fill(box, look.panel)
    series = reading.funding
    if series is None or not len(series.time):
        _beside(canvas, side, "Funding, 8 h", "no funding", look.muted, look)
        return
    rate = float(series.value[-1])
    payer = "longs pay" if rate > 0 else "shorts pay" if rate < 0 else "nobody pays"
    _beside(
        canvas,
        side,
        f"Funding, {payer}",
        f"{figures.percent(rate, signed=True)} / 8 h",
        look.ink,
        look,
    )
    zero = (box.top + box.bottom) // 2
    most = max(float(np.abs(series.value).max()), _CALM_FUNDING)
    canvas.fill(Box(box.left, zero, box.right, zero + 1), look.grid)
    height = np.round(series.value / most * (box.height / 2 - 4)).astype(int)
    half = _width(series, times)
    for x, tall in zip(times.x(series.time), height.tolist(), strict=True):
        middle = round(float(x))
        top, bottom = (zero - tall, zero) if tall > 0 else (zero + 1, zero + 1 - tall)
        bar = Box(middle - half, top, middle + half, bottom).within(box)
        canvas.fill(bar, look.long if tall > 0 else look.short)


def _width(series: StripSeries, times: TimeAxis) -> int:
    """Return half the width of a bar that leaves room for its neighbours [px]."""
    gap = float(np.diff(series.time).min()) if len(series.time) > 1 else 8.0 * HOUR
    return max(min(int(gap / (times.end - times.start) * times.box.width * 0.35), _BAR * 3), 1)


def _on_columns(series: StripSeries, times: TimeAxis, box: Box) -> Floats:
    """Return the series at each pixel column, nan before its first and after its last value."""
    x = times.x(series.time) - box.left
    return np.interp(np.arange(box.width), x, series.value, left=np.nan, right=np.nan)


def _beside(canvas: Canvas, side: Box, name: str, figure: str, ink: Ink, look: Palette) -> None:
    middle = (side.top + side.bottom) // 2
    canvas.text(side.left, middle - 8, name, look.muted, size=27)
    canvas.text(side.left, middle + 28, figure, ink, size=30, bold=ink is look.ink)
