"""Garbage is looked for among what comes and goes, not among what stays.

Python looks through every object it knows, again and again, and nothing else runs meanwhile: with
some ten thousands of watches, or with all libraries loaded, for a quarter of a second. What stays
for as long as the process runs is therefore taken out of sight. It is let go of as ever when nobody
holds it any more, but for circles: those that were there at that moment, which are few, stay.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unsearched() -> Iterator[None]:
    """Make much at once: it is not looked through again and again while it is made."""
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()


def settled() -> None:
    """Take all that there is now out of sight."""
    gc.freeze()
