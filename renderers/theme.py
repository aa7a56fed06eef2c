"""Dark and light: every colour of a picture, and how inks mix on it.

A picture has 256 colours, chosen here once: neutrals from paper to ink, a ramp for shorts and one
for longs, paler tints of both for what is drawn over them, and one colour of warning. Hue says the
side (orange and blue: safe for every kind of colour blindness), lightness says the density.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, floats
from bot.core.errors import UnknownWord
from bot.core.language import say
from renderers import colour

Bytes = NDArray[np.uint8]

LEVELS = 64  # steps of a ramp; level 0 is the empty panel
ALPHAS = 16  # steps of coverage when an ink is mixed in
_NEUTRALS = 36
_TINTS = 14  # of each ramp, for each mix
_MIXES = (0.25, 0.5, 0.75)
_WARNINGS = 8


class Theme(StrEnum):
    """How a picture looks."""

    DARK = "dark"
    LIGHT = "light"


def theme_named(word: str) -> Theme:
    """Find a theme by its name; UnknownWord lists those there are.

    >>> theme_named("Dark")
    <Theme.DARK: 'dark'>
    """
    try:
        return Theme(word.strip().lower())
    except ValueError as error:
        raise UnknownWord(word, say("Themes are dark and light.")) from error


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """One colour to draw with."""

    solid: int  # its place in the palette
    over: Bytes  # shape (ALPHAS + 1, 256): the colour seen when it covers another one that much


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """The colours of one theme."""

    rgb: Bytes  # (256, 3) sRGB
    shorts: int  # first of LEVELS entries, emptiest first
    longs: int  # likewise
    paper: Ink  # behind everything
    panel: Ink  # behind what is drawn by price or time; also level 0 of both ramps
    raised: Ink  # a label's ground
    grid: Ink
    muted: Ink  # words that matter less
    ink: Ink  # words and figures
    rising: Ink  # candles that closed higher
    rising_line: Ink  # their wick and edge
    falling: Ink  # candles that closed lower
    short: Ink
    long: Ink
    short_dim: Ink  # a quieter shade, for grounds
    long_dim: Ink
    warning: Ink  # SIMULATED, and nothing else


@dataclass(frozen=True, slots=True)
class _Shades:
    """OKLCH lightness by role; ramps as (lightness, chroma, hue) at a few places."""

    paper: float
    panel: float
    raised: float
    grid: float
    muted: float
    ink: float
    rising: float
    rising_line: float
    falling: float
    accent: int  # the level of a ramp that stands for its side
    dim: int
    warning: tuple[float, float, float]
    shorts: tuple[tuple[float, float, float], ...]
    longs: tuple[tuple[float, float, float], ...]


_DARK = _Shades(
    paper=0.165,
    panel=0.205,
    raised=0.27,
    grid=0.31,
    muted=0.73,
    ink=0.97,
    rising=0.97,
    rising_line=0.97,
    falling=0.62,
    accent=48,
    dim=20,
    warning=(0.74, 0.20, 350),
    shorts=(
        (0.205, 0.014, 262),
        (0.38, 0.11, 30),
        (0.60, 0.17, 42),
        (0.80, 0.16, 66),
        (0.96, 0.10, 98),
    ),
    longs=(
        (0.205, 0.014, 262),
        (0.38, 0.12, 268),
        (0.60, 0.15, 248),
        (0.80, 0.13, 218),
        (0.96, 0.07, 192),
    ),
)
_LIGHT = _Shades(
    paper=0.985,
    panel=0.955,
    raised=0.915,
    grid=0.88,
    muted=0.47,
    ink=0.20,
    rising=0.985,
    rising_line=0.20,
    falling=0.20,
    accent=42,
    dim=12,
    warning=(0.55, 0.22, 350),
    shorts=(
        (0.955, 0.014, 262),
        (0.83, 0.12, 72),
        (0.66, 0.17, 52),
        (0.47, 0.15, 38),
        (0.30, 0.10, 28),
    ),
    longs=(
        (0.955, 0.014, 262),
        (0.83, 0.09, 220),
        (0.66, 0.13, 245),
        (0.47, 0.16, 260),
        (0.30, 0.13, 270),
    ),
)


def _ramp(places: tuple[tuple[float, float, float], ...]) -> Floats:
    """Colour a ramp through `places`, in steps that look equally large, shape (LEVELS, 3)."""
    lightness, chroma, hue = np.array(places).T
    given = (lightness, chroma * np.cos(np.deg2rad(hue)), chroma * np.sin(np.deg2rad(hue)))
    at = np.linspace(0, len(places) - 1, 400)
    light, a, b = (np.interp(at, np.arange(len(places)), part) for part in given)
    way = colour.shown(light, floats(np.hypot(a, b)), floats(np.rad2deg(np.arctan2(b, a))))
    return colour.evenly(way, LEVELS)


def _neutral(lightness: Floats) -> Floats:
    return colour.shown(lightness, np.full_like(lightness, 0.014), np.full_like(lightness, 262.0))


class _Mixer:
    """Finds for every wish the nearest colour that the palette has."""

    def __init__(self, rgb: Floats) -> None:
        self._rgb = rgb
        lab = colour.oklab(rgb)
        # |wish - colour|² less |wish|², which is the same for every colour.
        self._apart = np.vstack([-2 * lab.T, np.sum(lab**2, axis=1)])

    def nearest(self, rgb: Floats) -> Bytes:
        """Return the palette's place of each sRGB colour, shape as `rgb` without its last axis."""
        wish = colour.oklab(rgb).reshape(-1, 3)
        apart = wish @ self._apart[:3] + self._apart[3]
        found: Bytes = np.argmin(apart, axis=1).astype(np.uint8)
        return found.reshape(rgb.shape[:-1])

    def ink(self, place: int) -> Ink:
        """Prepare a colour of the palette for drawing."""
        cover = np.linspace(0, 1, ALPHAS + 1)[:, None, None]
        over = self.nearest((1 - cover) * self._rgb[None] + cover * self._rgb[place])
        over[0] = np.arange(256)
        over[-1] = place
        over.setflags(write=False)
        return Ink(place, over)


