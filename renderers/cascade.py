"""A cascade, step by step: price, what was liquidated every ten seconds, and how it went on.

Above, candles with the prices of the liquidations themselves and the next cluster ahead; between,
its phases; below, dollars by step and by minute, beside what a minute takes to be a wave.
"""

import math
from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.arrays import MINUTE, Floats, floats
from bot.core.language import many, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.cascade_timeline import Timeline, timeline
from bot.core.signals.names import side_name
from bot.core.signals.setups import SetupChart
from renderers import candles, header, labels, lettering, setup, setup_below, setup_tags, words
from renderers.axes import PriceAxis, TimeAxis
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN
from renderers.theme import Ink, Palette, Theme, palette

_RIGHT = WIDTH - MARGIN
_TOP, _BOTTOM = 250, 720  # [px] of the prices
_LANE = (730, 768)  # [px] of the phases
_TAPE = (778, 1122)  # [px] of what was liquidated
_TIMES, _KEY = 1158, 1204  # [px] baselines
_BELOW = 1230  # [px]
_SIZE = 27  # [px] of the text
_ROW = 34  # [px] of a line beside the tape
_OTHER = 0.2  # of the tape's height for the side that is not liquidated
_HEADROOM = 1.3  # the scale goes so far beyond the busiest minute, for what is written there
_JOINED = MINUTE  # [ms] prices of liquidations no further apart are one line
_FILL = 10  # of ALPHAS: below the curve of minutes


@dataclass(frozen=True, slots=True)
class _Tape:
    """Where dollars stand: those of the cascade's side the way that price went."""

    box: Box
    zero: int  # [px]
    scale: float  # [USD] at the far end of the cascade's side
    sign: int  # +1 downward, longs; -1 upward, shorts

    @property
    def room(self) -> int:
        """Height of the cascade's side [px]."""
        return self.box.bottom - self.zero if self.sign > 0 else self.zero - self.box.top

    def y(self, usd: Floats | float) -> Floats:
        """Return rows [px from the top of the picture] of dollars of the cascade's side."""
        rows = self.zero + self.sign * np.asarray(usd) / self.scale * (self.room - 4)
        return floats(np.clip(rows, self.box.top, self.box.bottom))


