"""An alert to very many chats, while people ask for pictures: the whole bot, in its own process.

Platforms on loopback enforce their limits strictly and keep a ledger. Two thousand chats take two
minutes; `EMBERLINE_DELIVERY=full` asks for them, less than a sixth is run otherwise.
"""

import asyncio
import logging
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import structlog

from bot.core.watches.gate import State
from bot.core.watches.saved import saved
from bot.messages import Judged, OutboxStore
from storage.memory import open_memory
from tests.benchmarks.table import Row
from tests.support.delivery import WallClock, alert, until_empty
from tests.support.discord_server import TOKEN as DISCORD_TOKEN
from tests.support.discord_server import discord_server
from tests.support.discord_world import answered, in_server
from tests.support.platform_limits import telegram_limits
from tests.support.running import Running
from tests.support.strict_discord import strict
from tests.support.strict_telegram import StrictTelegram
from tests.support.telegram_server import TOKEN as TELEGRAM_TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_CHATS = 2_000 if os.environ.get("EMBERLINE_DELIVERY") == "full" else 300
_ASK_EVERY = 0.7  # [s]
_PATIENCE = 600.0  # [s]
_MARKET = {"HISTORY_DAYS": "3"}

_Ask = Callable[[], Awaitable[None]]


def rows() -> Iterator[Row]:
    """Yield how fast it goes out, and how long answers take meanwhile."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.ERROR)
    try:
        for stage in (_telegram, _discord):
            with tempfile.TemporaryDirectory() as folder:
                yield from asyncio.run(stage(Path(folder)))
    finally:
        logging.disable(logging.NOTSET)
        structlog.reset_defaults()


async def _telegram(folder: Path) -> list[Row]:
    limits, people = telegram_limits(), count(1_000_001)
    async with StrictTelegram(limits) as server:
        pictures: set[int] = set()  # chats that show one
        looked = 0

        def look() -> None:
            nonlocal looked
            new = [*islice(server.messages.items(), looked, None)]
            looked += len(new)
            pictures.update(chat for (chat, _), shown in new if shown.photo is not None)

        async def ask() -> None:
            person = next(people)
            limits.indulge(person)
            await server.write("/heatmap BTC", person, person=person)
            while person not in pictures:
                await asyncio.sleep(0.02)
                look()

        told = {"TELEGRAM_TOKEN": TELEGRAM_TOKEN, "TELEGRAM_API_BASE": server.origin}
        chats = [f"telegram:{n}" for n in range(1, _CHATS + 1)]
        async with _running(folder, "telegram", told, ask) as store:
            limits.times.clear()
            waits = await _told_while_asked(store, chats, ask)
    name = f"Telegram, {_CHATS:,} chats"
    return _figures(name, 30, limits.times, waits, len(limits.violations))


async def _discord(folder: Path) -> list[Row]:
    async with discord_server() as server:
        front = strict(server)
        channels = [in_server(server.world, f"ann{n}").channel for n in range(_CHATS)]
        people = [in_server(server.world, f"bob{n}") for n in range(40)]
        turns = count()

        async def ask() -> None:
            await server.until(lambda: bool(server.gateway.sessions), _PATIENCE)
            asked = people[next(turns) % len(people)].slash("heatmap", symbol="BTC")
            while not answered(asked):  # noqa: ASYNC110 - what is looked at has no events
                await asyncio.sleep(0.02)

        told = {
            "DISCORD_TOKEN": DISCORD_TOKEN,
            "DISCORD_API_BASE": server.api_base,
            "DISCORD_GATEWAY_URL": server.gateway_url,
        }
        async with _running(folder, "discord", told, ask) as store:
            front.times.clear()
            waits = await _told_while_asked(store, [f"discord:{each}" for each in channels], ask)
    name = f"Discord, {_CHATS:,} channels"
    return _figures(name, 50, front.times, waits, len(front.violations))


@asynccontextmanager
async def _running(
    folder: Path, chat: str, told: dict[str, str], ask: _Ask
) -> "AsyncIterator[OutboxStore]":
    """Run the bot until it has answered once; yields the memory that it delivers from."""
    bot = Running(folder, "sim:1", {**told, **_MARKET, "LOG_LEVEL": "WARNING"})
    memory = await open_memory(f"sqlite:///{folder}/emberline.sqlite3")
    await bot.start(chat)
    try:
        async with asyncio.timeout(_PATIENCE):
            await ask()
        yield memory.outbox
    finally:
        await bot.stop()
        await memory.close()


async def _told_while_asked(store: OutboxStore, chats: Sequence[str], ask: _Ask) -> list[float]:
    """Have an alert told to all chats while pictures are asked for; returns their waits [s]."""
    waits: list[float] = []

    async def asking() -> None:
        while True:
            await asyncio.sleep(_ASK_EVERY)
            began = time.perf_counter()
            await ask()
            waits.append(time.perf_counter() - began)

    told = Judged("w", 1, saved(State()), (alert("e", *chats),))
    await store.put([told], WallClock().now())
    task = asyncio.create_task(asking())
    await until_empty(store, chats[0].partition(":")[0], _PATIENCE)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return waits


def _figures(
    name: str, rate: int, times: Sequence[float], waits: Sequence[float], violations: int
) -> list[Row]:
    share = 100 * (len(times) - 1) / (times[-1] - times[0]) / rate
    p95 = float(np.percentile(waits, 95))
    asked = f"{name}: /heatmap meanwhile, p95 of {len(waits)}"
    return [
        Row(f"{name}: share of the allowed {rate}/s", share, "%", ">= 95 %", share >= 95),
        Row(f"{name}: requests beyond a limit", violations, "", "0", violations == 0),
        Row(asked, p95, "s", "<= 1.5 s", p95 <= 1.5),
    ]
