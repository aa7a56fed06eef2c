"""The answer to `/liqs`: a day of liquidations, when they came, how large, and what was heard."""

import math
from typing import NamedTuple

import numpy as np

from bot.core import figures
from bot.core.arrays import floats
from bot.core.flow.liquidated import LiquidatedReading, OneLiquidation, Sums
from bot.core.instruments import venue_name
from bot.core.language import say
from renderers import header, lettering, liqs_table, words
from renderers.axes import PriceAxis, TimeAxis, nice
from renderers.canvas import WIDTH, Box, Canvas, own
from renderers.header import MARGIN
from renderers.theme import Palette, Theme, palette

_RIGHT = WIDTH - MARGIN
_LANE = 132  # [px] kept at least for the figures to the right of what is drawn over time
_COINS = Box(MARGIN, 250, _RIGHT, 690)
_TIMES = 1012  # [px] baseline
_SIZE = 27  # [px] of the text
_LARGEST, _LEAST = 34.0, 7.0  # [px] radius of bubbles
_LABELLED = 3  # bubbles with their dollars
_COIN_ROWS = 9
_COIN_NAME, _COIN_USD = 200, 190  # [px] kept left and right of a coin's bar
_FAR = 1.03  # liquidation prices further than this from all trades do not stretch the axis
_LEAST_SPAN = 0.004  # [log price] an axis spans at least this
_QUIET = 0.999  # a bin heard less than this is shaded


class _Panels(NamedTuple):
    """What is drawn over time; figures stand to the right of it."""

    prices: Box
    bars: Box


def _panels(reading: LiquidatedReading) -> _Panels:
    candles, room = reading.candles, _LANE
    if candles is not None and len(candles):  # small prices are long
        room = max(room, lettering.width(figures.price(float(candles.low.min())), _SIZE) + 16)
    edge = _RIGHT - room - 12
    return _Panels(Box(MARGIN, 250, edge, 690), Box(MARGIN, 716, edge, 976))


def render(reading: LiquidatedReading, theme: Theme) -> bytes:
    """Draw a day of liquidations, 1280 x 1600; the same reading always gives the same bytes."""
    canvas, look = own(), palette(theme)
    draw(canvas, reading, look)
    return canvas.png(look)


def draw(canvas: Canvas, reading: LiquidatedReading, look: Palette) -> None:
    """Draw a day of liquidations on a canvas."""
    canvas.clear(look.paper)
    one_coin = bool(reading.base)
    edges = reading.timeline.edges
    panels = _panels(reading)
    times = TimeAxis(panels.bars, int(edges[0]), int(edges[-1]))
    for panel in panels if one_coin else panels[1:]:
        canvas.fill(panel, look.panel)
        _unheard(canvas, reading, panel, times, look)
    scale = _bars(canvas, reading, panels.bars, look)
    axis = _price_axis(reading, panels.prices) if one_coin else None
    if axis is not None:
        _price_line(canvas, reading, axis, times, look)
    if reading.simulated:
        header.watermark(canvas, look)
    _above(canvas, reading, look)
    _scale(canvas, scale, panels.bars, look)
    _time_ticks(canvas, times, look)
    if axis is not None:
        _bubbles(canvas, reading, axis, times, look)
        _prices(canvas, axis, look)
    elif one_coin:
        text = say("no prices to be had")
        canvas.text(MARGIN + 12, panels.prices.top + 40, text, look.muted, size=_SIZE)
    else:
        _coins(canvas, reading, look)
    liqs_table.draw(canvas, reading, look)


def _above(canvas: Canvas, reading: LiquidatedReading, look: Palette) -> None:
    names = ", ".join(
        venue_name(each.exchange) + ("" if each.whole else f" {24 * each.heard:.0f} h")
        for each in reading.coverage
    )
    there = {each.exchange for each in reading.coverage}
    silent = [name for name in reading.asked if name not in there]
    quality = [say("nothing from {venues}", venues=words.names(silent))] if silent else []
    quality += [
        say(
            "{venue} not heard since {when}",
            venue=venue_name(each.exchange),
            when=figures.clock(each.until),
        )
        for each in reading.coverage
        if each.until is not None
    ]
    quality.append(say("what was not heard is not counted"))
    header.write(
        canvas,
        (reading.base or say("All coins"), ("24 h",), figures.usd(reading.day.usd)),
        header.Lines(
            (say("Liquidations"), _sides(reading.hour)),
            (
                say("{venues} heard all day: {names}", venues=reading.freshness, names=names),
                figures.moment(reading.as_of),
            ),
            " · ".join(quality),
        ),
        look,
        simulated=reading.simulated,
    )


