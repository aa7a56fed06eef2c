"""PNG with a palette, straight from the pixels: no conversion, no filter, one pass of deflate."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from bot.core.deflate import deflated

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED = 3  # PNG's colour type: one byte a pixel, looked up in PLTE


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def encode(rows: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """Write `rows` as a PNG of at most 256 colours.

    `rows` has shape (height, 1 + width): PNG puts a filter byte before each row of pixels, and
    keeping it in the array (0, no filter) saves copying the picture. `palette` is (K, 3) sRGB.
    """
    height, width = rows.shape[0], rows.shape[1] - 1
    header = struct.pack(">IIBBBBB", width, height, 8, _INDEXED, 0, 0, 0)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", palette.tobytes()),
            _chunk(b"IDAT", deflated(np.ascontiguousarray(rows).data)),
            _chunk(b"IEND", b""),
        )
    )
