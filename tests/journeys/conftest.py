"""The whole house, as it stands in production, over a simulated market."""

from collections.abc import AsyncIterator

import pytest

from bot.chats.hears import Listener
from bot.settings import settings
from bot.wiring import house


@pytest.fixture
async def real_desk() -> AsyncIterator[Listener]:
    """The production desk: source, estimate, picture and words, of two simulated venues."""
    chosen = settings(None).model_copy(update={"history_days": 2})
    async with house(chosen, "sim") as standing:
        yield standing.listener
