"""The answer to `/journal` and `/coach`: what trades summed up to, and what they bring by kind."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.arrays import Floats, floats
from bot.core.evidence.base import FEWEST
from bot.core.journal.reading import JournalReading
from bot.core.journal.review import Expectancy, Review, value
from bot.core.language import many, say
from bot.core.market.liquidations import PositionSide
from renderers import header, lettering, outcomes, words
from renderers.axes import nice
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN
from renderers.theme import Palette, Theme, palette

_RIGHT = WIDTH - MARGIN
_LANE = 140  # [px] for figures to the right of what is drawn
_EQUITY = Box(MARGIN, 250, _RIGHT - _LANE, 690)
_DAYS, _KEY = 726, 776  # [px] baselines below it
SHORT = 806  # [px] height without what trades bring by kind
_SIZE, _BOLD = 27, 29  # [px] of the text
_SIGNALS, _MISTAKES = 5, 6  # told one by one: so many fill the picture
_ROW, _HEAD, _SCALE = 49, 52, 52  # [px] a row, its title, the scale written below
_NAMES = Box(MARGIN, 0, 392, 0)  # columns of names, ranges and figures
_RANGES = Box(408, 0, 968, 0)
_LEAST = {"R": 0.5, "%": 0.005}  # a scale spans at least so much to either side
_LEAST_GAP = 8.0  # [px] between trades whose ends are marked
_SHADE = 4  # of ALPHAS


@dataclass(frozen=True, slots=True)
class _Row:
    """One kind of trades: what one brings, and what is written beside it."""

    found: Expectancy
    text: str
    strong: bool


def render(reading: JournalReading, theme: Theme, *, whole: bool) -> bytes:
    """Draw trades as PNG, 1280 wide; `whole`: with what they bring by signal and by mistake."""
    canvas, look = own(), palette(theme)
    height = draw(canvas, reading, look, whole=whole)
    return canvas.png(look, height)


def draw(canvas: Canvas, reading: JournalReading, look: Palette, *, whole: bool) -> int:
    """Draw trades on the upper part of a canvas; returns the height [px]. It takes one closed."""
    canvas.clear(look.paper)
    height = _height(reading.review) if whole else SHORT
    canvas.fill(_EQUITY, look.panel)
    _equity(canvas, reading.review, look)
    groups = _groups(reading.review) if whole else ()
    spans = _laid_out(groups)
    for span in spans:
        canvas.fill(Box(_RANGES.left, span[0], _RANGES.right, span[1]), look.panel)
    if reading.simulated:
        header.watermark(canvas, look, height)
    _above(canvas, reading, look)
    _below(canvas, reading.review, look)
    for (title, rows), (top, _) in zip(groups, spans, strict=True):
        _bars(canvas, (title, rows), top, reading.review.unit, look)
    return height


def _above(canvas: Canvas, reading: JournalReading, look: Palette) -> None:
    found = reading.review
    trades = many("{count} closed trade", "{count} closed trades", len(found.trades))
    if found.going:
        trades = trades + ", " + say("{count} open", count=len(found.going))
    first, last = (found.trades[place].closed or 0 for place in (0, -1))
    brings = found.whole
    said = words.told(brings.verdict)
    if brings.enough:
        mean, low, high = (
            _small(each, found.unit) for each in (brings.mean, brings.low, brings.high)
        )
        each = say("{mean} a trade (90 %: {low} to {high})", mean=mean, low=low, high=high)
        said = f"{said}: {each}"
    wins = say("{share} won", share=figures.percent(brings.wins)) if brings.count else ""
    fall = say("no fall")
    if found.drawdown:
        fall = say("deepest fall {fall}", fall=_amount(-found.drawdown, found.unit))
    days = say("{first} to {last}", first=figures.day(first), last=figures.day(last))
    header.write(
        canvas,
        (say("Journal"), (), _amount(float(found.equity[-1]), found.unit)),
        header.Lines(
            (trades, say("their sum, after costs")),
            (f"{days} · {fall}", figures.moment(reading.as_of)),
            " · ".join(each for each in (said, wins) if each),
        ),
        look,
        simulated=reading.simulated,
    )


def _amount(amount: float, unit: str) -> str:
    """Write a sum of trades.

    >>> _amount(-4.21, "R"), _amount(0.0213, "%"), _amount(0.0, "R")
    ('−4.2R', '+2.1 %', '0R')
    """
    if unit == "%":
        return figures.percent(amount, signed=True)
    return f"{figures.usd(amount, signed=True).replace('$', '')}R"


def _tick(amount: float, unit: str) -> str:
    """Write a round number of a scale in full.

    >>> _tick(0.25, "R"), _tick(-1.0, "R"), _tick(0.005, "%")
    ('+0.25R', '−1R', '+0.50 %')
    """
    if unit == "%":
        return figures.percent(amount, signed=True)
    return f"{amount:+g}R".replace("-", "−") if amount else "0R"


def _small(amount: float, unit: str) -> str:
    """Write what a trade brings: with two decimals."""
    wide = unit == "%" or not abs(amount) < 9.995  # noqa: PLR2004 - rounds to 10
    return _amount(amount, unit) if wide else f"{amount:+.2f}R".replace("-", "−")


def _equity(canvas: Canvas, found: Review, look: Palette) -> None:
    """Draw the sum as steps, what it is below its best shaded, and each trade's end."""
    box, count, sums = _EQUITY, len(found.trades), found.equity
    scale = _scale(found)
    at = box.left + (np.arange(count) + 0.5) * box.width / count

    def rows(values: Floats) -> Floats:
        return floats((scale[1] - values) / (scale[1] - scale[0]) * box.height)

    for tick in _ticks(scale):
        y = box.top + round(float(rows(floats([tick]))[0]))
        if tick == 0:
            canvas.dashes(Box(box.left, y - 1, box.right, y + 1), look.muted, 12, 8)
        else:
            canvas.tint(Box(box.left, y, box.right, y + 1), look.ink, 2)
        if box.top + 16 <= y <= box.bottom - 4:
            text = lettering.fitted(_tick(tick, found.unit), _LANE - 12, _SIZE)
            canvas.text(box.right + 12, y + 10, text, look.muted, size=_SIZE)
    after = np.searchsorted(at, np.arange(box.left, box.right) + 0.5, side="right")
    best = rows(floats(np.maximum.accumulate(sums)))[after]
    line = rows(sums)[after]
    row = np.arange(box.height)[:, None] + 0.5
    inside = (row >= best[None, :]) & (row <= line[None, :])
    mask = np.where(inside, _SHADE, 0).astype(np.uint8)
    canvas.cover(box.left, box.top, mask, look.ink)
    canvas.curve(box, line, look.ink, thick=4.0)
    if not _marked(found):
        return
    radius = min(outcomes.RADIUS, box.width / count / 2)
    heights = box.top + rows(sums)
    for place, x in enumerate(np.round(at).astype(int).tolist()):  # a curve is thin where it jumps
        ends = sorted(np.round(heights[place : place + 2]).astype(int).tolist())
        canvas.fill(Box(x - 2, ends[0] - 2, x + 2, ends[1] + 2).within(box), look.ink)
    for place, trade in enumerate(found.trades):
        brought = value(trade, found.unit)
        if math.isfinite(brought):
            ink = look.long if trade.side is PositionSide.LONG else look.short
            end = float(at[place]), float(heights[place + 1])
            outcomes.mark(canvas, end, ink, look, box, won=brought > 0, radius=radius)


