"""Cascades on the live tape: how soon one is told, and what following many coins costs."""

import asyncio
import time
import tracemalloc
from collections.abc import Iterator

import numpy as np

from bot.core.arrays import HOUR, MINUTE
from bot.core.instruments import Instrument
from bot.core.market.liquidations import Liquidations
from bot.core.signals.events import STEP
from bot.core.signals.tape import CascadeTape, begun
from bot.core.simulation.simulate import simulate
from bot.desk.cascades import Cascade, CascadeDesk
from bot.desk.live import Live
from bot.desk.snapshot import Snapshots
from bot.desk.tapes import Tapes
from bot.exchanges.simulated import SimulatedSource
from tests.benchmarks.table import Row, best_of

COINS = 200
EVENTS = 10  # of each coin in each step: the whole market in its wildest minutes
SPEED = 60.0
# A coin that is simulated so cascades 20 and 36 minutes after its start.
SEED, SINCE, UNTIL = 2, 14 * MINUTE, 37 * MINUTE


async def delays() -> list[float]:
    """Time from the last liquidation of the confirming step until it is told [s], by cascade."""
    ahead = SINCE / SPEED / 1000
    made: list[float] = []

    def wall() -> float:
        return time.monotonic() + (ahead if made else 0.0)

    source = SimulatedSource(SEED, days=3, speed=SPEED, venues=("sim-a",), wall=wall)
    made.append(ahead)
    start = source.now() - SINCE
    market = Instrument("sim-a", "SOL", "USDT", "USDT")
    tapes = Tapes()
    snapshots = Snapshots(source, None, 3, tapes)
    live = Live(source, snapshots, tapes)
    desk = CascadeDesk(source, snapshots, tapes, live)
    found: list[float] = []

    def told(cascade: Cascade) -> None:
        if cascade.coin and cascade.episode.phase == "cascade":
            times = tapes.events(market).time
            last = int(times[times < cascade.episode.time][-1])
            found.append((source.now() - last) / SPEED / 1000)

    desk.subscribe(told)
    live.start()
    desk.start()
    await snapshots.of([market])
    await asyncio.sleep((start + UNTIL - source.now()) / SPEED / 1000)
    await desk.close()
    await live.close()
    await snapshots.close()
    return found


class _Many:
    """As many coins as there may be, and a clock for them."""

    def __init__(self) -> None:
        history = simulate("alt", 5, 9 * 288).history
        self.now = int(history.candles.close_time[-1]) - HOUR
        self._known = history.known_at(self.now)
        tracemalloc.start()
        self.tapes = [self.begun() for _ in range(COINS)]
        self.held = tracemalloc.get_traced_memory()[0] / 1e6  # [MB]
        tracemalloc.stop()

    def begun(self) -> CascadeTape:
        return begun("coin", [self._known], [], self.now)[0]

    def step(self, events: int) -> None:
        """Let a step pass in which each coin tells of so many liquidations."""
        for tape in self.tapes:
            if events:
                at = self.now + np.arange(events, dtype=np.int64) * (STEP // events)
                price = 100.0 + np.arange(events) / 100
                sides = np.ones(events, np.int8)
                tape.hear("feed", Liquidations(at, sides, price, np.full(events, 0.01)))
            tape.over(self.now + STEP)
        self.now += STEP


def rows() -> Iterator[Row]:
    """Yield the figures."""
    late = asyncio.run(delays())
    worst = max(late, default=float("inf"))
    yield Row("cascade told after what confirms it", worst, "s", "<= 1 s", worst <= 1.0)
    many = _Many()
    each = 1e3 * best_of(many.begun)
    yield Row("a week of a coin before it is followed", each, "ms", "", None)
    yield Row(f"a quiet step of {COINS} coins", 1e3 * best_of(lambda: many.step(0)), "ms", "", None)
    for _ in range(30):
        many.step(EVENTS)
    busy = 1e3 * best_of(lambda: many.step(EVENTS))
    yield Row(f"a wild step of {COINS} coins", busy, "ms", "", None)
    yield Row(f"{COINS} coins in memory", many.held, "MB", "", None)
