"""Memory: what saving and loading take, beside the same bytes through the bare driver."""

import asyncio
import itertools
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.core.arrays import HOUR, MINUTE
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.ports import HistoryStore
from storage.memory import open_memory
from storage.series import block, joined, stretches
from tests.benchmarks.table import Row, best_of
from tests.support import postgres

BARS, EVENTS = 86_400, 60_000
MONTH = 8_640  # five-minute bars of 30 days
WEEK = 10_080  # one-minute bars


def rows() -> Iterator[Row]:
    """Yield what SQLite takes, then what PostgreSQL takes where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _engine("SQLite", f"sqlite:///{folder}/bench.sqlite3", _bare(Path(folder)))
    yield _decoding()
    try:
        with postgres.server() as server, server.room() as address:
            yield from _engine("PostgreSQL", address, None)
    except postgres.NoServer:
        return


@dataclass(frozen=True, slots=True)
class _Bare:
    """What the driver takes by itself [ms]."""

    candles: float
    liquidations: float


def _engine(name: str, url: str, bare: _Bare | None) -> Iterator[Row]:
    with asyncio.Runner() as runner:
        memory = runner.run(open_memory(url))
        try:
            yield from _saving(name, runner, memory.history, bare)
            yield from _loading(name, runner, memory.history)
        finally:
            runner.run(memory.close())


def _timed(runner: asyncio.Runner, work: Callable[[], Coroutine[None, None, object]]) -> float:
    return 1e3 * best_of(lambda: runner.run(work()), 5)


def _saving(
    name: str, runner: asyncio.Runner, store: HistoryStore, bare: _Bare | None
) -> Iterator[Row]:
    bars, events = candles(BARS, MINUTE), liquidations(EVENTS)
    none = bars.sliced(slice(0))

    took = _timed(runner, lambda: store.save(MarketHistory(_market(), bars)))
    target = f">= 0.3 M/s: {BARS / 300:.0f} ms"
    stage = f"{name}: {BARS:,} candles saved"
    floor = (bare.candles, "the same blobs, bare driver") if bare else (None, "")
    yield Row(stage, took, "ms", target, took <= BARS / 300, *floor)

    took = _timed(runner, lambda: store.save(MarketHistory(_market(), none, liquidations=events)))
    target = f">= 0.2 M/s: {EVENTS / 200:.0f} ms"
    stage = f"{name}: {EVENTS:,} liquidations saved"
    floor = (bare.liquidations, "the same rows, bare driver") if bare else (None, "")
    yield Row(stage, took, "ms", target, took <= EVENTS / 200, *floor)

    burst = store.save(MarketHistory(_market(), bars, liquidations=events))
    late = runner.run(_stall(burst))
    yield Row(f"{name}: event loop late meanwhile, p99", late, "ms", "<= 20 ms", late <= 20)


def _loading(name: str, runner: asyncio.Runner, store: HistoryStore) -> Iterator[Row]:
    market, bars = _market(), candles(MONTH, 5 * MINUTE)
    at, figures = bars.open_time, bars.close
    runner.run(
        store.save(
            MarketHistory(
                market,
                bars,
                OpenInterest(at, figures),
                FundingRates(at[::96], figures[::96]),
                LongShortRatio(at, figures),
            )
        )
    )
    took = _timed(runner, lambda: store.load(market, 0))
    stage = f"{name}: {MONTH:,} bars and their series loaded"
    yield Row(stage, took, "ms", "<= 20 ms of /heatmap's 400", took <= 20)

    took = _timed(runner, lambda: store.load(market, int(at[-1]) - HOUR))
    yield Row(f"{name}: the last hour loaded", took, "ms", "", None)

    later = itertools.count(1)

    def new_bar() -> Coroutine[None, None, object]:
        time = at[-1:] + 5 * MINUTE * next(later)
        return store.save(MarketHistory(market, replace(bars.sliced(slice(1)), open_time=time)))

    yield Row(f"{name}: a new bar saved, for good", _timed(runner, new_bar), "ms", "", None)

    events = liquidations(EVENTS // 2)
    runner.run(store.save(MarketHistory(market, bars, liquidations=events)))
    took = _timed(runner, lambda: store.load(market, 0))
    stage = f"{name}: the same with {len(events):,} liquidations loaded"
    yield Row(stage, took, "ms", "<= 100 ms of /heatmap's 400", took <= 100)


_NUMBERS = itertools.count()


def _market() -> Instrument:
    return Instrument("bench", f"C{next(_NUMBERS)}", "USDT", "USDT")


async def _stall(work: Awaitable[object]) -> float:
    """Return the 99th percentile of how late the loop was at short waits while working [ms]."""
    late: list[float] = []
    task = asyncio.ensure_future(work)
    while not task.done():
        start = time.perf_counter()
        await asyncio.sleep(0.001)
        late.append(time.perf_counter() - start - 0.001)
    await task
    return 1e3 * float(np.percentile(late, 99))


def _decoding() -> Row:
    bars = candles(WEEK, MINUTE)
    prices = (bars.open, bars.high, bars.low, bars.close, bars.volume, bars.volume)
    blobs = [body for _, body in stretches(block(bars.open_time, *prices), 128 * MINUTE)]
    took = 1e3 * best_of(lambda: joined(blobs, 7), 20)
    copied = np.frombuffer(b"".join(blobs), "<i8").reshape(7, -1)
    return Row(f"{WEEK:,} bars from their blobs", took, "ms", "~0.1 ms", took <= 0.3,
               1e3 * best_of(copied.copy, 20), "copying as many bytes")  # fmt: skip


def _bare(folder: Path) -> _Bare:
    """Time the driver alone with the same blobs and the same rows."""
    bars, events = candles(BARS, MINUTE), liquidations(EVENTS)
    prices = (bars.open, bars.high, bars.low, bars.close, bars.volume, bars.volume)
    blobs = list(stretches(block(bars.open_time, *prices), 128 * MINUTE))
    columns = (events.time, events.side, events.price, events.quantity)
    listed = list(zip(*(column.tolist() for column in columns), strict=True))

    def saved(schema: str, insert: str, data: Sequence[tuple[object, ...]]) -> None:
        path = folder / f"bare{next(_NUMBERS)}.sqlite3"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(schema)
            with connection:
                connection.executemany(insert, data)

    stretch = "CREATE TABLE stretch (end_ms PRIMARY KEY, body)"
    row = "CREATE TABLE row (t, s, p, q, PRIMARY KEY (t, s, p, q)) WITHOUT ROWID"
    return _Bare(
        1e3 * best_of(lambda: saved(stretch, "INSERT INTO stretch VALUES (?, ?)", blobs), 5),
        1e3 * best_of(lambda: saved(row, "INSERT INTO row VALUES (?, ?, ?, ?)", listed), 5),
    )


def candles(bars: int, interval: int) -> Candles:
    """A random walk of bars."""
    random = np.random.default_rng(1)
    start = 1_764_547_200_000 // interval * interval
    close = 90_000 * np.exp(np.cumsum(random.normal(0, 1e-3, bars)))
    volume = random.lognormal(3, 1, bars)
    time = start + interval * np.arange(bars, dtype=np.int64)
    return Candles(time, close, close * 1.001, close * 0.999, close, volume, volume / 2, interval)


def liquidations(count: int) -> Liquidations:
    """A burst, twenty a second."""
    random = np.random.default_rng(2)
    time = 1_764_547_200_000 + np.sort(random.integers(0, 50 * count, count))
    side = np.where(random.random(count) < 0.5, 1, -1).astype(np.int8)
    return Liquidations(time, side, random.uniform(9e4, 1e5, count), random.lognormal(-3, 1, count))
