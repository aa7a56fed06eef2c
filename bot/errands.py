"""On whose errand a venue is asked: people's requests go before those that nobody waits for.

What is asked within `on(errand)` is asked on that errand, also by the tasks that are begun there.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum
from typing import Protocol


class Urgency(IntEnum):
    """Who is served first where not all may ask at once."""

    PEOPLE = 0  # somebody waits
    COLLECTING = 1  # markets are kept current, looked at and recorded
    PAST = 2  # the past is filled in


class Waiting(Protocol):
    """A request that waits until we may ask its venue."""

    def left(self) -> float:
        """Say for how long it has to wait still [s]."""
        ...

    def look_again(self) -> None:
        """Have its place among those that wait found anew."""
        ...


class Errand:
    """What some requests are made for; it becomes more urgent if somebody begins to wait for it."""

    def __init__(self, urgency: Urgency = Urgency.PEOPLE) -> None:
        self.urgency = urgency
        self._waiting: list[Waiting] = []
        self._until = 0.0  # [s] UTC, of the last request that was given up while it waited

    def hurry(self, urgency: Urgency = Urgency.PEOPLE) -> None:
        """Make it as urgent as that, if it is less so."""
        if urgency < self.urgency:
            self.urgency = urgency
            for one in self._waiting:
                one.look_again()

    def waits(self, request: Waiting) -> None:
        """Take note of a request that waits."""
        self._waiting.append(request)

    def goes_on(self, request: Waiting, *, given_up: bool) -> None:
        """Take note that a request waits no more."""
        if given_up:
            self._until = time.time() + request.left()
        self._waiting.remove(request)

    @property
    def held_until(self) -> int | None:
        """When the first request that waits for our own allowance may go out [ms] UTC.

        None if nothing waits for that: then it is the venue that takes its time.
        """
        if self._waiting:
            return int(1000 * (time.time() + min(one.left() for one in self._waiting)))
        return int(1000 * self._until) if self._until > time.time() else None


_errand: ContextVar[Errand | None] = ContextVar("errand", default=None)


def current() -> Errand:
    """Return the errand on which we are; whoever is on none is a person's."""
    return _errand.get() or Errand()


@contextmanager
def on(errand: Errand) -> Iterator[Errand]:
    """Be on an errand for a while."""
    token = _errand.set(errand)
    try:
        yield errand
    finally:
        _errand.reset(token)
