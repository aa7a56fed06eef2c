"""What pictures say above: which market, whose estimate, of when, from where, how good."""

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from bot.core import figures
from bot.core.estimate.reading import MapReading
from bot.core.instruments import venue_name
from bot.core.language import mark, say
from renderers import lettering, words
from renderers.canvas import HEIGHT, WIDTH, Box, Canvas, Stamp, stamp
from renderers.theme import ALPHAS, Palette

MARGIN = 28  # [px]
_RIGHT = WIDTH - MARGIN
_GAP = 36  # [px] between what stands left and what stands right
_NAME, _TITLE, _VENUES, _QUALITY = 86, 140, 180, 218  # [px] baselines of the four lines
_NAME_SIZES = (72, 60, 50, 42)  # [px], the largest that fits
_FLAG = mark("SIMULATED")
_FLAG_SIZE, _FLAG_PAD = 33, 14  # [px]
_OUTLINE = 3  # [px] of the watermark's letters
_LACKS = {"open interest": mark("no open interest"), "funding": mark("no funding")}
_LACKS_FROM = {
    "open interest": mark("no open interest from {venues}"),
    "funding": mark("no funding from {venues}"),
}


def draw(canvas: Canvas, reading: MapReading, title: str, look: Palette) -> None:
    """Write the four lines above a picture."""
    move = _move(reading)
    said = say("{move} in {window}", move=move, window=reading.window.name) if move else ""
    lines = Lines(
        (title, said),
        (_venues(reading), figures.moment(reading.as_of)),
        " · ".join(_qualities(reading)),
    )
    asides = (f"/ {reading.quote}", reading.window.name)
    price = figures.price(reading.price)
    write(canvas, (reading.base, asides, price), lines, look, simulated=reading.simulated)


class Lines(NamedTuple):
    """What stands below the first line of a header."""

    title: tuple[str, str]  # left, right
    venues: tuple[str, str]
    quality: str  # how far the picture may be trusted, the most important first


def write(
    canvas: Canvas,
    first: tuple[str, tuple[str, ...], str],
    lines: Lines,
    look: Palette,
    *,
    simulated: bool,
) -> None:
    """Write the four lines above any picture; first name, what may be left out, and a figure."""
    _first_line(canvas, first, look, simulated=simulated)
    _line(canvas, _TITLE, lines.title, look, strong=True)
    _line(canvas, _VENUES, lines.venues, look)
    _line(canvas, _QUALITY, (lines.quality, ""), look)


def _first_line(
    canvas: Canvas, first: tuple[str, tuple[str, ...], str], look: Palette, *, simulated: bool
) -> None:
    """Write name, asides and a figure; whatever has to give way, SIMULATED does not."""
    base, asides, figure = first
    end = (
        canvas.text(_RIGHT, _NAME, figure, look.ink, size=64, bold=True, anchor="right").left - _GAP
    )
    if simulated:
        end -= flag_width() + _FLAG_PAD
    room = end - MARGIN
    size = next(
        (s for s in _NAME_SIZES if lettering.width(base, s, bold=True) <= room),
        _NAME_SIZES[-1],
    )
    name = lettering.fitted(base, room, size, bold=True)
    left = canvas.text(MARGIN, _NAME, name, look.ink, size=size, bold=True).right + 14
    for text in asides:
        if left + lettering.width(text, 38) <= end:
            left = canvas.text(left, _NAME, text, look.muted, size=38).right + 22
    if simulated:
        flag(canvas, left, _NAME, look)


def flag_width() -> int:
    """Return how wide the sign SIMULATED is [px]."""
    return lettering.width(say(_FLAG), _FLAG_SIZE, bold=True) + 2 * _FLAG_PAD


def flag(canvas: Canvas, left: int, baseline: int, look: Palette) -> Box:
    """Write the sign SIMULATED into a line; returns its box."""
    box = Box(left, baseline - 38, left + flag_width(), baseline + 14)
    canvas.fill(box, look.warning)
    canvas.text(left + _FLAG_PAD, baseline, say(_FLAG), look.paper, size=_FLAG_SIZE, bold=True)
    return box


def _line(
    canvas: Canvas, baseline: int, said: tuple[str, str], look: Palette, *, strong: bool = False
) -> None:
    """Write a line's left and right part; the left one is cut if both do not fit."""
    left, right = said
    size, ink = (32, look.ink) if strong else (28, look.muted)
    end = _RIGHT
    if right:
        end = canvas.text(_RIGHT, baseline, right, ink, size=size, anchor="right").left - _GAP
    canvas.text(MARGIN, baseline, lettering.fitted(left, end - MARGIN, size), ink, size=size)


def _move(reading: MapReading) -> str:
    candles = reading.candles
    if not len(candles):
        return ""
    return figures.percent(reading.price / float(candles.open[0]) - 1, signed=True)


def _venues(reading: MapReading) -> str:
    """Say which venues are in the picture, and of how many asked."""
    return f"{reading.freshness}: {words.names(venue.exchange for venue in reading.venues)}"


def _qualities(reading: MapReading) -> list[str]:
    """Say how far the picture may be trusted, the most important first."""
    said = [words.grade(reading.grade)]
    there = {venue.exchange for venue in reading.venues}
    silent = [exchange for exchange in reading.asked if exchange not in there]
    if silent:
        said.append(words.silent(silent))
    said += [
        say(
            "{venue} stale since {when}",
            venue=venue_name(venue.exchange),
            when=figures.since(venue.as_of, reading.as_of),
        )
        for venue in reading.stale
    ]
    for word in dict.fromkeys(word for venue in reading.venues for word in venue.missing):
        lacking = [venue.exchange for venue in reading.venues if word in venue.missing]
        if len(lacking) == len(reading.venues):
            said.append(say(_LACKS[word]))
        else:
            said.append(say(_LACKS_FROM[word], venues=words.names(lacking)))
    if reading.exact_share:
        said.append(say("{share} known exactly", share=figures.percent(reading.exact_share)))
    return said


def watermark(canvas: Canvas, look: Palette, height: int = HEIGHT) -> None:
    """Write SIMULATED across the whole picture: large and outlined, the data seen through it."""
    letters, wide, high = _watermark(say(_FLAG), height)
    canvas.stamp((WIDTH - wide) // 2, (height - high) // 2, letters, look.ink)


@cache
def _watermark(text: str, height: int) -> tuple[Stamp, int, int]:
    """Return the letters that fill a picture of that height, their width and their height [px]."""
    angle = float(math.floor(math.degrees(math.atan2(height, WIDTH))))
    longer = lettering.width(text, _FLAG_SIZE, bold=True) / lettering.width(
        _FLAG, _FLAG_SIZE, bold=True
    )
    size = round(0.1152 * math.hypot(height, WIDTH) / max(longer, 1.0))
    letters = np.pad(lettering.mask(text, size, bold=True, angle=angle).cover, _OUTLINE)
    grown = letters
    for axis in (0, 1):
        shifts = range(-_OUTLINE, _OUTLINE + 1)
        grown = np.maximum.reduce([np.roll(grown, shift, axis) for shift in shifts])
    cover = np.maximum((grown - letters) // 2, letters * 3 // ALPHAS).astype(np.uint8)
    return stamp(cover), cover.shape[1], cover.shape[0]
