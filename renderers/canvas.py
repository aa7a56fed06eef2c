"""A picture while it is drawn: one byte a pixel, each a place in the theme's palette.

Everything drawn is a rectangle, a word, a line or a disc, so no general drawing engine is needed:
inks are mixed by looking up what the palette has for "this colour, covered that much by that ink".
"""

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats
from renderers import lettering, png
from renderers.theme import ALPHAS, Ink, Palette

WIDTH, HEIGHT = 1280, 1600  # [px], a phone held upright
_CLEAR = 4  # [px] around a word that a stamp leaves free

Anchor: TypeAlias = Literal["left", "middle", "right"]
_own = threading.local()


class Box(NamedTuple):
    """A rectangle of pixels; right and bottom are outside it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Columns [px]."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows [px]."""
        return self.bottom - self.top

    def overlaps(self, other: "Box") -> bool:
        """Say whether a pixel belongs to both."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def grown(self, by: int) -> "Box":
        """Return the box with `by` more pixels on each side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def within(self, other: "Box") -> "Box":
        """Return the part inside `other`, perhaps empty."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Box(left, top, max(right, left), max(bottom, top))


FRAME = Box(0, 0, WIDTH, HEIGHT)


@dataclass(frozen=True, slots=True)
class Word:
    """A text that was drawn, for whoever checks that none covers another."""

    text: str
    size: int  # [px]
    box: Box  # of the pixels it inked


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """A large mask kept as the pixels it covers; arrays have shape (N,)."""

    place: NDArray[np.int64]  # from the pixel at its upper left corner, along a canvas's rows
    cover: NDArray[np.uint8]  # 1..ALPHAS


class _Stamped(NamedTuple):
    """The pixels before and after a stamp."""

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]


def stamp(mask: NDArray[np.uint8]) -> Stamp:
    """Keep only what a mask of 0..ALPHAS covers."""
    row, column = np.nonzero(mask)
    return Stamp(row * (WIDTH + 1) + column, mask[row, column])


class Canvas:
    """The pixels of one picture; made once for each thread and drawn over again."""

    def __init__(self) -> None:
        # The first byte of each row is PNG's filter type and stays 0.
        self._rows = np.zeros((HEIGHT, WIDTH + 1), dtype=np.uint8)
        self.pixels = self._rows[:, 1:]
        self.words: list[Word] = []
        self._stamped: _Stamped | None = None

    def clear(self, ink: Ink) -> None:
        """Begin a new picture."""
        self.pixels[:] = ink.solid
        self.words.clear()
        self._stamped = None

    def part(self, box: Box) -> NDArray[np.uint8]:
        """Return the pixels of a box, to be written to."""
        return self.pixels[box.top : box.bottom, box.left : box.right]

    def fill(self, box: Box, ink: Ink) -> None:
        """Cover a box."""
        self.part(box.within(FRAME))[:] = ink.solid

    def tint(self, box: Box, ink: Ink, alpha: int) -> None:
        """Mix `ink` into a box, `alpha` of ALPHAS."""
        part = self.part(box.within(FRAME))
        part[:] = ink.over[alpha][part]

    def cover(
        self, left: int, top: int, mask: NDArray[np.uint8], ink: Ink, within: Box = FRAME
    ) -> None:
        """Mix `ink` in where a mask of 0..ALPHAS says so; what leaves `within` is cut off."""
        asked = Box(left, top, left + mask.shape[1], top + mask.shape[0])
        box = asked.within(within)
        if box.width and box.height:
            cut = mask[box.top - top : box.bottom - top, box.left - left : box.right - left]
            part = self.part(box)
            part[:] = ink.over[cut, part]

    def text(
        self,
        x: int,
        baseline: int,
        text: str,
        ink: Ink,
        *,
        size: int = 30,
        bold: bool = False,
        anchor: Anchor = "left",
    ) -> Box:
        """Write a line of text; returns the box of what was inked."""
        drawn = lettering.mask(text, size, bold=bold)
        left = x - {"left": 0, "middle": drawn.advance // 2, "right": drawn.advance}[anchor]
        top = baseline - drawn.rise
        box = Box(left, top, left + drawn.cover.shape[1], top + drawn.cover.shape[0])
        self._unstamp(box)
        self.cover(left, top, drawn.cover, ink)
        if box.width:
            self.words.append(Word(text, size, box))
        return box

    def stamp(self, left: int, top: int, stamp: "Stamp", ink: Ink) -> None:
        """Mix `ink` in where a large, mostly empty mask says so; it must lie within the frame.

        Words keep the ground they would have without it, whether they are written before or after.
        """
        before = self.pixels.copy()
        pixels = self._rows.reshape(-1)
        place = stamp.place + (top * (WIDTH + 1) + left + 1)
        pixels[place] = ink.over[stamp.cover, pixels[place]]
        self._stamped = _Stamped(before, self.pixels.copy())
        for word in self.words:
            self._unstamp(word.box)

    def _unstamp(self, word: Box) -> None:
        """Give a word its ground back, as far as nothing was drawn there since the stamp."""
        if self._stamped is not None and word.width:
            box = word.grown(_CLEAR).within(FRAME)
            rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
            part, seen = self.part(box), self._stamped.after[rows, columns]
            np.copyto(part, self._stamped.before[rows, columns], where=part == seen)

    def dashes(self, box: Box, ink: Ink, alpha: int, dash: int) -> None:
        """Mix `ink` into every other `dash` pixels along the longer side of a box."""
        part = self.part(box.within(FRAME))
        line = part if box.width > box.height else part.T
        drawn = np.arange(line.shape[1]) // dash % 2 == 0
        line[:, drawn] = ink.over[alpha][line[:, drawn]]

    def curve(self, box: Box, y: Floats, ink: Ink, *, thick: float = 3.0) -> None:
        """Draw y [px from the box's top] for each column of the box, smoothly; nan is a gap."""
        self._curve(self.part(box), y, ink, thick)

    def rising_curve(self, box: Box, x: Floats, ink: Ink, *, thick: float = 3.0) -> None:
        """Draw x [px from the box's left] for each row of the box, smoothly; nan is a gap."""
        self._curve(self.part(box).T, x, ink, thick)

    def _curve(self, part: NDArray[np.uint8], value: Floats, ink: Ink, thick: float) -> None:
        row, column, cover = _curve(value, part.shape[0], thick)
        part[row, column] = ink.over[cover, part[row, column]]

    def ring(
        self, at: tuple[float, float], radius: float, thick: float, ink: Ink, within: Box
    ) -> None:
        """Draw a ring around a point (x, y), `thick` pixels inward from its radius."""
        mask = _ring(round(radius, 1), thick)
        reach = mask.shape[0] // 2
        self.cover(round(at[0]) - reach, round(at[1]) - reach, mask, ink, within)

    def cross(
        self, at: tuple[float, float], reach: int, thick: float, ink: Ink, within: Box
    ) -> None:
        """Draw an × at a point (x, y) whose arms reach `reach` pixels each way."""
        mask = _cross(reach, thick)
        half = mask.shape[0] // 2
        self.cover(round(at[0]) - half, round(at[1]) - half, mask, ink, within)

    def png(self, palette: Palette, height: int = HEIGHT) -> bytes:
        """Write the picture, or its upper part."""
        return png.encode(self._rows[:height], palette.rgb)


def own() -> Canvas:
    """Return this thread's canvas."""
    canvas: Canvas | None = getattr(_own, "canvas", None)
    if canvas is None:
        canvas = _own.canvas = Canvas()
    return canvas


def _quantised(cover: Floats) -> NDArray[np.uint8]:
    return np.round(np.clip(cover, 0, 1) * ALPHAS).astype(np.uint8)


def _curve(
    value: Floats, room: int, thick: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
    """Return row, column and coverage of the pixels of a curve with one value for each column.

    Halfway to its neighbours a column covers all that the curve passes, so that jumps stay joined.
    """
    back, on = np.roll(value, 1), np.roll(value, -1)
    back[0], on[-1] = np.nan, np.nan
    half = np.stack([value, (value + back) / 2, (value + on) / 2])
    column = np.flatnonzero(np.isfinite(value))
    if not len(column):
        return column, column, np.zeros(0, dtype=np.uint8)
    low = np.fmin.reduce(half[:, column]) - thick / 2
    high = np.fmax.reduce(half[:, column]) + thick / 2
    first = np.floor(low).astype(np.int64)
    most = int(np.max(np.ceil(high) - first))
    row = first[None, :] + np.arange(most)[:, None]
    cover = _quantised(np.minimum(row + 1, high) - np.maximum(row, low))
    seen = (cover > 0) & (row >= 0) & (row < room)
    columns = np.broadcast_to(column, row.shape)
    return row[seen], columns[seen], cover[seen]


@lru_cache(maxsize=256)
def _ring(radius: float, thick: float) -> NDArray[np.uint8]:
    reach = int(np.ceil(radius)) + 1
    side = np.arange(-reach, reach + 1)
    away = np.hypot(side[:, None], side[None, :])
    return _quantised(np.minimum(radius + 0.5 - away, away - (radius - thick) + 0.5))


@lru_cache(maxsize=16)
def _cross(reach: int, thick: float) -> NDArray[np.uint8]:
    side = np.arange(-reach - 2, reach + 3)
    x, y = side[None, :], side[:, None]
    off = np.minimum(np.abs(x - y), np.abs(x + y)) / 2**0.5
    end = np.maximum(np.abs(x), np.abs(y))
    return _quantised(np.minimum(thick / 2 + 0.5 - off, reach + 0.5 - end))
