"""Watches through a whole tick: read from memory, judged, fenced, told."""

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog

from bot.core.watches.figures import Figure, Measure
from bot.core.watches.tree import Digest, HeatmapEvery
from storage.memory import Memory, open_memory
from tests.benchmarks.bench_watches import some_watches
from tests.benchmarks.table import Row
from tests.support.watched import MINUTE, NOW, Watching, watching

WATCHES, COINS, CHATS, FIRING = 50_000, 200, 2_500, 1_000
DELTA = Figure(Measure.DELTA, within=0.07)
_STALL = 20.0  # [ms]


def rows() -> Iterator[Row]:
    """Measure a tick of 50,000 watches: the first, one in which nothing changes, one in which
    a thousand fire."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.ERROR)
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield from asyncio.run(_measured(f"sqlite:///{folder}/bench.sqlite3"))
    finally:
        logging.disable(logging.NOTSET)
        structlog.reset_defaults()


async def _measured(url: str) -> list[Row]:
    memory = await open_memory(url)
    try:
        await _fill(memory)
        async with watching(memory) as desk:
            return [*await _ticked(desk)]
    finally:
        await memory.close()


async def _fill(memory: Memory) -> None:
    """Keep watches as people type them, over 200 coins, twenty to a chat."""
    # Those that wait for a price above; the price of all is below, as for most that people keep.
    kinds = [
        each
        for each in some_watches(2_000)
        if not isinstance(each.what, Digest | HeatmapEvery) and "price <" not in str(each)
    ]
    many = []
    for number in range(WATCHES):
        coin, chat = f"C{number % COINS}", f"telegram:{number % CHATS + 1}"
        words = f"{coin} delta > 1M within 7%"
        if number >= FIRING:
            words = str(kinds[number % len(kinds)]).replace("BTC", coin, 1)
        many.append(
            {"world": "live", "chat": chat, "topic": "", "owner": chat, "shared": False,
             "words": f"{words} cap {number // COINS % 90 + 1}/day", "made_ms": NOW,
             "snoozed_ms": 0, "draft": ""}
        )  # fmt: skip
    from sqlalchemy import text

    from storage.watches import Watches

    async with memory.database.writing() as connection:
        await connection.execute(text(Watches.ADD.replace("RETURNING *", "")), many)


@dataclass
class _Stalls:
    """How long the loop was held."""

    longest: float = 0.0  # [ms]
    _task: list[asyncio.Task[None]] = field(default_factory=list)

    async def _watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, 1e3 * (time.perf_counter() - before) - 1)


@asynccontextmanager
async def _stalls() -> AsyncIterator[_Stalls]:
    found = _Stalls()
    task = asyncio.create_task(found._watch())
    try:
        yield found
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _ticked(desk: Watching) -> list[Row]:
    for number in range(COINS):
        desk.set(f"C{number}", price=0.5, cascade="", squeeze=0)
        desk.figures.known[f"C{number}", DELTA] = 0.0
    first, held = await _tick(desk)
    made = [
        Row(
            "50,000 watches read, parsed and compiled, with their first tick", first, "s", "", None
        ),
        Row("longest the loop was held meanwhile", held, "ms", "", None),
    ]
    for _ in range(14):  # those of whose figures nothing is known are said to be blind, once
        await _tick(desk)
    calm, held = min([await _tick(desk) for _ in range(5)])
    name = "50,000 watches, a tick in which nothing changes, with storage"
    made.append(Row(name, calm, "s", "<= 2 s", calm <= 2))
    made.append(
        Row(
            "longest the loop was held meanwhile", held, "ms", f"<= {_STALL:.0f} ms", held <= _STALL
        )
    )
    for number in range(COINS):
        desk.figures.known[f"C{number}", DELTA] = 2e6
    fired, held = await _tick(desk)
    opened = sum(each.effect.act == "open" for each in desk.teller.told)
    name = f"the same in which {opened:,} fire, with storage"
    made.append(Row(name, fired, "s", "<= 2 s", fired <= 2))
    made.append(Row("longest the loop was held meanwhile", held, "ms", "", None))
    on, held = min([await _tick(desk) for _ in range(5)])
    made.append(Row("50,000 watches, a tick while these go on", on, "s", "<= 2 s", on <= 2))
    made.append(Row("longest the loop was held meanwhile", held, "ms", "", None))
    return made


async def _tick(desk: Watching) -> tuple[float, float]:
    """Let a minute pass; returns how long its tick took [s], and the loop was held [ms]."""
    desk.teller.told.clear()  # a teller of the house keeps nothing either
    desk.source.time += MINUTE
    async with _stalls() as stalls:
        began = time.perf_counter()
        await desk.desk.tick()
        took = time.perf_counter() - began
    return took, stalls.longest
