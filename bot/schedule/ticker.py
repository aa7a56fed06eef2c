"""One tick for all that is done again and again; whoever is still at it is not called twice."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC

import structlog
from apscheduler.schedulers.asyncio import (  # type: ignore[import-untyped]  # it has no types
    AsyncIOScheduler,
)

log = structlog.get_logger()

TICK = 5.0  # [s]


@dataclass(slots=True)
class _Work:
    name: str
    do: Callable[[], Awaitable[object]]
    every: float  # [s]
    due: float = 0.0  # [s] of the loop's clock
    task: asyncio.Task[None] | None = None


class Ticker:
    """Calls works every so often, side by side, each by itself; owns what they have begun.

    There is one job of APScheduler however many works there are: each job of its own would be
    looked at, stored and sorted at every tick.
    """

    def __init__(self, tick: float = TICK) -> None:
        """`tick` [s] is shorter in tests."""
        self._works: list[_Work] = []
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._scheduler.add_job(
            self._tick,
            "interval",
            seconds=tick,
            coalesce=True,  # a machine that slept does not make up for the ticks it missed
            max_instances=1,
            misfire_grace_time=None,
        )

    def add(self, name: str, do: Callable[[], Awaitable[object]], every: float = 0.0) -> None:
        """Have something done at each tick, or every so many seconds; first at the first tick."""
        self._works.append(_Work(name, do, every))

    def start(self) -> None:
        """Begin; a loop must be running."""
        self._scheduler.start()

    async def close(self) -> None:
        """Stop, also what is under way."""
        if self._scheduler.running:
            # A tick that has just been called comes to its end, which is soon: it waits for
            # nothing. Cut off, it would be logged as an error.
            self._scheduler.remove_all_jobs()
            for _ in range(3):
                await asyncio.sleep(0)
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)  # it ends with the loop's next turn
        tasks = [work.task for work in self._works if work.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tick(self) -> None:
        now = asyncio.get_running_loop().time()
        for work in self._works:
            if now >= work.due and (work.task is None or work.task.done()):
                work.due = now + work.every
                work.task = asyncio.create_task(self._do(work), name=work.name)

    async def _do(self, work: _Work) -> None:
        """Do it; what goes wrong is noted, and is no reason not to do it again."""
        try:
            await work.do()
        except Exception:
            log.exception("a tick went wrong", work=work.name)
