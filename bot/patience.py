"""How long somebody waits for the venues, all in all, from when the question came.

What is asked within `waiting()` has the same patience, also in the tasks that are begun there; what
was left out because it was late is noted, so that the answer can be completed when it comes.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from bot.core.language import mark

# A question is answered within 3 s: with what venues have told until so long [s] after it, and a
# second for reading and drawing. Who waits for the rest waits for so long at most [s].
WITHIN, WHOLE_WITHIN = 2.0, 25.0
LEAST = 0.5  # [s] that venues are given, however long it took to find their markets

COMING = mark("The others are still asked: this is completed when they answer.")


class Patience:
    """One question's patience."""

    def __init__(self, *, whole: bool = False) -> None:
        """Who wants the `whole` answer waits for those who are slow, too."""
        self.whole = whole
        self.late = False  # something was left out that may still come
        self._until = time.monotonic() + (WHOLE_WITHIN if whole else WITHIN)

    def left(self) -> float:
        """Say how long [s] may still be waited for venues."""
        return max(self._until - time.monotonic(), LEAST)


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


@contextmanager
def waiting(*, whole: bool = False) -> Iterator[Patience]:
    """Answer one question with the patience that people have."""
    patience = Patience(whole=whole)
    token = _patience.set(patience)
    try:
        yield patience
    finally:
        _patience.reset(token)


def left(most: float) -> float:
    """Say how long [s] may be waited; `most` where nobody's patience is asked for."""
    patience = _patience.get()
    return most if patience is None else min(most, patience.left())


def for_the_whole() -> bool:
    """Whether somebody waits for all there is."""
    patience = _patience.get()
    return patience is not None and patience.whole


def left_out() -> None:
    """Note that something was left out of the answer that may still come."""
    if (patience := _patience.get()) is not None:
        patience.late = True
