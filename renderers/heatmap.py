"""The answer to `/heatmap`: liquidations by time and price, candles, profile, strips."""

from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.estimate.reading import MapReading
from renderers import candles, density, header, legend, lettering, strips, sums, tags
from renderers.axes import PriceAxis, TimeAxis, price_axis, time_axis
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN
from renderers.scale import Scale, scale_of
from renderers.theme import Palette, Theme, palette

_RIGHT = WIDTH - MARGIN
_TOP, _BOTTOM = 240, 1094  # [px] of the heatmap
_PROFILE = 250  # [px] width


@dataclass(frozen=True, slots=True)
class _Picture:
    """Everything the parts need: where they stand and how they look."""

    canvas: Canvas
    reading: MapReading
    prices: PriceAxis
    times: TimeAxis
    profile: PriceAxis
    lane: Box  # of the written prices, between heatmap and profile
    scale: Scale
    look: Palette


def render(reading: MapReading, theme: Theme) -> bytes:
    """Draw a reading as PNG, 1280 x 1600; the same reading always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look)
    return canvas.png(look)


def draw(canvas: Canvas, reading: MapReading, look: Palette) -> None:
    """Draw a reading on a canvas."""
    picture = _laid_out(canvas, reading, look)
    canvas.clear(look.paper)
    header.draw(canvas, reading, "Liquidation heatmap, estimated", look)
    density.heat(canvas, reading.heatmap, picture.prices, picture.times, picture.scale, look)
    _profile(picture)
    _grid(picture)
    _forming(picture)
    unit = _history(picture)
    if reading.simulated:
        header.watermark(canvas, look)
    _labels(picture)
    _strips(picture)
    _legend(picture, unit)


def _laid_out(canvas: Canvas, reading: MapReading, look: Palette) -> _Picture:
    whole = price_axis(reading, Box(MARGIN, _TOP, _RIGHT, _BOTTOM))
    wide = tags.lane_width(reading, whole)
    lane = Box(_RIGHT - _PROFILE - 12 - wide, _TOP, _RIGHT - _PROFILE - 12, _BOTTOM)
    heat = Box(MARGIN, _TOP, lane.left, _BOTTOM)
    side = Box(_RIGHT - _PROFILE, _TOP, _RIGHT, _BOTTOM)
    return _Picture(
        canvas,
        reading,
        PriceAxis(heat, whole.low, whole.high),
        time_axis(reading, heat),
        PriceAxis(side, whole.low, whole.high),
        lane,
        scale_of(reading),
        look,
    )


def _grid(picture: _Picture) -> None:
    """Draw faint lines at round prices and times, and write the times."""
    canvas, look, box = picture.canvas, picture.look, picture.prices.box
    prices, _ = picture.prices.ticks()
    for y in np.round(picture.prices.y(np.array(prices))).astype(int).tolist():
        if box.top < y < box.bottom:
            canvas.tint(Box(box.left, y, box.right, y + 1), look.ink, 2)
    end = box.right
    if picture.reading.heatmap.forming:
        end = canvas.text(
            box.right + 100, box.bottom + 34, "forming", look.muted, size=27, anchor="right"
        ).left
    for at, text in picture.times.ticks():
        x = round(float(picture.times.x(at)))
        wide = lettering.width(text, 27)
        if box.left < x < box.right:
            canvas.tint(Box(x, box.top, x + 1, box.bottom), look.ink, 2)
            if x + wide // 2 + 16 < end and x - wide // 2 > MARGIN:
                canvas.text(x, box.bottom + 34, text, look.muted, size=27, anchor="middle")


def _forming(picture: _Picture) -> None:
    """Mark the last column, which still changes, by a dashed edge and a bracket under it."""
    if not picture.reading.heatmap.forming:
        return
    box, look = picture.times.box, picture.look
    x = round(float(picture.times.x(picture.reading.heatmap.column_edges[-2])))
    for y in range(box.top, box.bottom, 14):
        picture.canvas.tint(Box(x - 1, y, x + 1, min(y + 7, box.bottom)), look.ink, 9)
    picture.canvas.fill(Box(x - 1, box.bottom + 4, box.right, box.bottom + 8), look.muted)


def _history(picture: _Picture) -> float | None:
    """Draw what happened; returns what a ring of unit size stands for [USD], None without rings."""
    canvas, prices, times, look = picture.canvas, picture.prices, picture.times, picture.look
    if len(picture.reading.candles):
        candles.draw(canvas, candles.fit(picture.reading.candles, times), prices, times, look)
    unit = picture.scale.upper / 1000
    bubbles = candles.bubbles_of(picture.reading, prices, times)
    if bubbles is not None:
        candles.draw_bubbles(canvas, bubbles, unit, (prices, times), look)
    candles.draw_swept(canvas, picture.reading, prices, times, look)
    return None if bubbles is None else unit


def _profile(picture: _Picture) -> None:
    """Draw the newest map as bars, its sums outward over them, and the delta under them."""
    canvas, look, axis = picture.canvas, picture.look, picture.profile
    density.bars(canvas, picture.reading.now, axis, picture.scale, look)
    outward = sums.sums_of(picture.reading.now, axis)
    sums.draw(canvas, outward, axis.box, look)


def _labels(picture: _Picture) -> None:
    covered = candles.boxes(picture.reading.candles, picture.prices, picture.times)
    lane = tags.Lane(picture.prices, picture.lane)
    tags.draw(picture.canvas, picture.reading, lane, covered, picture.look)
    outward = sums.sums_of(picture.reading.now, picture.profile)
    sums.write(picture.canvas, outward, picture.profile.box, picture.look)
    if len(outward.delta):
        text = f"delta {figures.usd(float(outward.delta[-1]), signed=True)}"
        picture.canvas.text(_RIGHT, _BOTTOM + 34, text, picture.look.ink, size=27, anchor="right")


def _strips(picture: _Picture) -> None:
    heat = picture.prices.box
    for top, draw_strip in ((1146, strips.open_interest), (1236, strips.funding)):
        box = Box(heat.left, top, heat.right, top + 80)
        side = Box(heat.right + 16, top, _RIGHT, top + 80)
        draw_strip(picture.canvas, picture.reading, picture.times, box, side, picture.look)


def _legend(picture: _Picture, unit: float | None) -> None:
    canvas, look = picture.canvas, picture.look
    legend.colours(canvas, Box(MARGIN, 1348, 780, 1480), picture.scale, look)
    legend.marks(
        canvas, Box(860, 1348, _RIGHT, 1480), look, unit=unit, swept=bool(picture.reading.swept)
    )
