"""The answer to `/map`: the newest map by price, split by leverage, with its sums outward."""

import math

import numpy as np
from numpy.typing import NDArray

from bot.core import figures
from bot.core.arrays import Floats, floats
from bot.core.estimate.exact import ExactLayer
from bot.core.estimate.maps import STEP, LeverageGroups
from bot.core.estimate.reading import MapReading
from bot.core.language import say
from renderers import density, header, lettering, sums, tags, words
from renderers.axes import PriceAxis, nice
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN
from renderers.scale import PER_PERCENT
from renderers.theme import Palette, Theme, palette

_RIGHT = WIDTH - MARGIN
_TOP, _BOTTOM = 240, 1360  # [px] of the profile
_FIGURES = _BOTTOM + 38  # [px] baseline of the figures under it
_GROUPS, _ROW = 1500, 54  # [px] first baseline of the leverage groups, and from one to the next
_SUMS = 310  # [px] width of the sums
_GAP = 12  # [px] between the written prices and the sums
_LABELS = 270  # [px] kept free to the right of the longest bar
_THINNEST = 8  # [px] of a bar with the gap after it
# Prices are shown as far out as this share of what lies within the most reach.
_SHARE_SHOWN = 0.9
_LEAST_REACH, _MOST_REACH = 0.06, 0.25
# Levels of the ramps for the lowest and highest leverage.
_LOWEST, _HIGHEST = 20, 60


def render(reading: MapReading, theme: Theme) -> bytes:
    """Draw a reading's newest map as PNG, 1280 x 1600; the same reading gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look)
    return canvas.png(look)


def draw(canvas: Canvas, reading: MapReading, look: Palette) -> None:
    """Draw a reading's newest map on a canvas."""
    canvas.clear(look.paper)
    header.draw(canvas, reading, say("Liquidation map by leverage, estimated"), look)
    reach = _reach(reading)
    whole = PriceAxis(
        Box(MARGIN, _TOP, _RIGHT, _BOTTOM), reading.price / (1 + reach), reading.price * (1 + reach)
    )
    right = _RIGHT - _SUMS - _GAP
    lane = Box(right - tags.lane_width(reading, whole), _TOP, right, _BOTTOM)
    bars = whole.moved(Box(MARGIN, _TOP, lane.left, _BOTTOM))
    outward = whole.moved(Box(_RIGHT - _SUMS, _TOP, _RIGHT, _BOTTOM))
    covered, per_pixel = _bars(canvas, reading, bars, look)
    density.exact(canvas, reading, bars, 1 / per_pixel if per_pixel else 0.0, look)
    _scale(canvas, bars.box, per_pixel, look)
    total = sums.sums_of(reading.now, outward)
    canvas.fill(outward.box, look.panel)
    sums.draw(canvas, total, outward.box, look)
    _groups(canvas, reading.groups, look)
    if reading.simulated:
        header.watermark(canvas, look)
    tags.draw(canvas, reading, tags.Lane(bars, lane), covered, look)
    sums.write(canvas, total, outward.box, look)
    _delta(canvas, outward, total, look)
    if reading.exact is not None:
        _exact(canvas, reading.exact, look)


def _reach(reading: MapReading) -> float:
    """Return how far from the price to look each way [fraction]."""
    now = reading.now
    away = np.abs(np.log(now.centres / now.price))
    total = now.long_usd + now.short_usd
    near = away <= math.log1p(_MOST_REACH)
    order = np.argsort(away[near], kind="stable")
    share = np.cumsum(total[near][order])
    if not len(share) or share[-1] <= 0:
        return _LEAST_REACH
    far = float(away[near][order][np.searchsorted(share, _SHARE_SHOWN * share[-1])])
    return min(max(math.expm1(far), _LEAST_REACH), _MOST_REACH)


def _shade(group: int, groups: int) -> int:
    """Return the level of the ramps for a leverage group: the higher, the stronger."""
    return _LOWEST + (_HIGHEST - _LOWEST) * group // max(groups - 1, 1)


