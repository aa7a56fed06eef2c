"""The ramps step evenly, and their sides differ for whatever way of seeing colours."""

import numpy as np
import pytest

from bot.core.arrays import Floats, floats
from bot.core.errors import UnknownWord
from renderers import colour
from renderers.theme import LEVELS, Ink, Palette, Theme, palette, theme_named

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency" (2009), severity 1, for linear sRGB.
_SEEN_BY = {
    "everybody": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
THEMES = pytest.mark.parametrize("theme", list(Theme))
EYES = pytest.mark.parametrize("eye", list(_SEEN_BY))


def _ramps(look: Palette) -> tuple[Floats, Floats]:
    rgb = floats(look.rgb / 255.0)
    return rgb[look.shorts : look.shorts + LEVELS], rgb[look.longs : look.longs + LEVELS]


def _seen(rgb: Floats, eye: str) -> Floats:
    linear = np.clip(colour.linear(rgb) @ _SEEN_BY[eye].T, 0, 1)
    return colour.oklab(colour.displayed(floats(linear)))


@THEMES
def test_every_step_of_a_ramp_looks_as_large_as_the_next(theme: Theme) -> None:
    for ramp in _ramps(palette(theme)):
        step = np.linalg.norm(np.diff(colour.oklab(ramp), axis=0), axis=1)
        # What remains is the rounding to 8 bits.
        assert step.max() < 1.6 * step.mean()
        assert step.min() > 0.4 * step.mean()


@THEMES
@EYES
def test_more_dollars_are_always_further_from_the_ground_in_lightness(
    theme: Theme, eye: str
) -> None:
    away = 1 if theme is Theme.DARK else -1
    for ramp in _ramps(palette(theme)):
        lightness = away * _seen(ramp, eye)[::4, 0]
        assert np.all(np.diff(lightness) > 0)


@THEMES
@EYES
def test_longs_and_shorts_of_the_same_density_differ_in_hue_for_every_eye(
    theme: Theme, eye: str
) -> None:
    shorts, longs = (_seen(ramp, eye) for ramp in _ramps(palette(theme)))
    apart = np.linalg.norm(shorts - longs, axis=1)
    assert apart[LEVELS // 6 :].min() > 0.08  # four times what is just noticeable


@THEMES
def test_longs_and_shorts_of_the_same_density_are_about_equally_light(theme: Theme) -> None:
    shorts, longs = (colour.oklab(ramp)[:, 0] for ramp in _ramps(palette(theme)))
    assert np.abs(shorts - longs).max() < 0.06


def _luminance(look: Palette, ink: Ink) -> float:
    rgb = colour.linear(floats(look.rgb[ink.solid] / 255.0))
    return float(rgb @ np.array([0.2126, 0.7152, 0.0722]))


def _contrast(look: Palette, one: Ink, other: Ink) -> float:
    light, dark = sorted((_luminance(look, one), _luminance(look, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@THEMES
def test_words_stand_out_from_their_ground(theme: Theme) -> None:
    look = palette(theme)
    for words, ground in (
        (look.ink, look.paper),
        (look.muted, look.paper),
        (look.ink, look.raised),
        (look.paper, look.short),
        (look.paper, look.long),
        (look.paper, look.warning),
        (look.ink, look.short_dim),
        (look.ink, look.long_dim),
        (look.short, look.panel),
        (look.long, look.panel),
    ):
        assert _contrast(look, words, ground) >= 4.5  # WCAG 2, level AA


@THEMES
@EYES
def test_what_lies_side_by_side_in_pictures_is_told_apart(theme: Theme, eye: str) -> None:
    look = palette(theme)
    for one, other in (
        (look.long, look.short),  # bars, bids and asks, sides of trades
        (look.long, look.long_dim),  # a cascade and its first wave, a minute behind its bars
        (look.short, look.short_dim),
        (look.long, look.raised),  # a cascade that fades
        (look.short, look.raised),
        (look.long_dim, look.raised),
        (look.short_dim, look.raised),
        (look.long_dim, look.short_dim),
        (look.long, look.panel),
        (look.short, look.panel),
        (look.long_dim, look.panel),
        (look.short_dim, look.panel),
        (look.ink, look.long_dim),  # the curve of minutes on what it bounds
        (look.ink, look.short_dim),
        (look.warning, look.paper),
    ):
        seen = _seen(floats(look.rgb[[one.solid, other.solid]] / 255.0), eye)
        assert np.linalg.norm(seen[0] - seen[1]) > 0.05  # 2.5 times what is just noticeable


@THEMES
def test_a_picture_needs_no_more_colours_than_its_palette_has(theme: Theme) -> None:
    look = palette(theme)
    assert look.rgb.shape == (256, 3)
    assert palette(theme) is look


def test_a_full_cover_hides_and_no_cover_shows() -> None:
    ink = palette(Theme.DARK).ink
    assert np.array_equal(ink.over[0], np.arange(256))
    assert np.all(ink.over[-1] == ink.solid)


def test_a_colour_survives_the_way_to_oklab_and_back() -> None:
    rgb = np.random.default_rng(0).random((100, 3))
    assert np.allclose(colour.srgb(colour.oklab(rgb)), rgb, atol=1e-6)


def test_a_theme_is_found_whatever_its_capitals() -> None:
    assert theme_named(" LIGHT ") is Theme.LIGHT


def test_an_unknown_theme_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownWord, match="dark and light"):
        theme_named("sepia")
