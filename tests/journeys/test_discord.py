"""From a trader's command in Discord to the picture on the screen, over real sockets."""

import struct
from collections.abc import AsyncIterator
from functools import partial

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.chats.discord import DiscordChat
from bot.chats.hears import Desk
from bot.settings import Settings
from bot.wiring import house
from tests.support.discord_server import TOKEN, DiscordServer, discord_server
from tests.support.discord_world import (
    Person,
    answer,
    answered,
    buttons,
    in_private,
    in_server,
    picture,
    words_of,
)

# A day of history before the longest window that is asked for keeps the market quick to invent.
DAYS = 4


@pytest.fixture
async def discord_desk() -> AsyncIterator[Desk]:
    """The whole house, on a simulated market."""
    async with house(Settings(_env_file=None, history_days=DAYS), "sim") as standing:
        yield standing.listener


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordServer]:
    # The library keeps these in its classes; after the test it has its own again.
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(
        DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(str(DiscordWebSocket.DEFAULT_GATEWAY))
    )
    async with discord_server() as running:
        yield running


@pytest.fixture
async def bot(server: DiscordServer, discord_desk: Desk) -> AsyncIterator[DiscordChat]:
    chat = DiscordChat(discord_desk, TOKEN, server.api_base, server.gateway_url)
    await chat.start()
    await server.until(lambda: bool(server.world.commands))
    yield chat
    await chat.stop()


def size(png: bytes) -> tuple[int, int]:
    """Read the width and height out of a PNG; fails on anything else."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert png.endswith(b"IEND\xaeB`\x82")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


async def pressed(server: DiscordServer, person: Person, asked_message: int, label: str) -> None:
    """Press a button and wait until the message has changed."""
    message = server.world.get_message(person.channel, asked_message)
    edits = len(server.sent("PATCH", "/webhooks/*/messages/@original"))
    person.press(message, label)
    await server.until(
        lambda: len(server.sent("PATCH", "/webhooks/*/messages/@original")) > edits, within=30
    )


@pytest.mark.usefixtures("bot")
async def test_a_trader_types_a_command_holds_a_picture_and_changes_it_with_a_press(
    server: DiscordServer,
) -> None:
    ann = in_server(server.world)

    typed = ann.types("heatmap", "symbol", "bt")
    await server.until(lambda: typed.autocomplete_choices is not None)
    assert [each["value"] for each in typed.autocomplete_choices or []] == ["BTC"]

    asked = ann.slash("heatmap", symbol="BTC")
    await server.until(lambda: answered(asked), within=30)
    message = answer(server.world, asked)
    first = picture(server.world, message)
    text = "\n".join(words_of(message))
    (upload,) = (each for each in server.sent("PATCH", "/webhooks/*") if each.files)
    assert size(first) == (1280, 1600)
    assert upload.files == (first,)
    assert "BTC liquidation heatmap" in text
    assert "SIMULATED" in text
    assert "BTC liquidation heatmap" in message.attachments[0]["description"]
    assert message.attachments[0]["filename"] == "btc-24h.png"

    await pressed(server, ann, message.id, "3d")
    message = answer(server.world, asked)
    second = picture(server.world, message)
    assert size(second) == (1280, 1600)
    assert second != first
    assert message.attachments[0]["filename"] == "btc-3d.png"
    assert [each["label"] for each in buttons(message) if each["style"] == 1] == ["3d", "All"]
    assert len(server.world.messages[ann.channel]) == 1


async def test_a_lost_line_is_taken_up_again_and_old_buttons_outlive_a_restart(
    server: DiscordServer, bot: DiscordChat, discord_desk: Desk
) -> None:
    bob = in_private(server.world)
    asked = bob.slash("heatmap", symbol="BTC")
    await server.until(lambda: answered(asked), within=30)
    number = answer(server.world, asked).id

    server.gateway.cut()
    await server.until(lambda: 6 in server.gateway.said)  # RESUME
    await pressed(server, bob, number, "12h")
    assert answer(server.world, asked).attachments[0]["filename"] == "btc-12h.png"
    assert len(server.gateway.sessions) == 1

    await bot.stop()
    again = DiscordChat(discord_desk, TOKEN, server.api_base, server.gateway_url)
    await again.start()
    await pressed(server, bob, number, "Profile")
    assert answer(server.world, asked).attachments[0]["filename"] == "btc-map.png"
    assert size(picture(server.world, answer(server.world, asked))) == (1280, 1600)
    await again.stop()


@pytest.mark.usefixtures("bot")
async def test_a_trader_who_mistypes_is_told_what_there_is(server: DiscordServer) -> None:
    ann = in_server(server.world)

    for question in ({"symbol": "BTCC"}, {"symbol": "BTC", "venues": "nowhere"}):
        asked = ann.slash("heatmap", **question)
        await server.until(partial(answered, asked), within=30)
        message = answer(server.world, asked)
        said = "\n".join(words_of(message))
        assert "BTC" in said or "sim-a" in said
        assert "Traceback" not in said
        assert not message.attachments
