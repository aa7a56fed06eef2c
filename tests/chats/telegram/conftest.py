"""A bot before a local Telegram, with a line between them that can fail."""

from collections.abc import AsyncIterator, Iterator

import pytest
from stamina.instrumentation import set_on_retry_hooks

from bot.chats.telegram import TelegramChat
from tests.support.fault_proxy import FaultProxy
from tests.support.telegram_desk import SmallDesk, UploadMemory
from tests.support.telegram_server import TOKEN, TelegramServer


@pytest.fixture(autouse=True)
def _retries_are_not_logged() -> Iterator[None]:
    """Keep the retry library quiet: its log fields collide with those of standard records."""
    set_on_retry_hooks(())
    yield
    set_on_retry_hooks(None)


@pytest.fixture
def desk() -> SmallDesk:
    return SmallDesk()


@pytest.fixture
def uploads() -> UploadMemory:
    return UploadMemory()


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def line(telegram: TelegramServer) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(telegram.port) as proxy:
        yield proxy


@pytest.fixture
async def bot(
    line: FaultProxy, desk: SmallDesk, uploads: UploadMemory, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[TelegramChat]:
    """A bot that polls through the line, and does not wait long for the last answers."""
    monkeypatch.setattr("bot.chats.telegram.app._GRACE", 0.5)
    chat = TelegramChat(desk, TOKEN, api_base=line.origin, uploads=uploads)
    await chat.start()
    yield chat
    await chat.stop()
