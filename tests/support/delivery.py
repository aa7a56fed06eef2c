"""Alerts, and processes that deliver them: started, killed, started again."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from telegram.ext import ExtBot

from bot.chats.discord.app import DiscordChat
from bot.chats.telegram import wire
from bot.chats.telegram.limits import Limits
from bot.chats.telegram.post import TelegramPost
from bot.chats.telegram.send import Sender
from bot.delivery.outbox import Outbox, Tell
from bot.messages import Address, Alert, Chat, FollowUps, Judged, Message, OutboxStore, Urgency
from bot.reply import Image, Reply
from storage.memory import open_memory
from tests.support.discord_desk import SmallDesk
from tests.support.discord_server import TOKEN as DISCORD_TOKEN
from tests.support.telegram_server import TOKEN as TELEGRAM_TOKEN


class WallClock:
    """The time of this machine."""

    def now(self) -> int:
        """Return the time [ms] UTC."""
        return time.time_ns() // 1_000_000


@dataclass
class SetClock:
    """The machine's time, as far as nobody sets it."""

    set_by: int = 0
    wall: WallClock = field(default_factory=WallClock)

    def now(self) -> int:
        """Return the time [ms] UTC."""
        return self.wall.now() + self.set_by


@asynccontextmanager
async def telegram_post(origin: str) -> AsyncIterator[TelegramPost]:
    """Carry to a local Telegram."""
    limits = Limits()
    bot = ExtBot(TELEGRAM_TOKEN, f"{origin}/bot", request=wire.Line(), rate_limiter=limits)
    async with bot:
        yield TelegramPost(bot, Sender(bot, None), limits)


@asynccontextmanager
async def discord_post(origin: str) -> AsyncIterator[Chat]:
    """Carry to a local Discord; no gateway is needed."""
    post = DiscordChat(SmallDesk(), DISCORD_TOKEN, origin, "ws://127.0.0.1:9").post(WallClock())
    try:
        yield post
    finally:
        await post.close()


@asynccontextmanager
async def sending(
    store: OutboxStore,
    *chats: Chat,
    clock: SetClock | None = None,
    follow_ups: FollowUps | None = None,
    tell: Tell | None = None,
) -> AsyncIterator[Outbox]:
    """Run an outbox."""
    outbox = Outbox(store, clock or WallClock(), follow_ups=follow_ups, tell=tell)
    for chat in chats:
        outbox.carry(chat)
    outbox.start()
    try:
        yield outbox
    finally:
        await outbox.close()


def alert(
    episode: str,
    *chats: str,
    words: str | None = None,
    time: int = 1,
    image: Image | None = None,
    urgency: Urgency = Urgency.SOON,
    began: int | None = None,
) -> Alert:
    """Make an alert whose headline is its episode, unless told otherwise."""
    reply = Reply(words or episode, (f"Of {episode}.",), image)
    messages = tuple(Message(Address(*chat.split("/")), reply) for chat in chats)
    return Alert(episode, time, messages, urgency, began)


def judged(*alerts: Alert, tick: int = 1, watch: str = "w") -> list[Judged]:
    """Make what one tick says."""
    return [Judged(watch, tick, b"", alerts)]


async def fill(store: OutboxStore, alerts: Iterable[Alert]) -> None:
    """Keep alerts, a watch for each."""
    many = [Judged(each.episode, each.time, b"", (each,)) for each in alerts]
    await store.put(many, WallClock().now())


async def until_fewer(store: OutboxStore, platform: str, than: int) -> None:
    """Wait until fewer messages are left to send."""
    while (await store.backlog(platform)).waiting >= than:  # noqa: ASYNC110 - storage is asked
        await asyncio.sleep(0.05)


async def until_empty(store: OutboxStore, platform: str, seconds: float = 110.0) -> None:
    """Wait until nothing is left to send."""
    async with asyncio.timeout(seconds):
        await until_fewer(store, platform, 1)


@asynccontextmanager
async def process(
    platform: str, url: str, origin: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Deliver in a process of its own, which says a line when it begins; killed at the end."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.delivery", platform, url, origin,
        stdout=asyncio.subprocess.PIPE, env=os.environ,
    )  # fmt: skip
    assert started.stdout is not None
    try:
        assert await started.stdout.readline() == b"delivering\n"
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            started.kill()
        await started.wait()


async def main(platform: str, url: str, origin: str) -> None:
    """Deliver until killed."""
    memory = await open_memory(url)
    post = telegram_post if platform == "telegram" else discord_post
    async with post(origin) as chat, sending(memory.outbox, chat):
        print("delivering", flush=True)  # noqa: T201 - for whoever started it
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
