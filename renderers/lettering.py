"""Words as coverage masks: matplotlib's FreeType and DejaVu, without its figures."""

import re
import threading
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import get_data_path
from matplotlib.ft2font import FT2Font, LoadFlags
from numpy.typing import NDArray

from renderers.theme import ALPHAS

SMALLEST = 27  # [px]: 1/60 of the height of a picture of 1600, rounded up
CAP_HEIGHT = 0.729  # of the size, of DejaVu's capitals and digits

_FILES = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
_SHAPELESS = {"Cc", "Cf"}  # controls and joiners
_SELECTORS = frozenset("\ufe0e\ufe0f")  # say whether a sign is drawn as text or in colours
_LETTERS = re.compile(r"\w")
_own = threading.local()  # FreeType's faces are not to be shared between threads


class Mask(NamedTuple):
    """Coverage of a drawn word and where it stands to the pen."""

    cover: NDArray[np.uint8]  # 0..ALPHAS, shape (height, width)
    rise: int  # [px] from the mask's top row down to the baseline
    advance: int  # [px] width of the word


def _font(size: int, *, bold: bool) -> FT2Font:
    fonts: dict[bool, FT2Font] | None = getattr(_own, "fonts", None)
    if fonts is None:
        folder = Path(get_data_path()) / "fonts" / "ttf"
        fonts = {weight: FT2Font(str(folder / name)) for weight, name in _FILES.items()}
        _own.fonts = fonts
    font = fonts[bold]
    font.set_size(size, 72)  # at 72 dots an inch, a point is a pixel
    return font


def has(letter: str, *, bold: bool = False) -> bool:
    """Say whether the font can draw a letter."""
    return _font(SMALLEST, bold=bold).get_char_index(ord(letter)) != 0


def readable(text: str, *, bold: bool = False) -> str:
    """Write letters that the font lacks by their numbers, so that no empty box stands for a name.

    They keep apart from what is beside them: a coin must never be read as another one, so nothing
    of a name is left out. What has no shape of its own is.

    >>> readable("币安人生"), readable("BTC龙"), readable("97,412.5 · +2 %")
    ('U+5E01.5B89.4EBA.751F', 'BTC·U+9F99', '97,412.5 · +2 %')
    """
    if text.isascii() and text.isprintable():
        return text
    written: list[str] = []
    number = False  # whether what was written last is a letter's number
    for letter in text:
        if letter.isspace():
            shown, numbered = " ", False
        elif unicodedata.category(letter) in _SHAPELESS or letter in _SELECTORS:
            continue
        elif has(letter, bold=bold):
            shown, numbered = letter, False
        else:
            shown, numbered = f"{ord(letter):04X}", True
        before = written[-1][-1:] if written else ""
        if numbered:
            shown = f".{shown}" if number else f"{'·' if _LETTERS.match(before) else ''}U+{shown}"
        elif number and _LETTERS.match(shown):
            shown = f"·{shown}"
        written.append(shown)
        number = numbered
    return "".join(written)


@lru_cache(maxsize=2048)
def mask(text: str, size: int, *, bold: bool = False, angle: float = 0.0) -> Mask:
    """Draw `text` at `size` [px]; `angle` [degrees] turns it anticlockwise."""
    known = readable(text, bold=bold)
    font = _font(size, bold=bold)
    if not known.strip():
        return Mask(np.zeros((0, 0), dtype=np.uint8), 0, round(0.32 * size * len(known)))
    font.set_text(known, angle, flags=LoadFlags.NO_HINTING)
    font.draw_glyphs_to_bitmap(antialiased=True)
    grey = np.array(font.get_image(), dtype=np.uint16)
    cover = ((grey * ALPHAS + 127) // 255).astype(np.uint8)
    cover.setflags(write=False)
    return Mask(cover, grey.shape[0] - round(font.get_descent() / 64), grey.shape[1])


def width(text: str, size: int, *, bold: bool = False) -> int:
    """Return how wide `text` will be [px]."""
    return mask(text, size, bold=bold).advance


def fitted(text: str, room: int, size: int, *, bold: bool = False) -> str:
    """Cut `text` so that it fits into `room` [px], with a sign that it was cut."""
    if width(text, size, bold=bold) <= room:
        return text
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if width(_cut(text, middle), size, bold=bold) <= room:
            fits = middle
        else:
            too_long = middle
    return _cut(text, fits) if fits else ""


def _cut(text: str, end: int) -> str:
    return text[:end].rstrip(" ,·(") + " …"