def render(chart: SetupChart, theme: Theme) -> bytes:
    """Draw a cascade, 1280 x 1600; the same chart always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, chart, look)
    return canvas.png(look)


def draw(canvas: Canvas, chart: SetupChart, look: Palette) -> None:
    """Draw a cascade on a canvas, what lies behind first."""
    canvas.clear(look.paper)
    tags = setup_tags.tags(chart, look)
    edge = _RIGHT - setup_tags.lane_width(tags)
    prices = setup.price_axis(chart, Box(MARGIN, _TOP, edge, _BOTTOM))
    times = TimeAxis(prices.box, chart.start, chart.end)
    line = None
    if chart.amounts is not None:
        line = timeline(chart.setup, chart.amounts, chart.events, chart.end)
    tape = _tape(line, Box(MARGIN, _TAPE[0], edge, _TAPE[1]))
    for box in (prices.box, tape.box):
        canvas.fill(box, look.panel)
    setup.zones(canvas, chart, prices, look)
    _times(canvas, (prices.box, tape.box), times, look)
    if line is not None:
        _phases(canvas, chart, line, times, look)
        _amounts(canvas, line, tape, times, look)
    setup.states(canvas, chart, (prices, times), tape.box.bottom, look)
    candles.draw(canvas, candles.fit(chart.candles, times), prices, times, look)
    if line is not None:
        _price_line(canvas, line, (prices, times), look)
    if chart.simulated:
        header.watermark(canvas, look)
    setup.above(canvas, chart, look, _count(line))
    setup_tags.draw(canvas, tags, prices, Box(edge, _TOP, _RIGHT, _BOTTOM), look)
    if line is None:
        text = say("no venue told of liquidations")
        canvas.text(MARGIN + 14, tape.box.top + 44, text, look.muted, size=_SIZE)
    else:
        _beside(canvas, line, tape, look)
        _waves(canvas, line, tape, times, look)
        _key(canvas, line, look)
    setup_below.draw(canvas, chart, Box(MARGIN, _BELOW, _RIGHT, 1600 - MARGIN), look)


def _inks(line: Timeline, look: Palette) -> tuple[Ink, Ink]:
    """Return the strong and the quiet ink of the side that is liquidated."""
    if line.side is PositionSide.LONG:
        return look.long, look.long_dim
    return look.short, look.short_dim


def _count(line: Timeline | None) -> str:
    """Say how many waves there were."""
    if line is None or not line.waves:
        return ""
    of = side_name(line.side)
    told = many("{count} wave of {side}", "{count} waves of {side}", len(line.waves), side=of)
    return f" · {told}"


def _tape(line: Timeline | None, box: Box) -> _Tape:
    if line is None:
        return _Tape(box, box.bottom, 1.0, 1)
    most = max(float(line.minute_usd.max(initial=0.0)), float(line.usd.max(initial=0.0)))
    known = line.wave_usd if math.isfinite(line.wave_usd) else 0.0
    scale = max(most, known) * _HEADROOM if max(most, known) > 0 else 1.0
    other = round(_OTHER * box.height)
    if line.side is PositionSide.LONG:
        return _Tape(box, box.top + other, scale, 1)
    return _Tape(box, box.bottom - other, scale, -1)


def _times(canvas: Canvas, boxes: tuple[Box, Box], times: TimeAxis, look: Palette) -> None:
    free = MARGIN
    for at, text in setup.ticks(times):
        x = round(float(times.x(at)))
        half = lettering.width(text, _SIZE) // 2
        for box in boxes:
            canvas.tint(Box(x, box.top, x + 1, box.bottom), look.ink, 2)
        if free <= x - half and x + half <= boxes[0].right:
            canvas.text(x, _TIMES, text, look.muted, size=_SIZE, anchor="middle")
            free = x + half + 24


def _phases(
    canvas: Canvas, chart: SetupChart, line: Timeline, times: TimeAxis, look: Palette
) -> None:
    """Draw what it was from when until when, named where there is room."""
    now, (strong, quiet) = chart.setup.now, _inks(line, look)
    ended = chart.end if now.ended is None else now.ended
    confirmed = ended if line.confirmed is None else line.confirmed
    fading = ended if line.fading is None else line.fading
    for begin, end, name, ground, ink in (
        (now.began, confirmed, say("first wave"), quiet, look.ink),
        (confirmed, fading, say("cascade"), strong, look.paper),
        (fading, ended, say("fades"), look.raised, look.ink),
    ):
        left, right = (round(float(times.x(at))) for at in (begin, end))
        box = Box(left, _LANE[0], right, _LANE[1]).within(times.box._replace(top=0, bottom=1600))
        if box.width:
            canvas.fill(box, ground)
            if lettering.width(name, _SIZE) + 16 <= box.width:
                canvas.text(box.left + 8, box.bottom - 10, name, ink, size=_SIZE)


def _amounts(canvas: Canvas, line: Timeline, tape: _Tape, times: TimeAxis, look: Palette) -> None:
    """Draw dollars by step as bars, those by minute as a curve, and what a minute takes."""
    box, (strong, quiet) = tape.box, _inks(line, look)
    at = times.start + (np.arange(box.width) + 0.5) / box.width * (times.end - times.start)
    step = np.searchsorted(line.time, at, side="right") - 1
    known = (
        (step >= 0) & (at < float(line.time[-1] + line.interval)) if len(line.time) else step < 0
    )
    minute = np.where(known, line.minute_usd[np.maximum(step, 0)], np.nan)
    y = tape.y(minute) - box.top
    row, zero = np.arange(box.height)[:, None] + 0.5, tape.zero - box.top
    inside = (row - zero) * (row - np.nan_to_num(y, nan=float(zero))[None]) < 0
    canvas.cover(box.left, box.top, np.where(inside, _FILL, 0).astype(np.uint8), quiet)
    edges = np.round(times.x(np.append(line.time, line.time[-1:] + line.interval))).astype(int)
    other_ink = look.short if line.side is PositionSide.LONG else look.long
    for usd, sign, ink in ((line.usd, 1, strong), (line.other_usd, -1, other_ink)):
        ends, away = np.round(tape.y(floats(sign * usd))).astype(int), sign * tape.sign
        for place in np.flatnonzero(usd > 0).tolist():
            left, right = int(edges[place]), int(edges[place + 1])
            end = max(ends[place] * away, tape.zero * away + 3) * away  # however little, it is seen
            top, bottom = sorted((tape.zero, int(end)))
            canvas.fill(Box(left, top, max(right - 1, left + 1), bottom).within(box), ink)
    canvas.curve(box, floats(y), look.paper, thick=6.0)
    canvas.curve(box, floats(y), look.ink, thick=3.0)
    canvas.fill(Box(box.left, tape.zero - 1, box.right, tape.zero + 1), look.muted)
    for level, _ in _levels(line):
        at_y = round(float(tape.y(level)))
        canvas.dashes(Box(box.left, at_y - 1, box.right, at_y + 1).within(box), look.ink, 11, 8)


def _levels(line: Timeline) -> list[tuple[float, str]]:
    """Return what a minute takes to be a wave, and below what it fades."""
    found = []
    if math.isfinite(line.wave_usd):
        found.append((line.wave_usd, say("wave {usd}", usd=figures.usd(line.wave_usd))))
    if line.fading is not None:
        found.append((line.faded_usd, say("fades {usd}", usd=figures.usd(line.faded_usd))))
    return found


def _price_line(
    canvas: Canvas, line: Timeline, axes: tuple[PriceAxis, TimeAxis], look: Palette
) -> None:
    """Draw the prices at which its side was liquidated; a pause is a gap."""
    prices, times = axes
    told = np.flatnonzero(np.isfinite(line.price))
    box = prices.box
    if not len(told):
        return
    middle = line.time[told] + line.interval // 2
    at = times.start + (np.arange(box.width) + 0.5) / box.width * (times.end - times.start)
    after = np.clip(np.searchsorted(middle, at), 0, len(middle) - 1)
    before = np.maximum(after - 1, 0)
    price = np.interp(at, middle, line.price[told], left=np.nan, right=np.nan)
    price[(at > middle[before]) & (middle[after] - middle[before] > _JOINED)] = np.nan
    y = floats(np.clip(prices.y(floats(price)) - box.top, 2, box.height - 2))
    canvas.curve(box, y, look.paper, thick=9.0)
    canvas.curve(box, y, _inks(line, look)[0], thick=5.0)


def _beside(canvas: Canvas, line: Timeline, tape: _Tape, look: Palette) -> None:
    """Write what the ends of the tape and its dashed lines mean."""
    long = line.side is PositionSide.LONG
    other, ink = (words.shorts(), look.short) if long else (words.longs(), look.long)
    far = tape.box.bottom if tape.sign > 0 else tape.box.top
    near = tape.box.top if tape.sign > 0 else tape.box.bottom
    said = [(float(near), other, ink)]
    said += [(float(tape.y(usd)), text, look.ink) for usd, text in _levels(line)]
    said.append(
        (float(far), f"{side_name(line.side)} {figures.usd(tape.scale)}", _inks(line, look)[0])
    )
    tops = labels.spread([at for at, _, _ in said], _ROW, tape.box.top, tape.box.bottom)
    for (_, text, colour), top in zip(said, tops, strict=True):
        left = tape.box.right + 12
        cut = lettering.fitted(text, _RIGHT - left, _SIZE)
        canvas.text(left, top + 26, cut, colour, size=_SIZE)


def _waves(canvas: Canvas, line: Timeline, tape: _Tape, times: TimeAxis, look: Palette) -> None:
    """Write the dollars of each wave beyond its busiest minute, where there is room."""
    taken: list[Box] = []
    for wave in line.waves:
        during = (line.time >= wave.start) & (line.time <= wave.end)
        most = float(line.minute_usd[during].max(initial=0.0))
        busiest = float(tape.y(most))
        text = figures.usd(wave.usd)
        wide = lettering.width(text, _SIZE, bold=True) + 12
        middle = round(float(times.x((wave.start + wave.end) / 2)))
        left = min(max(middle - wide // 2, tape.box.left), tape.box.right - wide)
        top = round(busiest) + (8 if tape.sign > 0 else -8 - _ROW)
        box = Box(left, top, left + wide, top + _ROW)
        if box == box.within(tape.box) and not any(box.overlaps(other) for other in taken):
            canvas.fill(box, look.panel)
            canvas.text(left + 6, top + 26, text, look.ink, size=_SIZE, bold=True)
            taken.append(box)


def _key(canvas: Canvas, line: Timeline, look: Palette) -> None:
    said = say(
        "line: prices of liquidated {side} · bars: {span} · curve: a minute",
        side=side_name(line.side),
        span=figures.span(line.interval),
    )
    text = lettering.fitted(said, _RIGHT - MARGIN, _SIZE)
    canvas.text(MARGIN, _KEY, text, look.muted, size=_SIZE)
