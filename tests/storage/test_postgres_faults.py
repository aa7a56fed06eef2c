"""A PostgreSQL server that refuses, restarts or is locked: said in a sentence, nothing lost."""

import asyncio
import traceback

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from bot.core.errors import StoreUnavailable
from bot.ports import ChatSettings
from storage import database
from storage.faults import in_words
from storage.memory import open_memory
from tests.support.postgres import Server, plain

pytest_plugins = ("tests.support.stores",)

LIGHT, DARK = ChatSettings("light"), ChatSettings("dark")
END_ALL = """
SELECT pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND application_name = 'ember under test'
"""


async def test_a_user_the_server_does_not_know_is_said(postgres_server: Server) -> None:
    stranger = plain(postgres_server.url.set(username="stranger", password="hunter2"))
    with pytest.raises(StoreUnavailable, match=r"does not know the user|refuses") as refusal:
        await open_memory(stranger)
    assert "hunter2" not in "".join(traceback.format_exception(refusal.value))


async def test_a_database_the_server_does_not_have_is_said(postgres_server: Server) -> None:
    with pytest.raises(StoreUnavailable, match=r"does not know .* \(.*nowhere\)"):
        await open_memory(plain(postgres_server.url.set(database="nowhere")))


async def test_connections_that_the_server_ended_are_made_again(postgres_server: Server) -> None:
    with postgres_server.room() as address:
        named = make_url(address).update_query_dict({"application_name": "ember under test"})
        memory = await open_memory(plain(named))
        await memory.settings.change("terminal", LIGHT)
        async with await psycopg.AsyncConnection.connect(plain(postgres_server.url)) as other:
            ended = await (await other.execute(END_ALL)).fetchall()
            assert ended
        assert await memory.settings.settings("terminal") == LIGHT
        await memory.settings.change("terminal", DARK)
        assert await memory.settings.settings("terminal") == DARK
        await memory.close()


async def test_a_connection_that_ends_in_the_middle_of_a_save_leaves_nothing_of_it(
    postgres_server: Server,
) -> None:
    with postgres_server.room() as address:
        memory = await open_memory(address)
        await memory.settings.change("terminal", LIGHT)

        async def save() -> None:
            async with memory.database.writing() as connection:
                await connection.execute(text("DELETE FROM chat"))
                await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        with pytest.raises(StoreUnavailable, match="does not answer"):
            await save()
        assert await memory.settings.settings("terminal") == LIGHT
        await memory.close()


async def test_another_programs_lock_is_waited_for(postgres_server: Server) -> None:
    with postgres_server.room() as address:
        memory = await open_memory(address)
        async with await psycopg.AsyncConnection.connect(address) as other:
            await other.execute("LOCK TABLE chat IN EXCLUSIVE MODE")
            saving = asyncio.create_task(memory.settings.change("terminal", LIGHT))
            await asyncio.sleep(1)
            assert not saving.done()
            await other.rollback()
        await saving
        assert await memory.settings.settings("terminal") == LIGHT
        await memory.close()


async def test_a_lock_that_is_never_let_go_is_said(
    postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_PATIENCE", 1)
    with postgres_server.room() as address:
        memory = await open_memory(address)
        async with await psycopg.AsyncConnection.connect(address) as other:
            await other.execute("LOCK TABLE chat IN EXCLUSIVE MODE")
            with pytest.raises(StoreUnavailable, match="another program keeps it locked"):
                await memory.settings.change("terminal", LIGHT)
        await memory.close()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (psycopg.errors.DiskFull(), "the disk is full"),
        (psycopg.errors.ReadOnlySqlTransaction(), "it is read-only"),
        (psycopg.errors.TooManyConnections(), "no connection left"),
        (psycopg.errors.InvalidPassword(), "refuses the user or the password"),
        (psycopg.errors.InsufficientPrivilege(), "too few rights"),
        (psycopg.errors.CannotConnectNow(), "does not answer"),
    ],
)
def test_what_the_server_says_by_code_is_said_in_words(fault: psycopg.Error, words: str) -> None:
    with pytest.raises(StoreUnavailable, match=words), in_words():
        raise OperationalError("SELECT 1", {}, fault)
