"""From a thumb on a phone to what it shows: acknowledged, drawn, drawn again; over loopback."""

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import structlog
from pydantic import SecretStr

from bot.chats.discord import DiscordChat
from bot.chats.hears import Asker
from bot.chats.telegram import TelegramChat
from bot.core.instruments import Instrument
from bot.desk.drawing import Drawing
from bot.settings import Settings
from bot.wiring import House, house
from tests.benchmarks.table import Row
from tests.support.discord_server import TOKEN as DISCORD
from tests.support.discord_server import discord_server
from tests.support.discord_world import CALLBACK, ORIGINAL, in_private
from tests.support.histories import history
from tests.support.markets import Market
from tests.support.telegram_server import TOKEN as TELEGRAM
from tests.support.telegram_server import TelegramServer

_COINS = tuple(f"C{at}" for at in range(24))
_BARS = 30 * 288  # of five minutes: thirty days
_ASKERS = 500
_TICK = 0.001  # [s] between two looks at what has arrived
_NEVER_SCORED = tuple(f"N{at}" for at in range(12))
_TARGETS = {"acknowledged": 300.0, "first picture": 1500.0, "cached": 100.0}  # [ms]

_Ask = Callable[[int, str], Awaitable[dict[str, float]]]


def rows() -> Iterator[Row]:
    """Measure both chats and the crowd."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.ERROR)
    try:
        yield from asyncio.run(_measured())
    finally:
        logging.disable(logging.NOTSET)
        structlog.reset_defaults()


async def _measured() -> list[Row]:
    async with _standing() as standing:
        for coin in _COINS:  # collected: gathered, estimated and scored, but no heatmap is drawn
            await standing.listener.answer(f"accuracy {coin}", Asker("bench", "bench"))
        half = len(_COINS) // 2
        async with _telegram(standing) as ask:
            found = await _chat("Telegram", ask, _COINS[:half])
        async with _discord(standing) as ask:
            found += await _chat("Discord", ask, _COINS[half:])
        found += await _crowd(standing)
        async with _telegram(standing) as ask:  # last: measuring them goes on in the background
            return [*found, *await _never_scored(standing, ask)]


@asynccontextmanager
async def _standing() -> AsyncIterator[House]:
    """Build everything over a market whose venues answer at once, so that what is ours is left."""
    made = history(bars=_BARS)
    market = Market(
        *(
            replace(made, instrument=Instrument(venue, coin, "USDT", "USDT"))
            for coin in (*_COINS, *_NEVER_SCORED)
            for venue in ("binance", "bybit", "okx")
        )
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        patch("bot.wiring.market_source", lambda *_args, **_more: market),
    ):
        database = SecretStr(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        settings = Settings(_env_file=None, ask_per_minute=0, database_url=database)
        async with house(settings, "replay:of-nothing", watch=True) as standing:
            yield standing


@asynccontextmanager
async def _telegram(standing: House) -> AsyncIterator[_Ask]:
    async with TelegramServer() as server:
        chat = TelegramChat(standing.listener, TELEGRAM, api_base=server.origin)
        await chat.start()

        async def ask(number: int, words: str) -> dict[str, float]:
            """Each person has a chat of their own, so that no limit of Telegram's is met."""
            begun, place = len(server.calls), 1000 + number
            started = time.perf_counter()
            await server.write(f"/{words}", place, person=place)
            return await _seen(
                started,
                acknowledged=lambda: any(
                    call.method == "sendChatAction" for call in server.calls[begun:]
                ),
                shown=lambda: bool(server.in_chat(place)),
            )

        try:
            yield ask
        finally:
            await chat.stop()


@asynccontextmanager
async def _discord(standing: House) -> AsyncIterator[_Ask]:
    async with discord_server() as server:
        chat = DiscordChat(standing.listener, DISCORD, server.api_base, server.gateway_url)
        await chat.start()
        await server.until(lambda: bool(server.world.commands))

        async def ask(number: int, words: str) -> dict[str, float]:
            command, coin = words.split()
            person = in_private(server.world, f"person {number}")
            heard, told = len(server.sent("POST", CALLBACK)), len(server.sent("PATCH", ORIGINAL))
            started = time.perf_counter()
            person.slash(command, symbol=coin)
            return await _seen(
                started,
                acknowledged=lambda: len(server.sent("POST", CALLBACK)) > heard,
                shown=lambda: len(server.sent("PATCH", ORIGINAL)) > told,
            )

        try:
            yield ask
        finally:
            await chat.stop()


async def _seen(
    started: float, *, acknowledged: Callable[[], bool], shown: Callable[[], bool]
) -> dict[str, float]:
    """Say after how long [ms] a person saw that he was heard, and the answer."""
    found: dict[str, float] = {}
    async with asyncio.timeout(30):
        while not shown():
            if "acknowledged" not in found and acknowledged():
                found["acknowledged"] = 1000 * (time.perf_counter() - started)
            await asyncio.sleep(_TICK)
    found["shown"] = 1000 * (time.perf_counter() - started)
    return found


async def _chat(name: str, ask: _Ask, coins: Sequence[str]) -> list[Row]:
    """Ask for each coin once, and then for each again."""
    first = [await ask(at, f"heatmap {coin}") for at, coin in enumerate(coins)]
    again = [await ask(len(coins) + at, f"heatmap {coin}") for at, coin in enumerate(coins)]
    told = {
        "acknowledged": [each["acknowledged"] for each in first if "acknowledged" in each],
        "first picture": [each["shown"] for each in first],
        "cached": [each["shown"] for each in again],
    }
    return [
        Row(f"thumb: {name}, {what}, p{at}", figure, "ms", f"<= {target:.0f} ms", figure <= target)
        for what, target in _TARGETS.items()
        for at in (50, 95)
        for figure in [float(np.percentile(told[what], at))]
    ]


async def _never_scored(standing: House, ask: _Ask) -> list[Row]:
    """Ask for coins whose markets are collected, but whose maps nobody has measured so far."""
    for coin in _NEVER_SCORED:
        await standing.listener.answer(f"model {coin}", Asker("bench", "bench"))
    took = [
        (await ask(2000 + at, f"heatmap {coin}"))["shown"] for at, coin in enumerate(_NEVER_SCORED)
    ]
    what, target = "Telegram, first picture of a market never scored", _TARGETS["first picture"]
    return [
        Row(f"thumb: {what}, p{at}", figure, "ms", f"<= {target:.0f} ms", figure <= target)
        for at in (50, 95)
        for figure in [float(np.percentile(took, at))]
    ]


async def _crowd(standing: House) -> list[Row]:
    """Let five hundred people ask the same at once, and count what is drawn."""
    drawn = 0
    do = Drawing.do

    async def counted(room: Drawing, work: Callable[[], object]) -> object:
        nonlocal drawn
        drawn += 1
        return await do(room, work)

    with patch.object(Drawing, "do", counted):
        started = time.perf_counter()
        await asyncio.gather(
            *(
                standing.listener.answer("heatmap C0 7d", Asker(f"crowd:{at}", f"crowd:{at}"))
                for at in range(_ASKERS)
            )
        )
        took = 1000 * (time.perf_counter() - started)
    return [
        Row(f"thumb: pictures drawn for {_ASKERS} who ask the same", drawn, "", "1", drawn == 1),
        Row(f"thumb: the last of these {_ASKERS} is answered", took, "ms", "", None),
    ]
