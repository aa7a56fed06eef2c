"""The answer to `/accuracy`: the map's scores and their ranges, beside what knows only prices."""

import math
from dataclasses import dataclass

from bot.core import figures, language
from bot.core.judge.accuracy import MAP, MOVE, PRICES, SIDES, Accuracy, AccuracyReading, Line
from bot.core.judge.bootstrap import Figure
from bot.core.language import many, say
from renderers import header, lettering, words
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN
from renderers.theme import Ink, Palette, Theme, palette

HEIGHT = 1010  # [px]: four panels are read at a glance

_RIGHT = WIDTH - MARGIN
_NAME, _TITLE, _FROM = 84, 136, 178  # [px] baselines of the lines above
_TOP, _DOWN, _GAP = 210, 366, 36  # [px] top of the panels, from one to the one below, between two
_PANEL = (_RIGHT - MARGIN - _GAP) // 2  # [px] width
_HEAD, _ROW, _SIDE, _SCALE = 44, 34, 118, 40  # [px] title, row of a forecaster, side, written scale
_NAMES, _FIGURE = 104, 112  # [px] kept left of a scale for the side, right of it for the figure
_LEGEND = HEIGHT - 32  # [px] baseline
_SIZE = 27  # [px] of the text

_RANK = (-0.2, 1.0)  # what the scales of ranks span
_RANK_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_USD = (0.25, 4.0)  # likewise of dollars, on a logarithmic scale
_USD_TICKS = (0.25, 0.5, 1.0, 2.0, 4.0)
_MOST_USD = 999  # beyond it a ratio is not worth its digits
_SAID = {
    MAP: language.mark("map"),
    PRICES: language.mark("prices only"),
    MOVE: language.mark("bare move"),
}
_WIDE = {MAP: 8, PRICES: 4, MOVE: 4}  # [px] half the size of a forecaster's mark


@dataclass(frozen=True, slots=True)
class Panel:
    """One measure, and where it is drawn."""

    title: str
    measure: str  # field of Line
    box: Box
    span: tuple[float, float]
    ticks: tuple[float, ...]
    aim: float  # the value that is best, or that says nothing: drawn as a line

    @property
    def scale(self) -> Box:
        """Where values are drawn."""
        left, right = self.box.left + _NAMES, self.box.right - _FIGURE
        return Box(left, self.box.top + _HEAD, right, self.box.top + _HEAD + 2 * _SIDE)

    def x(self, value: float) -> float:
        """Return the column of a value, those beyond the scale at its end."""
        low, high = self.span
        inside = min(max(value, low), high)
        if self.measure == "usd":
            inside, low, high = math.log(inside), math.log(low), math.log(high)
        return self.scale.left + (inside - low) / (high - low) * self.scale.width


def panels() -> tuple[Panel, ...]:
    """Return the four measures and where they stand."""
    said = (
        (say("Rank, given the size of the move"), "partial"),
        (say("Rank within the biggest moves"), "biggest"),
        (say("Rank over all"), "rho"),
        (say("Dollars, forecast over reported"), "usd"),
    )
    made = []
    for place, (title, measure) in enumerate(said):
        left = MARGIN + place % 2 * (_PANEL + _GAP)
        top = _TOP + place // 2 * _DOWN
        box = Box(left, top, left + _PANEL, top + _HEAD + 2 * _SIDE + _SCALE)
        usd = measure == "usd"
        span, ticks = (_USD, _USD_TICKS) if usd else (_RANK, _RANK_TICKS)
        made.append(Panel(title, measure, box, span, ticks, 1.0 if usd else 0.0))
    return tuple(made)


