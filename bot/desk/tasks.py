"""Work in the background, by what it is."""

import asyncio
from collections.abc import Coroutine, Hashable
from typing import Any

import structlog

log = structlog.get_logger()


class Tasks:
    """Work under way, of each kind one at a time; whoever makes it closes it."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[None]] = {}

    def begin(self, kind: Hashable, work: Coroutine[Any, Any, None]) -> None:
        """Begin some work, unless some of its kind is under way."""
        if kind in self._under_way:
            work.close()
            return
        task = self._under_way[kind] = asyncio.create_task(work, name=f"{kind}")
        task.add_done_callback(lambda done: self._ended(kind, done))

    async def settled(self, kind: Hashable, within: float) -> None:
        """Wait until work of a kind has ended, but not longer than so many seconds."""
        task = self._under_way.get(kind)
        if task is not None:
            await asyncio.wait([task], timeout=within)

    async def close(self) -> None:
        """Stop all of it."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, kind: Hashable, task: asyncio.Task[None]) -> None:
        del self._under_way[kind]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("work went wrong", kind=str(kind), exc_info=error)
