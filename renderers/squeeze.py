"""The answer to `/squeeze SYMBOL`: three gauges, their thirty days, each venue alone."""

import math
from collections.abc import Iterator

import numpy as np

from bot.core import figures
from bot.core.arrays import DAY, HOUR, Floats
from bot.core.instruments import venue_name
from bot.core.language import mark, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Kind
from bot.core.signals.names import kind_name, side_name
from bot.core.signals.regime_reading import Hour, Reading
from bot.core.signals.squeeze import SqueezeReading, VenueRegime, series
from renderers import gauges, header, lettering, words
from renderers.axes import TimeAxis
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN, Lines
from renderers.theme import Ink, Palette, Theme, palette

_SIZE = 27  # [px] of the text
_RIGHT = WIDTH - MARGIN
_GAUGES = 244  # [px] top of the first
_TITLES = (mark("funding for 8 h"), mark("open interest in a day"), mark("clusters"))
_LANE = (730, 768)  # [px] top and bottom of the lane of regimes
_STRIPS = 776  # [px] top of the first strip
_STRIP, _BETWEEN = 140, 10  # [px]
_LEFT = 210  # [px] left of the strips
_AXIS = _STRIPS + 3 * (_STRIP + _BETWEEN)
_VENUES = _AXIS + 124  # [px] baseline of the line above venues
_ROW = 41
ROWS = 5  # venues told of
_DAYS = 30
_COLUMNS = (690, 970, _RIGHT)  # [px] right ends of a venue's three figures

_HEADS = (mark("funding"), mark("interest"), mark("clusters"))
KINDS = {
    Kind.SQUEEZE: mark("squeeze"),
    Kind.FUEL: mark("fuel"),
    Kind.EXHAUSTION: mark("exhaustion"),
}
_ALPHAS = {Kind.SQUEEZE: 9, Kind.FUEL: 5, Kind.EXHAUSTION: 5}


def height(reading: SqueezeReading) -> int:
    """Return how high the picture is [px]: as many rows as there are venues."""
    if len(reading.venues) < 2:  # noqa: PLR2004 - one is told of already
        return _AXIS + 100
    return _VENUES + min(len(reading.venues), ROWS) * _ROW + 30


