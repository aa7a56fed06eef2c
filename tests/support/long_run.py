"""A day of collecting in seconds: real clients, feeds and storage over venues that fail in turn.

The venues' clock and ours run faster than the world's; what waits in seconds (sockets, retries)
waits less long in the same measure, so that a fault of half a second is one of many minutes.
"""

import asyncio
import ctypes
import gc
import re
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from bot.core.arrays import HOUR
from bot.core.errors import NothingAnswered
from bot.core.instruments import Contract, Instrument
from bot.desk.backfill import Backfill
from bot.desk.collectors import Collectors
from bot.desk.live import Live
from bot.desk.markets import Markets
from bot.desk.snapshot import Snapshots
from bot.desk.tapes import Tapes
from bot.exchanges.feed import Pulse
from bot.exchanges.live import VenueSource
from bot.exchanges.merged import MergedSource
from bot.exchanges.registry import ALL_VENUES
from bot.exchanges.venue import Venue
from bot.schedule.ticker import Ticker
from storage.memory import open_memory
from tests.support import loopback_bitget, loopback_gate
from tests.support.collected_day import Day, Market
from tests.support.fast_clock import FastClock
from tests.support.hastened import DAYS, quick, small, unlimited
from tests.support.loopback_common import text
from tests.support.loopback_faults import Kind
from tests.support.loopback_markets import MARKETS
from tests.support.loopback_now import prints
from tests.support.loopback_streams import Forced
from tests.support.venues import LoopbackVenues, loopback_venues

NAMES = ("binance", "bybit", "okx")
COINS = ("BTC", "ETH")
LATER = "SOL"  # is asked for in the middle of it
FAULTS: tuple[Kind | str, ...] = ("hang", "status", "429", "garbage", "reset", "cut", "deaf")
_AT_ONCE = 3  # liquidations that are told of a market
_A_SECOND = 150  # times that one is told of, all markets together
# Where liquidations are told only when asked for, there is one of each market so often [ms].
_ASKED_FOR = {
    "gate": loopback_gate.LIQUIDATIONS_EVERY,
    "bitget": loopback_bitget.LIQUIDATIONS_EVERY,
}


_Ask: TypeAlias = Callable[[Sequence[Instrument]], Coroutine[None, None, None]]


@dataclass(frozen=True, slots=True)
class _Run:
    """What stays the same through a run."""

    names: Sequence[str]
    venues: LoopbackVenues
    clock: FastClock
    fault: float  # [s]
    url: str  # of the memory
    day: Day


async def play(
    folder: Path,
    *,
    hours: float,
    fault: float,
    rest: float,
    names: Sequence[str] = NAMES,
    again: bool = False,
) -> Day:
    """Collect for so many hours of the market's, through every fault of every venue.

    Each fault lasts `fault` [s], and `rest` [s] pass before the next one. In the middle all is
    stopped and begun anew. `again`: all that is gone through once and a half again, so that on the
    last day all that has a bound is full, and nothing is new.
    """
    plan = [(venue, kind) for kind in FAULTS for venue in names]
    clock = FastClock(hours * HOUR / 1000 / (len(plan) * (fault + rest)))
    before = asyncio.all_tasks()
    async with loopback_venues(clock=clock) as venues:
        markets = {one: Market(one, folder) for one in await _listed(venues, names)}
        day = Day(clock.of(2 * fault), markets)
        run = _Run(names, venues, clock, fault, f"sqlite:///{folder}/memory.sqlite3", day)
        start = clock()
        with quick(clock, fault), small():
            half = len(plan) // 2
            await _collect(run, COINS, plan[:half], rest)
            day.memory.clear()
            more = [*plan, *plan[:half]] if again else []
            await _collect(run, (*COINS, LATER), [*plan[half:], *more], rest)
        end = clock()
    day.hours = (end - start) / HOUR
    await asyncio.sleep(0)
    left = {repr(task.get_coro()) for task in asyncio.all_tasks() - before}
    day.tasks = {name for name in left if "RequestHandler" not in name}  # but for the far end's
    _tell_what_was_asked_for(day, start, end)
    memory = await open_memory(run.url)
    try:
        await day.compare(memory, start)
    finally:
        await memory.close()
    return day


async def _listed(venues: LoopbackVenues, names: Sequence[str]) -> list[Instrument]:
    """Return the markets there are of our coins."""
    source = MergedSource([VenueSource(unlimited(name), venues.base) for name in names])
    try:
        listed = await source.instruments()
    finally:
        await source.close()
    assert not source.failures(), source.failures()
    return [one for one in listed if one.base in {*COINS, LATER}]


