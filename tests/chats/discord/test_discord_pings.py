"""Nobody is called by anything the bot says on Discord: every request is looked through."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.chats.discord import DiscordChat
from bot.chats.discord.client import ASKS
from bot.messages import Address, Done, Errand
from bot.reply import Button, Document, Image, Reply
from tests.support.delivery import WallClock
from tests.support.discord_desk import SmallDesk, png
from tests.support.discord_server import DiscordServer
from tests.support.discord_world import Person, answer, answered, in_private

CALL = "@everyone @here <@1> <@&2> <#3>"


def hostile(**more: Any) -> Reply:
    return Reply(CALL, (CALL,), table=(CALL,), buttons=((Button(CALL, "status"),),), **more)


def look_through(server: DiscordServer) -> int:
    """Check every request that said something; returns how many there were."""
    spoken = 0
    for request in server.requests:
        if request.method == "GET" or "/commands" in request.path or not request.body:
            continue
        said = request.body.get("data") if "/callback" in request.path else request.body
        if not said or not {"content", "embeds"} & said.keys():
            continue
        spoken += 1
        assert said["allowed_mentions"] == {"parse": []}
        body = json.dumps(said, ensure_ascii=False).lower()
        assert "@everyone" not in body
        assert "@here" not in body
        assert not said.get("content") or "@" not in said["content"]
    return spoken


@pytest.mark.parametrize(
    "reply",
    [
        hostile(),
        hostile(image=Image(png("x"), CALL, "x.png", "x")),
        hostile(kind="problem"),
        hostile(private=True),
        hostile(private=True, document=Document(b"{}", "x.json", "application/json")),
    ],
    ids=["words", "picture", "problem", "private", "file"],
)
async def test_no_answer_calls_anybody(
    server: DiscordServer, trader: Person, desk: SmallDesk, reply: Reply
) -> None:
    first = trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: answered(first))
    shown = answer(server.world, first)
    desk.next_reply = reply
    asked = trader.slash("heatmap", symbol="ETH")
    await server.until(lambda: bool(answered(asked) or asked.followup_ids))
    desk.next_reply = reply
    pressed = trader.press(shown, "3d")
    await server.until(lambda: bool(pressed.followup_ids or pressed.responded))
    await server.until(lambda: len(desk.asked) == 3)

    assert look_through(server) >= 2


async def test_no_refusal_calls_anybody(server: DiscordServer, trader: Person) -> None:
    for _ in range(ASKS + 1):
        last = trader.slash("status")
    await server.until(lambda: last.responded)

    assert look_through(server) >= 1


async def test_no_alert_edit_or_follow_up_calls_anybody(
    server: DiscordServer, chat: DiscordChat, trader: Person
) -> None:
    post = chat.post(WallClock())
    there = Address(f"discord:{trader.channel}")
    alert = Errand(1, there, "", None, "a")
    first = await post.send(alert, hostile())
    assert isinstance(first, Done)
    await post.edit(replace(alert, remote=first.remote), hostile())
    later = Errand(2, there, "", None, "b", answers=first.remote)
    inside = await post.send(later, hostile())
    private = Address(f"discord:{in_private(server.world).channel}")
    await post.send(Errand(3, private, "", None, "c"), hostile())

    assert isinstance(inside, Done)
    assert inside.remote.startswith(f"{first.remote}/")
    assert look_through(server) == 4
    assert "@everyone" not in (server.world.channels[int(first.remote)].name or "")
