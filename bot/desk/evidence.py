"""What followed past occurrences of a signal, on one coin and on all that are remembered."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import BotError
from bot.core.evidence.base import Followed
from bot.core.evidence.occurrences import (
    Occurrence,
    by_coin,
    candles_of,
    coin_of,
    gone_on,
    model,
    occurrences,
    settled,
    summed,
)
from bot.core.evidence.words import SPOKEN
from bot.core.signals.episode import Kind
from bot.desk.noted import remembered
from bot.desk.shared import Shared
from bot.desk.signals import Seeing
from bot.ports import EpisodeStore

log = structlog.get_logger()

# What followed is worked out anew so often [ms] of market time: no horizon is shorter.
_ANEW = 15 * MINUTE
_STORED_ANEW = HOUR
_KEPT = 256


@dataclass(frozen=True, slots=True)
class Evidence:
    """What followed past occurrences of one kind, as `words.before` tells it."""

    kind: Kind
    own: tuple[Followed, ...]  # on the market itself; () if there was none
    pooled: tuple[Followed, ...]  # on all markets together; () if its own are enough, or all
    markets: int  # how many those are, a coin once

    @property
    def followed(self) -> tuple[Followed, ...]:
        """Its own where they are enough, else those of all markets."""
        return self.pooled or self.own

    @property
    def over(self) -> str:
        """Say over which markets, where it is not its own alone: "over 14 markets"."""
        return f"over {self.markets} markets" if self.pooled else ""


class EvidenceDesk:
    """Works out base rates, once for all who ask; never mixes simulated with real."""

    def __init__(self, store: EpisodeStore | None = None) -> None:
        """Without a store, evidence is what is in a history at hand."""
        self._store = store
        self._own: Shared[tuple[object, ...], tuple[Occurrence, ...]] = Shared(_KEPT)
        self._stored: Shared[tuple[Kind, int], tuple[Occurrence, ...]] = Shared(2 * len(Kind))
        self._found: Shared[tuple[object, ...], Evidence] = Shared(_KEPT * len(Kind))

    async def of(self, kind: Kind, seeing: Seeing) -> Evidence:
        """Say what followed past occurrences of a kind on a coin, or on all if those are few."""
        return await self._found.get((kind, *_as_of(seeing)), lambda: self._work(kind, seeing))

    async def occurrences(self, seeing: Seeing) -> tuple[Occurrence, ...]:
        """Return every occurrence on a coin, with what followed, oldest first."""
        return await self._own.get(_as_of(seeing), lambda: self._settle(seeing))

    async def close(self) -> None:
        """Stop working."""
        await self._found.close()
        await self._own.close()
        await self._stored.close()

    async def _work(self, kind: Kind, seeing: Seeing) -> Evidence:
        mine = [each for each in await self.occurrences(seeing) if each.episode.kind is kind]
        own = await asyncio.to_thread(summed, mine)
        if _enough(own) or self._store is None or seeing.simulated:
            return Evidence(kind, own, (), 1)
        market = seeing.signals.market
        stored = await self._of_kind(self._store, kind, seeing.signals.time)
        others = [each for each in stored if each.episode.market != market]
        coins = by_coin([*mine, *others])
        if not coins.keys() - {coin_of(market)}:
            return Evidence(kind, own, (), 1)
        every = [each for found in coins.values() for each in found]
        return Evidence(kind, own, await asyncio.to_thread(summed, every), len(coins))

    async def _settle(self, seeing: Seeing) -> tuple[Occurrence, ...]:
        told = occurrences(seeing.signals.told)
        found = told if seeing.simulated else await self._with_known(seeing, told)
        return await asyncio.to_thread(_settled, seeing, found)

    async def _with_known(
        self, seeing: Seeing, told: tuple[Occurrence, ...]
    ) -> tuple[Occurrence, ...]:
        """Put what is remembered of a market before what its history at hand tells."""
        if self._store is None:
            return told
        market = seeing.signals.market
        try:
            known, gone = await remembered(self._store, market)
        except BotError as error:
            log.warning("episodes not remembered", market=market, why=str(error))
            return told
        return gone_on(known, told, [(each.since, each.until) for each in gone])

    async def _of_kind(self, store: EpisodeStore, kind: Kind, now: int) -> tuple[Occurrence, ...]:
        """Return what is remembered of a kind on all markets, asked for once an hour."""

        async def read() -> tuple[Occurrence, ...]:
            return tuple(await store.of_kind(kind, model()))

        try:
            return await self._stored.get((kind, now // _STORED_ANEW), read)
        except BotError as error:
            log.warning("episodes not remembered", kind=kind.value, why=str(error))
            return ()


def _enough(found: Sequence[Followed]) -> bool:
    return any(each.horizon == SPOKEN and each.enough for each in found)


def _settled(seeing: Seeing, found: tuple[Occurrence, ...]) -> tuple[Occurrence, ...]:
    """Say what followed each, in a thread."""
    return settled(candles_of(seeing.histories), found)


def _as_of(seeing: Seeing) -> tuple[object, ...]:
    """What evidence on a coin depends on, as far as it is worked out anew for it."""
    signals = seeing.signals
    return signals.market, seeing.simulated, signals.time // _ANEW, len(signals.told)
