"""A plugin of pytest: a database of its own for every test of memory, on each engine."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from storage.database import migrate
from storage.memory import Memory, open_memory
from tests.support import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A PostgreSQL server; without one the test is skipped, but fails where CI is set."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(postgres.server())
        except postgres.NoServer as missing:
            if os.environ.get("CI"):
                pytest.fail(f"CI needs PostgreSQL: {missing}")
            pytest.skip(f"needs PostgreSQL: {missing}")
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'memory.sqlite3'}"
        return
    found: postgres.Server = request.getfixturevalue("postgres_server")
    with found.room() as address:
        yield address


@pytest_asyncio.fixture
async def url(blank_url: str) -> str:
    """The address of a database with its tables."""
    await migrate(blank_url)
    return blank_url


@pytest_asyncio.fixture
async def memory(url: str) -> AsyncIterator[Memory]:
    """What is remembered in a database of the test's own."""
    opened = await open_memory(url)
    yield opened
    await opened.close()
