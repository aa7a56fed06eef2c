"""DATABASE_URL as people write it: what is meant is understood, and no secret is repeated."""

import traceback
from pathlib import Path

import pytest

from bot.core.errors import BadSetting, StoreUnavailable
from storage.database import database_url, open_database

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("written", "driver", "database"),
    [
        ("sqlite:///data/ember.sqlite3", "sqlite+aiosqlite", "data/ember.sqlite3"),
        ("sqlite+aiosqlite:////var/ember.sqlite3", "sqlite+aiosqlite", "/var/ember.sqlite3"),
        ("sqlite://", "sqlite+aiosqlite", None),
        ("postgresql://ember@db/ember", "postgresql+psycopg", "ember"),
        ("postgres://ember@db/ember", "postgresql+psycopg", "ember"),
        ("postgresql+psycopg://ember@db/ember", "postgresql+psycopg", "ember"),
        ("postgresql+asyncpg://ember@db/ember", "postgresql+psycopg", "ember"),
    ],
)
def test_a_plain_address_is_understood(written: str, driver: str, database: str | None) -> None:
    url = database_url(written)
    assert (url.drivername, url.database) == (driver, database)


def test_a_home_folder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/abroad/ember")
    assert database_url("sqlite:///~/ember.sqlite3").database == "/abroad/ember/ember.sqlite3"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "hunter2",
        "sqlite://hunter2.sqlite3",
        "mysql://ember:hunter2@db/ember",
        "postgresql://ember:hunter2@db:port/ember",
        "postgresql://ember:t@hunter2@db/ember",
        "/var/lib/hunter2.sqlite3",
    ],
)
def test_what_is_no_address_is_refused_naming_the_variable_and_what_would_be_right(
    written: str,
) -> None:
    with pytest.raises(BadSetting, match="DATABASE_URL") as refusal:
        database_url(written)
    said = "".join(traceback.format_exception(refusal.value))
    assert "postgresql://user:password@host/name" in said or "%40" in said
    assert SECRET not in said


@pytest.mark.parametrize(
    "written",
    [
        "postgresql://ember:hunter2@127.0.0.1:1/ember",
        "postgresql://ember:hunter2@name.invalid/ember",
        "postgresql://ember:hunter2@127.0.0.1:1/ember?connect_timeout=1",
    ],
)
async def test_a_server_that_does_not_answer_is_named_without_the_password(written: str) -> None:
    with pytest.raises(StoreUnavailable, match="does not answer") as refusal:
        await open_database(written)
    said = "".join(traceback.format_exception(refusal.value))
    assert SECRET not in said
    assert "ember" in str(refusal.value)


async def test_an_option_postgresql_does_not_know_is_a_bad_setting() -> None:
    written = f"postgresql://ember:{SECRET}@127.0.0.1:1/ember?colour=blue"
    with pytest.raises(BadSetting, match="DATABASE_URL has an option that is not known") as refusal:
        await open_database(written)
    assert SECRET not in "".join(traceback.format_exception(refusal.value))


async def test_missing_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "not" / "there yet" / "ember.sqlite3"
    database = await open_database(f"sqlite:///{path}")
    await database.close()
    assert path.exists()


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match=r"folder .*file.* cannot be made"):
        await open_database(f"sqlite:///{tmp_path / 'file' / 'ember.sqlite3'}")
