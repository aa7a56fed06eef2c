"""The tables: made once, by whichever process comes first, and never by an older version."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

import storage.migrations
from bot.core.errors import StoreUnavailable
from bot.ports import ChatSettings
from storage.database import (
    Database,
    check_writable,
    database_url,
    migrate,
    open_database,
    revision,
)
from storage.memory import open_memory

pytest_plugins = ("tests.support.stores",)

ALL = [f"{number:04}" for number in range(1, int(storage.migrations.HEAD) + 1)]
MIGRATE = """
import asyncio, sys
from storage.database import migrate
print(",".join(asyncio.run(migrate(sys.argv[1]))))
"""


def test_the_newest_revision_is_the_one_that_is_said() -> None:
    folder = Path(storage.migrations.__file__).parent
    assert ScriptDirectory(str(folder)).get_current_head() == storage.migrations.HEAD


async def test_migrating_says_what_it_did_and_the_second_time_nothing(blank_url: str) -> None:
    assert await migrate(blank_url) == ALL
    assert await migrate(blank_url) == []


async def test_opening_makes_the_tables(blank_url: str) -> None:
    memory = await open_memory(blank_url)
    assert await revision(memory.database) == (storage.migrations.HEAD, storage.migrations.HEAD)
    await check_writable(memory.database)
    await memory.settings.change("terminal", ChatSettings("light"))
    await memory.close()


async def test_opening_makes_none_if_told_not_to(blank_url: str) -> None:
    database = await open_database(blank_url, upgrade=False)
    assert await revision(database) == (None, storage.migrations.HEAD)
    await database.close()


async def test_a_database_made_by_a_newer_version_is_left_alone(url: str) -> None:
    newer = await open_database(url)
    async with newer.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert await revision(newer) == ("9999", storage.migrations.HEAD)
    await newer.close()
    with pytest.raises(StoreUnavailable, match="newer version"):
        await open_memory(url)
    with pytest.raises(StoreUnavailable, match="newer version"):
        await migrate(url)


async def test_opening_tables_that_are_up_to_date_imports_no_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ember.sqlite3'}"
    await migrate(url)
    program = (
        "import asyncio, sys\n"
        "from storage.memory import open_memory\n"
        "async def main():\n"
        "    await (await open_memory(sys.argv[1])).close()\n"
        "asyncio.run(main())\n"
        "print('alembic' in sys.modules)"
    )
    said = await asyncio.to_thread(
        subprocess.check_output, [sys.executable, "-c", program, url], text=True
    )
    assert said.strip() == "False"


async def test_of_two_processes_that_migrate_at_once_one_does_it(blank_url: str) -> None:
    words = [sys.executable, "-c", MIGRATE, blank_url]
    pipe = asyncio.subprocess.PIPE
    processes = [
        await asyncio.create_subprocess_exec(*words, stdout=pipe, stderr=pipe, env=os.environ)
        for _ in range(2)
    ]
    said = [await process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert sorted(out.decode().strip() for out, _ in said) == ["", ",".join(ALL)]


async def test_of_several_tasks_that_open_at_once_each_finds_its_tables(blank_url: str) -> None:
    memories = await asyncio.gather(*(open_memory(blank_url) for _ in range(4)))
    for memory in memories:
        assert await memory.settings.settings("terminal") == ChatSettings()
        await memory.close()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 20_000)],
)
async def test_sqlite_is_set_to_keep_what_it_was_given(
    tmp_path: Path, pragma: str, value: object
) -> None:
    database = Database(database_url(f"sqlite:///{tmp_path / 'ember.sqlite3'}"))
    async with database.reading() as connection:
        assert await connection.scalar(text(f"PRAGMA {pragma}")) == value
    await database.close()


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
async def test_a_database_in_memory_serves_many_at_once(address: str) -> None:
    memory = await open_memory(address)
    chats = [f"telegram:{number}" for number in range(40)]
    await asyncio.gather(*(memory.settings.change(chat, ChatSettings(chat)) for chat in chats))
    found = await asyncio.gather(*(memory.settings.settings(chat) for chat in chats))
    assert [each.theme for each in found] == chats
    await memory.close()
