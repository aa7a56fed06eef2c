"""A memory, and a desk of watches on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.memory import Memory, open_memory
from tests.support.watched import Watching, watching


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ember.sqlite3"


@pytest.fixture
async def memory(path: Path) -> AsyncIterator[Memory]:
    opened = await open_memory(f"sqlite:///{path}")
    yield opened
    await opened.close()


@pytest.fixture
async def desk(memory: Memory) -> AsyncIterator[Watching]:
    async with watching(memory) as made:
        yield made
