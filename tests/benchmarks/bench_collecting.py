"""Collecting: a simulated day through every fault of every venue, and how soon a restart answers.

The day is played in a minute and a half, at five hundred times the world's pace or so.
"""

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from tests.benchmarks.table import Row
from tests.support.long_run import Day, play
from tests.support.venues import loopback_venues


def _day() -> Day:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(play(Path(folder), hours=24, fault=2.0, rest=2.0))


def _first_picture(environment: dict[str, str], folder: str) -> float:
    """Seconds from the start of a process to the picture it has written."""
    started = time.perf_counter()
    subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-m", "bot", "heatmap", "BTC", "-o", f"{folder}/btc.png"],
        env=environment,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - started


async def _restart() -> tuple[float, float]:
    """Return how long the first picture took that was ever asked for, and one after a restart."""
    with tempfile.TemporaryDirectory() as folder:
        async with loopback_venues() as venues:
            environment = {
                **os.environ,
                "EXCHANGE_BASE": venues.base,
                "VENUES": "binance,bybit,okx",
                "DATABASE_URL": f"sqlite:///{folder}/memory.sqlite3",
            }
            first = await asyncio.to_thread(_first_picture, environment, folder)
            again = [await asyncio.to_thread(_first_picture, environment, folder) for _ in range(3)]
    return first, min(again)


def rows() -> Iterator[Row]:
    """Measure the day, then the restart."""
    day = _day()
    lost = sum(day.lost(market) + day.made_up(market) for market in day.told)
    yield Row(
        f"collecting: lost or doubled of {day.events:,} events in {day.hours:.0f} h, "
        f"{day.faults} faults",
        lost,
        "",
        "0",
        lost == 0,
    )
    yield Row("collecting: holes in candles after it", len(day.holes), "", "0", not day.holes)
    yield Row(
        "collecting: growth of the process, warm-up left out",
        day.growth,
        "MB",
        "<= 8 MB",
        day.growth <= 8,
    )
    yield Row("collecting: tasks left over", len(day.tasks), "", "0", not day.tasks)
    first, again = asyncio.run(_restart())
    yield Row(
        "restart: process start to the first picture of a stored market, 30 days, 3 venues",
        again,
        "s",
        "<= 5 s",
        again <= 5,
        first,
        "nothing stored",
    )
