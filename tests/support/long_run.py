"""A day of collecting in seconds: real clients, feeds and storage over venues that fail in turn.

The venues' clock and ours run faster than the world's; what waits in seconds (sockets, retries)
waits less long in the same measure, so that a fault of half a second is one of many minutes.
"""

import asyncio
import gc
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from bot.core.arrays import DAY, HOUR
from bot.core.instruments import Instrument
from bot.core.market.gaps import gaps
from bot.core.market.heard import Heard
from bot.desk import live as live_module
from bot.desk import snapshot as snapshot_module
from bot.desk.backfill import Backfill
from bot.desk.collectors import Collectors
from bot.desk.live import Live
from bot.desk.markets import Markets
from bot.desk.snapshot import Snapshots
from bot.desk.tapes import Tapes
from bot.exchanges import client as client_module
from bot.exchanges import feed as feed_module
from bot.exchanges import market_data as market_data_module
from bot.exchanges.feed import Pulse
from bot.exchanges.live import VenueSource
from bot.exchanges.merged import MergedSource
from bot.exchanges.registry import VENUES
from bot.exchanges.venue import Venue
from bot.schedule.ticker import Ticker
from storage.memory import Memory, open_memory
from tests.support.loopback_faults import Kind
from tests.support.loopback_streams import Forced
from tests.support.venues import LoopbackVenues, loopback_venues

NAMES = ("binance", "bybit", "okx")
COINS = ("BTC", "ETH")
FAULTS: tuple[Kind | str, ...] = ("hang", "status", "429", "garbage", "reset", "cut", "deaf")
_DAYS = 2  # of history that is kept
_PULSE = Pulse(ping=0.1, silence=0.4, first_pause=0.05, longest_pause=0.2, proven=1.0)


class FastClock:
    """The market's time [ms], which passes as the world's or many times as fast."""

    def __init__(self, speed: float) -> None:
        self._fast, self._speed = speed, 1.0
        self._since, self._was = time.monotonic(), time.time_ns() // 1_000_000

    def __call__(self) -> int:
        return self._was + int((time.monotonic() - self._since) * 1000 * self._speed)

    def of(self, seconds: float) -> int:
        """How much passes [ms] at full speed while so much passes in the world."""
        return int(seconds * 1000 * self._fast)

    def run(self) -> None:
        """Let the time pass quickly."""
        self._at(self._fast)

    def walk(self) -> None:
        """Let it pass as the world's."""
        self._at(1.0)

    def _at(self, speed: float) -> None:
        self._was, self._since, self._speed = self(), time.monotonic(), speed


@dataclass(slots=True)
class Day:
    """What happened, as the far end knows it and as it was stored."""

    told: dict[Instrument, list[tuple[int, int, float, float]]] = field(default_factory=dict)
    stored: dict[Instrument, list[tuple[int, int, float, float]]] = field(default_factory=dict)
    heard: dict[Instrument, Heard] = field(default_factory=dict)  # as stored
    bars: dict[Instrument, int] = field(default_factory=dict)  # stored, of the day
    holes: list[str] = field(default_factory=list)  # in candles
    memory: list[float] = field(default_factory=list)  # [MB] of the process, again and again
    restarted: int = 0  # place in `memory`
    tasks: set[str] = field(default_factory=set)  # left over at the end, by name
    hours: float = 0.0  # of the market's time
    faults: int = 0

    @property
    def events(self) -> int:
        """How many liquidations the venues told."""
        return sum(map(len, self.told.values()))

    def lost(self, market: Instrument) -> int:
        """How many of what was told while a market was heard are not stored."""
        missing = set(self.told[market]) - set(self.stored[market])
        return sum(self.heard[market].covers(one[0], one[0]) for one in missing)

    def deaf(self, market: Instrument) -> int:
        """How many were told to a line that was breaking just then, and are not stored."""
        return len(set(self.told[market]) - set(self.stored[market])) - self.lost(market)

    def made_up(self, market: Instrument) -> int:
        """How many are stored that were not told, or twice."""
        stored = self.stored[market]
        return len(stored) - len(set(stored) & set(self.told[market]))

    @property
    def growth(self) -> float:
        """How much the process has grown since the first third after the restart [MB]."""
        part = self.memory[self.restarted :]
        third = len(part) // 3
        return min(part[-3:]) - min(part[third : third + 3])


async def play(folder: Path, *, hours: float, fault: float, rest: float) -> Day:
    """Collect for so many hours of the market's, through every fault of every venue.

    Each fault lasts `fault` [s], and `rest` [s] pass before the next one.
    """
    plan = [(venue, kind) for kind in FAULTS for venue in NAMES]
    clock = FastClock(hours * HOUR / 1000 / (len(plan) * (fault + rest)))
    start = clock()
    day, url = Day(), f"sqlite:///{folder}/memory.sqlite3"
    before = asyncio.all_tasks()
    async with loopback_venues(clock=clock) as venues:
        with _quick(clock):
            half = len(plan) // 2
            for part in (plan[:half], plan[half:]):  # with a restart in between
                day.restarted = len(day.memory)
                async with _standing(venues, url, clock) as listened:
                    telling = asyncio.create_task(_tell(venues, day, listened))
                    clock.run()
                    for venue, kind in part:
                        await asyncio.sleep(rest)
                        await _strike(venues, venue, kind, fault)
                        day.faults += 1
                    clock.walk()
                    telling.cancel()
                    await asyncio.gather(telling, return_exceptions=True)
                    await asyncio.sleep(0.2)  # what is on its way arrives
    end = clock()
    day.hours = (end - start) / HOUR
    await asyncio.sleep(0)
    left = {repr(task.get_coro()) for task in asyncio.all_tasks() - before}
    day.tasks = {name for name in left if "RequestHandler" not in name}  # but for the far end's
    memory = await open_memory(url)
    try:
        await _compare(memory, day, start)
    finally:
        await memory.close()
    return day


