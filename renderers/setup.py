"""The answer to `/setups`: one sweep, magnet or cascade, with the market around it.

Above, candles with what the setup is about: its zone, how far price went, target and stop. Below,
what was liquidated in the same time, by side; then how the setup came about and what it rests on.
"""

import math
from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.language import say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Kind
from bot.core.signals.events import Zone
from bot.core.signals.names import capital, kind_name, way_name
from bot.core.signals.setups import SetupChart
from renderers import candles, header, lettering, setup_below, setup_tags, words
from renderers.axes import PriceAxis, TimeAxis, nice
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN
from renderers.theme import Palette, Theme, palette

_RIGHT = WIDTH - MARGIN
_TOP, _BOTTOM = 250, 910  # [px] of the candles
_BARS = (930, 1080)  # [px] of what was liquidated
_TIMES = 1116  # [px] baseline
_BELOW = 1140  # [px]
_SIZE = 27  # [px] of the text
_ZONE, _EDGE = 8, 12  # of ALPHAS: how strongly a zone is tinted, and its edges
_SPARE = 1.0025  # a price axis goes so much beyond what is drawn
_LEAST_SPAN = 0.004  # [log price]
_REACH = 0.06  # [log price] what is further from the price than this does not stretch the axis
_NUMBER = 38  # [px] from one state's number to the next
_LARGEST = 34.0  # [px] radius of the largest bubble


@dataclass(frozen=True, slots=True)
class _Picture:
    """Everything the parts need."""

    canvas: Canvas
    chart: SetupChart
    prices: PriceAxis
    times: TimeAxis
    look: Palette


