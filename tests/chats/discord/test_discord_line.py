"""Connecting, staying connected and hanging up, whatever the other end does."""

import asyncio
import logging
import re
import socket
import subprocess
import sys
from typing import Any

import pytest
from discord import Permissions
from simcord.backend import Backend

from bot.chats.discord import DiscordChat
from bot.chats.discord.client import Client
from bot.core.errors import BadSetting, ChatUnavailable
from tests.support.discord_desk import SmallDesk, png
from tests.support.discord_server import TOKEN, DiscordServer, discord_server
from tests.support.discord_world import (
    CALLBACK,
    ORIGINAL,
    Person,
    answer,
    answered,
    in_server,
    picture,
    shown,
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_refused_token_is_named(server: DiscordServer, desk: SmallDesk) -> None:
    wrong = DiscordChat(desk, "wrong", server.api_base, server.gateway_url)

    with pytest.raises(BadSetting, match="DISCORD_TOKEN"):
        await wrong.start()
    with pytest.raises(BadSetting, match="DISCORD_TOKEN"):
        await wrong.check()
    with pytest.raises(BadSetting, match="DISCORD_TOKEN"):
        await wrong.ended()
    await wrong.stop()


async def test_a_token_changed_while_running_ends_the_chat_with_a_sentence(
    server: DiscordServer, chat: DiscordChat
) -> None:
    server.gateway.forget("another token")
    server.gateway.cut()

    with pytest.raises(BadSetting, match="DISCORD_TOKEN"):
        await asyncio.wait_for(chat.ended(), 60)


async def test_the_doctor_hears_who_the_bot_is(server: DiscordServer, desk: SmallDesk) -> None:
    chat = DiscordChat(desk, TOKEN, server.api_base, server.gateway_url)

    said = await chat.check()

    assert said.startswith("Discord knows this bot as TestBot.")
    assert said.endswith(f"client_id={server.world.application_id}")
    (asked,) = re.findall(r"permissions=(\d+)", said)
    assert {name for name, wanted in Permissions(int(asked)) if wanted} == {
        *("read_messages", "send_messages", "embed_links", "attach_files"),
        *("read_message_history", "create_public_threads", "send_messages_in_threads"),
    }
    assert server.gateway.opened == 0


async def test_the_doctor_says_that_discord_cannot_be_reached(desk: SmallDesk) -> None:
    chat = DiscordChat(desk, TOKEN, f"http://127.0.0.1:{free_port()}/api/v10", "ws://127.0.0.1:9")

    with pytest.raises(ChatUnavailable, match="Discord is not answering: ClientConnectorError"):
        await chat.check()


async def test_a_bot_started_before_discord_is_there_connects_when_it_comes(
    desk: SmallDesk,
) -> None:
    port = free_port()
    base, gateway = f"http://127.0.0.1:{port}/api/v10", f"ws://127.0.0.1:{port}/gateway"
    chat = DiscordChat(desk, TOKEN, base, gateway, pauses=(0.05, 0.2))

    await chat.start()  # does not wait for it
    async with discord_server(port=port) as server:
        await server.until(lambda: bool(server.world.commands and server.gateway.sessions))
        trader = in_server(server.world)
        assert await shown(server, trader) == png("heatmap BTC")
        await chat.stop()


async def test_a_gateway_that_refuses_the_first_handshake_is_tried_again(
    server: DiscordServer, desk: SmallDesk
) -> None:
    server.gateway.refusing = True
    chat = DiscordChat(desk, TOKEN, server.api_base, server.gateway_url, pauses=(0.05, 0.2))
    await chat.start()
    await server.until(lambda: server.gateway.opened >= 3)

    server.gateway.refusing = False
    await server.until(lambda: bool(server.gateway.sessions))
    assert await shown(server, in_server(server.world)) == png("heatmap BTC")
    await chat.stop()


async def test_a_gateway_that_never_says_hello_is_tried_again(
    logs: list[Any], server: DiscordServer, desk: SmallDesk
) -> None:
    server.gateway.falling = True
    chat = DiscordChat(desk, TOKEN, server.api_base, server.gateway_url, pauses=(0.05, 0.2))
    await chat.start()
    assert [each["why"] for each in logs if "why" in each] == ["ConnectionResetError"]

    server.gateway.falling = False
    await server.until(lambda: bool(server.gateway.sessions))
    assert await shown(server, in_server(server.world)) == png("heatmap BTC")
    await chat.stop()


async def test_a_gateway_that_hangs_up_at_once_is_not_dialled_without_a_pause(
    server: DiscordServer, chat: DiscordChat
) -> None:
    del chat
    server.gateway.falling = True
    before = server.gateway.opened
    server.gateway.cut()
    await asyncio.sleep(1.0)

    # Five in a row, then the pauses of 0.05, 0.1, 0.2, 0.2 … s with five each at most.
    assert server.gateway.opened - before <= 40

    server.gateway.falling = False
    await server.until(lambda: len(server.gateway.sessions) > 1)
    assert await shown(server, in_server(server.world)) == png("heatmap BTC")


async def test_a_cut_line_is_resumed_and_what_was_asked_meanwhile_is_answered(
    server: DiscordServer, trader: Person
) -> None:
    server.gateway.refusing = False
    server.gateway.cut()
    asked = trader.slash("heatmap", symbol="ETH")  # nobody is connected yet
    await server.until(lambda: answered(asked))

    assert picture(server.world, answer(server.world, asked)) == png("heatmap ETH")
    assert server.gateway.said.count(2) == 1  # IDENTIFY
    assert server.gateway.said.count(6) == 1  # RESUME


async def test_commands_that_cannot_be_offered_are_offered_later(
    server: DiscordServer, desk: SmallDesk
) -> None:
    server.fail("PUT", "/applications/*/commands", times=2)
    chat = DiscordChat(desk, TOKEN, server.api_base, server.gateway_url, pauses=(0.02, 0.1))
    await chat.start()

    await server.until(lambda: bool(server.world.commands))
    assert await shown(server, in_server(server.world)) == png("heatmap BTC")
    await chat.stop()


async def test_commands_that_discord_refuses_do_not_end_the_bot(
    logs: list[Any], server: DiscordServer, desk: SmallDesk
) -> None:
    _offered_earlier(server.world)
    server.fail("PUT", "/applications/*/commands", status=403, body='{"code": 50001}')
    chat = DiscordChat(desk, TOKEN, server.api_base, server.gateway_url)
    await chat.start()
    await server.until(lambda: len(server.sent("PUT", "/applications/*/commands")) == 1)

    assert await shown(server, in_server(server.world)) == png("heatmap BTC")
    assert any(each["event"] == "discord refuses the commands" for each in logs)
    await chat.stop()


def _offered_earlier(world: Backend) -> None:
    option = {"name": "symbol", "type": 3, "description": "coin", "required": True}
    world.register_commands(None, [{"name": "heatmap", "options": [option]}])


async def test_commands_are_offered_once_however_often_the_line_is_lost(
    monkeypatch: pytest.MonkeyPatch, server: DiscordServer, chat: DiscordChat
) -> None:
    del chat
    monkeypatch.setattr(Client, "before_identify_hook", _without_delay)
    server.gateway.sessions.clear()  # so that it cannot be resumed
    server.gateway.cut()
    await server.until(lambda: len(server.gateway.sessions) == 1)

    assert len(server.sent("PUT", "/applications/*/commands")) == 1


async def _without_delay(_: Client, shard_id: int | None, *, initial: bool = False) -> None:
    """Identify at once; the library waits five seconds, as Discord wants it."""
    del shard_id, initial


async def test_an_answer_under_way_is_finished_before_the_bot_leaves(
    server: DiscordServer, desk: SmallDesk, chat: DiscordChat, trader: Person
) -> None:
    desk.gate.clear()
    asked = trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: asked.responded)

    leaving = asyncio.create_task(chat.stop())
    await asyncio.sleep(0.05)
    assert not leaving.done()
    desk.gate.set()
    await leaving

    assert picture(server.world, answer(server.world, asked)) == png("heatmap BTC")


