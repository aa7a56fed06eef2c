"""Copies of a database's file: made while the bot runs, looked at, and put back."""

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import BackupRefused
from storage.database import database_url
from storage.migrations import HEAD

_POSTGRESQL = (
    "DATABASE_URL names a PostgreSQL server, which is copied by its own tools: pg_dump, and "
    "pg_restore to put it back."
)
_PATIENCE = 20.0  # [s] that another program may keep the file locked
_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy holds."""

    file: Path
    size: int  # [bytes]
    revision: str  # of its tables


def file_of(url: str) -> Path:
    """Return the file that DATABASE_URL names. BadSetting, BackupRefused if it names none."""
    parsed = database_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise BackupRefused(_POSTGRESQL)
    if not parsed.database or parsed.database.startswith((":", "file:")):
        raise BackupRefused("The database is in memory only: there is no file to be copied.")
    return Path(parsed.database)


def back_up(url: str, to: Path) -> Copy:
    """Write a whole copy of the database as it stands now, also while the bot writes to it.

    BackupRefused if there is nothing to copy, something stands where the copy is to go, or the
    disk refuses.
    """
    source = file_of(url)
    if not source.exists():
        raise BackupRefused(f"There is no database yet at {source}.")
    if to.exists():
        raise BackupRefused(f"{to} is there already: name another file.")
    part = to.with_name(f"{to.name}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(source, timeout=_PATIENCE)) as connection:
            # One reading of the whole: what is written meanwhile is not in it, and not held up.
            connection.execute("VACUUM INTO ?", (str(part),))
        found = examined(part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(to)
    except (OSError, sqlite3.Error) as error:
        raise BackupRefused(f"The copy could not be made: {_why(error)}.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return Copy(to, to.stat().st_size, found.revision)


def examined(file: Path) -> Copy:
    """Look whether a file is a whole database of ours. BackupRefused says what it is not."""
    if not file.is_file():
        raise BackupRefused(f"There is no file {file}.")
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise BackupRefused(f"{file} is no copy of Emberline's database: {error}.") from error
    if sound != "ok" or row is None:
        raise BackupRefused(f"{file} is damaged: {sound}.")
    if row[0] > HEAD:
        raise BackupRefused(
            f"{file} was made by a newer Emberline (schema {row[0]}, this one knows {HEAD})."
        )
    return Copy(file, file.stat().st_size, row[0])


def put_back(url: str, copy: Path, aside: str) -> Path | None:
    """Have a copy stand where the database is; the bot must not be running.

    The database that was there is kept beside it under its name and `aside`; returns where, None
    if there was none. BackupRefused changes nothing.
    """
    target, found = file_of(url), examined(copy)
    kept = target.with_name(f"{target.name}.{aside}") if target.exists() else None
    if kept is not None and kept.exists():
        raise BackupRefused(f"{kept} is there already: move it away first.")
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(f"{found.file.resolve().as_uri()}?mode=ro", uri=True)) as read,
            closing(sqlite3.connect(part)) as write,
        ):
            read.backup(write)
        if kept is not None:
            _settle(target)
            target.rename(kept)
        for suffix in _BESIDE:  # of the one that was there: they would spoil the copy
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise BackupRefused(f"The copy could not be put back: {_why(error)}.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return kept


def _settle(file: Path) -> None:
    """Have all that was written stand in the file itself, and see that nobody else has it open."""
    with closing(sqlite3.connect(file, timeout=1.0)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("BEGIN EXCLUSIVE")
        connection.rollback()


def _why(error: OSError | sqlite3.Error) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