def render(chart: SetupChart, theme: Theme) -> bytes:
    """Draw a setup, 1280 x 1600; the same chart always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, chart, look)
    return canvas.png(look)


def draw(canvas: Canvas, chart: SetupChart, look: Palette) -> None:
    """Draw a setup on a canvas, what lies behind first."""
    canvas.clear(look.paper)
    tags = setup_tags.tags(chart, look)
    edge = _RIGHT - setup_tags.lane_width(tags)
    box = Box(MARGIN, _TOP, edge, _BOTTOM)
    picture = _Picture(
        canvas, chart, price_axis(chart, box), TimeAxis(box, chart.start, chart.end), look
    )
    canvas.fill(box, look.panel)
    zones(canvas, chart, picture.prices, look)
    _grid(picture)
    states(canvas, chart, _axes(picture), _BARS[1], look)
    candles.draw(canvas, candles.fit(chart.candles, picture.times), *_axes(picture), look)
    unit = _bubbles(picture)
    bars = Box(MARGIN, _BARS[0], edge, _BARS[1])
    scale = _amounts(picture, bars)
    if chart.simulated:
        header.watermark(canvas, look)
    above(canvas, chart, look)
    setup_tags.draw(canvas, tags, picture.prices, Box(edge, _TOP, _RIGHT, _BOTTOM), look)
    _beside(canvas, bars, scale, unit, look)
    setup_below.draw(canvas, chart, Box(MARGIN, _BELOW, _RIGHT, 1600 - MARGIN), look)


def _axes(picture: _Picture) -> tuple[PriceAxis, TimeAxis]:
    return picture.prices, picture.times


def title(chart: SetupChart) -> str:
    """Name a setup and how it stands.

    "Sweep reversal up: a setup"
    """
    now = chart.setup.now
    name = f"{capital(kind_name(now.kind))} {way_name(now.way)}"
    phase = setup_below.phase(now.phase)
    if now.ended is not None:
        over = say("{setup}: over", setup=name)
        return over if now.phase == "over" else f"{over}, {phase}"
    if now.kind is Kind.CASCADE:
        return say("{setup}: under way", setup=name)
    return f"{name}: {phase}"


def above(canvas: Canvas, chart: SetupChart, look: Palette, more: str = "") -> None:
    """Write the lines above; `more` is said after the title."""
    now = chart.setup.now
    ended = now.ended if now.ended is not None else chart.as_of
    lasted = figures.span(max(ended - now.began, 0))
    since = f"{words.since(figures.since(now.began, chart.as_of))}, {lasted}"
    silent = [name for name in chart.asked if name not in chart.venues]
    quality = [say("grade of the map: {grade}", grade=words.told(chart.grade))]
    quality += [words.silent(silent)] if silent else []
    there = words.there(len(chart.venues), len(chart.asked))
    header.write(
        canvas,
        (chart.base, (), figures.price(chart.setup.price)),
        header.Lines(
            (title(chart) + more, since if ended > now.began else say("just now")),
            (f"{there}: {words.names(chart.venues)}", figures.moment(chart.as_of)),
            " · ".join(quality),
        ),
        look,
        simulated=chart.simulated,
    )


def price_axis(chart: SetupChart, box: Box) -> PriceAxis:
    """Show what was traded, and of what is said all that is not too far off."""
    now, price = chart.setup.now, chart.price
    shown = [price]
    if len(chart.candles):
        shown += [float(chart.candles.low.min()), float(chart.candles.high.max())]
    said = [now.stop, chart.extreme, now.began_price]
    for zone in (now.zone, now.target):
        said += [zone.low, zone.high] if zone is not None else []
    shown += [at for at in said if at is not None and abs(math.log(at / price)) <= _REACH]
    low, high = min(shown) / _SPARE, max(shown) * _SPARE
    margin = math.exp(max(_LEAST_SPAN - math.log(high / low), 0.0) / 2)
    return PriceAxis(box, low / margin, high * margin)


def zones(canvas: Canvas, chart: SetupChart, prices: PriceAxis, look: Palette) -> None:
    """Tint the zone that a setup is about, and the one it points to."""
    now = chart.setup.now
    for zone in (now.zone, now.target):
        if zone is not None and zone.usd > 0:
            _zone(canvas, zone, prices, look)


def _zone(canvas: Canvas, zone: Zone, prices: PriceAxis, look: Palette) -> None:
    box = prices.box
    long = zone.side is PositionSide.LONG
    ink, ground = (look.long, look.long_dim) if long else (look.short, look.short_dim)
    top, bottom = (round(float(prices.y(at))) for at in (zone.high, zone.low))
    band = Box(box.left, top, box.right, max(bottom, top + 2)).within(box)
    if band.height:
        canvas.tint(band, ground, _ZONE)
        for y in (band.top, band.bottom - 2):
            canvas.tint(Box(box.left, y, box.right, y + 2).within(box), ink, _EDGE)


def _grid(picture: _Picture) -> None:
    """Draw faint lines at round times, and write the times below what was liquidated."""
    canvas, look, box = picture.canvas, picture.look, picture.prices.box
    free = MARGIN
    for at, text in ticks(picture.times):
        x = round(float(picture.times.x(at)))
        half = lettering.width(text, _SIZE) // 2
        canvas.tint(Box(x, box.top, x + 1, box.bottom), look.ink, 2)
        if free <= x - half and x + half <= box.right:
            canvas.text(x, _TIMES, text, look.muted, size=_SIZE, anchor="middle")
            free = x + half + 24


def ticks(times: TimeAxis) -> list[tuple[int, str]]:
    """Return round times; of a short stretch minutes, which no longer axis needs."""
    minute = 60_000
    length = times.end - times.start
    step = next((m * minute for m in (5, 10, 15, 30) if length / (m * minute) <= 6.5), 0)  # noqa: PLR2004 - as many as fit
    if not step:
        return times.ticks()
    first, last = -(-times.start // step), times.end // step
    return [(index * step, figures.clock(index * step)) for index in range(first, last + 1)]


def states(
    canvas: Canvas, chart: SetupChart, axes: tuple[PriceAxis, TimeAxis], bottom: int, look: Palette
) -> None:
    """Draw where each state began, over candles and what was liquidated, and its number."""
    box, drawn = axes[0].box, list[tuple[int, int]]()  # column [px] and row
    for place, step in enumerate(setup_below.steps_of(chart.setup), 1):
        x = round(float(axes[1].x(step.time)))
        x = min(max(x, box.left + 1), box.right - 2)
        canvas.dashes(Box(x - 1, box.top, x + 1, bottom), look.muted, 10, 6)
        taken = {row for other, row in drawn if abs(x - other) < 2 * _NUMBER}
        row = next(row for row in range(place) if row not in taken)
        at = x, box.top + 22 + row * _NUMBER
        setup_below.numbered(canvas, at, place, look, box)
        drawn.append((x, row))


def _bubbles(picture: _Picture) -> float | None:
    """Draw liquidations as rings; returns the dollars of the largest."""
    found = candles.bubbles(picture.chart.events, picture.prices, picture.times)
    if found is None or not len(found.usd):
        return None
    most = float(found.usd.max())
    unit = most * (candles.UNIT_RADIUS / _LARGEST) ** 2
    candles.draw_bubbles(picture.canvas, found, unit, _axes(picture), picture.look)
    return most


def _amounts(picture: _Picture, box: Box) -> float | None:
    """Draw what was liquidated: shorts upward, longs downward; returns the scale [USD]."""
    canvas, look, amounts = picture.canvas, picture.look, picture.chart.amounts
    canvas.fill(box, look.panel)
    if amounts is None:
        text = say("no venue told of liquidations")
        canvas.text(box.left + 14, box.top + 44, text, look.muted, size=_SIZE)
        return None
    most = max(float(amounts.long_usd.max()), float(amounts.short_usd.max()))
    scale = nice(most) if most > 0 else 1.0
    middle, room = (box.top + box.bottom) // 2, box.height // 2 - 4
    times = TimeAxis(box, picture.times.start, picture.times.end)
    edges = np.round(times.x(np.append(amounts.time, amounts.time[-1] + amounts.interval)))
    columns = np.clip(edges, box.left, box.right).astype(int).tolist()
    for place, (long, short) in enumerate(
        zip(amounts.long_usd.tolist(), amounts.short_usd.tolist(), strict=True)
    ):
        left, right = columns[place], columns[place + 1]
        right = max(right - (right - left > 4), left + 1)  # noqa: PLR2004 - a gap where there is room
        if short > 0:
            top = middle - max(round(short / scale * room), 2)
            canvas.fill(Box(left, top, right, middle - 1).within(box), look.short)
        if long > 0:
            bottom = middle + max(round(long / scale * room), 2)
            canvas.fill(Box(left, middle + 1, right, bottom).within(box), look.long)
    canvas.fill(Box(box.left, middle - 1, box.right, middle + 1), look.muted)
    return scale


def _beside(
    canvas: Canvas, box: Box, scale: float | None, largest: float | None, look: Palette
) -> None:
    """Write what the bars' ends and the largest ring mean."""
    left = box.right + 12
    if scale is not None:
        shorts, longs = (f"{of} {figures.usd(scale)}" for of in (words.shorts(), words.longs()))
        canvas.text(left, box.top + 22, shorts, look.short, size=_SIZE)
        canvas.text(left, box.bottom - 4, longs, look.long, size=_SIZE)
    if largest is not None:
        middle = (box.top + box.bottom) // 2 + 10
        text = say("ring {usd}", usd=figures.usd(largest))
        canvas.text(left, middle, text, look.muted, size=_SIZE)
