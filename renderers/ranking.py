"""The answer to `/squeeze`: coins in rows, a bar for each reading, the nearest first."""

from bot.core import figures
from bot.core.language import many, mark, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.names import side_name
from bot.core.signals.squeeze import Ranked, RankingReading, pressed
from renderers import header, lettering, squeeze
from renderers.canvas import HEIGHT, WIDTH, Box, Canvas, own
from renderers.header import MARGIN, Lines
from renderers.theme import Ink, Palette, Theme, palette

_SIZE = 27  # [px] of the text
_RIGHT = WIDTH - MARGIN
_HEADS, _TOP = 262, 282  # [px] baseline of the column heads, top of the first row
_ROW = 96
ROWS = 13  # coins shown
_FOOT = 60
_NAME = 232  # [px] kept for a coin's name
_BARS = (272, 610, 948)  # [px] left of each bar
_BAR = _RIGHT - 948  # [px] width of a bar
_HIGH = 16  # [px] height of a bar
_NAMES = (mark("funding"), mark("open interest"), mark("clusters"))


def height(reading: RankingReading) -> int:
    """Return how high the picture is [px]: as many rows as there are coins."""
    return min(_TOP + min(len(reading.coins), ROWS) * _ROW + _FOOT, HEIGHT)


def render(reading: RankingReading, theme: Theme) -> bytes:
    """Draw a ranking as PNG, 1280 wide; the same reading always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look)
    return canvas.png(look, height(reading))


def draw(canvas: Canvas, reading: RankingReading, look: Palette) -> None:
    """Draw a ranking on the upper part of a canvas."""
    canvas.clear(look.paper)
    for place, one in enumerate(reading.coins[:ROWS]):
        if one.reading.kind is not None:
            top = _TOP + place * _ROW
            canvas.tint(Box(MARGIN - 8, top, _RIGHT + 8, top + _ROW - 8), look.muted, 3)
    if reading.simulated:
        header.watermark(canvas, look, height(reading))
    _above(canvas, reading, look)
    for left, name in zip(_BARS, _NAMES, strict=True):
        canvas.text(left, _HEADS, say(name), look.muted, size=_SIZE)
    for place, one in enumerate(reading.coins[:ROWS]):
        _row(canvas, _TOP + place * _ROW, one, look)
    said = say("bar: rank among its own past, the way that the regime takes · bold: passes")
    y = height(reading) - 20
    canvas.text(MARGIN, y, lettering.fitted(said, _RIGHT - MARGIN, _SIZE), look.muted, size=_SIZE)


def _above(canvas: Canvas, reading: RankingReading, look: Palette) -> None:
    held = sum(one.reading.kind is not None for one in reading.coins)
    count = len(reading.coins)
    shown = "" if count <= ROWS else say("the first {count} are shown", count=ROWS)
    left_out = [
        say(why, number=number)
        for number, why in (
            (reading.waiting, mark("{number} still being read")),
            (reading.new, mark("{number} with too little known")),
            (reading.old, mark("{number} not looked at for hours")),
        )
        if number
    ]
    lines = Lines(
        (say("{number} in a regime", number=held), shown),
        (say("all venues of a coin together"), figures.moment(reading.as_of)),
        " · ".join((say("estimates, never exact"), *left_out)),
    )
    what = many("{count} coin", "{count} coins", count)
    header.write(canvas, (say("Squeezes"), (), what), lines, look, simulated=reading.simulated)


def _row(canvas: Canvas, top: int, one: Ranked, look: Palette) -> None:
    """Draw a coin: its name and regime, and three bars with their figures above."""
    now = one.reading
    name = lettering.fitted(one.base, _NAME, 34, bold=True)
    canvas.text(MARGIN, top + 40, name, look.ink, size=34, bold=True)
    ink = look.muted if now.kind is None else look.ink
    canvas.text(MARGIN, top + 76, lettering.fitted(_what(one), _NAME, _SIZE), ink, size=_SIZE)
    side = _ink(one, look)
    for place, (left, fact, met, share) in enumerate(
        zip(_BARS, now.facts, now.passed, pressed(now), strict=True)
    ):
        text = figures.percent(fact.value, signed=place < 2)  # noqa: PLR2004 - clusters have no sign
        rank = f"{min(round(100 * share), 99)} %"
        canvas.text(left, top + 40, text, look.ink, size=_SIZE, bold=met)
        canvas.text(left + _BAR - 34, top + 40, rank, look.muted, size=_SIZE, anchor="right")
        bar = Box(left, top + 58, left + _BAR - 34, top + 58 + _HIGH)
        canvas.fill(bar, look.grid)
        end = bar.left + round(share * bar.width)
        canvas.fill(Box(bar.left, bar.top, end, bar.bottom), side if met else look.muted)


def _what(one: Ranked) -> str:
    """Name a regime in a word and the side, or how much of the nearest one there is."""
    now = one.reading
    of = side_name(now.side) if now.side is not None else ""
    if now.kind is None:
        return say("{passed} of 3, {side}", passed=sum(now.passed), side=of)
    return f"{say(squeeze.KINDS[now.kind])}, {of}"


def _ink(one: Ranked, look: Palette) -> Ink:
    return look.short if one.reading.side is PositionSide.SHORT else look.long