async def test_an_answer_that_never_comes_does_not_keep_the_bot_from_leaving(
    monkeypatch: pytest.MonkeyPatch,
    server: DiscordServer,
    desk: SmallDesk,
    chat: DiscordChat,
    trader: Person,
) -> None:
    monkeypatch.setattr("bot.chats.discord.app.FAREWELL", 0.1)
    desk.gate.clear()
    asked = trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: asked.responded)

    await asyncio.wait_for(chat.stop(), 60)


async def test_a_chat_can_be_stopped_before_it_was_ever_connected(desk: SmallDesk) -> None:
    chat = DiscordChat(desk, TOKEN, f"http://127.0.0.1:{free_port()}/api/v10", "ws://127.0.0.1:9")
    await chat.stop()
    await chat.start()
    await chat.stop()
    await chat.ended()


async def test_no_token_reaches_a_log_whatever_happens(
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    server: DiscordServer,
    desk: SmallDesk,
) -> None:
    caplog.set_level(logging.DEBUG)
    chat = DiscordChat(desk, TOKEN, server.api_base, server.gateway_url, pauses=(0.02, 0.1))
    server.fail("GET", "/users/@me", status=401, body='{"message": "401: Unauthorized"}')
    with pytest.raises(BadSetting) as refused:
        await chat.start()
    server.fail("GET", "/users/@me")
    server.fail("PUT", "/applications/*/commands")
    server.gateway.refusing = True
    await chat.start()
    await server.until(lambda: server.gateway.opened >= 2)
    server.gateway.refusing = False
    await server.until(lambda: bool(server.world.commands and server.gateway.sessions))
    trader = in_server(server.world)
    server.fail("POST", CALLBACK)
    server.fail("PATCH", ORIGINAL, times=2)
    await shown(server, trader)
    desk.fails = RuntimeError("no")
    asked = trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: answered(asked))
    server.gateway.cut()
    await server.until(lambda: 6 in server.gateway.said)
    await chat.stop()

    written = "".join(capfd.readouterr()) + caplog.text + repr(refused.value) + repr(chat)
    assert "discord not connected" in written
    assert TOKEN not in written
    assert TOKEN.rsplit(".", maxsplit=1)[-1] not in written


def test_a_bot_without_discord_never_loads_its_library() -> None:
    code = (
        "import sys; import bot.chats.discord; "
        "bot.chats.discord.DiscordChat(None, 'x'); sys.exit('discord' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)  # noqa: S603 - our own code

    assert done.returncode == 0