def _sides(hour: Sums) -> str:
    return say(
        "last hour: longs {longs}, shorts {shorts}",
        longs=figures.usd(hour.long_usd),
        shorts=figures.usd(hour.short_usd),
    )


def _unheard(
    canvas: Canvas, reading: LiquidatedReading, panel: Box, times: TimeAxis, look: Palette
) -> None:
    """Shade the times in which some market was not heard."""
    line = reading.timeline
    deaf = np.concatenate([[False], line.heard < _QUIET, [False]])
    ends = np.flatnonzero(np.diff(deaf.astype(np.int8)))
    for first, last in ends.reshape(-1, 2).tolist():
        left, right = (round(float(times.x(int(line.edges[at])))) for at in (first, last))
        liqs_table.unheard(canvas, panel._replace(left=left, right=right).within(panel), look)


def _bars(canvas: Canvas, reading: LiquidatedReading, panel: Box, look: Palette) -> float:
    """Draw shorts upward and longs downward by the quarter of an hour; returns their scale."""
    line = reading.timeline
    most = max(float(line.long_usd.max()), float(line.short_usd.max()))
    scale = nice(most) if most > 0 else 1.0
    middle = (panel.top + panel.bottom) // 2
    room = panel.height // 2 - 4
    edges = panel.left + np.arange(len(line.long_usd) + 1) * panel.width / len(line.long_usd)
    columns = np.round(edges).astype(int)
    for place, (long, short) in enumerate(
        zip(line.long_usd.tolist(), line.short_usd.tolist(), strict=True)
    ):
        left, right = int(columns[place]), int(columns[place + 1]) - 2
        if short > 0:
            top = middle - max(round(short / scale * room), 2)
            canvas.fill(Box(left, top, right, middle - 1), look.short)
        if long > 0:
            bottom = middle + max(round(long / scale * room), 2)
            canvas.fill(Box(left, middle + 1, right, bottom), look.long)
    canvas.fill(Box(panel.left, middle - 1, panel.right, middle + 1), look.muted)
    return scale


def _scale(canvas: Canvas, scale: float, panel: Box, look: Palette) -> None:
    """Write what the bars' ends mean, and which side is which."""
    middle = (panel.top + panel.bottom) // 2
    left = panel.right + 12
    canvas.text(left, panel.top + 26, figures.usd(scale), look.ink, size=_SIZE)
    canvas.text(left, panel.top + 62, words.shorts(), look.short, size=_SIZE)
    canvas.text(left, middle + 10, "15 min", look.muted, size=_SIZE)
    canvas.text(left, panel.bottom - 42, words.longs(), look.long, size=_SIZE)
    canvas.text(left, panel.bottom - 6, figures.usd(scale), look.ink, size=_SIZE)


def _time_ticks(canvas: Canvas, times: TimeAxis, look: Palette) -> None:
    for at, text in times.ticks():
        x = round(float(times.x(at)))
        half = lettering.width(text, _SIZE) // 2
        if x - half >= MARGIN and x + half <= _RIGHT:
            canvas.fill(Box(x, times.box.bottom, x + 2, times.box.bottom + 8), look.muted)
            canvas.text(x, _TIMES, text, look.muted, size=_SIZE, anchor="middle")


def _price_axis(reading: LiquidatedReading, panel: Box) -> PriceAxis | None:
    """Show what was traded and where the largest were liquidated; None without candles."""
    candles = reading.candles
    if candles is None or not len(candles):
        return None
    low, high = float(candles.low.min()), float(candles.high.max())
    for one in reading.largest:
        # A bankruptcy price far away from all trades is drawn at the edge.
        if one.price * _FAR > low and one.price < high * _FAR:
            low, high = min(low, one.price), max(high, one.price)
    margin = math.exp(max(_LEAST_SPAN - math.log(high / low), 0.0) / 2) * 1.002
    return PriceAxis(panel, low / margin, high * margin)


