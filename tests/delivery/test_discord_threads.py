"""What followed an alert is told in a thread of its message, once, wherever that may be made."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from simcord.backend.models import Message as Shown

from bot.messages import Chat, FollowUp
from bot.reply import Button, Reply
from storage.memory import Memory
from tests.support.delivery import SetClock, alert, judged, sending, until_empty
from tests.support.discord_world import forbid, in_private, in_server
from tests.support.platform_limits import Trouble
from tests.support.strict_discord import StrictDiscord

MINUTE, HOUR = 60_000, 3_600_000
THREADS = "/channels/*/threads"


@dataclass
class Historian:
    async def follow_up(self, due: FollowUp) -> Reply | None:
        vote = Button("Useful", "watches useful w12/BTC/3")
        return Reply(f"after {due.after // MINUTE} m", buttons=((vote,),))


async def until(seen: Callable[[], Any], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not seen():  # noqa: ASYNC110 - what is looked at has no events
            await asyncio.sleep(0.02)


def said(discord: StrictDiscord, channel: int) -> list[Shown]:
    """Return what the bot said in a channel or a thread, without Discord's own notices."""
    messages = discord.server.world.messages.get(channel, {}).values()
    return sorted((each for each in messages if each.embeds), key=lambda message: message.id)


def titles(discord: StrictDiscord, channel: int) -> list[str]:
    return [message.embeds[0]["title"] for message in said(discord, channel)]


def more_than(discord: StrictDiscord, number: int, *channels: int) -> bool:
    return sum(len(said(discord, channel)) for channel in channels) > number


async def told(
    discord: StrictDiscord,
    memory: Memory,
    carrier: Chat,
    channel: int,
    *,
    words: str = "BTC_PERP squeeze > 90 %",
    lapses: tuple[int, ...] = (15 * MINUTE, HOUR),
    trouble: Callable[[], Any] = lambda: None,
) -> int:
    """Tell an alert and follow it up; returns the alert's message."""
    clock = SetClock()
    made = alert("e", f"discord:{channel}", words=words, began=clock.now())
    async with sending(memory.outbox, carrier, clock=clock, follow_ups=Historian()) as outbox:
        await outbox.put(judged(made))
        await until(lambda: said(discord, channel))
        first = said(discord, channel)[0].id
        trouble()
        for number, after in enumerate(lapses, 1):
            clock.set_by = after + 1
            await until(partial(more_than, discord, number, first, channel))
        await until_empty(memory.outbox, "discord")
    return first


async def test_follow_ups_stand_in_a_thread_of_their_alert_and_leave_the_channel_alone(
    discord: StrictDiscord, memory: Memory, carrier: Chat
) -> None:
    channel = in_server(discord.server.world).channel
    alert_ = await told(discord, memory, carrier, channel)

    assert len(titles(discord, channel)) == 1
    assert titles(discord, alert_) == ["after 15 m", "after 60 m"]
    thread = discord.server.world.channels[alert_]
    assert (thread.name, thread.parent_id) == ("BTC_PERP squeeze > 90 %", channel)
    assert len(discord.server.sent("POST", THREADS)) == 1
    assert discord.violations == []


async def test_a_later_process_finds_the_thread_that_is_there(
    discord: StrictDiscord, memory: Memory, carrier: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = in_server(discord.server.world).channel
    monkeypatch.setattr("bot.chats.discord.threads._REMEMBERED", 0)
    alert_ = await told(discord, memory, carrier, channel)

    assert titles(discord, alert_) == ["after 15 m", "after 60 m"]


@pytest.mark.parametrize("right", ["create_public_threads", "send_messages_in_threads"])
async def test_where_the_bot_may_not_use_threads_it_answers_its_alert(
    discord: StrictDiscord, memory: Memory, carrier: Chat, right: str
) -> None:
    person = in_server(discord.server.world)
    forbid(discord.server.world, person.channel, right)
    alert_ = await told(discord, memory, carrier, person.channel)

    _, first, second = said(discord, person.channel)
    for each in (first, second):
        assert each.reference is not None
        assert int(each.reference["message_id"]) == alert_
    assert len(discord.server.sent("POST", THREADS)) == 1  # a refusal is not asked for again


async def test_in_a_private_conversation_it_answers_its_alert(
    discord: StrictDiscord, memory: Memory, carrier: Chat
) -> None:
    channel = in_private(discord.server.world).channel
    discord.server.fail(
        "POST", THREADS, status=400, body='{"message": "not here", "code": 50024}', times=9
    )
    await told(discord, memory, carrier, channel)

    assert len(titles(discord, channel)) == 3


@pytest.mark.parametrize("troubles", [2, 3, 4, 5])
async def test_whatever_answer_is_lost_each_follow_up_is_told_once_and_in_order(
    discord: StrictDiscord, memory: Memory, carrier: Chat, troubles: int
) -> None:
    channel = in_server(discord.server.world).channel
    alert_ = await told(
        discord,
        memory,
        carrier,
        channel,
        trouble=lambda: discord.weather.coming.extend([Trouble.LOST_ANSWER] * troubles),
    )

    assert titles(discord, alert_) == ["after 15 m", "after 60 m"]
    assert len(titles(discord, channel)) == 1


async def test_an_attempt_that_found_no_thread_is_found_by_one_that_does(
    discord: StrictDiscord, memory: Memory, carrier: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, channel = discord.server.world, in_server(discord.server.world).channel
    forbid(world, channel, "create_public_threads")
    clock = SetClock()
    made = alert("e", f"discord:{channel}", began=clock.now())
    async with sending(memory.outbox, carrier, clock=clock, follow_ups=Historian()) as outbox:
        await outbox.put(judged(made))
        await until(lambda: said(discord, channel))
        # It is answered in the channel, and the answer to that is lost.
        monkeypatch.setattr("bot.chats.discord.threads._CLOSED_FOR", 0.0)
        looked, thread, sent = None, None, Trouble.LOST_ANSWER
        monkeypatch.setattr(discord.weather, "next", iter([looked, thread, sent]).__next__)
        clock.set_by = 15 * MINUTE + 1
        await until(lambda: len(said(discord, channel)) == 2)
        monkeypatch.setattr(discord.weather, "next", lambda: None)
        forbid(world, channel)
        await until_empty(memory.outbox, "discord")
    assert titles(discord, channel) == ["e", "after 15 m"]
    assert all(len(said(discord, each)) == 0 for each in world.messages if each != channel)
