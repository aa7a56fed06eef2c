"""Delivery: how surely, and what a kill or a bad day does to it; bench_fan_out has how fast.

Against platforms on loopback that enforce their limits strictly and keep a ledger. The full counts
take half an hour; `EMBERLINE_DELIVERY=full` asks for them, about a tenth is run otherwise.
"""

import asyncio
import logging
import os
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import structlog

from bot.messages import OutboxStore
from bot.reply import Image
from storage.memory import open_memory
from tests.benchmarks.table import Row
from tests.support.delivery import (
    WallClock,
    alert,
    fill,
    sending,
    telegram_post,
    until_empty,
)
from tests.support.discord_server import discord_server
from tests.support.discord_world import in_server
from tests.support.kills import Ledger, deliver_and_kill, fill_numbered, of_discord, of_telegram
from tests.support.platform_limits import Trouble, telegram_limits
from tests.support.strict_discord import strict
from tests.support.strict_telegram import StrictTelegram
from tests.support.telegram_desk import png

_FULL = os.environ.get("EMBERLINE_DELIVERY") == "full"
_KILLS, _ALERTS = (100, 5_000) if _FULL else (10, 500)
_BAD_DAY = 5_000 if _FULL else 300  # alerts; the former take some five minutes
_BACKLOG = 100_000 if _FULL else 20_000
_AN_HOUR = 3_600.0  # [s] of patience


def rows() -> Iterator[Row]:
    """Yield the figures of a long queue, of kills and of a bad day."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.ERROR)
    stages: Sequence[Callable[[str, OutboxStore], Coroutine[Any, Any, list[Row]]]] = (
        _queue,
        _killed_telegram,
        _killed_discord,
        _bad_day,
    )
    try:
        for stage in stages:
            with tempfile.TemporaryDirectory() as folder:
                yield from asyncio.run(_with_memory(f"sqlite:///{folder}/bench.sqlite3", stage))
    finally:
        logging.disable(logging.NOTSET)
        structlog.reset_defaults()


async def _with_memory(
    url: str, stage: Callable[[str, OutboxStore], Coroutine[Any, Any, list[Row]]]
) -> list[Row]:
    memory = await open_memory(url)
    try:
        return await stage(url, memory.outbox)
    finally:
        await memory.close()


async def _queue(_url: str, store: OutboxStore) -> list[Row]:
    people = [f"telegram:{n}" for n in range(1, 2_001)]
    took = await _timed(fill(store, [alert("first", *people, image=_picture("queue"))]))
    made = Row("an alert with its picture kept for 2,000 chats", took, "ms", "", None)
    waiting = _BACKLOG // len(people)
    await fill(store, [alert(f"e{n}", *people) for n in range(waiting)])
    now = WallClock().now()
    took = await _timed(store.due("telegram", now, 48))
    return [
        made,
        Row(f"the next 48 of {_BACKLOG:,} that wait", took, "ms", "<= 20 ms", took <= 20),
    ]


async def _timed(work: Coroutine[Any, Any, object]) -> float:
    start = time.perf_counter()
    await work
    return 1e3 * (time.perf_counter() - start)


def _picture(key: str) -> Image:
    return Image(png(key), "a map", "map.png", key)


async def _killed_telegram(url: str, store: OutboxStore) -> list[Row]:
    people, episodes = range(1, _ALERTS // 5 + 1), 5
    await fill_numbered(store, [f"telegram:{n}" for n in people], episodes)
    limits = telegram_limits()
    async with StrictTelegram(limits) as server:
        kills = await deliver_and_kill(
            store, "telegram", url, server.origin, _KILLS, patience=_AN_HOUR
        )
        ledger = of_telegram(server, people, episodes)
    name = f"Telegram, {_ALERTS:,} alerts, {kills} kills"
    share = ledger.repeats / kills
    return [
        *_surely(name, ledger),
        Row(f"{name}: repeats a kill", share, "", "<= 1", share <= 1),
        _none(f"{name}: repeats that do not say so", ledger.unmarked),
        Row(f"{name}: marked, but no repeat", ledger.marked_for_nothing, "", "", None),
        _none(f"{name}: requests beyond a limit", len(limits.violations)),
    ]


async def _killed_discord(url: str, store: OutboxStore) -> list[Row]:
    async with discord_server() as server:
        strict(server)
        channels = [in_server(server.world, f"ann{n}").channel for n in range(_ALERTS // 5)]
        await fill_numbered(store, [f"discord:{channel}" for channel in channels], 5)
        kills = await deliver_and_kill(
            store, "discord", url, server.api_base, _KILLS, patience=_AN_HOUR
        )
        ledger = of_discord(server, channels, 5)
    name = f"Discord, {_ALERTS:,} alerts, {kills} kills"
    return [*_surely(name, ledger), _none(f"{name}: repeats", ledger.repeats)]


async def _bad_day(_url: str, store: OutboxStore) -> list[Row]:
    people, episodes = range(1, _BAD_DAY // 5 + 1), 5
    await fill_numbered(store, [f"telegram:{n}" for n in people], episodes)
    limits = telegram_limits()
    began = time.perf_counter()
    async with StrictTelegram(limits) as server, telegram_post(server.origin) as post:
        server.weather.share = 0.2
        async with sending(store, post):
            await until_empty(store, "telegram", _AN_HOUR)
        ledger = of_telegram(server, people, episodes)
        lost_answers = server.weather.met[Trouble.LOST_ANSWER]
    took = time.perf_counter() - began
    name = f"Telegram, 20 % faults, {_BAD_DAY:,} alerts"
    share = ledger.repeats / max(1, lost_answers)
    return [
        Row(f"{name}: took", took, "s", "", None),
        *_surely(name, ledger),
        _none(f"{name}: requests inside a wait", len(limits.inside_a_wait)),
        Row(f"{name}: repeats an answer that was lost", share, "", "<= 1", share <= 1),
        _none(f"{name}: repeats that do not say so", ledger.unmarked),
    ]


def _surely(name: str, ledger: Ledger) -> list[Row]:
    return [
        _none(f"{name}: lost", ledger.lost),
        _none(f"{name}: chats out of order", ledger.out_of_order),
    ]


def _none(stage: str, count: int) -> Row:
    return Row(stage, count, "", "0", count == 0)
