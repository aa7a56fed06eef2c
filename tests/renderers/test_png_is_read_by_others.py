"""Our PNGs are what other programs take them for."""

import zlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from renderers import png
from tests.support.pictures import decoded


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.integers(1, 40), st.integers(1, 60)).flatmap(
        lambda size: hnp.arrays(np.uint8, (size[0], size[1]))
    ),
    hnp.arrays(np.uint8, (256, 3)),
)
def test_every_pixel_comes_back_in_its_colour(
    pixels: NDArray[np.uint8], palette: NDArray[np.uint8]
) -> None:
    rows = np.zeros((pixels.shape[0], pixels.shape[1] + 1), dtype=np.uint8)
    rows[:, 1:] = pixels
    assert np.array_equal(decoded(png.encode(rows, palette)), palette[pixels])


def test_every_chunk_carries_its_checksum() -> None:
    body = png.encode(np.zeros((2, 4), dtype=np.uint8), np.zeros((256, 3), dtype=np.uint8))
    at, kinds = 8, []
    while at < len(body):
        length = int.from_bytes(body[at : at + 4])
        kind, data = body[at + 4 : at + 8], body[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + data) == int.from_bytes(body[at + 8 + length : at + 12 + length])
        kinds.append(kind)
        at += 12 + length
    assert kinds == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
