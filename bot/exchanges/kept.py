"""What is asked for now and then, and shared by all who want it meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from bot.errands import Errand, on

_T = TypeVar("_T")


class Kept(Generic[_T]):
    """The last answer to a question, asked again once it is too old for whoever wants it.

    All who want it at the same time wait for the same answer. Whoever makes one closes it.
    """

    def __init__(self, ask: Callable[[], Awaitable[_T]], clock: Callable[[], int]) -> None:
        self.last: _T | None = None
        self._ask = ask
        self._clock = clock
        self._at: int | None = None  # [ms]
        self._asking: asyncio.Task[_T] | None = None

    async def within(self, lasting: int) -> _T:
        """Return an answer not older than `lasting` [ms]; as the question raises."""
        if self.last is not None and self._at is not None and self._clock() - self._at < lasting:
            return self.last
        if self._asking is None or self._asking.done():
            with on(Errand()):  # somebody may wait for it yet, if nobody does now
                self._asking = asyncio.create_task(self._asked())
            # Whoever asked may have gone; a failure is then nobody's.
            self._asking.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._asking)

    async def _asked(self) -> _T:
        self.last = await self._ask()
        self._at = self._clock()
        return self.last

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
