"""Delivery: how fast, how surely, and what a kill, a bad day or a crowd of askers does to it.

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

import numpy as np
import structlog

from bot.chats.telegram.post import TelegramPost
from bot.chats.telegram.send import Place, Sent
from bot.messages import OutboxStore
from bot.reply import Image, Reply
from storage.memory import open_memory
from tests.benchmarks.table import Row
from tests.support.delivery import (
    WallClock,
    alert,
    discord_post,
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
_CHATS = 2_000 if _FULL else 300
_KILLS, _ALERTS = (100, 5_000) if _FULL else (10, 500)
_BAD_DAY = 5_000 if _FULL else 300  # alerts; the former take some five minutes
_BACKLOG = 100_000 if _FULL else 20_000
_AN_HOUR = 3_600.0  # [s] of patience


def rows() -> Iterator[Row]:
    """Yield the figures of fan-out, of kills, of a bad day and of a long queue."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.ERROR)
    stages: Sequence[Callable[[str, OutboxStore], Coroutine[Any, Any, list[Row]]]] = (
        _queue,
        _fan_out_telegram,
        _fan_out_discord,
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


async def _fan_out_telegram(_url: str, store: OutboxStore) -> list[Row]:
    limits = telegram_limits()
    await fill(store, [alert("e", *(f"telegram:{n}" for n in range(1, _CHATS + 1)))])
    async with StrictTelegram(limits) as server, telegram_post(server.origin) as post:
        async with sending(store, post):
            asking = asyncio.create_task(_ask(post))
            await until_empty(store, "telegram", _AN_HOUR)
            asking.cancel()
            waits = (await asyncio.gather(asking, return_exceptions=True))[0]
        share = _share(limits.times, 30)
    assert isinstance(waits, list)
    p95 = float(np.percentile(waits, 95))
    name = f"Telegram, {_CHATS:,} chats"
    return [
        Row(f"{name}: share of the allowed 30/s", share, "%", ">= 95 %", share >= 95),
        _none(f"{name}: requests beyond a limit", len(limits.violations)),
        Row(f"{name}: an answer meanwhile, p95", p95, "s", "<= 1.5 s", p95 <= 1.5),
    ]


async def _ask(post: TelegramPost) -> list[float]:
    """Ask once in a while, each time as another person; returns how long answers took [s]."""
    waits: list[float] = []
    person = 1_000_000
    try:
        await asyncio.sleep(2)
        while True:
            person += 1
            began = time.perf_counter()
            reply = Reply("BTC", ("An answer.",), _picture(f"{person}"))
            assert await post.sender.say(Place(person), reply) is Sent.DONE
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(0.7)
    except asyncio.CancelledError:
        return waits


async def _fan_out_discord(_url: str, store: OutboxStore) -> list[Row]:
    async with discord_server() as server, discord_post(server.api_base) as post:
        front = strict(server)
        channels = [in_server(server.world, f"ann{n}").channel for n in range(_CHATS)]
        await fill(store, [alert("e", *(f"discord:{channel}" for channel in channels))])
        async with sending(store, post):
            await until_empty(store, "discord", _AN_HOUR)
        share = _share(front.times, 50)
    name = f"Discord, {_CHATS:,} channels"
    return [
        Row(f"{name}: share of the allowed 50/s", share, "%", ">= 95 %", share >= 95),
        _none(f"{name}: requests beyond a limit", len(front.violations)),
    ]


def _share(times: Sequence[float], rate: int) -> float:
    """Return how much of what is allowed went out [%]."""
    return 100 * (len(times) - 1) / (times[-1] - times[0]) / rate


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
