"""What followed past occurrences of a signal, on one coin and on all that are remembered."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.core.arrays import DAY, HOUR, MINUTE
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
from bot.core.language import Said, later
from bot.core.signals.episode import Kind
from bot.core.signals.wide import MARKET
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
    def over(self) -> str | Said:
        """Say over which markets, where it is not its own alone: "over 14 markets"."""
        return later("over {count} markets", count=self.markets) if self.pooled else ""


@dataclass(frozen=True, slots=True)
class _Known:
    """All that is known to have happened on a coin."""

    found: tuple[Occurrence, ...]  # oldest first
    days: float  # of history it was looked for in


class EvidenceDesk:
    """Works out base rates, once for all who ask; never mixes simulated with real."""

    def __init__(self, store: EpisodeStore | None = None) -> None:
        """Without a store, evidence is what is in a history at hand."""
        self._store = store
        self._own: Shared[tuple[object, ...], _Known] = Shared(_KEPT)
        self._stored: Shared[tuple[Kind, int], tuple[Occurrence, ...]] = Shared(2 * len(Kind))
        self._found: Shared[tuple[object, ...], Evidence] = Shared(_KEPT * len(Kind))

    async def of(self, kind: Kind, seeing: Seeing) -> Evidence:
        """Say what followed past occurrences of a kind on a coin, or on all if those are few."""
        return await self._found.get((kind, *_as_of(seeing)), lambda: self._work(kind, seeing))

    async def occurrences(self, seeing: Seeing) -> tuple[Occurrence, ...]:
        """Return every occurrence on a coin, with what followed, oldest first."""
        return (await self._known(seeing)).found

    async def _known(self, seeing: Seeing) -> "_Known":
        return await self._own.get(_as_of(seeing), lambda: self._settle(seeing))

    async def close(self) -> None:
        """Stop working."""
        await self._found.close()
        await self._own.close()
        await self._stored.close()

    async def _work(self, kind: Kind, seeing: Seeing) -> Evidence:
        known = await self._known(seeing)
        mine = [each for each in known.found if each.episode.kind is kind]
        own = await asyncio.to_thread(summed, mine, known.days)
        if _enough(own) or self._store is None or seeing.simulated:
            return Evidence(kind, own, (), 1)
        market = seeing.signals.market
        stored = await self._of_kind(self._store, kind, seeing.signals.time)
        others = [each for each in stored if each.episode.market not in (market, MARKET)]
        coins = by_coin([*mine, *others])
        if not coins.keys() - {coin_of(market)}:
            return Evidence(kind, own, (), 1)
        every = [each for found in coins.values() for each in found]
        return Evidence(kind, own, await asyncio.to_thread(summed, every), len(coins))

    async def _settle(self, seeing: Seeing) -> "_Known":
        told = occurrences(seeing.signals.told)
        signals = seeing.signals
        at_hand = round(signals.time - signals.days * DAY), signals.time
        if seeing.simulated:
            found, stretches = told, [at_hand]
        else:
            found, stretches = await self._with_known(seeing, told)
            stretches = [*stretches, at_hand]
        return _Known(await asyncio.to_thread(_settled, seeing, found), _days(stretches))

    async def _with_known(
        self, seeing: Seeing, told: tuple[Occurrence, ...]
    ) -> tuple[tuple[Occurrence, ...], list[tuple[int, int]]]:
        """Put what is remembered of a market before what its history at hand tells.

        With it the stretches [ms, from and until] that are remembered.
        """
        if self._store is None:
            return told, []
        market = seeing.signals.market
        try:
            known, gone = await remembered(self._store, market)
        except BotError as error:
            log.warning("episodes not remembered", market=market, why=error)
            return told, []
        stretches = [(each.since, each.until) for each in gone]
        return gone_on(known, told, stretches), stretches

    async def _of_kind(self, store: EpisodeStore, kind: Kind, now: int) -> tuple[Occurrence, ...]:
        """Return what is remembered of a kind on all markets, asked for once an hour."""

        async def read() -> tuple[Occurrence, ...]:
            return tuple(await store.of_kind(kind, model()))

        try:
            return await self._stored.get((kind, now // _STORED_ANEW), read)
        except BotError as error:
            log.warning("episodes not remembered", kind=kind.value, why=error)
            return ()


def _days(stretches: Sequence[tuple[int, int]]) -> float:
    """Return how many days stretches [ms, from and until] cover, what overlaps once."""
    covered, reached = 0, 0
    for since, until in sorted(stretches):
        covered += max(until - max(since, reached), 0)
        reached = max(reached, until)
    return covered / DAY


def _enough(found: Sequence[Followed]) -> bool:
    return any(each.horizon == SPOKEN and each.enough for each in found)


def _settled(seeing: Seeing, found: tuple[Occurrence, ...]) -> tuple[Occurrence, ...]:
    """Say what followed each, in a thread."""
    return settled(candles_of(seeing.histories), found)


def _as_of(seeing: Seeing) -> tuple[object, ...]:
    """What evidence on a coin depends on, as far as it is worked out anew for it."""
    signals = seeing.signals
    return signals.market, seeing.simulated, signals.time // _ANEW, len(signals.told)
