"""The answer to `/backtest`: every trade on the price, and their sum beside random entries."""

import math
from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.arrays import Floats, floats
from bot.core.evidence.backtest import Trade
from bot.core.evidence.base import Range
from bot.core.evidence.strategies import ROUND_TRIP, StrategyReading, verdict
from bot.core.language import many, say
from bot.core.signals.names import capital, kind_name
from renderers import candles, header, lettering, outcomes, words
from renderers.axes import PriceAxis, TimeAxis
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN
from renderers.theme import Ink, Palette, Theme, palette

_RIGHT = WIDTH - MARGIN
_LANE = 140  # [px] for figures to the right of what is drawn
_PRICES = Box(MARGIN, 250, _RIGHT - _LANE, 720)
_EQUITY = Box(MARGIN, 790, _RIGHT - _LANE, 1110)
_TIMES, _TITLE = 1148, 774  # [px] baselines
_TABLE, _ROW = 1206, 42  # [px] first baseline, from one to the next
_FOUND = 460  # [px] left of what the table says
_SIZE, _BOLD = 27, 30  # [px] of the text
_LEAST_SPAN, _LEAST_EQUITY = 0.01, 0.01  # [log price], [fraction]
_BAND = 5  # of ALPHAS


@dataclass(frozen=True, slots=True)
class _Picture:
    """Everything the parts need."""

    canvas: Canvas
    reading: StrategyReading
    times: TimeAxis
    look: Palette


def render(reading: StrategyReading, theme: Theme) -> bytes:
    """Draw a backtest, 1280 x 1600; the same reading always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look)
    return canvas.png(look)


def draw(canvas: Canvas, reading: StrategyReading, look: Palette) -> None:
    """Draw a backtest on a canvas. It takes a candle at least."""
    canvas.clear(look.paper)
    start = int(reading.candles.open_time[0])
    end = max(int(reading.candles.close_time[-1]), start + 1)
    picture = _Picture(canvas, reading, TimeAxis(_PRICES, start, end), look)
    for box in (_PRICES, _EQUITY):
        canvas.fill(box, look.panel)
    _grid(picture)
    axis = _price_axis(reading)
    candles.draw(canvas, candles.fit(reading.candles, picture.times), axis, picture.times, look)
    for trade in reading.backtest.trades:
        _trade(picture, trade, axis)
    scale = _equity(picture)
    if reading.simulated:
        header.watermark(canvas, look)
    _above(canvas, reading, look)
    _prices(picture, axis)
    _beside(picture, scale)
    _table(canvas, reading, look)


def _above(canvas: Canvas, reading: StrategyReading, look: Palette) -> None:
    found = reading.backtest
    title = many(
        "{setup}: {count} trade in {days} days",
        "{setup}: {count} trades in {days} days",
        len(found.trades),
        setup=capital(kind_name(found.kind)),
        days=f"{found.days:.0f}",
    )
    costs = say(
        "past results · costs of {costs} a round trip included",
        costs=figures.percent(ROUND_TRIP),
    )
    there = words.there(len(reading.venues), len(reading.asked))
    header.write(
        canvas,
        (
            reading.base,
            (say("backtest"),),
            figures.percent(_or_zero(reading.equity[-1]), signed=True),
        ),
        header.Lines(
            (title, say("sum of trades, after costs")),
            (f"{there}: {words.names(reading.venues)}", figures.moment(reading.as_of)),
            f"{costs} · {words.grade(reading.grade)}",
        ),
        look,
        simulated=reading.simulated,
    )


def _or_zero(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _price_axis(reading: StrategyReading) -> PriceAxis:
    low, high = float(reading.candles.low.min()), float(reading.candles.high.max())
    margin = math.exp(max(_LEAST_SPAN - math.log(high / low), 0.0) / 2) * 1.003
    return PriceAxis(_PRICES, low / margin, high * margin)


def _grid(picture: _Picture) -> None:
    """Draw faint lines at round times through both charts, and write the times."""
    canvas, look, free = picture.canvas, picture.look, MARGIN
    for at, text in picture.times.ticks():
        x = round(float(picture.times.x(at)))
        half = lettering.width(text, _SIZE) // 2
        for box in (_PRICES, _EQUITY):
            canvas.tint(Box(x, box.top, x + 1, box.bottom), look.ink, 2)
        if free <= x - half and x + half <= _PRICES.right:
            canvas.text(x, _TIMES, text, look.muted, size=_SIZE, anchor="middle")
            free = x + half + 24


def _trade(picture: _Picture, trade: Trade, axis: PriceAxis) -> None:
    """Draw a trade from its entry to its exit: a ring where it won, a cross where it lost."""
    canvas, look, box = picture.canvas, picture.look, axis.box
    ink = look.long if trade.sign > 0 else look.short
    ends = floats(picture.times.x(np.array([trade.entered, trade.exited])))
    heights = floats(axis.y(np.array([trade.entry, trade.exit])))
    _line(canvas, box, (ends, heights), look.paper, 9.0)
    _line(canvas, box, (ends, heights), ink, 5.0)
    at = float(ends[1]), float(heights[1])
    begin = round(float(ends[0])), round(float(heights[0]))
    canvas.fill(Box(begin[0] - 7, begin[1] - 7, begin[0] + 7, begin[1] + 7).within(box), look.paper)
    canvas.fill(Box(begin[0] - 5, begin[1] - 5, begin[0] + 5, begin[1] + 5).within(box), ink)
    outcomes.mark(canvas, at, look.ink, look, box, won=trade.net > 0)


def _line(canvas: Canvas, box: Box, ends: tuple[Floats, Floats], ink: Ink, thick: float) -> None:
    """Draw a straight line between two points, as thick whether flat or steep."""
    x, y = ends[0] - box.left, ends[1] - box.top
    steep = abs(y[1] - y[0]) > abs(x[1] - x[0])
    along, across = (y, x) if steep else (x, y)
    order = np.argsort(along)
    places = np.arange(box.height if steep else box.width) + 0.5
    line = np.interp(places, along[order], across[order], left=np.nan, right=np.nan)
    (canvas.rising_curve if steep else canvas.curve)(box, floats(line), ink, thick=thick)


def _equity(picture: _Picture) -> tuple[float, float]:
    """Draw the sum of trades as steps over the band of random entries; returns the scale's ends."""
    canvas, look, found = picture.canvas, picture.look, picture.reading.backtest
    sums = np.array(picture.reading.equity)
    low = np.array((0.0, *found.random_low)) if found.random_low else np.zeros(1)
    high = np.array((0.0, *found.random_high)) if found.random_high else np.zeros(1)
    ends = min(sums.min(), low.min(), 0.0), max(sums.max(), high.max(), 0.0)
    spare = max(_LEAST_EQUITY, ends[1] - ends[0]) * 0.06
    bottom, top = float(ends[0] - spare), float(ends[1] + spare)
    x = picture.times.start + (np.arange(_EQUITY.width) + 0.5) * (
        (picture.times.end - picture.times.start) / _EQUITY.width
    )
    after = np.searchsorted(np.array([trade.exited for trade in found.trades]), x, side="right")

    def rows(values: Floats) -> Floats:
        return floats((top - values) / (top - bottom) * _EQUITY.height)

    if len(low) > 1:
        upper, lower = rows(high[after]), rows(low[after])
        row = np.arange(_EQUITY.height)[:, None] + 0.5
        inside = (row >= upper[None, :]) & (row <= lower[None, :])
        mask = np.where(inside, _BAND, 0).astype(np.uint8)
        canvas.cover(_EQUITY.left, _EQUITY.top, mask, look.muted)
    zero = _EQUITY.top + round(float(rows(np.zeros(1))[0]))
    canvas.dashes(Box(_EQUITY.left, zero - 1, _EQUITY.right, zero + 1), look.muted, 12, 8)
    canvas.curve(_EQUITY, rows(sums[after]), look.ink, thick=5.0)
    return bottom, top


