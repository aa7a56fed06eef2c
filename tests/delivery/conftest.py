"""A memory, and local platforms that enforce their limits."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from stamina.instrumentation import set_on_retry_hooks

from bot.messages import Chat
from storage.memory import Memory, open_memory
from tests.support.delivery import discord_post, telegram_post
from tests.support.discord_server import discord_server
from tests.support.platform_limits import Limits, telegram_limits
from tests.support.strict_discord import StrictDiscord, strict
from tests.support.strict_telegram import StrictTelegram


@pytest.fixture(autouse=True)
def _retries_are_not_logged() -> Iterator[None]:
    """Keep the retry library quiet: its log fields collide with those of standard records."""
    set_on_retry_hooks(())
    yield
    set_on_retry_hooks(None)


@pytest.fixture(autouse=True)
def _own_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the library its addresses back after each test: it keeps them in its classes."""
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9/api/v10")
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL("ws://127.0.0.1:9"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ember.sqlite3"


@pytest.fixture
async def memory(path: Path) -> AsyncIterator[Memory]:
    opened = await open_memory(f"sqlite:///{path}")
    yield opened
    await opened.close()


@pytest.fixture
def limits() -> Limits:
    return telegram_limits()


@pytest.fixture
async def telegram(limits: Limits) -> AsyncIterator[StrictTelegram]:
    async with StrictTelegram(limits) as server:
        yield server


@pytest.fixture
async def post(telegram: StrictTelegram) -> AsyncIterator[Chat]:
    async with telegram_post(telegram.origin) as carrier:
        yield carrier


@pytest.fixture
async def discord() -> AsyncIterator[StrictDiscord]:
    async with discord_server() as server:
        yield strict(server)


@pytest.fixture
async def carrier(discord: StrictDiscord) -> AsyncIterator[Chat]:
    async with discord_post(discord.server.api_base) as made:
        yield made
