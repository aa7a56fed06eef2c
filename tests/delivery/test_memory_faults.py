"""A memory that is locked or full while alerts go out: what was accepted arrives, once."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection

from bot.core.errors import StoreUnavailable
from bot.messages import Chat
from storage import database
from storage.memory import Memory, open_memory
from tests.support.delivery import alert, fill, judged, sending, until_empty
from tests.support.strict_telegram import StrictTelegram


async def test_ten_seconds_of_a_locked_memory_delay_alerts_and_repeat_none(
    telegram: StrictTelegram, path: Path, post: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_PATIENCE", 0.7)
    memory = await open_memory(f"sqlite:///{path}")
    await fill(memory.outbox, [alert("e", *(f"telegram:{n}" for n in range(1, 61)))])
    async with sending(memory.outbox, post) as outbox:
        await telegram.until(lambda: len(telegram.messages) > 5)
        lock = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        with closing(lock) as other:
            await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
            with pytest.raises(StoreUnavailable, match="keeps it locked"):
                await outbox.put(judged(alert("refused", "telegram:77")))
            await asyncio.sleep(9)
            before = len(telegram.messages)
            other.execute("ROLLBACK")
        assert before < 30  # nothing is sent that could not be written down before
        await until_empty(memory.outbox, "telegram")
    await memory.close()
    assert sorted(each.chat for each in telegram.messages.values()) == list(range(1, 61))


async def test_a_full_disk_refuses_new_alerts_and_those_accepted_arrive_once_there_is_room(
    telegram: StrictTelegram, memory: Memory, post: Chat
) -> None:
    await fill(memory.outbox, [alert("e", *(f"telegram:{n}" for n in range(1, 41)))])
    pages = 1

    @event.listens_for(memory.database._engine.sync_engine, "begin")
    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    big = "much to say " * 20_000
    async with sending(memory.outbox, post) as outbox:
        with pytest.raises(StoreUnavailable, match="the disk is full"):
            await outbox.put(judged(alert("refused", "telegram:77", words=big)))
        await asyncio.sleep(3)
        pages = 1_000_000  # somebody made room
        await until_empty(memory.outbox, "telegram")
        assert await outbox.put(judged(alert("accepted", "telegram:77")))
        await telegram.shown(1, 77)
    assert sorted(each.chat for each in telegram.messages.values()) == [*range(1, 41), 77]