def _prices(picture: _Picture, axis: PriceAxis) -> None:
    """Write round prices, and what the marks mean."""
    canvas, look = picture.canvas, picture.look
    prices, decimals = axis.ticks(5)
    for price in prices:
        y = round(float(axis.y(price)))
        if axis.box.top + 16 <= y <= axis.box.bottom - 16:
            text = lettering.fitted(figures.price(price, decimals=decimals), _LANE - 12, _SIZE)
            canvas.text(axis.box.right + 12, y + 10, text, look.muted, size=_SIZE)
    left, y = MARGIN, _TITLE - 22
    left = outcomes.key(canvas, left, y, look)
    text = say("below: their sum; band: as many random entries, 90 %")
    room = _RIGHT - left
    canvas.text(left, y, lettering.fitted(text, room, _SIZE), look.muted, size=_SIZE)


def _beside(picture: _Picture, scale: tuple[float, float]) -> None:
    """Write the ends of the scale of sums."""
    bottom, top = scale
    left = _EQUITY.right + 12
    for value, y in ((top, _EQUITY.top + 24), (bottom, _EQUITY.bottom - 6)):
        text = figures.percent(value, signed=True)
        picture.canvas.text(left, y, text, picture.look.muted, size=_SIZE)


def _table(canvas: Canvas, reading: StrategyReading, look: Palette) -> None:
    """Write what it comes to."""
    found = reading.backtest
    rows = (
        (say("Won"), _share(found.wins)),
        (
            say("A trade brings, after costs"),
            _percent(found.expectancy.value) + _range(found.expectancy),
        ),
        (say("Random entries bring"), _percent(found.random)),
        (say("The difference"), _percent(found.edge.value) + _range(found.edge)),
        (say("Deepest fall of the sum"), _percent(-found.drawdown if found.drawdown else 0.0)),
        (say("Verdict"), verdict(reading.backtest)),
    )
    for row, (name, text) in enumerate(rows):
        y = _TABLE + row * _ROW
        canvas.text(MARGIN, y, name, look.muted, size=_SIZE)
        said = lettering.fitted(text, _RIGHT - _FOUND, _BOLD)
        canvas.text(_FOUND, y, said, look.ink, size=_BOLD, bold=row in (1, 3, 5))
    y = _TABLE + len(rows) * _ROW + 14
    text = say("Stakes are alike; what past trades brought says little of the next.")
    text = lettering.fitted(text, _RIGHT - MARGIN, _SIZE)
    canvas.text(MARGIN, y, text, look.muted, size=_SIZE)


def _share(value: float) -> str:
    return figures.percent(value) if math.isfinite(value) else figures.NOTHING


def _percent(value: float) -> str:
    return figures.percent(value, signed=True) if math.isfinite(value) else figures.NOTHING


def _range(found: Range) -> str:
    if not math.isfinite(found.low):
        return ""
    low, high = _percent(found.low), _percent(found.high)
    said = say("90 %: {low} to {high}", low=low, high=high)
    return f"  ({said})"
