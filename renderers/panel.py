"""The answer to `/funding`, `/oi` and `/ratio`: a strip for each venue and one for all."""

import numpy as np

from bot.core import figures
from bot.core.instruments import venue_name
from bot.core.language import many, say
from bot.core.panels import words
from bot.core.panels.reading import SPANS, Kind, Line, PanelReading
from bot.core.panels.standing import Standing
from renderers import header, lettering
from renderers import words as shared
from renderers.axes import TimeAxis
from renderers.canvas import HEIGHT, WIDTH, Box, Canvas, own
from renderers.header import MARGIN
from renderers.panel_strips import Drawn, scale, strip
from renderers.theme import Ink, Palette, Theme, palette

_RIGHT = WIDTH - MARGIN
_NAME, _WHO, _WHEN = 84, 136, 178  # [px] baselines of the lines above
_TEXT, _BOLD = 27, 30  # [px] sizes
_GAP = 24  # [px] between columns
_STRIP = (300, 920)  # [px] left and right of every strip
_TOP, _HIGH = 208, 196  # [px] of the strip of all together
_AXIS = 46  # [px] kept for times below it
_CHANGES = 40  # [px] a line of changes
_ROW_MOST, _ROW_LEAST = 96, 67  # [px] of a venue's row, its gap included
_BETWEEN = 8  # [px] between two rows
MOST_VENUES = 14  # more are in the sum, but have no strip
_FOOT = 56  # [px]
_GAUGE = 12  # [px] height


def height(reading: PanelReading) -> int:
    """Return how high the picture is [px]: as many rows as there are venues."""
    return _rows_top(reading) + len(_shown(reading)) * _row(reading) + _FOOT


def render(reading: PanelReading, theme: Theme) -> bytes:
    """Draw a panel as PNG, 1280 wide; the same reading always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look)
    return canvas.png(look, height(reading))


def draw(canvas: Canvas, reading: PanelReading, look: Palette) -> None:
    """Draw a panel on the upper part of a canvas."""
    canvas.clear(look.paper)
    drawn = _laid(reading)
    for each in drawn:
        canvas.fill(each.box, look.panel)
    if reading.simulated:
        header.watermark(canvas, look, height(reading))
    times = TimeAxis(Box(_STRIP[0], 0, _STRIP[1], 0), reading.start, reading.as_of)
    for each in drawn:
        strip(canvas, reading.kind, each, times, look)
    _above(canvas, reading, look)
    for each in drawn:
        if each.line is reading.merged:
            _beside_all(canvas, reading, each, look)
            _axis(canvas, times, look)
            _changes(canvas, reading.kind, each.line, look)
        else:
            _beside(canvas, reading, each, look)
    _foot(canvas, reading, look)


def _laid(reading: PanelReading) -> list[Drawn]:
    """Lay out the strips; rates of venues share one scale, open interest has one for each."""
    kind, start, shown = reading.kind, reading.start, _shown(reading)
    top, step = _rows_top(reading), _row(reading)
    drawn = []
    if reading.merged is not None:
        box = Box(_STRIP[0], _TOP, _STRIP[1], _TOP + _HIGH)
        drawn.append(Drawn(reading.merged, box, scale(kind, [reading.merged], start)))
    for place, line in enumerate(shown):
        row = top + place * step
        box = Box(_STRIP[0], row, _STRIP[1], row + step - _BETWEEN)
        alike = [line] if kind is Kind.INTEREST else shown
        drawn.append(Drawn(line, box, scale(kind, alike, start)))
    return drawn


def _shown(reading: PanelReading) -> tuple[Line, ...]:
    return reading.venues[:MOST_VENUES]


def _rows_top(reading: PanelReading) -> int:
    lines = 3 if reading.kind is Kind.INTEREST else 2
    return _TOP + _HIGH + _AXIS + lines * _CHANGES + _GAP


def _row(reading: PanelReading) -> int:
    """Return the height of a row [px], its gap included: the fewer venues, the higher."""
    count = max(len(_shown(reading)), 1)
    return min(max((HEIGHT - _rows_top(reading) - _FOOT) // count, _ROW_LEAST), _ROW_MOST)


def _above(canvas: Canvas, reading: PanelReading, look: Palette) -> None:
    """Write which coin and figure, and what it is now of all venues together."""
    end, merged = _RIGHT, reading.merged
    if merged is not None:
        figure = words.now(reading.kind, merged)
        end = canvas.text(_RIGHT, _NAME, figure, look.ink, size=54, bold=True, anchor="right").left
    end -= _GAP
    flag = header.flag_width() + _GAP if reading.simulated else 0
    name = lettering.fitted(reading.base, end - flag - MARGIN, 60, bold=True)
    left = canvas.text(MARGIN, _NAME, name, look.ink, size=60, bold=True).right + 18
    if reading.simulated:
        left = header.flag(canvas, left, _NAME, look).right + 18
    title = say(words.TITLES[reading.kind])
    if left + lettering.width(title, 38) <= end:
        canvas.text(left, _NAME, title, look.muted, size=38)
    said = "" if merged is None else words.beside(reading.kind, merged, reading.base)
    names = shared.names(line.exchange for line in reading.venues)
    _pair(
        canvas,
        _WHO,
        (f"{reading.freshness}: {names}" if names else reading.freshness, said),
        look.ink,
        look,
    )
    _pair(canvas, _WHEN, (_lacking(reading), figures.moment(reading.as_of)), look.muted, look)


def _pair(canvas: Canvas, y: int, said: tuple[str, str], ink: Ink, look: Palette) -> None:
    """Write a line's right part, and of the left one what fits beside it."""
    left, right = said
    end = canvas.text(_RIGHT, y, right, ink, size=_TEXT, anchor="right").left if right else _RIGHT
    canvas.text(
        MARGIN, y, lettering.fitted(left, end - _GAP - MARGIN, _TEXT), look.muted, size=_TEXT
    )


