"""Cascades of the market as a whole: remembered, with what followed them."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from bot.core.errors import BotError
from bot.core.evidence.base import Followed
from bot.core.evidence.occurrences import (
    Occurrence,
    coin_of,
    model,
    occurrences,
    summed,
)
from bot.core.evidence.wide import wide_joined, wide_occurrences, wide_settled
from bot.core.instruments import Coin
from bot.core.market.series import Candles
from bot.core.signals.episode import Episode
from bot.core.signals.wide import COINS, MARKET
from bot.desk.building import Built
from bot.desk.noted import remembered
from bot.desk.signals import known
from bot.desk.snapshot import Snapshots
from bot.desk.tasks import Tasks
from bot.ports import EpisodeStore, GoneThrough

log = structlog.get_logger()

_EVER = 2**62  # [ms]


class WidePast:
    """Notes what is told of real markets as a whole, and knows what followed others like it."""

    def __init__(self, snapshots: Snapshots, store: EpisodeStore | None) -> None:
        self._snapshots = snapshots
        self._store = store
        self._told: dict[str, list[Episode]] = {}  # states that are not noted yet, by name
        self._tasks = Tasks()
        self._followed: tuple[Followed, ...] = ()

    @property
    def followed(self) -> tuple[Followed, ...]:
        """What followed those that are remembered; () if there are none."""
        return self._followed

    def note(self, state: Episode) -> None:
        """Have a state of a real one noted; nobody waits for it."""
        if self._store is not None:
            self._told.setdefault(state.name, []).append(state)
            self.look_again()

    def look_again(self) -> None:
        """Have what followed those remembered brought up to date."""
        if self._store is not None:
            self._tasks.begin("wide", self._look(self._store))

    async def close(self) -> None:
        """Stop."""
        await self._tasks.close()

    async def _look(self, store: EpisodeStore) -> None:
        told = occurrences([state for states in self._told.values() for state in states])
        try:
            found = await noted_wide(store, told, self._candles())
        except BotError as error:
            log.warning("cascades of the market not noted", why=error)
            return
        over = {each.name for each in told if each.episode.ended is not None}
        self._told = {name: states for name, states in self._told.items() if name not in over}
        self._followed = await asyncio.to_thread(summed, found)

    def _candles(self) -> dict[str, Candles]:
        coins: dict[str, list[Candles]] = {}
        for kept in self._snapshots.kept.values():
            if not kept.history.simulated:
                history = known(kept)
                name = Coin.of(history.instrument.base).name
                coins.setdefault(name, []).append(history.candles)
        return {name: max(held, key=_turnover) for name, held in coins.items()}


async def noted_wide(
    store: EpisodeStore, told: Sequence[Occurrence], candles: Mapping[str, Candles]
) -> tuple[Occurrence, ...]:
    """Note what is told of the market as a whole, and what followed by now; returns all known."""
    known_before, gone = await remembered(store, MARKET)
    joined = wide_joined(known_before, told)
    found = await asyncio.to_thread(wide_settled, candles, joined)
    if [*map(repr, found)] != [*map(repr, known_before)]:
        times = [each.episode.began for each in found]
        since = min([*times, *(each.since for each in gone)])
        until = max([*times, *(each.until for each in gone)])
        await store.keep(GoneThrough(MARKET, model(), since, until), found, instead=(-_EVER, _EVER))
    return found


async def built_wide(pasts: Mapping[str, Built], store: EpisodeStore | None) -> Built | None:
    """Find cascades of the market in the pasts of its coins; None if those are too few for one.

    What is real goes into the store, beside what is known already.
    """
    real = [each for each in pasts.values() if not each.simulated]
    used = real or [*pasts.values()]
    candles = {coin_of(each.market): each.candles for each in used}
    if len(candles) < COINS:
        return None
    told = wide_occurrences(one for each in used for one in each.found)
    if store is not None and real:
        since, until = (
            min(int(held.open_time[0]) for held in candles.values()),
            max(int(held.close_time[-1]) for held in candles.values()),
        )
        every = await noted_wide(store, told, candles)
        found = tuple(each for each in every if since <= each.episode.began <= until)
    else:
        found = await asyncio.to_thread(wide_settled, candles, told)
    days = max(each.days for each in used)
    return Built(MARKET, days, found, not real, before=False, lacks=(), candles=used[0].candles)


def _turnover(candles: Candles) -> float:
    return float((candles.volume * candles.close).sum())
