"""A disk that is locked, full, read-only or damaged: said in a sentence, and nothing is lost."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from sqlalchemy import event
from sqlalchemy.engine import Connection

from bot.core.errors import StoreUnavailable
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles
from bot.ports import ChatSettings
from storage import database
from storage.memory import Memory, open_memory

MARKET = Instrument("binance", "BTC", "USDT", "USDT")
LETTER = b"a letter to my grandmother " * 400
LIGHT, DARK = ChatSettings("light"), ChatSettings("dark")


def a_history(bars: int) -> MarketHistory:
    price = np.linspace(1, 2, bars)
    time = 60_000 * np.arange(bars, dtype=np.int64)
    return MarketHistory(MARKET, Candles(time, price, price, price, price, price, price, 60_000))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ember.sqlite3"


@pytest_asyncio.fixture
async def memory(path: Path) -> AsyncIterator[Memory]:
    opened = await open_memory(f"sqlite:///{path}")
    yield opened
    await opened.close()


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program writes and does not finish."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield other
        other.execute("ROLLBACK")


async def test_ten_seconds_of_another_programs_lock_lose_nothing(
    memory: Memory, path: Path
) -> None:
    await memory.settings.change("telegram:1", LIGHT)
    with locked(path):
        savers = [
            asyncio.create_task(memory.settings.change(f"telegram:{n}", DARK)) for n in range(2, 6)
        ]
        savers.append(asyncio.create_task(memory.history.save(a_history(300))))
        assert await memory.settings.settings("telegram:1") == LIGHT  # who only asks is not held up
        assert not any(saver.done() for saver in savers)
        await asyncio.sleep(10)
        assert not any(saver.done() for saver in savers)
    await asyncio.gather(*savers)
    for n in range(2, 6):
        assert await memory.settings.settings(f"telegram:{n}") == DARK
    found = await memory.history.load(MARKET, 0)
    assert found is not None
    assert len(found.candles) == 300


async def test_a_lock_that_is_never_let_go_is_said_and_after_it_all_is_well(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_PATIENCE", 0.2)
    memory = await open_memory(f"sqlite:///{path}")
    with locked(path), pytest.raises(StoreUnavailable, match="another program keeps it locked"):
        await memory.settings.change("terminal", LIGHT)
    await memory.settings.change("terminal", DARK)
    assert await memory.settings.settings("terminal") == DARK
    await memory.close()


async def test_a_full_disk_is_said_loses_nothing_and_is_recovered_from(memory: Memory) -> None:
    await memory.settings.change("terminal", LIGHT)
    await memory.history.save(a_history(1000))
    pages = 60

    @event.listens_for(memory.database._engine.sync_engine, "begin")
    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreUnavailable, match="the disk is full") as refusal:
        await memory.history.save(a_history(50_000))
    assert str(refusal.value) == "The bot's memory cannot be used: the disk is full."
    found = await memory.history.load(MARKET, 0)
    assert found is not None
    assert len(found.candles) == 1000
    assert await memory.settings.settings("terminal") == LIGHT

    pages = 1_000_000  # somebody made room
    await memory.history.save(a_history(50_000))
    await memory.settings.change("terminal", DARK)
    found = await memory.history.load(MARKET, 0)
    assert found is not None
    assert len(found.candles) == 50_000


async def test_a_new_file_that_another_program_still_writes_is_opened_once_it_is_done(
    path: Path,
) -> None:
    """SQLite itself would refuse at once: it waits for every lock but this one."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE not_yet_in_wal (a)")
        other.execute("BEGIN IMMEDIATE")
        opening = asyncio.create_task(open_memory(f"sqlite:///{path}"))
        await asyncio.sleep(0.5)
        assert not opening.done()
        other.execute("ROLLBACK")
    memory = await opening
    await memory.settings.change("terminal", LIGHT)
    await memory.close()


async def test_a_line_of_savers_is_told_together_that_the_lock_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last of the line does not wait as often as there are others before it."""
    monkeypatch.setattr(database, "LOCK_PATIENCE", 1)
    memory = await open_memory(f"sqlite:///{path}")
    start = time.monotonic()
    with locked(path):
        line = [memory.settings.change(f"telegram:{number}", LIGHT) for number in range(60)]
        told = await asyncio.gather(*line, return_exceptions=True)
    assert {type(each) for each in told} == {StoreUnavailable}
    assert time.monotonic() - start < 30
    await memory.close()


@contextmanager
def nobody() -> Iterator[None]:
    """Be somebody to whom a file's permissions apply, as they do not to root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that anybody may look into, as they may not into a test's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)


async def test_a_read_only_file_is_read_and_says_that_it_cannot_be_written(
    open_folder: Path,
) -> None:
    path = open_folder / "ember.sqlite3"
    memory = await open_memory(f"sqlite:///{path}")
    await memory.settings.change("terminal", LIGHT)
    await memory.close()
    path.chmod(0o444)
    with nobody():
        memory = await open_memory(f"sqlite:///{path}")
        assert await memory.settings.settings("terminal") == LIGHT
        with pytest.raises(StoreUnavailable, match="it is read-only"):
            await memory.settings.change("terminal", DARK)
        with pytest.raises(StoreUnavailable, match="it is read-only"):
            await database.check_writable(memory.database)
        assert await memory.settings.settings("terminal") == LIGHT
        await memory.close()


def test_a_folder_that_may_not_be_written_says_so_when_opened(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with nobody(), pytest.raises(StoreUnavailable, match=r"file cannot be opened .*ember"):
        asyncio.run(open_memory(f"sqlite:///{open_folder / 'ember.sqlite3'}"))


def test_a_file_that_is_no_database_is_named_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(LETTER)
    with pytest.raises(StoreUnavailable, match=r"not a database.*ember\.sqlite3"):
        asyncio.run(open_memory(f"sqlite:///{path}"))
    assert path.read_bytes() == LETTER


def test_a_damaged_file_says_so(path: Path) -> None:
    async def ask() -> None:
        memory = await open_memory(f"sqlite:///{path}")
        try:
            await memory.history.save(a_history(5000))
            await memory.history.load(MARKET, 0)
        finally:
            await memory.close()

    asyncio.run(ask())
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    with pytest.raises(StoreUnavailable, match="damaged"):
        asyncio.run(ask())


async def test_a_save_that_is_given_up_while_it_waits_holds_up_nobody_after_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_PATIENCE", 0.5)
    memory = await open_memory(f"sqlite:///{path}")
    with locked(path):
        waiting = asyncio.create_task(memory.settings.change("terminal", LIGHT))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await memory.settings.change("terminal", DARK)
    assert await memory.settings.settings("terminal") == DARK
    await memory.close()


async def test_a_mistake_of_ours_is_not_called_a_fault_of_the_database(memory: Memory) -> None:
    with pytest.raises(Exception, match="no such table") as mistake:
        async with memory.database.reading() as connection:
            await connection.exec_driver_sql("SELECT * FROM horoscope")
    assert not isinstance(mistake.value, StoreUnavailable)
