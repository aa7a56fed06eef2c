"""Alerts on Discord: each arrives once, whatever the line does, and is one message as it grows."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from simcord.backend.models import Message as Shown

from bot.messages import Chat, News
from bot.reply import Image
from storage.memory import Memory
from tests.support.delivery import alert, fill, judged, sending, until_empty
from tests.support.discord_world import in_server, picture
from tests.support.platform_limits import Trouble
from tests.support.strict_discord import StrictDiscord
from tests.support.telegram_desk import png


def channels(discord: StrictDiscord, count: int) -> list[int]:
    return [in_server(discord.server.world, f"ann{n}").channel for n in range(count)]


def in_channel(discord: StrictDiscord, channel: int) -> list[Shown]:
    messages = discord.server.world.messages[channel].values()
    return sorted(messages, key=lambda message: message.id)


def titles(discord: StrictDiscord, channel: int) -> list[str]:
    return [message.embeds[0]["title"] for message in in_channel(discord, channel)]


async def until(seen: Callable[[], Any], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not seen():  # noqa: ASYNC110 - what is looked at has no events
            await asyncio.sleep(0.02)


async def test_an_alert_arrives_with_its_picture_grows_and_is_followed_up(
    discord: StrictDiscord, memory: Memory, carrier: Chat
) -> None:
    (channel,) = channels(discord, 1)
    drawn = Image(png("a"), "a map", "btc.png", "a")
    chat = f"discord:{channel}"
    async with sending(memory.outbox, carrier) as outbox:
        await outbox.put(judged(alert("e", chat, words="begins", image=drawn)))
        await until(lambda: titles(discord, channel) == ["begins"])
        await outbox.put(judged(alert("e", chat, words="goes on", time=2), tick=2))
        await until(lambda: titles(discord, channel) == ["goes on"])
    (shown,) = in_channel(discord, channel)
    assert picture(discord.server.world, shown) == drawn.png


async def test_many_channels_are_served_without_a_single_refusal(
    discord: StrictDiscord, memory: Memory, carrier: Chat
) -> None:
    many = channels(discord, 60)
    chats = [f"discord:{channel}" for channel in many]
    await fill(memory.outbox, [alert("a", *chats), alert("b", *chats)])
    async with sending(memory.outbox, carrier):
        await until_empty(memory.outbox, "discord")
    assert all(titles(discord, channel) == ["a", "b"] for channel in many)
    assert discord.violations == []


async def test_on_a_bad_day_everything_arrives_once_and_in_order(
    discord: StrictDiscord, memory: Memory, carrier: Chat
) -> None:
    discord.weather.share = 0.2
    many = channels(discord, 30)
    chats = [f"discord:{channel}" for channel in many]
    await fill(memory.outbox, [alert("a", *chats), alert("b", *chats)])
    async with sending(memory.outbox, carrier):
        await until_empty(memory.outbox, "discord")
    assert all(titles(discord, channel) == ["a", "b"] for channel in many)
    assert discord.inside_a_wait == []
    assert discord.weather.met[Trouble.LOST_ANSWER] > 0


async def test_what_is_in_doubt_for_longer_than_a_nonce_holds_is_looked_for(
    discord: StrictDiscord, memory: Memory, carrier: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chats.discord.post._NONCE_HOLDS", 0)
    monkeypatch.setattr("tests.support.strict_discord._NONCE_HOLDS", 0)
    (channel,) = channels(discord, 1)
    discord.weather.coming.append(Trouble.LOST_ANSWER)
    async with sending(memory.outbox, carrier) as outbox:
        await outbox.put(judged(alert("a", f"discord:{channel}")))
        await until_empty(memory.outbox, "discord")
    assert titles(discord, channel) == ["a"]


async def test_of_an_earlier_attempt_that_said_something_older_the_newest_is_shown(
    discord: StrictDiscord, memory: Memory, carrier: Chat
) -> None:
    (channel,) = channels(discord, 1)
    chat = f"discord:{channel}"
    discord.weather.coming.append(Trouble.LOST_ANSWER)
    async with sending(memory.outbox, carrier) as outbox:
        await outbox.put(judged(alert("a", chat, words="old")))
        await until(lambda: titles(discord, channel) == ["old"])
        await outbox.put(judged(alert("a", chat, words="new", time=2), tick=2))
        await until_empty(memory.outbox, "discord")
    assert titles(discord, channel) == ["new"]


async def test_a_channel_that_is_deleted_is_told_of(memory: Memory, carrier: Chat) -> None:
    told: list[News] = []

    async def tell(news: News) -> None:
        told.append(news)

    async with sending(memory.outbox, carrier, tell=tell) as outbox:
        await outbox.put(judged(alert("a", "discord:999")))
        await until(lambda: told)
    assert told[0].chat == "discord:999"
