"""Below a day of liquidations: sums by size and by venue, for the last hour and the day."""

from bot.core import figures
from bot.core.flow.liquidated import LiquidatedReading, Share, Sums
from bot.core.instruments import venue_name
from bot.core.language import many, say
from renderers import candles, lettering, words
from renderers.canvas import WIDTH, Box, Canvas
from renderers.header import MARGIN
from renderers.theme import Ink, Palette

_SIZE = 27  # [px] of the text
_RIGHT = WIDTH - MARGIN
_HEAD, _ROW = 1072, 37  # [px] baseline of the first line, from one row to the next
_COLUMNS = (500, 750, 1000, _RIGHT)  # [px] right of: hour longs, shorts, day longs, shorts
_NAME = 230  # [px] kept for what a row is
_VENUES = 1340  # [px] baseline of the line above the venues
_ROWS = 5  # venues that have a row of their own
_LEGEND = 1584  # [px] baseline


def draw(canvas: Canvas, reading: LiquidatedReading, look: Palette) -> None:
    """Draw both tables and the legend."""
    _heads(canvas, _HEAD, say("by size"), look)
    for row, share in enumerate(reversed(reading.classes)):
        _share(canvas, _HEAD + (row + 1) * _ROW, words.told(share.name), share, look)
    _heads(canvas, _VENUES, say("by venue"), look)
    heard = {each.exchange: each.heard for each in reading.coverage}
    for row, share in enumerate(reading.venues[:_ROWS]):
        hours = f"{venue_name(share.name)}, {24 * heard[share.name]:.0f} h"
        _share(canvas, _VENUES + (row + 1) * _ROW, hours, share, look)
    _legend(canvas, reading, look)


def unheard(canvas: Canvas, box: Box, look: Palette) -> None:
    """Hatch a box for what was not heard: it is no shade of any side."""
    canvas.fill(box, look.raised)
    for x in range(box.left + 6, box.right - 1, 12):
        canvas.tint(Box(x, box.top, x + 2, box.bottom), look.ink, 2)


def _heads(canvas: Canvas, y: int, name: str, look: Palette) -> None:
    canvas.text(MARGIN, y, name, look.muted, size=_SIZE)
    longs, shorts = words.longs(), words.shorts()
    said = (f"1 h {longs}", shorts, f"24 h {longs}", shorts)
    for right, text in zip(_COLUMNS, said, strict=True):
        canvas.text(right, y, text, look.muted, size=_SIZE, anchor="right")


def _share(canvas: Canvas, y: int, name: str, share: Share, look: Palette) -> None:
    canvas.text(MARGIN, y, lettering.fitted(name, _NAME, _SIZE), look.ink, size=_SIZE)
    cells = (*_cells(share.hour, look), *_cells(share.day, look))
    for right, (usd, count, ink) in zip(_COLUMNS, cells, strict=True):
        if not usd:
            canvas.text(right, y, figures.NOTHING, look.muted, size=_SIZE, anchor="right")
            continue
        times = f" × {count:,}" if count else ""
        room = 230
        text = lettering.fitted(f"{figures.usd(usd)}{times}", room, _SIZE)
        canvas.text(right, y, text, ink, size=_SIZE, anchor="right")


def _cells(sums: Sums, look: Palette) -> tuple[tuple[float, int, Ink], ...]:
    return (
        (sums.long_usd, sums.long_count, look.long),
        (sums.short_usd, sums.short_count, look.short),
    )


def _legend(canvas: Canvas, reading: LiquidatedReading, look: Palette) -> None:
    left = MARGIN
    if reading.base:
        for place, long in enumerate((True, False)):
            candles.ring(canvas, (left + 14 + 30 * place, _LEGEND - 10), 10.0, look, long=long)
        text = say("the largest")
        left = canvas.text(left + 70, _LEGEND, text, look.ink, size=_SIZE).right + 36
    box = Box(left, _LEGEND - 22, left + 40, _LEGEND + 4)
    unheard(canvas, box, look)
    text = say("not every market heard")
    left = canvas.text(box.right + 14, _LEGEND, text, look.ink, size=_SIZE).right + 28
    more = len(reading.venues) - _ROWS
    text = say("h: heard of 24 h")
    if more > 0:
        text = many("{count} more venue in the sums", "{count} more venues in the sums", more)
    text = lettering.fitted(text, _RIGHT - left, _SIZE)
    canvas.text(_RIGHT, _LEGEND, text, look.muted, size=_SIZE, anchor="right")
