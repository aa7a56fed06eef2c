"""One database, SQLite or PostgreSQL: opened, migrated, read and written."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import event, make_url, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.core.errors import BadSetting, StoreUnavailable
from storage.faults import LOCKED, in_words
from storage.migrations import HEAD

# Another program may hold the file's lock while it copies or repairs it; an operator's backup of
# some gigabytes takes seconds. Whoever asks is not kept waiting longer than this.
LOCK_PATIENCE = 20  # [s]
CONNECT_PATIENCE = 10  # [s]

_RIGHT = "Right would be sqlite:///data/emberline.sqlite3 or postgresql://user:password@host/name."

# synchronous=FULL: what was answered "saved" outlives a power cut. It costs one flush a
# transaction, and everything here is written many rows to the transaction.
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "journal_size_limit=67108864",
)

# How a connection begins what only reads, by whether it is SQLite's.
_READ: dict[bool, dict[str, Any]] = {
    True: {"begin": "BEGIN"},
    False: {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}

_CURRENT = "SELECT version_num FROM alembic_version"
_TOUCH = "UPDATE alembic_version SET version_num = version_num"
# Any number will do, as long as nothing else in the database locks by it.
_MIGRATION_LOCK = "SELECT pg_advisory_xact_lock(7208541190)"


class Database:
    """An open database. Everything is read in `reading` and written in `writing`."""

    def __init__(self, url: URL) -> None:
        self.sqlite = url.get_backend_name() == "sqlite"
        self._engine = _sqlite(url) if self.sqlite else _postgresql(url)
        self._reader = self._engine.execution_options(**_READ[self.sqlite])
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """See one state of the database throughout. StoreUnavailable."""
        with in_words():
            async with self._reader.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Write all or nothing. StoreUnavailable."""
        with in_words():
            async with self._in_turn(), self._engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """Wait for the other writers of this process.

        SQLite has one writer at a time. Here they stand in line, in order and with patience for
        the whole line; only another process is waited for by polling the file's lock.
        """
        if not self.sqlite:
            yield
            return
        try:
            async with asyncio.timeout(LOCK_PATIENCE):
                await self._turn.acquire()
        except TimeoutError as error:
            raise StoreUnavailable(LOCKED) from error
        try:
            yield
        finally:
            self._turn.release()

    async def close(self) -> None:
        """Let go of every connection."""
        await self._engine.dispose()


async def open_database(url: str, *, upgrade: bool = True) -> Database:
    """Open the database at `url` and bring its tables up to date.

    `url` is DATABASE_URL: sqlite:///path or postgresql://user:password@host/name, a driver's name
    in it changes nothing. A missing file and its folders are made. BadSetting, StoreUnavailable.
    """
    parsed = database_url(url)
    _make_folder(parsed)
    database = Database(parsed)
    try:
        current, head = await _first_look(database)
        if upgrade and current != head:
            await _upgrade(database)
    except BaseException as error:
        await database.close()
        if isinstance(error, StoreUnavailable):
            raise StoreUnavailable(f"{error.why} ({_place(parsed)})") from error.__cause__
        if isinstance(error, ProgrammingError):  # the driver's word for it
            raise BadSetting(f"DATABASE_URL has an option that is not known. {_RIGHT}") from error
        raise
    return database


async def _first_look(database: Database) -> tuple[str | None, str]:
    """Return the revision, asking again for a while if the file is locked.

    When several open a new file at once, SQLite refuses its change to WAL to all but one of them
    without the wait that it grants everything else.
    """
    latest = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            return await revision(database)
        except StoreUnavailable as error:
            if error.why != LOCKED or time.monotonic() > latest:
                raise
        await asyncio.sleep(0.05)


async def migrate(url: str) -> list[str]:
    """Bring the tables at `url` up to date; returns the revisions applied, oldest first.

    Safe to run in several processes at once: one does it, the others find it done.
    """
    database = await open_database(url, upgrade=False)
    try:
        return await _upgrade(database)
    finally:
        await database.close()