def _price_line(
    canvas: Canvas, reading: LiquidatedReading, axis: PriceAxis, times: TimeAxis, look: Palette
) -> None:
    candles = reading.candles
    if candles is None:
        return
    x = np.arange(axis.box.width) + axis.box.left + 0.5
    places = times.x(candles.close_time)
    y = floats(np.interp(x, places, axis.y(candles.close) - axis.box.top))
    y[(x < float(times.x(int(candles.open_time[0])))) | (x > float(places[-1]))] = np.nan

    canvas.curve(axis.box, y, look.ink, thick=3.0)


def _bubbles(
    canvas: Canvas, reading: LiquidatedReading, axis: PriceAxis, times: TimeAxis, look: Palette
) -> None:
    """Draw the largest as rings whose area is their dollars; the first few say how many."""
    if not reading.largest:
        return
    most = reading.largest[0].usd
    marks: list[Box] = []
    for one in reading.largest:
        radius = max(_LARGEST * math.sqrt(one.usd / most), _LEAST)
        x, y = _at(one, axis, times)
        ink = look.long if one.side > 0 else look.short
        canvas.ring((x, y), radius, min(radius, 6.0), ink, axis.box)
        marks.append(
            Box(round(x - radius), round(y - radius), round(x + radius), round(y + radius))
        )
    taken = list(marks)
    for one, mark in list(zip(reading.largest, marks, strict=True))[:_LABELLED]:
        text = figures.usd(one.usd)
        wide, middle = lettering.width(text, _SIZE), (mark.top + mark.bottom) // 2
        places = [
            Box(mark.right + 8, middle - 16, mark.right + 8 + wide, middle + 16),
            Box(mark.left - 8 - wide, middle - 16, mark.left - 8, middle + 16),
            Box(mark.left, mark.top - 40, mark.left + wide, mark.top - 8),
            Box(mark.left, mark.bottom + 8, mark.left + wide, mark.bottom + 40),
        ]
        for box in places:
            free = not any(box.grown(3).overlaps(other) for other in taken)
            if free and box == box.within(axis.box):
                canvas.fill(box.grown(2), look.raised)
                canvas.text(box.left, box.top + 26, text, look.ink, size=_SIZE)
                taken.append(box)
                break


def _at(one: OneLiquidation, axis: PriceAxis, times: TimeAxis) -> tuple[float, float]:
    x = min(max(float(times.x(one.time)), axis.box.left), axis.box.right)
    y = min(max(float(axis.y(one.price)), axis.box.top), axis.box.bottom)
    return x, y


def _prices(canvas: Canvas, axis: PriceAxis, look: Palette) -> None:
    prices, decimals = axis.ticks(6)
    for price in prices:
        y = round(float(axis.y(price)))
        if axis.box.top + 16 <= y <= axis.box.bottom - 16:
            text = figures.price(price, decimals=decimals)
            room = _RIGHT - axis.box.right - 12
            text = lettering.fitted(text, room, _SIZE)
            canvas.text(axis.box.right + 12, y + 10, text, look.muted, size=_SIZE)


def _coins(canvas: Canvas, reading: LiquidatedReading, look: Palette) -> None:
    """Rank the coins by their dollars of the day: longs first, then shorts, on one scale."""
    coins = [coin for coin in reading.coins if coin.day.usd > 0]
    if not coins:
        text = say("nothing was liquidated that anybody heard")
        canvas.text(_COINS.left, _COINS.top + 40, text, look.muted, size=_SIZE)
        return
    row = _COINS.height // _COIN_ROWS
    left, room = _COINS.left + _COIN_NAME, _COINS.width - _COIN_NAME - _COIN_USD
    for place, coin in enumerate(coins[:_COIN_ROWS]):
        top = _COINS.top + place * row
        name = lettering.fitted(coin.name, _COIN_NAME - 16, 30, bold=True)
        canvas.text(_COINS.left, top + 32, name, look.ink, size=30, bold=True)
        scale = room / coins[0].day.usd
        long = round(coin.day.long_usd * scale)
        short = round(coin.day.short_usd * scale)
        canvas.fill(Box(left, top + 6, left + long, top + row - 10), look.long)
        canvas.fill(Box(left + long, top + 6, left + long + short, top + row - 10), look.short)
        text = figures.usd(coin.day.usd)
        canvas.text(_COINS.right, top + 32, text, look.ink, size=28, anchor="right")
