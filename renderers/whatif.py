"""The answer to `/whatif`: a ladder of prices, what stands on it, and each link of the chain."""

import math

from bot.core import figures
from bot.core.language import many, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.events import Zone
from bot.core.signals.names import side_name
from bot.core.signals.whatif import Link
from bot.core.signals.whatif_reading import WhatIfReading
from renderers import header, labels, ladder, lettering, words
from renderers.axes import PriceAxis
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN, Lines
from renderers.theme import Ink, Palette, Theme, palette

_SIZE = 28  # [px] of the text
_RIGHT = WIDTH - MARGIN
_TOP, _BOTTOM = 250, 1140  # [px] of the ladder
HEIGHT = 1210  # [px]
_LADDER = Box(MARGIN + 184, _TOP, 760, _BOTTOM)  # what stands at each price
_BARS = Box(_LADDER.left, _TOP, 688, _BOTTOM)  # of them, what stands at each price
_CHAIN = (700, 760)  # [px] left and right of the lane of links
_WORDS = 784  # [px] left of what is said of links
_LABEL = 78  # [px] height of what is said of one link
_BEYOND = 0.35  # of the way shown beyond its end
_BACK = 0.12  # of the way shown behind the price
_LEAST = 0.004  # [log price] shown at least
_LINKS = 8  # told one by one; the rest is summed up in the last