async def revision(database: Database) -> tuple[str | None, str]:
    """Return the revision of the tables (None: there are none yet) and the newest one known."""
    async with database.reading() as connection:
        if not await connection.run_sync(_has_revision):
            return None, HEAD
        return await connection.scalar(text(_CURRENT)), HEAD


async def check_writable(database: Database) -> None:
    """Write something that changes nothing; StoreUnavailable says why that is not possible."""
    async with database.writing() as connection:
        await connection.execute(text(_TOUCH))


def _has_revision(connection: Connection) -> bool:
    return connection.dialect.has_table(connection, "alembic_version")


async def _upgrade(database: Database) -> list[str]:
    # Alembic takes a quarter of a second to import, and is seldom needed.
    from storage.migrations.upgrade import upgrade

    async with database.writing() as connection:
        if not database.sqlite:
            await connection.execute(text(_MIGRATION_LOCK))
        return await connection.run_sync(upgrade)


def database_url(url: str) -> URL:
    """Read DATABASE_URL; BadSetting says what would be right, and never repeats what was given.

    >>> database_url("postgres://ember@db/ember").drivername
    'postgresql+psycopg'
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The library's message may repeat the address, and with it a password.
        raise BadSetting(f"DATABASE_URL is not the address of a database. {_RIGHT}") from None
    backend = parsed.drivername.partition("+")[0]
    if backend == "sqlite":
        if parsed.host:
            raise BadSetting(f"DATABASE_URL needs three slashes before the file's name. {_RIGHT}")
        path = parsed.database
        if path and not path.startswith((":", "file:")):
            path = str(Path(path).expanduser())
        return parsed.set(drivername="sqlite+aiosqlite", database=path)
    if "@" in (parsed.host or ""):
        raise BadSetting("DATABASE_URL: write an @ within the password as %40.")
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise BadSetting(f"DATABASE_URL names a database that is not known here. {_RIGHT}")


def _place(url: URL) -> str:
    """Say which database, for the operator: no user, no password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    return f"{url.host or 'this machine'}, {url.database or 'no name given'}"


def _make_folder(url: URL) -> None:
    path = url.database
    if url.get_backend_name() != "sqlite" or not path or path.startswith((":", "file:")):
        return
    folder = Path(path).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"its folder {folder} cannot be made") from error


def _sqlite(url: URL) -> AsyncEngine:
    options: dict[str, Any] = {}
    if not url.database or url.database == ":memory:":
        # A database in memory lives in its connection, so there is one and everybody waits for it.
        options = {"poolclass": AsyncAdaptedQueuePool, "pool_size": 1, "max_overflow": 0}
    connect = {"timeout": LOCK_PATIENCE, "async_creator_fn": _connect}
    engine = create_async_engine(url, connect_args=connect, hide_parameters=True, **options)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin below, not where the driver guesses
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later may be refused at once when another
        # one wrote in between; one that says so from the start waits its turn.
        options = connection.get_execution_options()
        connection.exec_driver_sql(options.get("begin", "BEGIN IMMEDIATE"))

    return engine


async def _connect(*address: Any, **options: Any) -> aiosqlite.Connection:
    """Open a file; if it cannot be, its thread has ended before anybody is told.

    A thread that outlived the loop it reports to would print a traceback in front of the operator.
    """
    connection = aiosqlite.connect(*address, **options)
    thread = connection._thread  # noqa: SLF001 - there is no other way to it
    thread.daemon = True  # a program may end without closing: SQLite minds it not
    try:
        return await connection
    except BaseException:
        await asyncio.to_thread(thread.join)
        raise


def _postgresql(url: URL) -> AsyncEngine:
    asked = url.query.get("options", "")
    return create_async_engine(
        url,
        connect_args={
            "connect_timeout": CONNECT_PATIENCE,
            "options": f"{asked} -c lock_timeout={LOCK_PATIENCE}s",
        },
        pool_pre_ping=True,  # the server may have been restarted since the last question
        hide_parameters=True,
    )