def _lacking(reading: PanelReading) -> str:
    """Say who is not in it, and why."""
    there = {line.exchange for line in reading.venues} | set(reading.lacking)
    silent = [each for each in reading.asked if each not in there]
    parts = [shared.silent(silent)] if silent else []
    if reading.lacking:
        parts.append(say("not told by {venues}", venues=shared.names(reading.lacking)))
    return " · ".join(parts)


def _beside_all(canvas: Canvas, reading: PanelReading, drawn: Drawn, look: Palette) -> None:
    """Write the ends of the scale on the left, and where the present stands on the right."""
    box, line, kind = drawn.box, drawn.line, reading.kind
    left = box.left - 12
    for end, y in ((drawn.scale.high, box.top + 28), (drawn.scale.low, box.bottom - 8)):
        text = words.value(kind, end)
        canvas.text(left, y, text, look.muted, size=_TEXT, anchor="right")
    middle = (box.top + box.bottom) // 2
    canvas.text(MARGIN, middle - 4, say("All together"), look.ink, size=_TEXT)
    how = say("in coins") if kind is Kind.INTEREST else say("by open interest")
    canvas.text(MARGIN, middle + 32, how, look.muted, size=_TEXT)
    if not line.standings:
        for place, text in enumerate((say("too little history"), say("for a percentile"))):
            canvas.text(box.right + _GAP, middle - 4 + 36 * place, text, look.muted, size=_TEXT)
    for place, standing in enumerate(line.standings):
        y = box.top + 34 + place * 98
        text = say("above {share}", share=words.rank(standing))
        canvas.text(box.right + _GAP, y, text, look.ink, size=_TEXT, bold=True)
        text = say("of {span}", span=standing.rests_on)
        canvas.text(_RIGHT, y, text, look.muted, size=_TEXT, anchor="right")
        _gauge(canvas, Box(box.right + _GAP, y + 16, _RIGHT, y + 16 + _GAUGE), standing, look)


def _gauge(canvas: Canvas, box: Box, standing: Standing, look: Palette) -> None:
    """Draw from 0 to 100 % where the present stands."""
    canvas.fill(box, look.raised)
    at = box.left + round(standing.percentile * (box.width - 1))
    canvas.fill(Box(box.left, box.top, at, box.bottom), look.muted)
    canvas.fill(Box(at - 4, box.top - 5, at + 4, box.bottom + 5).within(box.grown(5)), look.ink)


