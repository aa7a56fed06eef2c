"""A door that lets a few in at a time, the urgent first."""

import asyncio
from heapq import heappop, heappush

from bot.messages import Urgency


class Gate:
    """Like a semaphore whose line is ordered by urgency."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._line: list[tuple[Urgency, int, asyncio.Future[None]]] = []
        self._arrived = 0

    async def enter(self, urgency: Urgency) -> None:
        """Wait for room; whoever enters has to `leave`."""
        if self._room > 0:
            self._room -= 1
            return
        self._arrived += 1
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._line, (urgency, self._arrived, called))
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                self.leave()  # the room was already given to this one
            raise

    def leave(self) -> None:
        """Make room for the next."""
        while self._line:
            _, _, called = heappop(self._line)
            if not called.done():
                called.set_result(None)
                return
        self._room += 1
