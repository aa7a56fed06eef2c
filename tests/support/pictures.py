"""Pictures read back, by Pillow rather than by our own code, and compared."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# What a change of a library's rounding may shift in one pixel, of 255.
NOTICEABLE = 24


def decoded(png: bytes) -> NDArray[np.uint8]:
    """Read a PNG as sRGB, shape (height, width, 3)."""
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"), dtype=np.uint8)


def differing(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the share of pixels that differ noticeably; 1 if the sizes differ."""
    if one.shape != other.shape:
        return 1.0
    apart = np.abs(one.astype(np.int16) - other.astype(np.int16)).max(axis=2)
    return float(np.mean(apart > NOTICEABLE))


def told_apart(one: bytes, other: bytes) -> str:
    """Say in what two PNGs of one size differ; nothing if they are the same bytes."""
    if one == other:
        return ""
    rows, columns = np.nonzero((decoded(one) != decoded(other)).any(axis=2))
    if not len(rows):
        return f"the same pixels, written with {len(one):,} and {len(other):,} bytes"
    left, top, right, bottom = columns.min(), rows.min(), columns.max(), rows.max()
    return f"{len(rows):,} pixels between {left}, {top} and {right}, {bottom}"
