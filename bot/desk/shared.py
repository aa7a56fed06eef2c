"""One piece of work for all who ask the same thing at the same time."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Shared(Generic[Key, Value]):
    """Work in flight by key, and the newest `keep` results.

    A second asker waits for the first one's result. An asker who goes away does not stop the
    work for the others. A failure is told to all who waited, and is not kept.
    """

    def __init__(self, keep: int = 0) -> None:
        self._keep = keep
        self._done: OrderedDict[Key, Value] = OrderedDict()
        self._under_way: dict[Key, asyncio.Task[Value]] = {}

    async def get(self, key: Key, work: Callable[[], Awaitable[Value]]) -> Value:
        """Return the result kept for `key`, or that of the work under way, or of new work."""
        if key in self._done:
            self._done.move_to_end(key)
            return self._done[key]
        return await asyncio.shield(self.begin(key, work))

    def begin(self, key: Key, work: Callable[[], Awaitable[Value]]) -> asyncio.Task[Value]:
        """Begin work that nobody waits for yet, unless it is under way."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(self._run(key, work))
            task.add_done_callback(_heard)
            self._under_way[key] = task
        return task

    async def close(self) -> None:
        """Stop what is under way and wait until it has stopped."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: Key, work: Callable[[], Awaitable[Value]]) -> Value:
        try:
            value = await work()
        finally:
            del self._under_way[key]
        if self._keep:
            self._done[key] = value
            while len(self._done) > self._keep:
                self._done.popitem(last=False)
        return value


def _heard(task: asyncio.Task[Value]) -> None:
    """Take note of a failure nobody waited for any more, so that asyncio does not complain."""
    if not task.cancelled():
        task.exception()
