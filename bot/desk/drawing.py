"""The drawing room: all pictures are drawn here, a few at a time, and nobody waits without end."""

import asyncio
import bisect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TypeVar

from bot.core.errors import Busy
from bot.errands import Urgency, current

Drawn = TypeVar("Drawn")

# numpy and zlib let go of the interpreter for a good part of the work; a third gains nothing.
AT_ONCE = 2
# So many more are given to the workers beforehand: they do not stand idle while the loop is busy.
AHEAD = 2
# A picture takes some 60 ms: who comes last into a full line waits for about 2 s.
WAITING = 64


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """A place in the line: what somebody waits for comes first, then who came first."""

    urgency: Urgency
    number: int
    turn: "asyncio.Future[None]" = field(compare=False)


class Drawing:
    """So many pictures are drawn at once, so many wait; beyond that people are told so."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING, ahead: int = AHEAD) -> None:
        self._workers = ThreadPoolExecutor(at_once, thread_name_prefix="draw")
        self._free = at_once + ahead
        self._most = waiting
        self._line: list[_Place] = []  # the next one first
        self._numbers = count()

    @property
    def waiting(self) -> int:
        """How many pictures wait for their turn."""
        return len(self._line)

    async def do(self, work: Callable[[], Drawn]) -> Drawn:
        """Draw in a worker, when it is this picture's turn. Busy if too many wait already.

        Whose errand it is says how urgent it is (bot/errands.py): where the line is full, a
        picture that nobody waits for gives its place to one that somebody does.
        """
        if self._free and not self._line:
            self._free -= 1
        else:
            await self._turn()
        try:
            spoken = partial(copy_context().run, work)  # in the language of who asks
            return await asyncio.get_running_loop().run_in_executor(self._workers, spoken)
        finally:
            self._next()

    def begin(self, work: Callable[[], object]) -> None:
        """Do something in a worker for which nobody waits, such as importing what draws."""
        self._workers.submit(work)

    async def close(self) -> None:
        """Stop drawing; what waits is not drawn any more."""
        for place in self._line:
            place.turn.cancel()
        self._line.clear()
        self._workers.shutdown(cancel_futures=True)

    async def _turn(self) -> None:
        place = _Place(current().urgency, next(self._numbers), asyncio.Future())
        if len(self._line) >= self._most:
            last = self._line[-1] if self._line else place
            if last.urgency <= place.urgency:
                raise Busy
            self._line.remove(last)
            last.turn.set_exception(Busy())
        bisect.insort(self._line, place)
        try:
            await place.turn
        except asyncio.CancelledError:
            if place in self._line:
                self._line.remove(place)
            elif not place.turn.cancelled() and place.turn.exception() is None:
                self._next()  # its turn had come already
            raise

    def _next(self) -> None:
        """Let the next one draw, in the place of one that has ended."""
        while self._line:
            turn = self._line.pop(0).turn
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
