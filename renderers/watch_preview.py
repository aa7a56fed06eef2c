"""A watch on stored history: price with every episode, and the first figure with its threshold."""

import math
from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.arrays import Floats, floats
from bot.core.language import many, say, say_of
from bot.core.watches.figures import Unit
from bot.core.watches.preview import Once, Preview
from bot.core.watches.previewed import FigureLine, WatchReading
from renderers import candles, header, lettering, words
from renderers.axes import PriceAxis, TimeAxis
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN
from renderers.theme import Ink, Palette, Theme, palette

HEIGHT = 1420  # [px]
_RIGHT = WIDTH - MARGIN
_LANE = 192  # [px] for figures to the right of what is drawn
_PRICES = Box(MARGIN, 300, _RIGHT - _LANE, 740)
_LINE = Box(MARGIN, 850, _RIGHT - _LANE, 1130)
_LEGEND, _TITLE, _TIMES = 268, 830, 778  # [px] baselines
_TABLE, _ROW, _FIGURES = 1196, 44, 430  # [px] first baseline, from one to the next, second column
_SIZE, _BOLD = 27, 30  # [px] of the text
_NARROWEST = 6  # [px] of an episode
_BAND = 10  # of ALPHAS
_FLAG = 16  # [px] of the mark above an episode that would have been told
_LEAST_SPAN = 0.01  # [log price]
_SPARE = 0.08  # of a scale, above and below
_MOST_OF_PAST = 0.995  # of the values are on the scale; a spike may leave it
_WORDS_SIZE = 32  # [px], as the header writes its second line
_THICK = 2  # [px] to either side of a line where it is steep


@dataclass(frozen=True, slots=True)
class _Picture:
    """Everything the parts need."""

    canvas: Canvas
    reading: WatchReading
    times: TimeAxis
    look: Palette


@dataclass(frozen=True, slots=True)
class _Scale:
    """Values upward in the box of the figure."""

    low: float
    high: float

    def row(self, value: Floats | float) -> Floats:
        """Return rows [px from the box's top]."""
        share = (self.high - np.asarray(value)) / (self.high - self.low)
        return floats(share * _LINE.height)


