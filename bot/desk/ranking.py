"""All coins that are held, ranked by how near they are to a squeeze."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import structlog

from bot.core.arrays import HOUR
from bot.core.errors import BotError
from bot.core.evidence.words import before
from bot.core.instruments import Coin
from bot.core.signals.squeeze import Ranked, RankingReading, ranked
from bot.desk.evidence import EvidenceDesk
from bot.desk.markets import Found
from bot.desk.shared import Shared
from bot.desk.signals import Seeing, SignalDesk, market_of
from bot.desk.snapshot import Kept, Snapshot, Snapshots
from bot.ports import MarketSource

log = structlog.get_logger()

_PATIENCE = 8.0  # [s] coins are waited for; those not read by then are read on meanwhile
_AT_ONCE = 2  # coins read side by side: somebody who asks for one must not wait behind all
_OLD = 2 * HOUR  # a coin last gathered longer ago says nothing of now


class Ranking:
    """Reads every coin that is held in memory, without asking venues for anything newer."""

    def __init__(
        self,
        source: MarketSource,
        snapshots: Snapshots,
        signals: SignalDesk,
        evidence: EvidenceDesk,
    ) -> None:
        self._source = source
        self._snapshots = snapshots
        self._signals = signals
        self._evidence = evidence
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._reading: Shared[str, Seeing | None] = Shared()

    async def of(self, venues: Sequence[str] = ()) -> RankingReading:
        """Rank the coins that are held, of all venues or of some."""
        now = self._source.now()
        coins = list(_coins(self._snapshots.kept.values(), venues))
        fresh = [each for each in coins if now - each[1].now < _OLD]
        tasks = [asyncio.create_task(self._of(*each)) for each in fresh]
        done = (await asyncio.wait(tasks, timeout=_PATIENCE))[0] if tasks else set()
        for task in tasks:
            task.cancel()
        seen = [seeing for task in done if (seeing := task.result()) is not None]
        told = ranked(one for seeing in seen if (one := _ranked(seeing)) is not None)
        return RankingReading(
            max((one.as_of for one in told), default=now),
            told,
            len(done) - len(told),
            len(tasks) - len(done),
            len(coins) - len(fresh),
            await self._sentences(told, seen),
            any(seeing.simulated for seeing in seen),
        )

    async def close(self) -> None:
        """Stop reading."""
        await self._reading.close()

    async def _of(self, found: Found, snapshot: Snapshot) -> Seeing | None:
        key = f"{market_of(snapshot.kept)} {[each.gathered for each in snapshot.kept]}"
        return await self._reading.get(key, lambda: self._read(found, snapshot))

    async def _read(self, found: Found, snapshot: Snapshot) -> Seeing | None:
        async with self._room:
            try:
                return await self._signals.read(found, snapshot)
            except BotError as error:
                log.info("coin not ranked", coin=found.base, why=str(error))
                return None

    async def _sentences(self, told: Sequence[Ranked], seen: Sequence[Seeing]) -> tuple[str, ...]:
        """Say what followed each regime that is named, as the first coin in it tells."""
        first = {}
        for one in reversed(told):
            if one.reading.kind is not None:
                first[one.reading.kind] = one.base
        said = []
        for kind, base in first.items():
            seeing = next(each for each in seen if each.base == base)
            found = await self._evidence.of(kind, seeing)
            where = found.over or f"on {base}"
            said.append(f"{kind.value.capitalize()}, {where}: {before(kind, found.followed)}")
        return tuple(said)


def _coins(kept: Iterable[Kept], venues: Sequence[str]) -> Iterator[tuple[Found, Snapshot]]:
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


def _ranked(seeing: Seeing) -> Ranked | None:
    """Return a coin's place among others; None where its past says nothing yet."""
    signals = seeing.signals
    if signals.regime is None or not signals.regime.facts:
        return None
    interest = signals.look.interest if signals.look is not None else 0.0
    return Ranked(seeing.base, signals.price, signals.time, signals.regime, interest)