def _marked(found: Review) -> bool:
    """Say whether there is room for a mark at each trade's end."""
    return _EQUITY.width / len(found.trades) >= _LEAST_GAP


def _scale(found: Review) -> tuple[float, float]:
    """Return the ends of the scale of sums, with room for marks."""
    low, high = float(found.equity.min()), float(found.equity.max())
    spare = 0.08 * max(high - low, _LEAST[found.unit])
    return low - spare, high + spare


def _ticks(scale: tuple[float, float]) -> list[float]:
    step = nice((scale[1] - scale[0]) / 5)
    first, last = math.ceil(scale[0] / step), math.floor(scale[1] / step)
    return [round(place * step, 12) for place in range(first, last + 1)]


def _below(canvas: Canvas, found: Review, look: Palette) -> None:
    """Write the days of trades, and what the marks mean."""
    count, free = len(found.trades), MARGIN
    wide = lettering.width("30 Sep", _SIZE) + 60
    every = max(1, math.ceil(count * wide / _EQUITY.width))
    said = ""
    for place in range(0, count, every):
        x = round(_EQUITY.left + (place + 0.5) * _EQUITY.width / count)
        text = figures.day(found.trades[place].closed or 0)
        half = lettering.width(text, _SIZE) // 2 + 1
        left = max(x, MARGIN + half)
        if text != said and free <= left - half and left + half <= _EQUITY.right:
            canvas.text(left, _DAYS, text, look.muted, size=_SIZE, anchor="middle")
            free, said = left + half + 24, text
    left = outcomes.key(canvas, MARGIN, _KEY, look) if _marked(found) else MARGIN
    text = say("each step a trade · shaded: below its best")
    room = max(_RIGHT - left, 0)
    canvas.text(left, _KEY, lettering.fitted(text, room, _SIZE), look.muted, size=_SIZE)


