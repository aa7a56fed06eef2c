"""A desk, a client in simcord's world, and a small Discord on loopback that a chat calls."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from simcord.env import Env
from structlog.testing import capture_logs

from bot.chats.discord import DiscordChat
from bot.chats.discord.client import Client
from tests.support.discord_desk import SmallDesk
from tests.support.discord_server import TOKEN, DiscordServer, discord_server
from tests.support.discord_world import Person, in_server


@pytest.fixture(autouse=True)
def _own_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the library its addresses back after each test: it keeps them in its classes."""
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9/api/v10")
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL("ws://127.0.0.1:9"))


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the order of all limits and pauses, in less time."""
    monkeypatch.setattr("bot.chats.discord.send.ACKNOWLEDGE_WITHIN", 0.3)
    monkeypatch.setattr("bot.chats.discord.send.SEND_WITHIN", 0.5)
    monkeypatch.setattr("bot.chats.discord.send.PAUSES", (0.02, 0.05))


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def desk() -> SmallDesk:
    return SmallDesk()


@pytest.fixture
def simcord_bot(desk: SmallDesk) -> Client:
    return Client(desk)


@pytest.fixture
async def discord(simcord_env: Env, simcord_bot: Client) -> Env:
    """simcord's world with Emberline in it, its commands offered."""
    await simcord_bot.tree.sync()
    return simcord_env


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with discord_server() as running:
        yield running


@pytest.fixture
async def chat(desk: SmallDesk, server: DiscordServer) -> AsyncIterator[DiscordChat]:
    """Emberline connected to the small Discord, its commands offered."""
    chat = DiscordChat(desk, TOKEN, server.api_base, server.gateway_url, pauses=(0.05, 0.2))
    await chat.start()
    await server.until(lambda: bool(server.world.commands))
    yield chat
    await chat.stop()


@pytest.fixture
def trader(server: DiscordServer, chat: DiscordChat) -> Person:
    """Somebody in a server that the running bot is in."""
    del chat
    return in_server(server.world)
