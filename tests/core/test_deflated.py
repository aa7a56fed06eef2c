"""What is made smaller comes back, and is the same whoever made it smaller."""

import threading
import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.core.deflate import deflated

_WINDOW = 32_768  # bytes that a match may lie back
_THREADS = 300


@given(st.binary(max_size=3_000), st.integers(0, 40))
def test_what_was_made_smaller_comes_back(raw: bytes, times: int) -> None:
    assert zlib.decompress(deflated(raw * times)) == raw * times


def test_rows_of_a_picture_are_read_as_they_lie() -> None:
    rows = np.arange(4_000, dtype=np.uint8).reshape(40, 100)
    assert zlib.decompress(deflated(rows.data)) == rows.tobytes()


def _delicate(windows: int) -> bytes:
    """Make bytes in which a place hashed by chance is found again, once for each window.

    A run covers byte 2 of each window, and what follows it is met once more. Nobody has hashed it,
    so an entry that says 2, in whatever place, makes a match of what would be none.
    """
    rng = np.random.default_rng(5)
    raw = np.zeros((windows, _WINDOW), dtype=np.uint8)
    for window, row in enumerate(raw):
        run, after = 1 + window % 200, rng.integers(201, 255, 12, dtype=np.uint8)
        row[:] = run
        row[5 : 5 + len(after)] = after
        row[9_000:9_004] = rng.integers(201, 255, 4)
        row[9_007 : 9_007 + len(after)] = after
    return raw.tobytes()


def test_it_does_not_matter_where_the_stack_of_a_thread_lies() -> None:
    raw = _delicate(200)
    made: set[bytes] = set()
    all_there = threading.Barrier(_THREADS)

    def make() -> None:
        all_there.wait()  # they live at once, so that no two of them share a place
        made.add(deflated(raw))

    before = threading.stack_size(1 << 20)
    try:
        threads = [threading.Thread(target=make) for _ in range(_THREADS)]
        for thread in threads:
            thread.start()
    finally:
        threading.stack_size(before)
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert zlib.decompress(made.pop()) == raw
