"""Open interest, funding, liquidations: under the heatmap and on its time axis."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from bot.core import figures
from bot.core.arrays import HOUR, Floats, floats
from bot.core.estimate.reading import MapReading, StripSeries
from bot.core.language import say
from renderers import words
from renderers.axes import TimeAxis
from renderers.canvas import Box, Canvas
from renderers.theme import Ink, Palette

# Funding is drawn to at least this rate [fraction for eight hours], so that calm looks calm.
_CALM_FUNDING = 0.0003
# Open interest is drawn over at least this span [fraction], for the same reason.
_CALM_INTEREST = 0.01
_USUAL_GAP = 8 * HOUR  # between two fundings, where only one is known
_BAR = 8  # [px] width of a bar of liquidations, its gap included


class Strip(Protocol):
    """One of what may stand below a heatmap."""

    def __call__(
        self,
        canvas: Canvas,
        reading: MapReading,
        times: TimeAxis,
        boxes: tuple[Box, Box],
        look: Palette,
    ) -> None:
        """Draw it; `boxes` are that of the line and that of the words to its right."""
        ...


def open_interest(
    canvas: Canvas, reading: MapReading, times: TimeAxis, boxes: tuple[Box, Box], look: Palette
) -> None:
    """Draw the line of open interest, with its newest value and its change beside it."""
    box, side = boxes
    canvas.fill(box, look.panel)
    series = reading.open_interest
    if series is None or not len(series.time):
        _beside(canvas, side, say("Open interest"), say("no open interest"), look.muted, look)
        return
    value = series.value
    newest, oldest = float(value[-1]), float(value[0])
    change = f"  {figures.percent(newest / oldest - 1, signed=True)}" if oldest > 0 else ""
    figure = figures.usd(reading.interest_usd) + change
    _beside(canvas, side, say("Open interest"), figure, look.ink, look)
    middle, size = float(value.max() + value.min()) / 2, float(np.ptp(value))
    size = max(size, _CALM_INTEREST * middle, 1e-9)
    y = floats(box.height * (0.5 - 0.8 * (_on_columns(series, times, box) - middle) / size))
    row = np.arange(box.height)[:, None]
    below = np.where(row > np.nan_to_num(y, nan=box.height)[None, :], 3, 0).astype(np.uint8)
    canvas.cover(box.left, box.top, below, look.ink)
    canvas.curve(box, y, look.ink)


def funding(
    canvas: Canvas, reading: MapReading, times: TimeAxis, boxes: tuple[Box, Box], look: Palette
) -> None:
    """Draw each funding over the time it was paid for: up where longs pay, down where shorts do."""
    box, side = boxes
    canvas.fill(box, look.panel)
    series = reading.funding
    if series is None or not len(series.time):
        _beside(canvas, side, say("Funding"), say("no funding"), look.muted, look)
        return
    rate = float(series.value[-1])
    name = say("Funding, nobody pays")
    if rate:
        name = say("Funding, longs pay") if rate > 0 else say("Funding, shorts pay")
    figure = f"{figures.percent(rate, signed=True)} / 8 h"
    _beside(canvas, side, name, figure, look.ink, look)
    zero = (box.top + box.bottom) // 2
    most = max(float(np.abs(series.value).max()), _CALM_FUNDING)
    canvas.fill(Box(box.left, zero, box.right, zero + 1), look.grid)
    height = np.round(series.value / most * (box.height / 2 - 3)).astype(int)
    ends = np.round(times.x(series.time)).astype(int)
    gap = int(np.diff(series.time).min()) if len(series.time) > 1 else _USUAL_GAP
    wide = max(round(gap / (times.end - times.start) * times.box.width), 3)
    for end, tall in zip(ends.tolist(), height.tolist(), strict=True):
        top, bottom = (zero - tall, zero) if tall > 0 else (zero + 1, zero + 1 - tall)
        bar = Box(end - wide + 1, top, end - 1, bottom).within(box)
        canvas.fill(bar, look.long if tall > 0 else look.short)


def liquidated(
    canvas: Canvas, reading: MapReading, times: TimeAxis, boxes: tuple[Box, Box], look: Palette
) -> None:
    """Draw what was heard of liquidations by time: shorts upward, longs downward, on one scale."""
    box, side = boxes
    canvas.fill(box, look.panel)
    events = reading.liquidations
    if events is None:
        _beside(canvas, side, say("Liquidated"), say("no liquidation events"), look.muted, look)
        return
    seen = (events.time >= times.start) & (events.time < times.end)
    value, sign, count = events.value[seen], events.side[seen], -(-box.width // _BAR)
    place = np.clip((times.x(events.time[seen]) - box.left) // _BAR, 0, count - 1).astype(int)
    longs, shorts = (np.bincount(place[sign == of], value[sign == of], count) for of in (1, -1))
    total, most = float(value.sum()), max(float(longs.max()), float(shorts.max()), 1e-9)
    figure = figures.usd(total)
    if total:
        figure += f"  {figures.percent(float(longs.sum()) / total)} {words.longs()}"
    _beside(canvas, side, say("Liquidated"), figure, look.ink, look)
    zero, room = (box.top + box.bottom) // 2, box.height // 2 - 3
    canvas.fill(Box(box.left, zero, box.right, zero + 1), look.grid)
    for usd, ink, up in ((shorts, look.short, True), (longs, look.long, False)):
        tall = np.maximum(np.round(usd / most * room), 2 * (usd > 0)).astype(int)
        for column in np.flatnonzero(tall).tolist():
            left, high = box.left + column * _BAR, int(tall[column])
            top, bottom = (zero - high, zero) if up else (zero + 1, zero + 1 + high)
            canvas.fill(Box(left + 1, top, left + _BAR - 1, bottom).within(box), ink)


def _on_columns(series: StripSeries, times: TimeAxis, box: Box) -> Floats:
    """Return the series at each pixel column, nan before its first and after its last value."""
    x = times.x(series.time) - box.left
    at = np.arange(box.width)
    return floats(np.interp(at, x, series.value, left=np.nan, right=np.nan))


def _beside(canvas: Canvas, side: Box, name: str, figure: str, ink: Ink, look: Palette) -> None:
    middle = (side.top + side.bottom) // 2
    canvas.text(side.left, middle - 8, name, look.muted, size=27)
    canvas.text(side.left, middle + 28, figure, ink, size=30, bold=ink is look.ink)


# By the names of BELOW.
STRIPS: Mapping[str, Strip] = {"oi": open_interest, "funding": funding, "liqs": liquidated}