def render(reading: SqueezeReading, theme: Theme) -> bytes:
    """Draw a regime as PNG, 1280 wide; the same reading always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look)
    return canvas.png(look, height(reading))


def draw(canvas: Canvas, reading: SqueezeReading, look: Palette) -> None:
    """Draw a regime on the upper part of a canvas."""
    canvas.clear(look.paper)
    times = TimeAxis(Box(_LEFT, 0, _RIGHT, 0), reading.as_of - _DAYS * DAY, max(reading.as_of, 1))
    boxes = [
        Box(_LEFT, top, _RIGHT, top + _STRIP) for top in range(_STRIPS, _AXIS, _STRIP + _BETWEEN)
    ]
    for box in boxes:
        canvas.fill(box, look.panel)
    if reading.simulated:
        header.watermark(canvas, look, height(reading))
    _above(canvas, reading, look)
    side = look.short if reading.side is PositionSide.SHORT else look.long
    for place, gauge in enumerate(reading.gauges):
        top = _GAUGES + place * gauges.HEIGHT
        box = Box(MARGIN, top, _RIGHT, top + gauges.HEIGHT)
        title = say(_TITLES[place])
        if place == 2 and reading.side is not None:  # noqa: PLR2004 - the last, clusters
            title = say("clusters of {side}", side=side_name(reading.side))
        gauges.draw(canvas, gauge, title, (box, side), look, signed=place < 2)  # noqa: PLR2004
    _regimes(canvas, reading, times, boxes, look)
    _history(canvas, reading, times, boxes, look)
    _axis(canvas, times, look)
    if len(reading.venues) > 1:
        _venues(canvas, reading, look)


def title(now: Reading | None) -> str:
    """Name the regime and the crowded side, or the nearest one."""
    if now is None or now.nearest is None or now.side is None:
        return say("no regime can be named")
    of = side_name(now.side)
    if now.kind is None and not any(now.passed):
        return say("no regime · no reading speaks for one")
    if now.kind is None:
        return say(
            "no regime · nearest: {regime} of {side}, {passed} of 3",
            regime=kind_name(now.nearest),
            side=of,
            passed=sum(now.passed),
        )
    return say("{regime} · {side} crowded", regime=kind_name(now.kind), side=of)


def _above(canvas: Canvas, reading: SqueezeReading, look: Palette) -> None:
    now = reading.reading
    since = ""
    if now is not None and now.since is not None:
        since = words.since(figures.since(now.since, reading.as_of))
    names = words.names(each.exchange for each in reading.venues)
    days = say("ranks among {days} days", days=f"{now.days:.0f}") if now is not None else ""
    lines = Lines(
        (title(now), since),
        (f"{reading.freshness}: {names}", figures.moment(reading.as_of)),
        " · ".join(part for part in (words.grade(reading.grade), days) if part),
    )
    price = figures.price(reading.price)
    header.write(
        canvas, (reading.base, (say("regime"),), price), lines, look, simulated=reading.simulated
    )


def _stretches(hours: tuple[Hour, ...]) -> Iterator[tuple[int, int, Hour]]:
    """Yield stretches of one regime: begin, end [ms], and its first hour."""
    first: Hour | None = None
    last = 0
    for hour in hours:
        if first is not None and (hour.kind, hour.crowded) != (first.kind, first.crowded):
            yield first.time, hour.time, first
            first = None
        if first is None and hour.kind is not None:
            first = hour
        last = hour.time
    if first is not None:
        yield first.time, last + HOUR, first


def _regimes(
    canvas: Canvas, reading: SqueezeReading, times: TimeAxis, boxes: list[Box], look: Palette
) -> None:
    """Shade when there was a regime, and name it above where there is room."""
    canvas.fill(Box(_LEFT, _LANE[0], _RIGHT, _LANE[1]), look.panel)
    y = _LANE[1] - 10
    canvas.text(MARGIN, y, say("regimes"), look.muted, size=_SIZE)
    free = _LEFT
    for begin, end, hour in _stretches(reading.hours):
        if hour.kind is None:
            continue
        left = max(round(float(times.x(begin))), _LEFT)
        right = min(max(round(float(times.x(end))), left + 3), _RIGHT)
        ink = _ink(hour, look)
        for box in boxes:
            canvas.tint(Box(left, box.top, right, box.bottom), ink, _ALPHAS[hour.kind] - 2)
        canvas.fill(Box(left, _LANE[0], right, _LANE[1]), ink)
        word = say(KINDS[hour.kind])
        wide = lettering.width(word, _SIZE) + 12
        if right - left >= wide and left >= free:
            canvas.text(left + 6, y, word, look.paper, size=_SIZE)
            free = right


def _ink(hour: Hour, look: Palette) -> Ink:
    """Give a regime the colour of its crowded side; exhaustion, which points nowhere, none."""
    if hour.kind is Kind.EXHAUSTION or hour.crowded is None:
        return look.muted
    strong = hour.kind is Kind.SQUEEZE
    if hour.crowded is PositionSide.LONG:
        return look.long if strong else look.long_dim
    return look.short if strong else look.short_dim


def _history(
    canvas: Canvas, reading: SqueezeReading, times: TimeAxis, boxes: list[Box], look: Palette
) -> None:
    """Draw the thirty days of each reading, with what it takes now."""
    side = reading.side or PositionSide.LONG
    when = np.array([hour.time for hour in reading.hours], dtype=np.float64)
    columns = series(reading.hours, side)
    asked = [gauge.threshold for gauge in reading.gauges] or [math.nan] * 3
    for place, (box, column, level) in enumerate(zip(boxes, columns, asked, strict=True)):
        signed = place < 2  # noqa: PLR2004 - clusters have no sign
        _labels(canvas, place, box, look)
        known = column[np.isfinite(column)]
        if not len(known):
            canvas.text(box.left + 20, box.top + 80, say("not known"), look.muted, size=_SIZE)
            continue
        span = gauges.span_of(column, level, 0.0 if signed else math.nan)

        def row(value: Floats | float, span: gauges.Span = span, box: Box = box) -> Floats:
            share = (np.clip(value, span.low, span.high) - span.low) / (span.high - span.low)
            return np.asarray((1 - share) * (box.height - 1), dtype=np.float64)

        if signed:
            y = box.top + round(float(row(0.0)))
            canvas.tint(Box(box.left, y, box.right, y + 1), look.ink, 5)
        if math.isfinite(level):
            y = box.top + round(float(row(level)))
            canvas.dashes(Box(box.left, y - 1, box.right, y + 1), look.ink, 11, 8)
        at = times.start + (np.arange(box.width) + 0.5) / box.width * (times.end - times.start)
        there = np.isfinite(column)
        value = np.interp(at, when[there], column[there])
        value[(at < when[there][0]) | (at > when[there][-1] + HOUR)] = np.nan
        canvas.curve(box, row(value), look.ink)
        for end, y in ((span.high, box.top + 54), (span.low, box.bottom - 10)):
            text = figures.percent(end, signed=signed)
            canvas.text(_LEFT - 12, y + 8, text, look.muted, size=_SIZE, anchor="right")


def _labels(canvas: Canvas, place: int, box: Box, look: Palette) -> None:
    canvas.text(MARGIN, box.top + 26, say(_HEADS[place]), look.ink, size=_SIZE)


def _axis(canvas: Canvas, times: TimeAxis, look: Palette) -> None:
    free = 0
    for at, text in times.ticks(6):
        x, half = round(float(times.x(at))), lettering.width(text, _SIZE) // 2 + 1
        if x - half > max(free, _LEFT - 20) and x + half < _RIGHT + 4:
            canvas.tint(Box(x, _AXIS - _BETWEEN, x + 2, _AXIS - 2), look.ink, 6)
            free = (
                canvas.text(x, _AXIS + 26, text, look.muted, size=_SIZE, anchor="middle").right + 16
            )
    said = say(
        "dashed: what it takes now · shaded: longs (blue) or shorts (orange) crowded, exhaustion"
    )
    canvas.text(
        MARGIN, _AXIS + 72, lettering.fitted(said, _RIGHT - MARGIN, _SIZE), look.muted, size=_SIZE
    )


def _venues(canvas: Canvas, reading: SqueezeReading, look: Palette) -> None:
    """Write each venue's own regime and readings."""
    shown, count = reading.venues[:ROWS], len(reading.venues)
    name = say("each venue alone")
    if len(shown) < count:
        name = say("alone: {shown} of {count} venues", shown=len(shown), count=count)
    canvas.text(MARGIN, _VENUES, name, look.muted, size=_SIZE)
    for right, text in zip(_COLUMNS, _HEADS, strict=True):
        canvas.text(right, _VENUES, say(text), look.muted, size=_SIZE, anchor="right")
    for place, each in enumerate(shown):
        _venue(canvas, _VENUES + (place + 1) * _ROW, each, reading.waiting, look)