def render(reading: WatchReading, theme: Theme) -> bytes:
    """Draw a preview, 1280 x 1420; the same reading always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look)
    return canvas.png(look, HEIGHT)


def draw(canvas: Canvas, reading: WatchReading, look: Palette) -> None:
    """Draw a preview on the upper part of a canvas. It takes a candle at least."""
    canvas.clear(look.paper)
    start = int(reading.candles.open_time[0])
    end = max(int(reading.candles.close_time[-1]), start + 1)
    picture = _Picture(canvas, reading, TimeAxis(_PRICES, start, end), look)
    for box in (_PRICES, _LINE):
        canvas.fill(box, look.panel)
    _grid(picture)
    for once in reading.preview.episodes:
        _band(picture, once)
    axis = _price_axis(reading)
    candles.draw(canvas, candles.fit(reading.candles, picture.times), axis, picture.times, look)
    scale = _scale(reading.line)
    _figure(picture, scale)
    if reading.simulated:
        header.watermark(canvas, look, HEIGHT)
    for once in reading.preview.told:
        _flag(picture, once)
    _above(canvas, reading, look)
    _prices(picture, axis)
    _legend(picture)
    _beside(picture, scale)
    _table(canvas, reading.preview, look)


def _above(canvas: Canvas, reading: WatchReading, look: Palette) -> None:
    told = len(reading.preview.told)
    first, second = _wrapped(reading.words, _RIGHT - MARGIN)
    venues = words.there(len(reading.told), len(reading.asked))
    names = words.names(reading.told)
    header.write(
        canvas,
        (
            reading.base,
            (say_of("panel", "watch"),),
            many("{count} time", "{count} times", told),
        ),
        header.Lines(
            (first, ""),
            (second, figures.moment(reading.as_of)),
            say("on stored history of {venues}: {names}", venues=venues, names=names),
        ),
        look,
        simulated=reading.simulated,
    )


def _wrapped(text: str, room: int) -> tuple[str, str]:
    """Break a text after the last word that fits the first line."""
    parts = text.split()
    for count in range(len(parts), 0, -1):
        line = " ".join(parts[:count])
        if lettering.width(line, _WORDS_SIZE) <= room:
            return line, " ".join(parts[count:])
    return text, ""


def _price_axis(reading: WatchReading) -> PriceAxis:
    low, high = float(reading.candles.low.min()), float(reading.candles.high.max())
    margin = math.exp(max(_LEAST_SPAN - math.log(high / low), 0.0) / 2) * 1.004
    return PriceAxis(_PRICES, low / margin, high * margin)


def _grid(picture: _Picture) -> None:
    """Draw faint lines at round times through both charts, and write the times."""
    canvas, look, free = picture.canvas, picture.look, MARGIN
    for at, text in picture.times.ticks():
        x = round(float(picture.times.x(at)))
        half = lettering.width(text, _SIZE) // 2
        for box in (_PRICES, _LINE):
            canvas.tint(Box(x, box.top, x + 1, box.bottom).within(box), look.ink, 2)
        if free <= x - half and x + half <= _PRICES.right:
            canvas.text(x, _TIMES, text, look.muted, size=_SIZE, anchor="middle")
            free = x + half + 24


def _span(picture: _Picture, once: Once) -> tuple[int, int]:
    """Return where an episode begins and ends [px], wide enough to be seen."""
    ended = picture.times.end if once.ended is None else once.ended
    left = round(float(picture.times.x(once.began)))
    right = max(round(float(picture.times.x(ended))), left + _NARROWEST)
    return left, right


def _band(picture: _Picture, once: Once) -> None:
    """Tint an episode in both charts, fainter where nobody would have been told of it."""
    left, right = _span(picture, once)
    look = picture.look
    for box in (_PRICES, _LINE):
        band = Box(left, box.top, right, box.bottom).within(box)
        if once.told is None:
            picture.canvas.tint(band, look.muted, _BAND // 2)
        else:
            picture.canvas.tint(band, look.short_dim, _BAND)


def _flag(picture: _Picture, once: Once) -> None:
    """Mark above the prices when somebody would have been told."""
    assert once.told is not None  # noqa: S101 - only those that were told have a flag
    x = round(float(picture.times.x(once.told)))
    canvas, look = picture.canvas, picture.look
    half = _FLAG // 2
    x = min(max(x, _PRICES.left + half), _PRICES.right - half)
    box = Box(x - half, _PRICES.top - _FLAG - 4, x + half, _PRICES.top - 4)
    canvas.fill(box.grown(2), look.paper)
    canvas.fill(box, look.short)


def _scale(line: FigureLine) -> _Scale:
    known = line.value[np.isfinite(line.value)]
    ends = [*line.thresholds]
    if line.unit is None:
        ends += [0.0, max(1.0, float(known.max(initial=1.0)))]
    elif len(known):
        ends += np.quantile(known, (1 - _MOST_OF_PAST, _MOST_OF_PAST)).tolist()
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    spare = max((high - low) * _SPARE, abs(high) * 1e-6, 1e-12)
    return _Scale(low - spare, high + spare)


def _figure(picture: _Picture, scale: _Scale) -> None:
    """Draw the figure; of all its values in a column that which is nearest its threshold's side."""
    line, canvas, look = picture.reading.line, picture.canvas, picture.look
    for threshold in line.thresholds:
        y = _LINE.top + round(float(scale.row(threshold)))
        canvas.dashes(Box(_LINE.left, y - 2, _LINE.right, y + 2).within(_LINE), look.short, 14, 14)
    rows = np.clip(scale.row(_columns(picture)), 3.0, _LINE.height - 3.0)
    for aside in range(-_THICK, _THICK + 1):  # steps are as thick as what is level
        moved = np.roll(rows, aside)
        moved[: max(aside, 0)] = np.nan
        moved[len(moved) + min(aside, 0) :] = np.nan
        canvas.curve(_LINE, floats(moved), look.ink, thick=2 * _THICK + 1)


def _columns(picture: _Picture) -> Floats:
    """Return the figure for each column of its box; nan where it is not known."""
    line, times = picture.reading.line, picture.times
    value = np.where(np.isfinite(line.value), line.value, np.nan)
    edges = times.start + np.arange(_LINE.width + 1) * ((times.end - times.start) / _LINE.width)
    first = np.searchsorted(line.time, edges[:-1], side="left")
    after = np.searchsorted(line.time, edges[1:], side="left")
    # Between two times the older one stands.
    stands = np.maximum(after - 1, 0)
    found = np.where(after > 0, value[np.minimum(stands, len(value) - 1)], np.nan)
    known = value[np.isfinite(value)]
    upward = not line.thresholds or line.thresholds[0] >= (np.median(known) if len(known) else 0)
    furthest = np.fmax if upward else np.fmin
    several = np.flatnonzero(after - first > 1)
    for column in several.tolist():
        found[column] = furthest.reduce(value[first[column] : after[column]])
    return floats(found)


