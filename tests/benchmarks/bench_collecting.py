"""Collecting: simulated days through every fault of every venue, and how soon a restart answers.

Five days are played in a good minute, so that what is kept of a market has all been let go of once.
"""

import asyncio
import logging
import os
import resource
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
        return asyncio.run(play(Path(folder), hours=120, fault=1.5, rest=1.5))


def _first_picture(environment: dict[str, str], folder: str) -> tuple[float, float]:
    """Return seconds, of the clock and of CPU, from a process's start to its picture's file."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-m", "bot", "heatmap", "BTC", "-o", f"{folder}/btc.png"],
        env=environment,
        check=True,
        capture_output=True,
    )
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started, cpu


async def _restart() -> tuple[tuple[float, float], tuple[float, float]]:
    """Measure the first picture that was ever asked for, and the quickest one after a restart."""
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
        again[0],
        "s",
        "<= 5 s",
        again[0] <= 5,
        first[0],
        "nothing stored",
    )
    yield Row("restart: CPU of that", again[1], "s", "", None, first[1], "nothing stored")