@cache
def palette(theme: Theme) -> Palette:
    """Return a theme's colours, the same object every time."""
    shades = _DARK if theme is Theme.DARK else _LIGHT
    shorts, longs = _ramp(shades.shorts), _ramp(shades.longs)
    ink = _neutral(np.array([shades.ink]))
    ends = sorted((shades.paper, shades.ink))
    tints = [
        (1 - mix) * ramp[np.linspace(4, LEVELS - 1, _TINTS).astype(int)] + mix * ink
        for ramp in (shorts, longs)
        for mix in _MIXES
    ]
    paper = _neutral(np.array([shades.paper]))
    light, chroma, hue = (np.array([part]) for part in shades.warning)
    warning = colour.shown(light, chroma, hue)
    cover = np.linspace(1 / _WARNINGS, 1, _WARNINGS)[:, None]
    wanted = np.concatenate(
        [
            _neutral(np.linspace(ends[0], ends[1], _NEUTRALS)),
            shorts,
            longs,
            *tints,
            (1 - cover) * paper + cover * warning,
        ]
    )
    rgb = np.zeros((256, 3), dtype=np.uint8)
    rgb[: len(wanted)] = np.round(255 * wanted).astype(np.uint8)
    rgb[len(wanted) :] = rgb[len(wanted) - 1]
    rgb.setflags(write=False)
    mixer = _Mixer(floats(rgb / 255.0))
    first_short, first_long = _NEUTRALS, _NEUTRALS + LEVELS

    def grey(lightness: float) -> Ink:
        return mixer.ink(int(mixer.nearest(_neutral(np.array([lightness])))[0]))

    return Palette(
        rgb=rgb,
        shorts=first_short,
        longs=first_long,
        paper=grey(shades.paper),
        panel=grey(shades.panel),
        raised=grey(shades.raised),
        grid=grey(shades.grid),
        muted=grey(shades.muted),
        ink=grey(shades.ink),
        rising=grey(shades.rising),
        rising_line=grey(shades.rising_line),
        falling=grey(shades.falling),
        short=mixer.ink(first_short + shades.accent),
        long=mixer.ink(first_long + shades.accent),
        short_dim=mixer.ink(first_short + shades.dim),
        long_dim=mixer.ink(first_long + shades.dim),
        warning=mixer.ink(len(wanted) - 1),
    )
