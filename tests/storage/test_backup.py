"""A copy is whole though the bot writes meanwhile, and stands where it is put back."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.errors import BackupRefused
from bot.ports import ChatSettings
from storage.backup import back_up, examined, put_back
from storage.database import open_database
from storage.memory import open_memory
from storage.migrations import HEAD
from storage.migrations.upgrade import upgrade

LIGHT, DARK = ChatSettings("light"), ChatSettings("dark")


async def kept(url: str, chat: str) -> ChatSettings:
    memory = await open_memory(url)
    found = await memory.settings.settings(chat)
    await memory.close()
    return found


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ember.sqlite3'}"


async def test_a_copy_holds_all_that_was_written_before_it(url: str, tmp_path: Path) -> None:
    memory = await open_memory(url)
    await memory.settings.change("telegram:1", LIGHT)
    made = await asyncio.to_thread(back_up, url, tmp_path / "new" / "copy.sqlite3")
    await memory.settings.change("telegram:1", DARK)
    await memory.close()
    assert made.revision == HEAD
    assert made.size == made.file.stat().st_size > 0
    assert await kept(f"sqlite:///{made.file}", "telegram:1") == LIGHT
    assert names(tmp_path / "new") == ["copy.sqlite3"]


async def test_a_copy_made_while_the_bot_writes_is_whole(url: str, tmp_path: Path) -> None:
    memory = await open_memory(url)
    done = 0

    async def write() -> None:
        nonlocal done
        while True:
            await memory.settings.change(f"telegram:{done}", LIGHT)
            done += 1

    async def written_since(before: int) -> None:
        while done == before and not writing.done():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.01)

    writing = asyncio.create_task(write())
    copies = []
    before = 0
    for number in range(4):
        await written_since(before)
        before = done
        copy = await asyncio.to_thread(back_up, url, tmp_path / f"copy{number}.sqlite3")
        copies.append((before, copy.file))
    await written_since(before)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await memory.close()
    assert done > copies[-1][0] > 0
    for before, file in copies:
        assert await kept(f"sqlite:///{file}", f"telegram:{before - 1}") == LIGHT


async def test_what_is_put_back_is_as_it_was_and_what_was_there_is_kept(
    url: str, tmp_path: Path
) -> None:
    memory = await open_memory(url)
    await memory.settings.change("telegram:1", LIGHT)
    copy = back_up(url, tmp_path / "copy.sqlite3").file
    await memory.settings.change("telegram:1", DARK)
    await memory.close()
    aside = put_back(url, copy, "before")
    assert aside is not None
    assert await kept(url, "telegram:1") == LIGHT
    assert await kept(f"sqlite:///{aside}", "telegram:1") == DARK
    assert copy.exists()
    with pytest.raises(BackupRefused, match="there already"):
        put_back(url, copy, "before")


async def test_a_copy_is_put_back_where_nothing_was(url: str, tmp_path: Path) -> None:
    memory = await open_memory(url)
    await memory.settings.change("telegram:1", LIGHT)
    await memory.close()
    copy = back_up(url, tmp_path / "copy.sqlite3").file
    other = f"sqlite:///{tmp_path / 'elsewhere' / 'ember.sqlite3'}"
    assert put_back(other, copy, "before") is None
    assert await kept(other, "telegram:1") == LIGHT


async def test_an_older_copy_is_brought_up_to_date_by_the_next_start(
    url: str, tmp_path: Path
) -> None:
    old = await open_database(url, upgrade=False)
    async with old.writing() as connection:
        await connection.run_sync(lambda sync: upgrade(sync, "0001"))
    await old.close()
    copy = back_up(url, tmp_path / "copy.sqlite3")
    assert copy.revision == "0001"
    put_back(url, copy.file, "before")
    memory = await open_memory(url)
    assert await memory.watches.watches() == []
    await memory.close()


def _damage(file: Path) -> None:
    body = bytearray(file.read_bytes())
    for place in range(5000, len(body) - 100, 1000):
        body[place : place + 100] = b"\xff" * 100
    file.write_bytes(bytes(body))


def _newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as copy:
        copy.execute("UPDATE alembic_version SET version_num = '9999'")
        copy.commit()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: file.write_bytes(b"not a database at all" * 500), "is no copy of"),
        (lambda file: file.unlink(), "There is no file"),
        (_damage, "damaged|is no copy of"),
        (_newer, "made by a newer Emberline"),
    ],
)
async def test_what_is_no_copy_changes_nothing(
    url: str, tmp_path: Path, spoil: object, said: str
) -> None:
    memory = await open_memory(url)
    await memory.settings.change("telegram:1", LIGHT)
    await memory.close()
    copy = back_up(url, tmp_path / "copy.sqlite3").file
    assert callable(spoil)
    spoil(copy)
    with pytest.raises(BackupRefused, match=said):
        put_back(url, copy, "before")
    assert await kept(url, "telegram:1") == LIGHT
    assert not any(name.endswith(".before") for name in names(tmp_path))


async def test_nothing_is_overwritten_and_what_is_missing_is_named(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(BackupRefused, match="no database yet"):
        back_up(url, tmp_path / "copy.sqlite3")
    memory = await open_memory(url)
    await memory.close()
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with pytest.raises(BackupRefused, match="there already"):
        back_up(url, taken)
    assert taken.read_text() == "mine"
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupRefused, match="could not be made"):
        back_up(url, tmp_path / "file" / "copy.sqlite3")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ember:secret@db/ember", "pg_dump"),
        ("sqlite://", "in memory only"),
    ],
)
def test_what_has_no_file_is_not_copied(url: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match=said) as refused:
        back_up(url, tmp_path / "copy")
    assert "secret" not in str(refused.value)


def test_a_copy_is_looked_at_without_being_changed(tmp_path: Path) -> None:
    file = tmp_path / "copy"
    file.write_bytes(b"")
    with pytest.raises(BackupRefused):
        examined(file)
    assert file.read_bytes() == b""