def _venue(
    canvas: Canvas, y: int, each: VenueRegime, waiting: tuple[str, ...], look: Palette
) -> None:
    name = lettering.fitted(venue_name(each.exchange), 170, _SIZE)
    canvas.text(MARGIN, y, name, look.ink, size=_SIZE)
    now = each.reading
    if now is None or not now.facts:
        why = words.told(now.ends) if now else say("no data")
        if each.exchange in waiting:
            why = say("still being read")
        canvas.text(_LEFT, y, lettering.fitted(why, _RIGHT - _LEFT, _SIZE), look.muted, size=_SIZE)
        return
    what = say("none, {passed} of 3", passed=sum(now.passed))
    if now.kind is not None:
        what = say(KINDS[now.kind])
    canvas.text(_LEFT, y, what, look.ink, size=_SIZE, bold=now.kind is not None)
    for place, (right, fact, met) in enumerate(zip(_COLUMNS, now.facts, now.passed, strict=True)):
        text = figures.percent(fact.value, signed=place < 2)  # noqa: PLR2004 - clusters have no sign
        if fact.rank is not None and math.isfinite(fact.rank):
            text += f" {_rank(fact.rank)}"
        canvas.text(right, y, text, look.ink, size=_SIZE, bold=met, anchor="right")


def _rank(rank: float) -> str:
    """Write where a figure stands in its own past, as `figures.standing` does, in signs."""
    sign, part = (">", rank) if rank >= 0.5 else ("<", 1 - rank)  # noqa: PLR2004 - half
    return f"{sign} {min(round(100 * part), 99)} %"
