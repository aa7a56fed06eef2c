"""A memory that is locked or full, clocks that jump: nothing is lost, and nothing said twice."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection

from bot.core.arrays import HOUR
from storage import database
from storage.memory import Memory, open_memory
from tests.support.watched import MINUTE, NOW, Watching, watching


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program writes and does not finish."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
async def hasty(path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watching]:
    """A desk whose memory is not waited for as long."""
    monkeypatch.setattr(database, "LOCK_PATIENCE", 0.2)
    opened = await open_memory(f"sqlite:///{path}")
    async with watching(opened) as made:
        yield made
    await opened.close()


async def test_an_episode_that_comes_and_goes_while_memory_is_locked_is_told(
    hasty: Watching, path: Path
) -> None:
    desk = hasty
    await desk.add("BTC price > 100")
    await desk.add("ETH price > 100")
    desk.set("BTC", price=99)
    desk.set("ETH", price=101)
    await desk.tick()
    with locked(path):
        desk.set("BTC", price=101)
        await desk.tick(2)
        assert desk.desk.standing.unkept == 1  # the other has only been going on
        desk.set("BTC", price=90)
        await desk.tick()
        assert [name for name, _ in await desk.shown()] == ["w2/ETH/1"]
    await desk.tick()
    assert desk.desk.standing.unkept == 0
    assert sorted(await desk.shown()) == [("w1/BTC/1", "close BTC"), ("w2/ETH/1", "open ETH")]
    (told,) = await desk.memory.watches.ledger("w1")
    assert (told.entry.told, told.entry.ended) == (NOW + 2 * MINUTE, NOW + 4 * MINUTE)
    due = await desk.memory.outbox.due_follow_ups(NOW + 2 * HOUR, 9)
    assert {each.episode for each in due} == {"w1/BTC/1", "w2/ETH/1"}


async def test_ten_seconds_of_a_lock_hold_up_a_tick_and_lose_nothing(
    desk: Watching, path: Path
) -> None:
    await desk.add("BTC price > 100")
    desk.set("BTC", price=99)
    await desk.tick()
    desk.set("BTC", price=101)
    with locked(path):
        ticking = asyncio.create_task(desk.tick())
        await asyncio.sleep(10)
        assert not ticking.done()
    await ticking
    assert [said for _, said in await desk.shown()] == ["open BTC"]


async def test_a_full_disk_is_waited_out(desk: Watching, memory: Memory) -> None:
    for number in range(200):
        await desk.add(f"BTC price > {100 + number / 100}")
    desk.set("BTC", price=1)
    await desk.tick()
    room = False

    @event.listens_for(memory.database._engine.sync_engine, "begin")
    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {9_999_999 if room else pages}")

    desk.set("BTC", price=200)
    await desk.tick(3)
    assert len(await desk.shown()) < 200
    assert desk.desk.standing.unkept > 0
    room = True
    await desk.tick()
    said = await desk.shown()
    assert len(said) == len(dict(said)) == 200
    assert desk.desk.standing.unkept == 0


async def test_a_watch_that_is_removed_while_memory_is_locked_says_nothing_after(
    hasty: Watching, path: Path
) -> None:
    desk = hasty
    name = await desk.add("BTC price > 100")
    desk.set("BTC", price=99)
    await desk.tick()
    with locked(path):
        desk.set("BTC", price=101)
        await desk.tick()
    await desk.memory.watches.remove(name)
    await desk.tick(2)
    assert await desk.shown() == []


@pytest.mark.parametrize("jump", [-HOUR, HOUR, -25 * HOUR, 400 * 24 * HOUR])
async def test_a_clock_that_jumps_makes_one_message_of_one_episode(
    desk: Watching, jump: int
) -> None:
    await desk.add("BTC price > 100 for 5m cooldown 5m")
    desk.set("BTC", price=101)
    await desk.tick(10)
    desk.source.time += jump
    await desk.tick(10)
    assert [name for name, _ in await desk.shown()] == ["w1/BTC/1"]
    desk.source.time -= jump
    await desk.tick(10)
    assert [name for name, _ in await desk.shown()] == ["w1/BTC/1"]
    desk.set("BTC", price=1)
    await desk.tick(10)
    assert [said for _, said in await desk.shown()] == ["close BTC"]
    desk.set("BTC", price=101)  # nor is it silent after
    await desk.tick(10)
    assert [name for name, _ in await desk.shown()] == ["w1/BTC/1", "w1/BTC/2"]


async def test_an_hour_that_only_a_clock_has_jumped_is_not_an_hour_that_anything_held(
    desk: Watching,
) -> None:
    await desk.add("BTC price > 100 for 30m")
    desk.set("BTC", price=101)
    await desk.tick(5)
    desk.source.time += HOUR
    await desk.tick(20)
    assert await desk.shown() == []
