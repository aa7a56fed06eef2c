"""The answer to `/position`: a ladder of prices, clusters, entry, liquidation and stop."""

import math

from bot.core import figures
from bot.core.instruments import venue_name
from bot.core.language import mark, say
from bot.core.margin.rules import MarginMode
from bot.core.market.liquidations import PositionSide
from bot.core.signals.events import Zone
from bot.core.signals.position_reading import PositionReading
from renderers import header, ladder, lettering, setup_tags, words
from renderers.axes import PriceAxis
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN, Lines
from renderers.setup_tags import Tag
from renderers.theme import Ink, Palette, Theme, palette

_SIZE = 28  # [px] of the text
_RIGHT = WIDTH - MARGIN
_TOP, _BOTTOM = 250, 1140  # [px] of the ladder
HEIGHT = 1210  # [px]
_LADDER = Box(MARGIN + 184, _TOP, 920, _BOTTOM)  # what stands at each price
_BARS = Box(_LADDER.left, _TOP, _LADDER.right - 24, _BOTTOM)
_FRAMES = Box(_LADDER.left, _TOP, _LADDER.right - 12, _BOTTOM)
_LANE = Box(920, _TOP, _RIGHT, _BOTTOM)  # what the prices are
_AROUND = 0.12  # of what is shown left free above and below
_FURTHEST = 0.35  # [log price] from the price: what is further off is pointed to
_LEAST = 0.01  # [log price] shown at least to either side
_MODES = {MarginMode.ISOLATED: mark("isolated"), MarginMode.CROSS: mark("cross")}


def render(reading: PositionReading, theme: Theme) -> bytes:
    """Draw a position as PNG, 1280 wide; the same reading always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look)
    return canvas.png(look, HEIGHT)


def draw(canvas: Canvas, reading: PositionReading, look: Palette) -> None:
    """Draw a position on the upper part of a canvas."""
    canvas.clear(look.paper)
    canvas.fill(_LADDER, look.panel)
    if reading.simulated:
        header.watermark(canvas, look, HEIGHT)
    _above(canvas, reading, look)
    axis = axis_of(reading)
    _ticks(canvas, axis, look)
    ladder.standing(canvas, reading.now, axis, _BARS, look)
    _lost(canvas, reading, axis, look)
    told = [(zone, _ink(zone, look)) for zone in reading.zones]
    ladder.zones(canvas, told, axis, _FRAMES, look)
    setup_tags.draw(canvas, tags(reading, look), axis, _LANE, look)
    said = say("bars: estimated liquidations by price, longs below, shorts above")
    said = lettering.fitted(said, _RIGHT - MARGIN, 27)
    canvas.text(MARGIN, HEIGHT - 24, said, look.muted, size=27)


def axis_of(reading: PositionReading) -> PriceAxis:
    """Show the price, the entry, the liquidation and the stop, as far as they are not far off."""
    shown = [reading.price, reading.position.entry, reading.liquidation]
    if reading.stop is not None:
        shown += [reading.stop.price, reading.stop.zone.far]
    logs = [math.log(each / reading.price) for each in shown if each is not None and each > 0]
    near = [each for each in logs if abs(each) <= _FURTHEST]
    low, high = min(*near, -_LEAST), max(*near, _LEAST)
    free = _AROUND * (high - low)
    return PriceAxis(
        _LADDER, reading.price * math.exp(low - free), reading.price * math.exp(high + free)
    )


def tags(reading: PositionReading, look: Palette) -> list[Tag]:
    """Return the prices that are named beside the ladder, the price itself first."""
    found = [Tag(say("price"), reading.price, look.ink, look.paper)]
    entry = reading.position.entry
    if entry != reading.price:
        found.append(Tag(say("entry"), entry, look.raised, look.ink))
    if reading.liquidation is not None:
        venue = venue_name(reading.found[0].instrument.exchange)
        name = say("liquidation {venue}", venue=venue)
        text = lettering.fitted(name, _LANE.width - 40, _SIZE)
        found.append(Tag(text, reading.liquidation, look.warning, look.paper))
    if reading.stop is not None and not reading.over:
        name = say("stop") if reading.stop.holds else say("stop: too late")
        found.append(Tag(name, reading.stop.price, look.raised, look.ink))
    return found


def _above(canvas: Canvas, reading: PositionReading, look: Palette) -> None:
    position = reading.position
    side = say("long") if position.side is PositionSide.LONG else say("short")
    size = f", {figures.usd(position.value)}" if position.value else ""
    mode = say(_MODES[position.mode])
    said = f"{side} {figures.price(position.entry)} {position.leverage:g}x {mode}{size}"
    away = reading.distance
    figure = say("safe") if away is None else figures.percent(away, signed=True)
    if reading.over:
        figure = say("gone")
    never = say("never")
    others = ", ".join(
        f"{venue_name(each.instrument.exchange)} "
        f"{never if each.price is None else figures.price(each.price)}"
        for each in reading.found[1:4]
    )
    lines = Lines(
        (said, "" if away is None or reading.over else say("to liquidation")),
        (
            say("elsewhere: {others}", others=others) if others else _venues(reading),
            figures.moment(reading.as_of),
        ),
        f"{words.grade(reading.grade)} · {reading.freshness}",
    )
    first = (reading.base, (f"/ {reading.quote}",), figure)
    header.write(canvas, first, lines, look, simulated=reading.simulated)


def _venues(reading: PositionReading) -> str:
    return say("map: {venues}", venues=words.names(reading.venues))


def _ticks(canvas: Canvas, axis: PriceAxis, look: Palette) -> None:
    ticks, decimals = axis.ticks(8)
    for at in ticks:
        y = round(float(axis.y(at)))
        canvas.tint(Box(_LADDER.left, y, _LADDER.right, y + 1), look.ink, 2)
        if _TOP + 14 < y < _BOTTOM - 6:
            text = figures.price(at, decimals=decimals)
            canvas.text(_LADDER.left - 12, y + 10, text, look.muted, size=_SIZE, anchor="right")


def _lost(canvas: Canvas, reading: PositionReading, axis: PriceAxis, look: Palette) -> None:
    """Shade the prices at which the position is gone."""
    at = reading.liquidation
    if at is None:
        return
    y = min(max(round(float(axis.y(at))), _TOP), _BOTTOM)
    long = reading.position.side is PositionSide.LONG
    box = Box(_LADDER.left, y, _LADDER.right, _BOTTOM) if long else None
    canvas.tint(box or Box(_LADDER.left, _TOP, _LADDER.right, y), look.warning, 3)


def _ink(zone: Zone, look: Palette) -> Ink:
    return look.long if zone.side is PositionSide.LONG else look.short
