"""Every coin that is held in memory, read without asking venues for anything newer."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import structlog

from bot.core.arrays import HOUR
from bot.core.errors import BotError
from bot.core.instruments import Coin
from bot.core.language import Said
from bot.desk.grades import grade_of
from bot.desk.markets import Found
from bot.desk.scoring import Scoring
from bot.desk.shared import Shared
from bot.desk.signals import Seeing, SignalDesk, market_of
from bot.desk.snapshot import Kept, Snapshot, Snapshots
from bot.ports import MarketSource

log = structlog.get_logger()

_PATIENCE = 8.0  # [s] coins are waited for; those not read by then are read on meanwhile
_AT_ONCE = 2  # coins read side by side: somebody who asks for one must not wait behind all
_OLD = 2 * HOUR  # a coin last gathered longer ago says nothing of now


@dataclass(frozen=True, slots=True)
class One:
    """One coin, and how good its map is."""

    seeing: Seeing
    grade: str | Said


@dataclass(frozen=True, slots=True)
class Told:
    """All coins that could be read in time."""

    coins: tuple[One, ...]
    unread: int  # whose past is too short to be read
    waiting: int  # that are still being read
    old: int  # last gathered too long ago to say anything of now
    now: int  # [ms] market time


class Held:
    """Reads coins that are held, side by side."""

    def __init__(
        self,
        source: MarketSource,
        snapshots: Snapshots,
        signals: SignalDesk,
        scoring: Scoring | None,
    ) -> None:
        self._source = source
        self._snapshots = snapshots
        self._signals = signals
        self._scoring = scoring
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._reading: Shared[str, One | None] = Shared()

    async def of(self, venues: Sequence[str] = ()) -> Told:
        """Read the coins that are held, of all venues or of some."""
        now = self._source.now()
        coins = list(coins_held(self._snapshots.kept.values(), venues))
        fresh = [each for each in coins if now - each[1].now < _OLD]
        tasks = [asyncio.create_task(self._of(*each)) for each in fresh]
        done = (await asyncio.wait(tasks, timeout=_PATIENCE))[0] if tasks else set()
        for task in tasks:
            task.cancel()
        read = tuple(one for task in done if (one := task.result()) is not None)
        newest = max((one.seeing.signals.time for one in read), default=now)
        waiting, old = len(tasks) - len(done), len(coins) - len(fresh)
        return Told(read, len(done) - len(read), waiting, old, newest)

    async def close(self) -> None:
        """Stop reading."""
        await self._reading.close()

    async def _of(self, found: Found, snapshot: Snapshot) -> One | None:
        key = f"{market_of(snapshot.kept)} {[each.gathered for each in snapshot.kept]}"
        return await self._reading.get(key, lambda: self._read(found, snapshot))

    async def _read(self, found: Found, snapshot: Snapshot) -> One | None:
        async with self._room:
            try:
                seeing = await self._signals.read(found, snapshot)
            except BotError as error:
                log.info("coin not read", coin=found.base, why=error)
                return None
            return One(seeing, await grade_of(self._scoring, snapshot))


def coins_held(kept: Iterable[Kept], venues: Sequence[str]) -> Iterator[tuple[Found, Snapshot]]:
    """Put the markets of each coin together, of each venue the one with the most open interest."""
    coins: dict[str, dict[str, Kept]] = defaultdict(dict)
    for one in sorted(kept, key=lambda each: -each.estimate.inventory.interest):
        item = one.history.instrument
        if not venues or item.exchange in venues:
            coins[Coin.of(item.base).name].setdefault(item.exchange, one)
    for by_venue in coins.values():
        markets = tuple(by_venue.values())
        items = tuple(one.history.instrument for one in markets)
        base = items[0].base
        found = Found(base, items, tuple(by_venue), (), base)
        yield found, Snapshot(markets, (), max(one.gathered for one in markets))