def _prices(picture: _Picture, axis: PriceAxis) -> None:
    """Write round prices."""
    canvas, look = picture.canvas, picture.look
    prices, decimals = axis.ticks(5)
    for price in prices:
        y = round(float(axis.y(price)))
        if axis.box.top + 16 <= y <= axis.box.bottom - 16:
            text = lettering.fitted(figures.price(price, decimals=decimals), _LANE - 12, _SIZE)
            canvas.text(axis.box.right + 12, y + 10, text, look.muted, size=_SIZE)


def _legend(picture: _Picture) -> None:
    """Write what the marks mean, and which figure is drawn."""
    canvas, look, line = picture.canvas, picture.look, picture.reading.line
    left = MARGIN
    marks: list[tuple[Ink, str]] = [(look.short, say("would have told you"))]
    if len(picture.reading.preview.told) < len(picture.reading.preview.episodes):
        marks.append((look.muted, say("held back")))
    for ink, text in marks:
        canvas.fill(Box(left, _LEGEND - 18, left + 16, _LEGEND - 2), ink)
        left = canvas.text(left + 26, _LEGEND, text, look.muted, size=_SIZE).right + 32
    name = line.name
    if line.others:
        name = say("{figure}, and {more} more", figure=name, more=line.others)
    title = lettering.fitted(name, _RIGHT - MARGIN, _BOLD, bold=True)
    canvas.text(MARGIN, _TITLE, title, look.ink, size=_BOLD, bold=True)


def _beside(picture: _Picture, scale: _Scale) -> None:
    """Write the thresholds of the figure, and the ends of its scale where they keep apart."""
    canvas, look, line = picture.canvas, picture.look, picture.reading.line
    left, room = _LINE.right + 12, _LANE - 12
    if line.unit is None:
        for value, text in ((0.0, say("none")), (1.0, say("seen"))):
            y = _LINE.top + round(float(scale.row(value)))
            canvas.text(left, y + 10, text, look.muted, size=_SIZE)
        return
    taken: list[int] = []
    spare = (scale.high - scale.low) * _SPARE / (1 + 2 * _SPARE)
    ends = (scale.high - spare, scale.low + spare)
    places = [(value, look.short, True) for value in line.thresholds]
    places += [(value, look.muted, False) for value in ends]
    for value, ink, bold in places:
        y = _LINE.top + round(float(scale.row(value))) + 10
        y = min(max(y, _LINE.top + 24), _LINE.bottom - 6)
        if all(abs(y - other) >= _ROW - 8 for other in taken):
            text = lettering.fitted(_written(value, line.unit), room, _SIZE, bold=bold)
            canvas.text(left, y, text, ink, size=_SIZE, bold=bold)
            taken.append(y)


def _written(value: float, unit: Unit) -> str:
    match unit:
        case Unit.PRICE:
            return figures.price(value)
        case Unit.USD:
            return figures.usd(value)
        case Unit.RATE | Unit.PART:
            return figures.percent(value)
        case Unit.TIMES:
            return f"{value:.1f}x"
    return f"{value:.2f}"


def _table(canvas: Canvas, preview: Preview, look: Palette) -> None:
    """Write what it comes to."""
    held = len(preview.episodes) - len(preview.told)
    lasts = preview.usual_length
    rows = [
        (say("Would have spoken"), preview.often),
        (say("Within an hour of another"), str(preview.within_an_hour)),
        (say("Usually lasts"), figures.NOTHING if lasts is None else figures.span(lasts)),
        (say("Held back"), str(held)),
        (
            say("Not known"),
            say("{part} of that time", part=figures.share(round(preview.unknown, 2))),
        ),
    ]
    for row, (name, text) in enumerate(rows):
        y = _TABLE + row * _ROW
        canvas.text(MARGIN, y, name, look.muted, size=_SIZE)
        said = lettering.fitted(text, _RIGHT - _FIGURES, _BOLD)
        canvas.text(_FIGURES, y, said, look.ink, size=_BOLD, bold=row == 0)
