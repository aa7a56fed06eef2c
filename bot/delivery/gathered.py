"""Writes that come in side by side are made together: a disk takes many as quickly as one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")


class Gathered(Generic[I, R]):
    """Hands items to `write` in lists: while one is written, the next ones gather."""

    def __init__(self, write: Callable[[Sequence[I]], Awaitable[Sequence[R]]]) -> None:
        self._write = write
        self._waiting: list[tuple[I, asyncio.Future[R]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def do(self, item: I) -> R:
        """Have an item written; returns what came of it, or raises what writing raised."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting, []
            try:
                results = await self._write([item for item, _ in taken])
            except Exception as error:  # noqa: BLE001 - it belongs to those who wait
                for _, done in taken:
                    if not done.done():
                        done.set_exception(error)
            else:
                for (_, done), result in zip(taken, results, strict=True):
                    if not done.done():
                        done.set_result(result)
