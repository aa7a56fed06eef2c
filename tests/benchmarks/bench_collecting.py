"""Collecting: simulated days through every fault of every venue, and how soon a restart answers.

Memory is compared a day apart, from when all is full that has a bound: a day is held of each market
and half a day of its tape instead of a month, and of a venue's messages a thousand are known again.
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

from bot.core.arrays import DAY
from bot.exchanges.registry import ALL_VENUES
from tests.benchmarks.table import Row
from tests.support.collected_day import Day
from tests.support.long_run import play
from tests.support.venues import loopback_venues


def _day() -> Day:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(
            play(Path(folder), hours=24, fault=0.7, rest=0.6, names=tuple(ALL_VENUES), again=True)
        )


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
    lost = sum(map(sum, day.wrong.values()))
    told, all_ = ({one.exchange for one in part} for part in (day.telling, day.markets))
    yield Row(
        f"collecting: lost or doubled of {day.events:,} events of {len(told)} venues "
        f"in {day.hours:.0f} h, {day.faults} faults of {len(all_)}",
        lost,
        "",
        "0",
        lost == 0,
    )
    deaf = sum(one.deaf for one in day.markets.values()) / day.events
    yield Row("collecting: told to lines just broken", 100 * deaf, "%", "", None)
    yield Row(
        f"collecting: holes in candles of {len(day.markets)} markets after it",
        len(day.holes),
        "",
        "0",
        not day.holes,
    )
    least = min(one.hours for one in day.markets.values())
    yield Row(
        "collecting: candles of the market that has least", least, "h", ">= 23 h", least >= 23
    )
    growth = day.growth(DAY)
    yield Row(
        f"collecting: growth of the process in 24 h, {len(day.markets)} markets followed",
        growth,
        "MB",
        "<= 8 MB",
        growth <= 8,
        day.memory[-1][1],
        "its size",
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