@contextmanager
def _quick(clock: FastClock) -> Iterator[None]:
    """Let what waits in seconds wait for less, and feeds say when they were heard by the clock."""
    told = SimpleNamespace(time_ns=lambda: clock() * 1_000_000, monotonic=time.monotonic)
    with (
        mock.patch.object(feed_module, "time", told),
        mock.patch.object(live_module, "_LAG", clock.of(0.3)),
        mock.patch.object(client_module, "TIMEOUT", 0.3),
        mock.patch.object(client_module, "_TRYING", 0.2),
        mock.patch.object(market_data_module, "DEADLINE", 3.0),
        mock.patch.object(market_data_module, "PATIENCE", 2.0),
        mock.patch.object(snapshot_module, "_SLOWEST", 3.0),
        mock.patch.object(live_module, "_SAVE", 0.2),
        mock.patch.object(live_module, "_TELL", 1.0),
        mock.patch.object(live_module, "_FIRST_PAUSE", 0.05),
    ):
        yield


@asynccontextmanager
async def _standing(
    venues: LoopbackVenues, url: str, clock: Callable[[], int]
) -> AsyncIterator[Live]:
    """All that collects, as the wiring puts it together."""
    memory = await open_memory(url)
    source = MergedSource(
        [VenueSource(_unlimited(name), venues.base, clock, _PULSE) for name in NAMES], patience=10.0
    )
    tapes, markets = Tapes(), Markets(source)
    snapshots = Snapshots(source, memory.history, _DAYS, tapes, memory.estimates)
    live = Live(source, snapshots, tapes, memory.history, look=0.05)
    backfill = Backfill(source, memory.history, memory.collections, _DAYS)
    collectors = Collectors(source, snapshots, markets, memory.collections, backfill, always=COINS)
    markets.asked = collectors.asked
    ticker = Ticker(0.05)
    ticker.add("collecting", collectors.tick)
    live.start()
    ticker.start()
    try:
        async with asyncio.timeout(30):
            while live.followed < len(NAMES) * len(COINS):  # noqa: ASYNC110 - a test may poll
                await asyncio.sleep(0.02)
        yield live
    finally:
        await ticker.close()
        await collectors.close()
        await live.close()
        await snapshots.close()
        await source.close()
        await memory.close()


def _unlimited(name: str) -> Venue:
    """A venue whose limits are not minded: they are by the world's clock, and it would be slow."""
    return replace(VENUES[name], ccxt={"enableRateLimit": False})


async def _tell(venues: LoopbackVenues, day: Day, live: Live) -> None:
    """Push liquidations, each of its own price; what nobody is subscribed to was not told."""
    number = 0
    while True:
        for venue in NAMES:
            for coin in COINS:
                market = Instrument(venue, coin, "USDT", "USDT")
                forced = []
                for _ in range(5):
                    number += 1
                    side, at = (1 if number % 3 else -1), venues.clock()
                    forced.append(Forced(coin, side, 100.0 + number / 8, 1.5, at))
                heard = [
                    socket
                    for socket, topics in venues.sockets.get(venue, {}).items()
                    if not socket.closed and any(coin in name or "." not in name for name in topics)
                ]
                if heard and any(feed.exchange == venue for feed in live.feeds):
                    await venues.liquidate(venue, *forced)
                    told = [(one.time or 0, one.side, one.price, one.quantity) for one in forced]
                    day.told.setdefault(market, []).extend(told)
        if number % 40 < 30:
            day.memory.append(_memory())
        venues.requests.clear()  # the far end's notes are not what is measured
        await asyncio.sleep(0.04)


async def _strike(venues: LoopbackVenues, venue: str, kind: Kind | str, length: float) -> None:
    if kind == "429":
        venues.fault(venue, "status", status=429, retry_after="0.2")
    elif kind == "cut":
        await venues.cut(venue)
    elif kind == "deaf":
        venues.fault(venue, "deaf")
        await venues.cut(venue)
    else:
        venues.fault(venue, kind)  # type: ignore[arg-type]  # the rest are the far end's own
    await asyncio.sleep(length)
    venues.heal(venue)


async def _compare(memory: Memory, day: Day, start: int) -> None:
    for venue in NAMES:
        for coin in COINS:
            market = Instrument(venue, coin, "USDT", "USDT")
            found = await memory.history.load(market, start - DAY)
            if found is None:
                continue
            day.bars[market] = len(found.candles.since(start))
            day.holes += [str(gap) for gap in gaps(found) if gap.series == "candles"]
            events = found.liquidations
            if events is not None:
                columns = (events.time, events.side, events.price, events.quantity)
                day.heard[market] = found.heard or Heard()
                day.stored[market] = list(zip(*(c.tolist() for c in columns), strict=True))


def _memory() -> float:
    """Return the size of this process [MB]."""
    gc.collect(0)
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0