def render(reading: WhatIfReading, theme: Theme) -> bytes:
    """Draw a move as PNG, 1280 wide; the same reading always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look)
    return canvas.png(look, HEIGHT)


def draw(canvas: Canvas, reading: WhatIfReading, look: Palette) -> None:
    """Draw a move on the upper part of a canvas."""
    canvas.clear(look.paper)
    canvas.fill(_LADDER, look.panel)
    if reading.simulated:
        header.watermark(canvas, look, HEIGHT)
    _above(canvas, reading, look)
    axis = axis_of(reading)
    side = look.long if reading.found.side is PositionSide.LONG else look.short
    _prices(canvas, reading, axis, look)
    ladder.standing(canvas, reading.now, axis, _BARS, look)
    same = [(zone, side) for zone in reading.zones if zone.side is reading.found.side]
    ladder.zones(canvas, same, axis, _BARS, look, lambda zone: _mark(zone, reading))
    _links(canvas, reading, axis, side, look)
    _foot(canvas, reading, look)


def axis_of(reading: WhatIfReading) -> PriceAxis:
    """Show the way, the cluster beyond it if it is not far, and a little on either side."""
    found = reading.found
    way = abs(math.log(found.end / found.price))
    sign = 1 if found.end > found.price else -1
    reach = way * (1 + _BEYOND)
    zone = found.next_zone
    if zone is not None:
        away = abs(math.log(zone.far / found.price))
        if away < 2 * way:
            reach = max(reach, away + 0.1 * way)
    back = max(_BACK * reach, _LEAST)
    ends = sorted((found.price * math.exp(sign * reach), found.price * math.exp(-sign * back)))
    return PriceAxis(_LADDER, ends[0], ends[1])


def _above(canvas: Canvas, reading: WhatIfReading, look: Palette) -> None:
    found = reading.found
    move = figures.percent(reading.move, signed=True)
    end = figures.percent(found.end / found.price - 1, signed=True)
    said = say("{usd} of {side} forced out", usd=figures.usd(found.usd), side=side_name(found.side))
    if found.chain:
        more = many(
            "{count} more link to {end}", "{count} more links to {end}", len(found.chain), end=end
        )
        said += f", {more}"
    depth = say("no order book, chain not followed")
    if reading.books:
        depth = say("books: {venues}", venues=words.names(reading.books))
    lines = Lines(
        (said, say("to {price}", price=figures.price(found.asked))),
        (f"{reading.freshness}: {words.names(reading.venues)}", figures.moment(reading.as_of)),
        f"{words.grade(reading.grade)} · {depth}",
    )
    first = (
        reading.base,
        (f"/ {reading.quote}", say("now {price}", price=figures.price(found.price))),
        move,
    )
    header.write(canvas, first, lines, look, simulated=reading.simulated)


def _prices(canvas: Canvas, reading: WhatIfReading, axis: PriceAxis, look: Palette) -> None:
    """Write round prices on the left, and the present one."""
    ticks, decimals = axis.ticks(8)
    here = round(float(axis.y(reading.found.price)))
    for at in ticks:
        y = round(float(axis.y(at)))
        canvas.tint(Box(_LADDER.left, y, _LADDER.right, y + 1), look.ink, 2)
        if abs(y - here) > 36 and _TOP + 14 < y < _BOTTOM - 6:  # noqa: PLR2004 - [px] of a line
            text = figures.price(at, decimals=decimals)
            canvas.text(_LADDER.left - 12, y + 10, text, look.muted, size=_SIZE, anchor="right")
    text = figures.price(reading.found.price)
    canvas.text(_LADDER.left - 12, here + 10, text, look.ink, size=_SIZE, bold=True, anchor="right")
    canvas.dashes(Box(_LADDER.left, here - 1, _LADDER.right, here + 2), look.ink, 12, 8)


def _mark(zone: Zone, reading: WhatIfReading) -> str:
    return " " + say("next") if zone == reading.found.next_zone else ""


def links_told(reading: WhatIfReading) -> list[tuple[str, Link]]:
    """Return the links that are told one by one, the last of them with all that follow."""
    chain = reading.found.chain
    told = [(say("the move"), reading.found.first)]
    told += [
        (say("link {number}", number=place), link)
        for place, link in enumerate(chain[: _LINKS - 1], 1)
    ]
    rest = chain[_LINKS - 1 :]
    if rest:
        name = say("link {number}", number=_LINKS)
        if len(rest) > 1:
            name = say("links {first}–{last}", first=_LINKS, last=len(chain))
        sums = [math.fsum(getattr(link, part) for link in rest) for part in ("usd", "low", "high")]
        told.append((name, Link(rest[0].start, rest[-1].end, *sums)))
    return told


def _links(
    canvas: Canvas, reading: WhatIfReading, axis: PriceAxis, side: Ink, look: Palette
) -> None:
    """Draw each link as a bar along the prices it goes through, and say it beside."""
    told = links_told(reading)
    spans = []
    for _, link in told:
        ends = sorted(round(float(axis.y(price))) for price in (link.start, link.end))
        spans.append((max(ends[0], _TOP), min(max(ends[1], ends[0] + 3), _BOTTOM)))
    for place, (top, bottom) in enumerate(spans):
        box = Box(_CHAIN[0], top + 1, _CHAIN[1], max(bottom - 1, top + 2))
        if place:
            canvas.tint(box, side, 16 if place % 2 else 11)
        else:
            canvas.fill(box, look.muted)
    wanted = [(top + bottom) / 2 for top, bottom in spans]
    tops = labels.spread(wanted, _LABEL, _TOP, _BOTTOM)
    for (name, link), (top, bottom), label in zip(told, spans, tops, strict=True):
        middle = (top + bottom) // 2
        canvas.tint(Box(_CHAIN[1], middle - 1, _CHAIN[1] + 10, middle + 1), look.muted, 12)
        y = label + 34
        end = canvas.text(_WORDS, y, name, look.muted, size=_SIZE).right + 14
        end = canvas.text(end, y, figures.usd(link.usd), look.ink, size=34, bold=True).right + 14
        where = say("to {price}", price=figures.price(link.end))
        canvas.text(end, y, lettering.fitted(where, _RIGHT - end, _SIZE), look.ink, size=_SIZE)
        span = say("range {low}–{high}", low=figures.usd(link.low), high=figures.usd(link.high))
        canvas.text(_WORDS, y + 34, span, look.muted, size=_SIZE)


def _foot(canvas: Canvas, reading: WhatIfReading, look: Palette) -> None:
    said = say("bars: estimated liquidations by price · lane: the move (grey) and what it sets off")
    if reading.found.beyond:
        said = say("the way leads out of the map: all of this is a least")
    elif reading.lost:
        said = say(
            "the last orders are far more than the books tell of: the chain goes on from there"
        )
    y = HEIGHT - 24
    canvas.text(MARGIN, y, lettering.fitted(said, _RIGHT - MARGIN, 27), look.muted, size=27)