def render(reading: AccuracyReading, theme: Theme) -> bytes:
    """Draw scores as PNG, 1280 x 1010; the same reading always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look)
    return canvas.png(look, HEIGHT)


def draw(canvas: Canvas, reading: AccuracyReading, look: Palette) -> None:
    """Draw scores on the upper part of a canvas."""
    canvas.clear(look.paper)
    drawn = panels()
    for panel in drawn:
        canvas.fill(panel.scale, look.panel)
        _scale(canvas, panel, look)
    if reading.simulated:
        header.watermark(canvas, look, HEIGHT)
    _above(canvas, reading, look)
    for panel in drawn:
        _scores(canvas, panel, reading.accuracy, look)
    _legend(canvas, look)


def _above(canvas: Canvas, reading: AccuracyReading, look: Palette) -> None:
    found = reading.accuracy
    word = str(found.grade.said)
    grade = canvas.text(_RIGHT, _NAME, word, look.ink, size=54, bold=True, anchor="right")
    end = grade.left - _GAP
    flag = header.flag_width() if reading.simulated else 0
    name = lettering.fitted(reading.base, end - flag - MARGIN - 30, 60, bold=True)
    left = canvas.text(MARGIN, _NAME, name, look.ink, size=60, bold=True).right + 18
    if reading.simulated:
        left = header.flag(canvas, left, _NAME, look).right + 18
    title = say("map accuracy")
    if left + lettering.width(title, 38) <= end:
        canvas.text(left, _NAME, title, look.muted, size=38)
    over = many(
        "{intervals} in {count} day",
        "{intervals} in {count} days",
        found.days,
        intervals=found.intervals,
    )
    _line(canvas, _TITLE, over, str(found.grade.why), look.ink, look)
    until = say("to {when}", when=figures.moment(found.until))
    _line(canvas, _FROM, words.names(reading.venues), until, look.muted, look)


def _line(canvas: Canvas, y: int, left: str, right: str, ink: Ink, look: Palette) -> None:
    """Write what must be read in full on the left, and what fits beside it on the right."""
    room = _RIGHT - MARGIN
    said = lettering.fitted(left, room, _SIZE + 1)
    end = canvas.text(MARGIN, y, said, ink, size=_SIZE + 1).right + _GAP
    rest = lettering.fitted(right, max(_RIGHT - end, 0), _SIZE)
    canvas.text(_RIGHT, y, rest, look.muted, size=_SIZE, anchor="right")


def _scale(canvas: Canvas, panel: Panel, look: Palette) -> None:
    box = panel.scale
    canvas.text(panel.box.left, panel.box.top + 26, panel.title, look.ink, size=_SIZE)
    for tick in panel.ticks:
        x = round(panel.x(tick))
        ink, alpha = (look.ink, 8) if tick == panel.aim else (look.ink, 3)
        canvas.tint(Box(x, box.top, x + 2, box.bottom), ink, alpha)
        text = f"×{tick:g}" if panel.measure == "usd" else f"{tick:g}"
        canvas.text(x, box.bottom + 32, text, look.muted, size=_SIZE, anchor="middle")


def _scores(canvas: Canvas, panel: Panel, found: Accuracy, look: Palette) -> None:
    for place, (side, text) in enumerate(zip(SIDES, (words.longs(), words.shorts()), strict=True)):
        top = panel.scale.top + place * _SIDE
        accent = look.long if side == "longs" else look.short
        canvas.text(panel.box.left, top + _SIDE // 2 + 10, text, accent, size=_SIZE)
        for row, name in enumerate((MAP, PRICES, MOVE)):
            line = next(each for each in found.lines if (each.side, each.name) == (side, name))
            score: Figure = getattr(line, panel.measure)
            _score(canvas, panel, line, score, (top + 25 + row * _ROW, accent), look)


def _score(
    canvas: Canvas,
    panel: Panel,
    line: Line,
    score: Figure,
    at: tuple[int, Ink],
    look: Palette,
) -> None:
    """Draw one score as a mark on its range; the map's own figure is written beside the scale."""
    y, accent = at
    ours = line.name == MAP
    if ours:
        text = _written(score.value, usd=panel.measure == "usd")
        canvas.text(panel.box.right, y + 10, text, look.ink, size=_SIZE, bold=True, anchor="right")
    if not math.isfinite(score.value):
        return
    low, high = round(panel.x(score.low)), round(panel.x(score.high))
    ink = accent if ours else look.muted
    canvas.fill(Box(low, y - 1, high + 1, y + 2), ink)
    for end in (low, high):
        canvas.fill(Box(end - 1, y - 7, end + 1, y + 8), ink)
    mark(canvas, (round(panel.x(score.value)), y), line.name, accent, look)


def _written(value: float, *, usd: bool) -> str:
    """Write a map's own figure.

    >>> _written(-0.064, usd=False), _written(0.92, usd=True), _written(12.3, usd=True)
    ('−0.06', '×0.92', '×12')
    """
    if not math.isfinite(value):
        return figures.NOTHING
    if not usd:
        return f"{value:.2f}".replace("-", "−")
    if value >= _MOST_USD:
        return f">{_MOST_USD}"
    return f"×{value:.2f}" if value < 9.995 else f"×{value:.0f}"  # noqa: PLR2004 - rounds to 10


def mark(canvas: Canvas, at: tuple[int, int], name: str, accent: Ink, look: Palette) -> None:
    """Draw a forecaster's mark: the map a large square, prices a small one, the move a hollow."""
    half = _WIDE[name]
    box = Box(at[0] - half, at[1] - half, at[0] + half, at[1] + half)
    canvas.fill(box.grown(3), look.panel)
    canvas.fill(box.grown(2), accent if name == MAP else look.ink)
    if name == MOVE:
        canvas.fill(box, look.panel)


def _legend(canvas: Canvas, look: Palette) -> None:
    left = MARGIN + 10
    for name in (MAP, PRICES, MOVE):
        mark(canvas, (left, _LEGEND - 9), name, look.long, look)
        left = canvas.text(left + 22, _LEGEND, say(_SAID[name]), look.ink, size=_SIZE).right + 44
    text = say("lines: 90 % range, days drawn again")
    room = _RIGHT - left
    canvas.text(
        _RIGHT,
        _LEGEND,
        lettering.fitted(text, room, _SIZE),
        look.muted,
        size=_SIZE,
        anchor="right",
    )
