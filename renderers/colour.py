"""Colour as the eye sees it: OKLab, where equal distances look equally different.

Björn Ottosson, "A perceptual color space for image processing" (2020).
"""

import numpy as np

from bot.core.arrays import Floats, floats

_LMS_FROM_RGB = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB_FROM_LMS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LINEAR_BELOW = 0.0031308  # sRGB's curve begins as a straight line
_SLACK = 1e-4  # a colour this little outside what a screen shows is shown
_RGB_FROM_LMS = np.linalg.inv(_LMS_FROM_RGB)
_LMS_FROM_LAB = np.linalg.inv(_LAB_FROM_LMS)


def linear(srgb: Floats) -> Floats:
    """Take the display's curve off sRGB values in 0..1, shape (..., 3)."""
    dark = srgb <= _LINEAR_BELOW * 12.92
    return floats(np.where(dark, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4))


def displayed(rgb: Floats) -> Floats:
    """Put the display's curve on linear values; the result may leave 0..1."""
    size = np.abs(rgb)
    curved = np.where(size <= _LINEAR_BELOW, 12.92 * size, 1.055 * size ** (1 / 2.4) - 0.055)
    return floats(np.sign(rgb) * curved)


def oklab(srgb: Floats) -> Floats:
    """Return lightness, green to red, blue to yellow of sRGB values in 0..1, shape (..., 3)."""
    return floats(np.cbrt(linear(srgb) @ _LMS_FROM_RGB.T) @ _LAB_FROM_LMS.T)


def srgb(lab: Floats) -> Floats:
    """Return the sRGB values of OKLab colours; outside 0..1 where no screen can show them."""
    return displayed(floats((lab @ _LMS_FROM_LAB.T) ** 3 @ _RGB_FROM_LMS.T))


def shown(lightness: Floats, chroma: Floats, hue: Floats) -> Floats:
    """Return sRGB in 0..1 of OKLCH colours (hue in degrees), less vivid where a screen must.

    Lightness and hue are kept; only chroma gives way. Each argument has shape (N,).
    """
    angle = np.deg2rad(hue)
    low, high = np.zeros_like(chroma), chroma.copy()

    def at(amount: Floats) -> Floats:
        lab = np.stack([lightness, amount * np.cos(angle), amount * np.sin(angle)], axis=-1)
        return srgb(lab)

    def fits(rgb: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.asarray(np.all((rgb >= -_SLACK) & (rgb <= 1 + _SLACK), axis=-1))

    whole = fits(at(high))
    for _ in range(24):
        middle = (low + high) / 2
        inside = fits(at(middle))
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return floats(np.clip(at(np.where(whole, chroma, low)), 0, 1))


def evenly(colours: Floats, count: int) -> Floats:
    """Walk along sRGB `colours` in `count` steps that look equally large, shape (count, 3)."""
    lab = oklab(colours)
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(lab, axis=0), axis=1))])
    at = np.linspace(0, way[-1], count)
    return np.stack([np.interp(at, way, colours[:, i]) for i in range(3)], axis=1)
