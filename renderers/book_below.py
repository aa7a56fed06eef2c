"""Below an order book: the large trades as they came, and depth by venue."""

import math
from itertools import pairwise

from bot.core import figures
from bot.core.flow.book import BookReading
from bot.core.flow.depth import BANDS, Depth
from bot.core.flow.ladder import OrderSide
from bot.core.flow.trades import Flow, LargeTrade
from bot.core.instruments import venue_name
from bot.core.language import many, say
from renderers import lettering
from renderers.canvas import WIDTH, Box, Canvas
from renderers.header import MARGIN
from renderers.theme import Palette

_SIZE = 27  # [px] of the text
_RIGHT = WIDTH - MARGIN
_TITLE = 1176  # [px] baseline
_STRIP = Box(MARGIN, 1192, _RIGHT, 1292)
_ENDS = 1324  # [px] baseline of the times at its ends
_LARGEST, _LEAST = 24.0, 7.0  # [px] radius of trades
_LABELLED = 3
_HEAD, _ROW = 1366, 36  # [px] baseline of the table's head, from one row to the next
_COLUMNS = (MARGIN, 400, 560, 720, 880, 1040, _RIGHT)  # [px] left of the name, right of the others
_ROWS = 4  # venues that have a row of their own
_LEGEND = 1584  # [px] baseline


def draw(canvas: Canvas, reading: BookReading, look: Palette) -> None:
    """Draw trades, table and legend."""
    _trades(canvas, reading, look)
    _table(canvas, reading, look)
    _legend(canvas, reading, look)


def _trades(canvas: Canvas, reading: BookReading, look: Palette) -> None:
    canvas.fill(_STRIP, look.panel)
    flows = [venue.flow for venue in reading.venues if venue.flow is not None]
    if not flows:
        canvas.text(MARGIN, _TITLE, say("No trades are told"), look.muted, size=_SIZE)
        return
    start = min(flow.start for flow in flows)
    end = max(reading.as_of, *(flow.end for flow in flows))
    canvas.text(MARGIN, _TITLE, _flow(flows), look.ink, size=_SIZE)
    middle = (_STRIP.top + _STRIP.bottom) // 2
    canvas.tint(Box(_STRIP.left, middle, _STRIP.right, middle + 2), look.ink, 5)
    canvas.text(MARGIN, _ENDS, figures.ago(end - start), look.muted, size=_SIZE)
    canvas.text(_RIGHT, _ENDS, say("now"), look.muted, size=_SIZE, anchor="right")
    large = sorted(reading.large, key=lambda trade: -trade.usd)
    taken: list[Box] = []
    for trade in large:
        radius = max(_LARGEST * math.sqrt(trade.usd / large[0].usd), _LEAST)
        x = (
            _STRIP.left
            + _LARGEST
            + (trade.time - start) / max(end - start, 1) * (_STRIP.width - 2 * _LARGEST)
        )
        y = middle - 25 if trade.side > 0 else middle + 27
        ink = look.long if trade.side > 0 else look.short
        canvas.ring((x, y), radius, min(radius, 6.0), ink, _STRIP)
        taken.append(
            Box(round(x - radius), round(y - radius), round(x + radius), round(y + radius))
        )
    for trade, mark in list(zip(large, taken, strict=True))[:_LABELLED]:
        _label(canvas, trade, mark, taken, look)


def _label(canvas: Canvas, trade: LargeTrade, mark: Box, taken: list[Box], look: Palette) -> None:
    """Write a trade's dollars beside its ring, if there is room."""
    text = figures.usd(trade.usd)
    wide = lettering.width(text, _SIZE)
    middle = (mark.top + mark.bottom) // 2
    for left in (mark.right + 8, mark.left - 8 - wide):
        box = Box(left, middle - 16, left + wide, middle + 16)
        inside = box.left >= _STRIP.left and box.right <= _STRIP.right
        if inside and not any(box.grown(3).overlaps(other) for other in taken):
            canvas.text(left, middle + 10, text, look.ink, size=_SIZE)
            taken.append(box)
            return


def _flow(flows: list[Flow]) -> str:
    bought, sold = sum(flow.bought for flow in flows), sum(flow.sold for flow in flows)
    count = sum(len(flow.large) for flow in flows)
    told = figures.usd(bought), figures.usd(sold)
    limits = [flow.threshold for flow in flows if flow.threshold is not None]
    if not limits:
        return say("Takers bought {bought}, sold {sold}", bought=told[0], sold=told[1])
    if not count:
        return say(
            "Takers bought {bought}, sold {sold}; none is large", bought=told[0], sold=told[1]
        )
    most = max(trade.usd for flow in flows for trade in flow.large)
    return say(
        "Takers bought {bought}, sold {sold}; {count} large, {least} to {most}",
        bought=told[0],
        sold=told[1],
        count=count,
        least=figures.usd(min(limits)),
        most=figures.usd(most),
    )


def _table(canvas: Canvas, reading: BookReading, look: Palette) -> None:
    """Write depth together and by venue: bids outward to the left, asks to the right."""
    sides = ((OrderSide.BID, (2, 1, 0)), (OrderSide.ASK, (0, 1, 2)))
    columns = list(pairwise(_COLUMNS))
    canvas.text(MARGIN, _HEAD, say("USD within"), look.muted, size=_SIZE)
    place = 0
    for side, bands in sides:
        for band in bands:
            text = figures.share(-side.value * BANDS[band], signed=True)
            right = columns[place][1]
            canvas.text(right, _HEAD, text, look.muted, size=_SIZE, anchor="right")
            place += 1
    rows: list[tuple[str, Depth]] = [(say("Together"), reading.depth)]
    rows += [(venue_name(venue.exchange), venue.depth) for venue in reading.venues[:_ROWS]]
    for row, (name, depth) in enumerate(rows):
        y = _HEAD + (row + 1) * _ROW
        room = _COLUMNS[1] - 130 - MARGIN
        canvas.text(MARGIN, y, lettering.fitted(name, room, _SIZE), look.ink, size=_SIZE)
        place = 0
        for side, bands in sides:
            ink = look.long if side is OrderSide.BID else look.short
            for band in bands:
                usd = (depth.bids if side is OrderSide.BID else depth.asks)[band]
                text = ("≥" if depth.partial(band, side) else "") + figures.usd(usd)
                right = columns[place][1]
                canvas.text(right, y, text, ink, size=_SIZE, bold=not row, anchor="right")
                place += 1


def _legend(canvas: Canvas, reading: BookReading, look: Palette) -> None:
    left = MARGIN
    for ink, text in ((look.long, say("bids, bought")), (look.short, say("asks, sold"))):
        canvas.fill(Box(left, _LEGEND - 20, left + 22, _LEGEND + 2), ink)
        left = canvas.text(left + 32, _LEGEND, text, look.ink, size=_SIZE).right + 28
    for place, ink in enumerate((look.long_dim, look.short_dim)):
        canvas.fill(Box(left + 14 * place, _LEGEND - 20, left + 14 * place + 12, _LEGEND + 2), ink)
    text = say("not told by all")
    left = canvas.text(left + 38, _LEGEND, text, look.ink, size=_SIZE).right + 28
    more = len(reading.venues) - _ROWS
    if more > 0:
        text = many("{count} more venue in the sum", "{count} more venues in the sum", more)
        text = lettering.fitted(text, _RIGHT - left, _SIZE)
        canvas.text(_RIGHT, _LEGEND, text, look.muted, size=_SIZE, anchor="right")
