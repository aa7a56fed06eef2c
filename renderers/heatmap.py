"""The answer to `/heatmap`: liquidations by time and price, candles, profile, strips."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from bot.core.estimate.reading import MapReading
from bot.core.estimate.strips import BELOW, USUAL_BELOW
from bot.core.language import say
from bot.core.watches.mark import Mark
from renderers import candles, density, header, legend, lettering, marked, strips, sums, tags
from renderers.axes import PriceAxis, TimeAxis, price_axis, time_axis
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN
from renderers.scale import Scale, scale_of
from renderers.theme import Palette, Theme, palette

_RIGHT = WIDTH - MARGIN
_TOP, _BOTTOM = 240, 1352  # [px] of the heatmap where nothing stands below it
_TIMES = 36  # [px] from its bottom to the baseline of the written times
_BELOW = 54  # [px] from its bottom to the first strip
_STRIP, _STEP = 76, 88  # [px] height of a strip, from one to the next
_LEGEND, _MARKS = 1424, 860  # [px] top of the legend, left of its marks
_PROFILE = 250  # [px] width
_GAP = 12  # [px] between the written prices and the profile
_DASH = 7  # [px]


@dataclass(frozen=True, slots=True)
class _Picture:
    """Everything the parts need: what is drawn, where it stands and how it looks."""

    canvas: Canvas
    reading: MapReading
    prices: PriceAxis
    times: TimeAxis
    profile: PriceAxis
    lane: tags.Lane
    scale: Scale
    look: Palette

    @property
    def written(self) -> int:
        """Baseline of the times, and of what else is written below the heatmap [px]."""
        return self.prices.box.bottom + _TIMES


def render(
    reading: MapReading,
    theme: Theme,
    mark: Mark | None = None,
    below: Collection[str] = USUAL_BELOW,
) -> bytes:
    """Draw a reading as PNG, 1280 x 1600; the same reading always gives the same bytes.

    With a `mark` it points at an episode: when it began, and its cluster. `below` are the strips
    that stand below it, of BELOW; the fewer, the higher is the heatmap.
    """
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look, mark, below)
    return canvas.png(look)


def draw(
    canvas: Canvas,
    reading: MapReading,
    look: Palette,
    mark: Mark | None = None,
    below: Collection[str] = USUAL_BELOW,
) -> None:
    """Draw a reading on a canvas, what lies behind first."""
    chosen = [name for name in BELOW if name in below]
    picture = _laid_out(canvas, reading, look, _BOTTOM - len(chosen) * _STEP)
    canvas.clear(look.paper)
    header.draw(canvas, reading, say("Liquidation heatmap, estimated"), look)
    density.heat(canvas, reading.heatmap, picture.prices, picture.times, picture.scale, look)
    _grid(picture)
    _forming(picture)
    _history(picture)
    outward = sums.sums_of(reading.now, picture.profile)
    most = density.bars(canvas, reading.now, picture.profile, picture.scale, look)
    density.exact(canvas, reading, picture.profile, picture.profile.box.width / most, look)
    sums.draw(canvas, outward, picture.profile.box, look)
    _strips(picture, chosen)
    _legend(picture)
    if reading.simulated:
        header.watermark(canvas, look)
    covered = candles.boxes(reading.candles, picture.prices, picture.times)
    named = None
    if mark is not None:
        named = marked.draw(canvas, mark, picture.prices, picture.times, look)
        covered.append(named)
    tags.draw(canvas, reading, picture.lane, covered, look)
    if mark is not None and named is not None:
        marked.write(canvas, mark, named, look)
    if not (reading.heatmap.long_usd.any() or reading.heatmap.short_usd.any()):
        _empty(picture)
    sums.write(canvas, outward, picture.profile.box, look)
    _delta(picture, outward)


def _laid_out(canvas: Canvas, reading: MapReading, look: Palette, bottom: int) -> _Picture:
    """Give the written prices what room they need; the heatmap takes the rest down to `bottom`."""
    whole = price_axis(reading, Box(MARGIN, _TOP, _RIGHT, bottom))
    right = _RIGHT - _PROFILE - _GAP
    lane = Box(right - tags.lane_width(reading, whole), _TOP, right, bottom)
    heat = whole.moved(Box(MARGIN, _TOP, lane.left, bottom))
    return _Picture(
        canvas,
        reading,
        heat,
        time_axis(reading, heat.box),
        whole.moved(Box(_RIGHT - _PROFILE, _TOP, _RIGHT, bottom)),
        tags.Lane(heat, lane),
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
    free, end, y = MARGIN, box.right, picture.written
    if picture.reading.heatmap.forming:
        end = canvas.text(end, y, say("forming"), look.muted, size=27, anchor="right").left
    for at, text in picture.times.ticks():
        x = round(float(picture.times.x(at)))
        half = lettering.width(text, 27) // 2
        if box.left < x < box.right:
            canvas.tint(Box(x, box.top, x + 1, box.bottom), look.ink, 2)
            if free <= x - half and x + half + 16 <= end:
                canvas.text(x, y, text, look.muted, size=27, anchor="middle")
                free = x + half + 24


def _empty(picture: _Picture) -> None:
    """Say that nothing is there, on a ground of its own, as high as no other word stands."""
    canvas, look, box = picture.canvas, picture.look, picture.prices.box
    text = say("no positions known here")
    middle, wide = box.left + box.width // 2, lettering.width(text, 30)
    for y in range(_TOP + 60, box.bottom - 20, 40):
        place = Box(middle - wide // 2 - 12, y - 32, middle + wide // 2 + 14, y + 14)
        if not any(word.box.overlaps(place) for word in canvas.words):
            canvas.fill(place, look.panel)
            canvas.text(middle, y, text, look.muted, size=30, anchor="middle")
            return


def _forming(picture: _Picture) -> None:
    """Mark the last column, which still changes, by a dashed edge and a bar under it."""
    heatmap, box = picture.reading.heatmap, picture.times.box
    if not heatmap.forming:
        return
    x = round(float(picture.times.x(heatmap.column_edges[-2])))
    picture.canvas.dashes(Box(x - 1, box.top, x + 1, box.bottom), picture.look.ink, 9, _DASH)
    picture.canvas.fill(Box(x - 1, box.bottom + 3, box.right, box.bottom + 7), picture.look.ink)


def _history(picture: _Picture) -> None:
    """Draw what really happened."""
    canvas, prices, times, look = picture.canvas, picture.prices, picture.times, picture.look
    candles.draw(canvas, candles.fit(picture.reading.candles, times), prices, times, look)
    bubbles = candles.bubbles_of(picture.reading, prices, times)
    if bubbles is not None:
        candles.draw_bubbles(canvas, bubbles, picture.scale.ring, (prices, times), look)
    candles.draw_swept(canvas, picture.reading, prices, times, look)


def _strips(picture: _Picture, chosen: list[str]) -> None:
    """Draw what stands below the heatmap, on its time axis."""
    heat = picture.prices.box
    for place, name in enumerate(chosen):
        top = heat.bottom + _BELOW + place * _STEP
        box = Box(heat.left, top, heat.right, top + _STRIP)
        side = Box(heat.right + 16, top, _RIGHT, top + _STRIP)
        draw_strip = strips.STRIPS[name]
        draw_strip(picture.canvas, picture.reading, picture.times, (box, side), picture.look)


def _legend(picture: _Picture) -> None:
    canvas, look, scale = picture.canvas, picture.look, picture.scale
    legend.colours(canvas, Box(MARGIN, _LEGEND, 810, _LEGEND + 136), scale, look)
    feed = picture.reading.liquidations is not None
    exact = picture.reading.exact is not None
    box = Box(_MARKS, _LEGEND, _RIGHT, _LEGEND + 136)
    legend.marks(canvas, box, scale, look, feed=feed, exact=exact)


def _delta(picture: _Picture, outward: sums.Sums) -> None:
    """Write under the profile by how much the sums differ at the same distance."""
    text = sums.delta_text(outward, picture.profile)
    picture.canvas.text(_RIGHT, picture.written, text, picture.look.ink, size=27, anchor="right")