def _bars(
    canvas: Canvas, reading: MapReading, axis: PriceAxis, look: Palette
) -> tuple[list[Box], float]:
    """Draw bars of a few bins each, stacked by leverage, lowest first.

    Returns what they cover and the density one pixel stands for [USD per 1 % of price].
    """
    now, groups, box = reading.now, reading.groups, axis.box
    canvas.fill(box, look.panel)
    per_bin = STEP / math.log(axis.high / axis.low) * box.height
    joined = max(math.ceil(_THINNEST / per_bin), 1)
    first = -(-now.first_bin // joined) * joined - now.first_bin  # aligned, so that bars stay put
    starts = np.arange(first, len(now.long_usd) - joined + 1, joined)
    if not len(starts):
        return [], 0.0
    long_usd, short_usd = (
        _by_bar(part, starts, joined) for part in (groups.long_usd, groups.short_usd)
    )
    tops = np.round(axis.y(now.edges[starts + joined])).astype(int)
    bottoms = np.round(axis.y(now.edges[starts])).astype(int)
    seen = np.flatnonzero((bottoms > box.top) & (tops < box.bottom))
    both = long_usd.sum(axis=0) + short_usd.sum(axis=0)
    most = float(both[seen].max()) if len(seen) else 0.0
    unit = (box.width - _LABELS) / (most or 1.0)
    usd = np.concatenate([long_usd, short_usd])
    ends = np.round(np.cumsum(usd, axis=0) * unit).astype(int)
    shades = [_shade(group, len(groups.names)) for group in range(len(groups.names))]
    colour = np.array(
        [ramp + shade for ramp in (look.longs, look.shorts) for shade in shades]
        + [look.panel.solid],
        dtype=np.uint8,
    )
    covered = []
    for bar in seen.tolist():
        row = Box(box.left, int(tops[bar]) + 1, box.right, int(bottoms[bar])).within(box)
        part = np.searchsorted(ends[:, bar], np.arange(box.width), side="right")
        canvas.part(row)[:] = colour[part]
        covered.append(Box(row.left, row.top, row.left + int(ends[-1, bar]), row.bottom))
    return covered, PER_PERCENT / joined / unit


def _by_bar(usd: Floats, starts: NDArray[np.int64], joined: int) -> Floats:
    """Sum groups (G, B) over bars of `joined` bins, shape (G, bars)."""
    bars = usd[:, starts[0] : starts[-1] + joined].reshape(len(usd), -1, joined)
    return floats(bars.sum(axis=2))


def _scale(canvas: Canvas, box: Box, per_pixel: float, look: Palette) -> None:
    """Write what the bars' length means; `per_pixel` [USD per 1 %]."""
    unit = say("USD per 1 % of price")
    canvas.text(box.left, _FIGURES + 40, unit, look.muted, size=27)
    canvas.text(box.left, _FIGURES, "$0", look.muted, size=27)
    step = nice(per_pixel * box.width / 4) if per_pixel else 0.0
    for tick in range(1, 6 if step else 0):
        x = box.left + round(tick * step / per_pixel)
        text = figures.usd(tick * step)
        if x + lettering.width(text, 27) // 2 <= box.right:
            canvas.tint(Box(x, box.top, x + 1, box.bottom), look.ink, 3)
            canvas.text(x, _FIGURES, text, look.muted, size=27, anchor="middle")


def _delta(canvas: Canvas, axis: PriceAxis, total: sums.Sums, look: Palette) -> None:
    """Name the curves, and write by how much they differ at the same distance."""
    title = say("summed from price")
    canvas.text(axis.box.right, _FIGURES, title, look.muted, size=27, anchor="right")
    y, text = _FIGURES + 40, sums.delta_text(total, axis)
    written = canvas.text(axis.box.right, y, text, look.ink, size=27, bold=True, anchor="right")
    sums.sample(canvas, written.left - 56, y - 10, look)


def _exact(canvas: Canvas, layer: ExactLayer, look: Palette) -> None:
    """Name the comb of positions that are known one by one, with their USD."""
    usd = float(layer.long_usd.sum() + layer.short_usd.sum())
    left, y = MARGIN + 330, _FIGURES + 40
    density.exact_sample(canvas, left, y - 11, look)
    text = say("exact {usd}", usd=figures.usd(usd))
    canvas.text(left + 66, y, text, look.ink, size=27)


def _groups(canvas: Canvas, groups: LeverageGroups, look: Palette) -> None:
    """Name the shades: a swatch of both sides for each leverage group, with its USD."""
    columns = 2
    across = (_RIGHT - MARGIN) // columns
    for group, name in enumerate(groups.names):
        left = MARGIN + group % columns * across
        baseline = _GROUPS + group // columns * _ROW
        level = _shade(group, len(groups.names))
        for place, ramp in enumerate((look.shorts, look.longs)):
            swatch = Box(left + 34 * place, baseline - 24, left + 34 * place + 30, baseline + 4)
            canvas.part(swatch)[:] = ramp + level
        usd = float(groups.long_usd[group].sum() + groups.short_usd[group].sum())
        text = lettering.fitted(f"{words.told(name)}  {figures.usd(usd)}", across - 100, 28)
        canvas.text(left + 80, baseline, text, look.ink, size=28)
