"""From SIGTERM to the end of the process, in the middle of its work; and what it left behind."""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.table import Row
from tests.support.phones import telegram_phone
from tests.support.running import Running

_MOST = 5.0  # [s]
_WORDS = "SOL price > 1"


def rows() -> Iterator[Row]:
    """Stop `emberline run` while an alert is on its way and a picture is being drawn."""
    with tempfile.TemporaryDirectory() as folder:
        took, code, lost = asyncio.run(_stopped(Path(folder)))
    yield Row("SIGTERM to the end", took, "s", f"<= {_MOST:g} s", took <= _MOST and code == 0)
    yield Row("alerts lost by the stop", lost, "", "0", lost == 0)


async def _stopped(folder: Path) -> tuple[float, int, int]:
    """Return how long it took [s], the exit code, and how many alerts never came."""
    os.environ.setdefault("ASK_PER_MINUTE", "0")
    async with telegram_phone() as phone:
        bot = Running(folder, "sim:12", {**phone.settings, "HISTORY_DAYS": "3"})
        await bot.start(phone.platform)
        await phone.connected(1)
        await phone.types("watch", f"now {_WORDS}")
        await phone.sees(lambda seen: "Watching as w1" in seen.text, 60)
        held = phone.hold("w1: SOL")
        await asyncio.wait_for(held.wait(), 60)
        await phone.types("heatmap", "BTC 7d")
        begun = time.monotonic()
        code = await bot.stop()
        took = time.monotonic() - begun
        await bot.start(phone.platform)
        await phone.connected(2)
        told = await phone.sees(lambda seen: "w1: SOL" in seen.text, 60)
        await bot.stop()
    return took, code, int(not told.text)
