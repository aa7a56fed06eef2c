"""The estimate: a rebuild of a month, one more bar, its growth, a reading, and a restart.

The market wanders at random; the floor of a rebuild is what its picture takes to be written at
all: 720 columns of both sides, summed from 14 tiers of 1,000 bins. The prior has more tiers than
that; beside its rebuild stands one of 14. Times are the process's own, but for the restart's,
which waits for its memory.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.estimate.bars import bars
from bot.core.estimate.columns import REACH
from bot.core.estimate.market import MarketEstimate, start
from bot.core.estimate.parameters import Parameters, prior
from bot.core.estimate.read import read
from bot.core.estimate.saved import read_back, saved
from bot.core.market.history import MarketHistory
from bot.core.windows import WINDOWS
from bot.desk.snapshot import Snapshots
from storage.memory import open_memory
from tests.benchmarks.table import Row, cpu_of
from tests.support.markets import Market
from tests.support.walks import first_bars, wandering

MONTH = 30 * DAY // (5 * MINUTE)  # bars
COLUMNS, TIERS, BINS = 720, 14, 1000
VENUES = 200 * 10  # markets of 200 coins on 10 venues
ROUNDS = 8  # of which the best counts


def _columns() -> np.ndarray:
    """Sum and write the columns of a picture, and nothing else."""
    stored, factor = np.ones((2, TIERS, BINS)), np.ones((2, TIERS))
    picture = np.empty((2, COLUMNS, BINS), dtype=np.float32)
    for at in range(COLUMNS):
        for side in (0, 1):
            picture[side, at] = factor[side] @ stored[side]
    return picture


def _fewer() -> Parameters:
    """Return the prior with as many tiers as the target names: each leverage, two at two paces."""
    whole = prior()
    kept = np.sort(np.argsort(whole.pace, kind="stable")[:TIERS])
    share = whole.share[:, kept]
    return replace(
        whole,
        leverage=whole.leverage[kept],
        own=whole.own[kept],
        pace=whole.pace[kept],
        share=share / share.sum(axis=1, keepdims=True),
        lifetime=whole.lifetime[:, kept],
        doubt=whole.doubt[:, kept],
    )


def _a_bar(history: MarketHistory) -> float:
    """Median CPU time for one bar that closes into a live inventory, nothing known of the next [s].

    The inventory holds all but the last hundred bars, which close one after another.
    """
    inventory, closed = start(history), bars(history)
    held = len(closed) - 100
    for at in range(held):
        inventory.push(closed, at)
    times = []
    for count in range(held, len(closed)):
        newest = bars(first_bars(history, count + 1), inventory.time)
        times.append(cpu_of(lambda: inventory.push(newest, 0), 1))  # noqa: B023 - called at once
    return float(np.median(times))


def rows() -> Iterator[Row]:
    """Measure the stages of performance.md, "The estimate"."""
    quarter, whole = wandering(bars=MONTH // 4), wandering(bars=MONTH)
    floor, few = cpu_of(_columns), _fewer()
    anew = (lambda: MarketEstimate.of(whole), lambda: MarketEstimate.of(whole, few))
    works = (*anew, lambda: MarketEstimate.of(quarter))
    rounds = [[cpu_of(work, 1) for work in works] for _ in range(ROUNDS)]
    *rebuilds, short = np.min(rounds, axis=0).tolist()
    for took, tiers in zip(rebuilds, (len(prior().leverage), TIERS), strict=True):
        yield Row(
            f"estimate: rebuild 8,640 bars of {tiers} tiers, pictures' columns kept",
            1e3 * took,
            "ms",
            "<= 150 ms",
            took <= 0.150,
            1e3 * floor,
            "720 columns summed and written",
        )
    rebuild = rebuilds[0]
    growth = rebuild / short
    yield Row("estimate: growth at 4x bars", growth, "x", "<= 4.4", growth <= 4.4)
    bar = _a_bar(whole)
    yield Row("estimate: one new bar", 1e6 * bar, "us", "<= 100 us", bar <= 100e-6)
    ratio = bar / _a_bar(quarter)
    yield Row("estimate: one new bar, 4x the history", ratio, "x", "about 1", ratio <= 1.5)
    before = MarketEstimate.of(first_bars(whole, MONTH - 1))
    advance = cpu_of(lambda: before.advanced(whole))
    yield Row("estimate: one bar advanced and kept", 1e6 * advance, "us", "", None)
    kept = VENUES * advance / 60
    yield Row(
        f"estimate: {VENUES:,} markets live at one-minute bars, of one core",
        100 * kept,
        "%",
        "<= 10 %",
        kept <= 0.1,
    )
    estimate = MarketEstimate.of(whole)
    for window in WINDOWS:
        took = cpu_of(lambda: read([estimate], [whole], window, estimate.time, ("binance",), ()))  # noqa: B023 - called at once
        yield Row(f"estimate: reading of {window.name}", 1e3 * took, "ms", "", None)
    size = sum(column.long.nbytes + column.short.nbytes for column in estimate.columns)
    state = (estimate.inventory.stored.nbytes + size) / 1e6
    yield Row(
        f"estimate: state with its columns of {2 * REACH} bins", state, "MB", "<= 2 MB", state <= 2
    )
    yield from _saved(estimate)
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        took = runner.run(_restart(whole, f"sqlite:///{folder}/bench.sqlite3"))
    yield Row(
        "estimate: first answer after a restart, from SQLite, 12 new bars",
        1e3 * took,
        "ms",
        "<= 400 ms with its picture",
        took <= 0.400,
        1e3 * rebuild,
        "rebuilding alone",
    )


def _saved(estimate: MarketEstimate) -> Iterator[Row]:
    """Write a month's estimate down and read it back."""
    blob = saved(estimate)
    size = len(blob) / 1e6
    yield Row("estimate: saved, with what a month's bars held", size, "MB", "<= 2 MB", size <= 2)
    copied = 1e3 * cpu_of(lambda: bytes(bytearray(blob)))
    wrote = 1e3 * cpu_of(lambda: saved(estimate))
    yield Row("estimate: written down", wrote, "ms", "", None, copied, "copying as many bytes")
    took = 1e3 * cpu_of(lambda: read_back(blob, estimate.instrument))
    yield Row("estimate: read back", took, "ms", "", None)


async def _restart(whole: MarketHistory, url: str) -> float:
    """Return how long the first question after a restart takes, an hour after the last one [s]."""
    source, times = Market(whole), []
    end = source.time
    for _ in range(3):
        memory = await open_memory(url)
        source.time = end - HOUR
        before = Snapshots(source, memory.history, estimates=memory.estimates)
        await before.of([whole.instrument])
        await before.close()
        source.time = end
        after = Snapshots(source, memory.history, estimates=memory.estimates)
        start = time.perf_counter()
        snapshot = await after.of([whole.instrument])
        times.append(time.perf_counter() - start)
        assert snapshot.kept[0].estimate.time == end
        await memory.close()
    return min(times)
