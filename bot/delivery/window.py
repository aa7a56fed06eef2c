"""A platform's limit on all its chats together, shared by all who write; the urgent go first."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any

from bot.messages import Urgency

# Alerts go out this much closer than evenly, so that the limit binds and not the spacing.
_EASE = 0.95
# So many spaces may be made up for after a pause.
_BEHIND = 3


@dataclass(order=True, slots=True)
class _Waiting:
    urgency: Urgency
    number: int
    called: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


class Window:
    """At most `count` requests in any `seconds`, as the platform counts them.

    When it counts a request lies somewhere between its start and its answer. So a place is taken
    from the start until `seconds` after the answer: however the line delays requests, the platform
    never sees more. What is not an answer to somebody is also spread over the time, so that a
    place soon becomes free for one that is.
    """

    def __init__(
        self,
        count: int,
        seconds: float,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
    ) -> None:
        self._count = count
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._gap = _EASE * seconds / count
        self._next = 0.0  # when the next that is no answer may start
        self._under_way = 0
        self._taken_until: deque[float] = deque()
        self._line: list[_Waiting] = []
        self._arrived = 0

    async def take(self, urgency: Urgency) -> None:
        """Wait for a place; whoever takes one must `give` it back when the answer has come."""
        self._arrived += 1
        mine = _Waiting(urgency, self._arrived)
        heappush(self._line, mine)
        try:
            while (wait := self._wait(mine)) != 0:
                await self._pause(mine, wait)
        except BaseException:
            self._line.remove(mine)
            heapify(self._line)
            self._call()
            raise
        heappop(self._line)
        self._under_way += 1
        if urgency is not Urgency.ANSWER:
            self._next = max(self._next, self.now() - _BEHIND * self._gap) + self._gap
        self._call()

    def give(self) -> None:
        """Give a place back: it is free again after `seconds`."""
        self._under_way -= 1
        self._taken_until.append(self.now() + self._seconds)
        self._call()

    def now(self) -> float:
        """Return the time [s]."""
        return self._clock() if self._clock else asyncio.get_running_loop().time()

    def _wait(self, mine: _Waiting) -> float | None:
        """Return the seconds until a place is free; None if nobody can tell yet."""
        if self._line[0] is not mine:
            return None
        now = self.now()
        while self._taken_until and self._taken_until[0] <= now:
            self._taken_until.popleft()
        spread = 0.0 if mine.urgency is Urgency.ANSWER else max(0.0, self._next - now)
        if self._under_way + len(self._taken_until) < self._count:
            return spread
        if not self._taken_until:
            return None
        return max(spread, self._taken_until[0] - now)

    async def _pause(self, mine: _Waiting, wait: float | None) -> None:
        mine.called.clear()
        if wait is None:
            await mine.called.wait()
        else:
            await self._sleep(wait)

    def _call(self) -> None:
        if self._line:
            self._line[0].called.set()
