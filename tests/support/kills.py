"""Alerts delivered by processes that are killed, and what the platform's ledger says of it."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.chats.telegram.post import REPEAT
from bot.messages import OutboxStore
from tests.support.delivery import alert, fill, process, until_empty, until_fewer
from tests.support.discord_server import DiscordServer
from tests.support.telegram_server import TelegramServer


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a platform shows, beside what it was to show."""

    lost: int
    repeats: int  # messages beyond the first of each
    unmarked: int  # of these, how many do not say that they may be repeats
    marked_for_nothing: int  # first messages that say so
    out_of_order: int  # chats


def read(said: dict[str, list[str]], episodes: int) -> Ledger:
    """Read what each chat shows, oldest first; each text begins with its episode's number."""
    lost = repeats = unmarked = for_nothing = disorder = 0
    for texts in said.values():
        counted: Counter[int] = Counter()
        order = []
        for text in texts:
            number = int(text.split()[0])
            order.append(number)
            counted[number] += 1
            if counted[number] > 1:
                repeats += 1
                unmarked += REPEAT not in text
            else:
                for_nothing += REPEAT in text
        lost += episodes - len(counted)
        disorder += order != sorted(order)
    return Ledger(lost, repeats, unmarked, for_nothing, disorder)


def of_telegram(server: TelegramServer, chats: Iterable[int], episodes: int) -> Ledger:
    """Read what Telegram shows."""
    said: dict[str, list[str]] = {str(chat): [] for chat in chats}
    for message in server.messages.values():
        said[str(message.chat)].append(message.text)
    return read(said, episodes)


def of_discord(server: DiscordServer, channels: Iterable[int], episodes: int) -> Ledger:
    """Read what Discord shows."""
    said: dict[str, list[str]] = {}
    for channel in channels:
        messages = sorted(server.world.messages[channel].values(), key=lambda each: each.id)
        cards = [message.embeds[0] for message in messages]
        said[str(channel)] = [f"{card['title']}\n{card['description']}" for card in cards]
    return read(said, episodes)


async def fill_numbered(store: OutboxStore, chats: Iterable[str], episodes: int) -> None:
    """Keep so many episodes for every chat."""
    everybody = list(chats)
    await fill(store, [alert(f"{n} happens", *everybody) for n in range(episodes)])


async def deliver_and_kill(
    store: OutboxStore, platform: str, url: str, origin: str, kills: int, *, patience: float
) -> int:
    """Deliver everything with so many kills while it goes out; returns how many there were.

    Each process lives for a random while after it has begun to send.
    """
    chance = random.Random(7)  # noqa: S311 - a test's own
    async with asyncio.timeout(patience):
        for number in range(kills):
            waiting = (await store.backlog(platform)).waiting
            if not waiting:
                return number
            async with process(platform, url, origin):
                await until_fewer(store, platform, waiting)
                await asyncio.sleep(chance.uniform(0.0, 0.4))
        async with process(platform, url, origin):
            await until_empty(store, platform, patience)
    return kills