def _axis(canvas: Canvas, times: TimeAxis, look: Palette) -> None:
    """Write times below the strip of all together; they hold for every strip."""
    y, free = _TOP + _HIGH, 0
    for at, text in times.ticks(5):
        x, half = round(float(times.x(at))), lettering.width(text, _TEXT) // 2 + 1
        if x - half > max(free, _STRIP[0] - 20) and x + half < _STRIP[1] + 20:
            canvas.tint(Box(x, y, x + 2, y + 8), look.ink, 6)
            free = canvas.text(x, y + 36, text, look.muted, size=_TEXT, anchor="middle").right + 16


def _changes(canvas: Canvas, kind: Kind, line: Line, look: Palette) -> None:
    """Write how far the present is from before: a column for each span."""
    top = _TOP + _HIGH + _AXIS
    rows = [(say("change"), line.changes)]
    if kind is Kind.INTEREST:
        rows = [(say("in coins"), line.changes), (say("in dollars"), line.usd_changes)]
    step = (_RIGHT - _STRIP[0]) // len(SPANS)
    for place, span in enumerate(SPANS):
        right = _STRIP[0] + (place + 1) * step
        canvas.text(right, top + 32, span, look.muted, size=_TEXT, anchor="right")
        for row, (_, changes) in enumerate(rows):
            y = top + 32 + (row + 1) * _CHANGES
            text = words.change(kind, changes[place])
            canvas.text(right, y, text, look.ink, size=_BOLD, bold=row == 0, anchor="right")
    for row, (name, _) in enumerate(rows):
        canvas.text(MARGIN, top + 32 + (row + 1) * _CHANGES, name, look.muted, size=_TEXT)


def _beside(canvas: Canvas, reading: PanelReading, drawn: Drawn, look: Palette) -> None:
    """Write a venue's name on the left of its strip, and its figures on the right."""
    line, box, kind = drawn.line, drawn.box, reading.kind
    upper = (box.top + box.bottom) // 2 - 4
    room = box.left - MARGIN - 12
    name = lettering.fitted(venue_name(line.exchange), room, _TEXT)
    canvas.text(MARGIN, upper, name, look.ink, size=_TEXT)
    note = _note(reading, line)
    if line.stale:
        note = say("stale: {span} old", span=figures.span(reading.as_of - line.as_of))
    ink = look.ink if line.stale else look.muted
    canvas.text(
        MARGIN, upper + 32, lettering.fitted(note, room, _TEXT), ink, size=_TEXT, bold=False
    )
    figure = words.now(kind, line)
    canvas.text(_RIGHT, upper, figure, look.ink, size=_BOLD, bold=True, anchor="right")
    left = box.right + _GAP
    if not line.standings:
        known = np.isfinite(line.strip.value).any()
        text = say("little history") if known else say("no history")
        canvas.text(_RIGHT, upper + 32, text, look.muted, size=_TEXT, anchor="right")
        return
    standing = line.standings[0]
    text = say("> {share} of {span}", share=words.rank(standing), span=standing.rests_on)
    end = canvas.text(_RIGHT, upper + 32, text, look.muted, size=_TEXT, anchor="right").left
    _gauge(canvas, Box(left, upper + 17, end - 16, upper + 17 + _GAUGE), standing, look)


def _note(reading: PanelReading, line: Line) -> str:
    """Say of a venue what else counts: how often it pays, what share it holds, who is long."""
    if reading.kind is Kind.FUNDING:
        return words.paid(line)
    if reading.kind is Kind.RATIO:
        return say("{share} long", share=figures.percent(line.now / (1 + line.now)))
    whole = 0.0 if reading.merged is None else reading.merged.interest_usd
    share = line.interest_usd / whole if whole > 0 else float("nan")
    return say("{share} of all", share=figures.percent(share))


def _foot(canvas: Canvas, reading: PanelReading, look: Palette) -> None:
    """Say what is marked, and how many venues are not shown."""
    y = height(reading) - 20
    said = say("band: four of five hours · dashes: the middle one")
    if more := len(reading.venues) - len(_shown(reading)):
        rest = many("and {count} more venue", "and {count} more venues", more)
        said = f"{rest} · {said}"
    elif reading.kind is Kind.FUNDING:
        said += " · " + say("up: longs pay")
    canvas.text(MARGIN, y, lettering.fitted(said, _RIGHT - MARGIN, _TEXT), look.muted, size=_TEXT)