def _groups(found: Review) -> tuple[tuple[str, tuple[_Row, ...]], ...]:
    """Return what is drawn below: a title and rows each."""
    unit = found.unit
    signals = [
        _Row(
            each, _small(each.mean, unit) if each.enough else words.told(each.verdict), each.enough
        )
        for each in found.by_signal[:_SIGNALS]
    ]
    costs = dict(zip((each.name for each in found.by_mistake), found.cost, strict=True))
    mistakes = [
        _Row(each, say("{cost} in all", cost=_amount(costs[each.name], unit)), each.enough)
        for each in found.by_mistake[:_MISTAKES]
    ]
    told = ((say("What a trade brings, by signal"), signals), (say("… and by mistake"), mistakes))
    return tuple((title, tuple(rows)) for title, rows in told if rows)


def _laid_out(groups: Sequence[tuple[str, Sequence[_Row]]]) -> list[tuple[int, int]]:
    """Return from where to where the rows of each group stand [px]."""
    spans, top = [], SHORT
    for _, rows in groups:
        begin = top + _HEAD
        spans.append((begin, begin + _ROW * len(rows)))
        top = spans[-1][1] + _SCALE
    return spans


def _height(found: Review) -> int:
    spans = _laid_out(_groups(found))
    return spans[-1][1] + _SCALE + 40 if spans else SHORT


def _bars(
    canvas: Canvas, group: tuple[str, tuple[_Row, ...]], top: int, unit: str, look: Palette
) -> None:
    """Draw what a trade of each kind brings as a mark on its range, around nothing."""
    title, rows = group
    bottom = top + _ROW * len(rows)
    canvas.text(MARGIN, top - 16, title, look.ink, size=_SIZE, bold=True)
    ends = [
        end
        for row in rows
        if row.found.enough
        for end in (row.found.low, row.found.high, row.found.mean)
    ]
    reach = 1.08 * max([_LEAST[unit], *map(abs, ends)])

    def x(amount: float) -> int:
        return round(_RANGES.left + (amount / reach + 1) / 2 * _RANGES.width)

    step = nice(reach / 2.2)
    for tick in (-2 * step, -step, 0.0, step, 2 * step):
        if abs(tick) <= reach and ends:
            zero = tick == 0
            canvas.tint(Box(x(tick) - zero, top, x(tick) + 1, bottom), look.ink, 12 if zero else 2)
            text = _tick(tick, unit)
            canvas.text(x(tick), bottom + 32, text, look.muted, size=_SIZE, anchor="middle")
    if not ends:
        y, middle = (top + bottom) // 2 + 9, (_RANGES.left + _RANGES.right) // 2
        text = say("a range takes {least} trades", least=FEWEST)
        canvas.text(middle, y, text, look.muted, size=_SIZE, anchor="middle")
    for place, row in enumerate(rows):
        y = top + _ROW * place + _ROW // 2
        found = row.found
        count = f" · {found.count}"
        ink = look.ink if row.strong else look.muted
        room = _NAMES.width - lettering.width(count, _SIZE)
        name = lettering.fitted(words.told(found.name), room, _SIZE)
        canvas.text(MARGIN, y + 10, name + count, ink, size=_SIZE)
        room = _RIGHT - _RANGES.right - 16
        size = _BOLD if row.strong else _SIZE
        said = lettering.fitted(row.text, room, size, bold=row.strong)
        left = _RANGES.right + 16
        canvas.text(left, y + 10, said, ink, size=size, bold=row.strong)
        if not found.enough:
            continue
        low, high, mean = x(found.low), x(found.high), x(found.mean)
        canvas.fill(Box(low, y - 2, high + 1, y + 2), look.ink)
        for end in (low, high):
            canvas.fill(Box(end - 1, y - 10, end + 2, y + 10), look.ink)
        mark = Box(mean - 10, y - 10, mean + 10, y + 10)
        canvas.fill(mark.grown(3), look.panel)
        canvas.fill(mark, look.ink)
        if found.low <= 0 <= found.high:  # no better than nothing: hollow
            canvas.fill(mark.grown(-4), look.panel)