async def _collect(
    run: _Run, coins: Collection[str], plan: Sequence[tuple[str, Kind | str]], rest: float
) -> None:
    """Live through a part of the faults, from a start to a stop; what is new is asked for late."""
    first = [one for one in run.day.markets if one.base in COINS]
    late = [one for one in run.day.markets if one.base in coins and one.base not in COINS]
    async with _standing(run, first) as ask:
        told = [*first]
        working = [asyncio.create_task(_tell(run, told)), asyncio.create_task(_weigh(run))]
        run.clock.run()
        for number, (venue, kind) in enumerate(plan):
            if number == 1:
                told += late
                asking = asyncio.create_task(ask(late))
            await asyncio.sleep(rest)
            await _strike(run, venue, kind)
        run.clock.walk()
        for work in working:
            assert not work.done(), work.exception()
            work.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        await asking
        await asyncio.sleep(0.2)  # what is on its way arrives


@asynccontextmanager
async def _standing(run: _Run, markets: Sequence[Instrument]) -> AsyncIterator[_Ask]:
    """All that collects, as the wiring puts it together, once it follows some markets."""
    memory = await open_memory(run.url)
    pulse = Pulse(
        ping=0.3 * run.fault,
        silence=1.15 * run.fault,
        first_pause=0.05,
        longest_pause=0.2,
        proven=1.0,
    )
    source = MergedSource(
        [VenueSource(unlimited(name), run.venues.base, run.clock, pulse) for name in run.names],
        patience=10.0,
    )
    tapes, listing = Tapes(), Markets(source)
    snapshots = Snapshots(source, memory.history, DAYS, tapes, memory.estimates)
    live = Live(source, snapshots, tapes, memory.history, look=0.05)
    backfill = Backfill(source, memory.history, memory.collections, DAYS)
    collectors = Collectors(source, snapshots, listing, memory.collections, backfill, always=COINS)
    listing.asked = collectors.asked
    ticker = Ticker(0.05)
    ticker.add("collecting", collectors.tick)

    async def ask(markets: Sequence[Instrument]) -> None:
        """Ask for markets as a person does; whose venue is away just then is collected later."""
        collectors.asked(markets)
        with suppress(NothingAnswered):
            await snapshots.of(markets)

    live.start()
    ticker.start()
    try:
        await ask(markets)
        async with asyncio.timeout(150):  # a machine may be slow, and a fault goes on
            while not {*markets} <= {*live.markets}:  # noqa: ASYNC110 - a test may poll
                await asyncio.sleep(0.02)
        yield ask
    finally:
        await ticker.close()
        await collectors.close()
        await live.close()
        await snapshots.close()
        await source.close()
        await memory.close()


async def _tell(run: _Run, markets: Sequence[Instrument]) -> None:
    """Push liquidations, each of its market's next price."""
    while True:
        for market in [one for one in markets if _tells(ALL_VENUES[one.exchange])]:
            forced, told = [], run.day.markets[market].told
            for _ in range(_AT_ONCE):
                number = len(told)
                # Prices and quantities of which every venue's contracts are whole.
                side, price, quantity = 1 if number % 3 else -1, 1000.0 + 10 * number, 10.0
                forced.append(
                    Forced(
                        market.base,
                        side,
                        price,
                        quantity * (1 + number % 5),
                        run.clock(),
                        inverse=market.contract is Contract.INVERSE,
                    )
                )
                told.add(forced[-1].time or 0, side, price, forced[-1].quantity)
            await run.venues.liquidate(market.exchange, *forced)
            await asyncio.sleep(1 / _A_SECOND)
        run.venues.requests.clear()  # the far end's notes are not what is measured


def _tells(venue: Venue) -> bool:
    """Say whether a venue tells of liquidations without being asked."""
    return venue.stream is not None or venue.fills is not None


def _tell_what_was_asked_for(day: Day, start: int, end: int) -> None:
    """Note what there was to be told by venues that tell only who asks."""
    for instrument, market in day.markets.items():
        if instrument.exchange in _ASKED_FOR:
            every = _ASKED_FOR[instrument.exchange]
            for one in prints(MARKETS[instrument.base], start, end, every):
                market.told.add(one.time, one.side, float(text(one.price)), one.quantity)


async def _strike(run: _Run, venue: str, kind: Kind | str) -> None:
    if kind == "429":
        run.venues.fault(venue, "status", status=429, retry_after="0.2")
    elif kind == "cut":
        await run.venues.cut(venue)
    elif kind == "deaf":
        run.venues.fault(venue, "deaf")
        await run.venues.cut(venue)
    else:
        run.venues.fault(venue, kind)  # type: ignore[arg-type]  # the rest are the far end's own
    await asyncio.sleep(run.fault)
    run.venues.heal(venue)
    run.day.faults += 1


async def _weigh(run: _Run) -> None:
    """Note every two hours of the market's how large this process is."""
    gc.freeze()  # what was there before is not gone through each time
    try:
        while True:
            await asyncio.sleep(2 * HOUR / run.clock.of(1.0))
            run.day.memory.append((run.clock(), _memory()))
    finally:
        gc.unfreeze()


def _memory() -> float:
    """Return the size of this process [MB], without what is only not given back yet."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0
