"""How well the words of a drawn picture can be read: whether ink, ground and room are their own."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from bot.core.arrays import Floats, floats
from renderers import colour, lettering
from renderers.canvas import Anchor, Box, Canvas, Word
from renderers.theme import ALPHAS, Ink, Palette

SMALLEST = 1600 / 60  # [px]


class Inked(NamedTuple):
    """A word as it was asked for."""

    word: Word
    ink: Ink
    bold: bool


class Read(NamedTuple):
    """How a word stands in the finished picture."""

    word: Word
    left: float  # [fraction] of its letters that nothing was drawn over
    clear: float  # [fraction] of its ground that it stands out from as WCAG 2, level AA, asks
    least: float  # [ratio] contrast with the middle of its ground


class WatchedCanvas(Canvas):
    """A canvas that remembers in which ink each word was written."""

    def __init__(self) -> None:
        super().__init__()
        self.inked: list[Inked] = []

    def clear(self, ink: Ink) -> None:
        """Begin a new picture."""
        super().clear(ink)
        self.inked.clear()

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
        """Write a line of text, and remember how."""
        before = len(self.words)
        box = super().text(x, baseline, text, ink, size=size, bold=bold, anchor=anchor)
        self.inked += [Inked(word, ink, bold) for word in self.words[before:]]
        return box

    def read(self, look: Palette) -> Iterator[Read]:
        """Yield how each word stands in what was drawn."""
        light = _light(look.rgb.tobytes())
        for word, ink, bold in self.inked:
            cover = np.pad(lettering.mask(word.text, word.size, bold=bold).cover, 2)
            final = self.part(word.box.grown(2))
            letters, ground = final[cover == ALPHAS], final[cover == 0]
            lit = _contrast(float(light[ink.solid]), light[ground])
            yield Read(
                word,
                float((letters == ink.solid).mean()) if len(letters) else 1.0,
                float((lit >= 4.5).mean()),
                float(np.median(lit)),
            )


@cache
def _light(rgb: bytes) -> Floats:
    """Return the relative luminance of each colour of a palette."""
    colours = floats(np.frombuffer(rgb, dtype=np.uint8).reshape(-1, 3) / 255.0)
    return floats(colour.linear(colours) @ np.array([0.2126, 0.7152, 0.0722]))


def _contrast(one: float, other: Floats) -> Floats:
    return floats((np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05))


def overlapping(words: Sequence[Word]) -> list[tuple[Word, Word]]:
    """Return the pairs of words that share a pixel."""
    left, top, right, bottom = np.array([word.box for word in words]).T
    meet = (left[:, None] < right[None]) & (left[None] < right[:, None])
    meet &= (top[:, None] < bottom[None]) & (top[None] < bottom[:, None])
    return [(words[one], words[other]) for one, other in np.argwhere(np.triu(meet, 1)).tolist()]
