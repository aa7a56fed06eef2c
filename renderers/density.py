"""Densities as pixels: the heatmap by time and price, and the profile of the newest map."""

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, Floats32, floats
from bot.core.estimate.maps import STEP, Heatmap, LiquidationMap
from bot.core.estimate.reading import MapReading
from renderers.axes import PriceAxis, TimeAxis
from renderers.canvas import Box, Canvas
from renderers.scale import PER_PERCENT, Scale
from renderers.theme import Palette

_TOOTH, _BETWEEN = 3, 3  # [px] of the comb of exact positions


def colours(
    long_usd: Floats | Floats32, short_usd: Floats | Floats32, scale: Scale, palette: Palette
) -> NDArray[np.uint8]:
    """Return the palette's place for USD by bin: hue of the larger side, level of both together."""
    level = scale.levels(long_usd + short_usd)
    first = np.where(short_usd >= long_usd, np.uint8(palette.shorts), np.uint8(palette.longs))
    return np.where(level > 0, first + level, np.uint8(palette.panel.solid))


def heat(
    canvas: Canvas,
    heatmap: Heatmap,
    prices: PriceAxis,
    times: TimeAxis,
    scale: Scale,
    look: Palette,
) -> None:
    """Write the heatmap's columns and bins into the pixels, each pixel its own bin's colour."""
    bins, inside = _bins_of_rows(prices, heatmap.first_bin, heatmap.long_usd.shape[1])
    part = canvas.part(prices.box)
    part[:] = look.panel.solid
    if not len(bins):
        return
    first, last = int(bins.min()), int(bins.max()) + 1
    stride = max((last - first) // (2 * prices.box.height) + 1, 1)
    seen = slice(first, last, stride)
    colour = colours(heatmap.long_usd[:, seen], heatmap.short_usd[:, seen], scale, look)
    middle = np.arange(times.box.width) + 0.5
    edges = times.x(heatmap.column_edges) - times.box.left
    column = np.clip(np.searchsorted(edges, middle, side="right") - 1, 0, len(edges) - 2)
    by_bin = np.ascontiguousarray(colour.T)[:, column]
    part[inside] = by_bin[(bins - first) // stride]


def _bins_of_rows(prices: PriceAxis, first_bin: int, count: int) -> tuple[NDArray[np.int64], slice]:
    """Return the bin of each pixel row that has one, and those rows of the box."""
    rows = floats(np.arange(prices.box.top, prices.box.bottom) + 0.5)
    bins = np.floor(np.log(prices.price(rows)) / STEP).astype(np.int64) - first_bin
    has = np.flatnonzero((bins >= 0) & (bins < count))
    if not len(has):
        return bins[:0], slice(0, 0)
    inside = slice(int(has[0]), int(has[-1]) + 1)
    return bins[inside], inside


def rows_of(now: LiquidationMap, prices: PriceAxis) -> tuple[Floats, Floats]:
    """Return long and short density [USD per 1 %] of each pixel row, 0 where the map ends."""
    bins, inside = _bins_of_rows(prices, now.first_bin, len(now.long_usd))
    long_rows, short_rows = (np.zeros(prices.box.height) for _ in range(2))
    long_rows[inside] = now.long_usd[bins] * PER_PERCENT
    short_rows[inside] = now.short_usd[bins] * PER_PERCENT
    return long_rows, short_rows


def exact(
    canvas: Canvas, reading: MapReading, prices: PriceAxis, unit: float, look: Palette
) -> None:
    """Draw what is known exactly over a profile, as a comb of its own; `unit` [px per USD per 1 %].

    The comb stands beside the estimate's bars, not in them: it may be longer than they are.
    """
    layer = reading.exact
    if layer is None:
        return
    bins, inside = _bins_of_rows(prices, reading.now.first_bin, len(layer.long_usd))
    density = np.zeros(prices.box.height)
    density[inside] = (layer.long_usd + layer.short_usd)[bins] * PER_PERCENT
    left, top, right, _ = prices.box
    for row in range(0, prices.box.height - _TOOTH, _TOOTH + _BETWEEN):
        length = round(float(density[row : row + _TOOTH + _BETWEEN].max()) * unit)
        if length:
            end = min(left + length, right)
            canvas.fill(Box(left, top + row, end, top + row + _TOOTH), look.ink)


def exact_sample(canvas: Canvas, left: int, y: int, look: Palette) -> None:
    """Draw a few teeth of the comb, for a legend."""
    for place, long in enumerate((40, 52, 26)):
        top = y - _TOOTH - _BETWEEN + place * (_TOOTH + _BETWEEN)
        canvas.fill(Box(left, top, left + long, top + _TOOTH), look.ink)


def bars(
    canvas: Canvas, now: LiquidationMap, prices: PriceAxis, scale: Scale, look: Palette
) -> float:
    """Draw the newest map as bars to the right, coloured as in the heatmap.

    Returns the density that fills the box [USD per 1 %].
    """
    box = prices.box
    long_rows, short_rows = rows_of(now, prices)
    total = long_rows + short_rows
    most = float(total.max()) or 1.0
    colour = colours(long_rows / PER_PERCENT, short_rows / PER_PERCENT, scale, look)
    # A bar too thin for the scale is still a bar.
    faint = (total > 0) & (colour == look.panel.solid)
    colour[faint] = np.where(short_rows >= long_rows, look.shorts + 1, look.longs + 1)[faint]
    length = np.round(total / most * box.width)
    filled = np.arange(box.width)[None, :] < length[:, None]
    part = canvas.part(box)
    part[:] = np.where(filled, colour[:, None], np.uint8(look.panel.solid))
    return most
