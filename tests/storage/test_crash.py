"""A process that is killed: what it said was saved is there, and the next one starts as usual."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage.memory import open_memory

# Saves settings as fast as it can, and says each number once its save has returned.
SAVER = """
import asyncio, sys
from bot.ports import ChatSettings
from storage.memory import open_memory

async def main():
    memory = await open_memory(sys.argv[1])
    for number in range(1_000_000):
        await memory.settings.change(f"telegram:{number}", ChatSettings("light"))
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.fixture
def killed(tmp_path: Path) -> tuple[Path, int]:
    """A database whose writer was killed in the middle, and the last number it said."""
    path = tmp_path / "ember.sqlite3"
    words = [sys.executable, "-c", SAVER, f"sqlite:///{path}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as saver:  # noqa: S603 - ours
        assert saver.stdout is not None
        for line in saver.stdout:
            if int(line) == 50:
                break
        saver.kill()
        said = [line for line in saver.stdout if line.endswith("\n")]
    return path, int(said[-1]) if said else 50


async def test_whatever_was_said_to_be_saved_outlives_a_kill(killed: tuple[Path, int]) -> None:
    path, last = killed
    memory = await open_memory(f"sqlite:///{path}")
    for number in range(last + 1):
        assert (await memory.settings.settings(f"telegram:{number}")).theme == "light"
    await memory.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
