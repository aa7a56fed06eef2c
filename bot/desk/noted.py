"""Episodes and looks of real markets are noted in the background, each of them once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.core.arrays import MINUTE
from bot.core.errors import BotError
from bot.core.evidence.occurrences import (
    Occurrence,
    candles_of,
    gone_on,
    model,
    occurrences,
    settled,
)
from bot.core.market.history import MarketHistory
from bot.core.signals.density import QUARTER
from bot.core.signals.events import Look
from bot.core.signals.read import Signals
from bot.desk.tasks import Tasks
from bot.ports import EpisodeStore, GoneThrough

log = structlog.get_logger()

# What the newest bars tell may still change for so long [ms]: feeds tell a little late.
LATE = 5 * MINUTE


class Notes:
    """Notes what is read of real markets; without a store, nothing."""

    def __init__(self, store: EpisodeStore | None) -> None:
        self._store = store
        self._tasks = Tasks()
        self._noted: dict[str, int] = {}  # [ms] until when, by market
        self._looked: dict[str, int] = {}  # [ms] the newest look that is stored

    def note(
        self, read: Signals, histories: Sequence[MarketHistory], looks: Sequence[Look]
    ) -> None:
        """Have a reading noted; nobody waits for it, and of one bar only the first is."""
        if self._store is None or read.time <= self._noted.get(read.market, 0):
            return
        work = self._note(self._store, read, histories, looks)
        self._tasks.begin(read.market, work)

    async def looks(self, market: str, now: int) -> tuple[Look, ...]:
        """Return what is remembered of a market's looks, three months back from `now` [ms]."""
        if self._store is None:
            return ()
        try:
            return tuple(await self._store.looks(market, model(), now - QUARTER))
        except BotError as error:
            log.warning("looks not remembered", market=market, why=error)
            return ()

    async def close(self) -> None:
        """Stop."""
        await self._tasks.close()

    async def _note(
        self,
        store: EpisodeStore,
        read: Signals,
        histories: Sequence[MarketHistory],
        looks: Sequence[Look],
    ) -> None:
        market = read.market
        try:
            await noted(store, read, histories)
            new = [look for look in looks if look.time > self._looked.get(market, 0)]
            await store.keep_looks(market, model(), new)
        except BotError as error:
            log.warning("episodes not noted", market=market, why=error)
            return
        self._noted[market] = read.time
        if new:
            self._looked[market] = new[-1].time


async def noted(
    store: EpisodeStore, read: Signals, histories: Sequence[MarketHistory]
) -> tuple[Occurrence, ...]:
    """Note what is new or has changed in one market; returns all that is known of it."""
    known, gone = await remembered(store, read.market)
    told = gone_on(known, occurrences(read.told), [(each.since, each.until) for each in gone])
    found = await asyncio.to_thread(settled, candles_of(histories), told)
    before = {each.name: repr(each) for each in known}  # what is no number equals nothing
    changed = [each for each in found if before.get(each.name) != repr(each)]
    since = min(int(history.candles.open_time[0]) for history in histories)
    until = read.time - LATE
    went = covering(GoneThrough(read.market, model(), since, until), gone)
    await store.keep(went, changed)
    return found


async def remembered(
    store: EpisodeStore, market: str
) -> tuple[Sequence[Occurrence], Sequence[GoneThrough]]:
    """Return what is known of a market, and the stretches that it is known of."""
    gone = await store.gone_through(market, model())
    return (await store.of_market(market, model()) if gone else ()), gone


def covering(new: GoneThrough, gone: Sequence[GoneThrough]) -> GoneThrough:
    """Stretch a stretch over those it overlaps, so that nothing is gone through a second time."""
    over = [each for each in gone if each.since <= new.until and each.until >= new.since]
    return replace(
        new,
        since=min([new.since, *(each.since for each in over)]),
        until=max([new.until, *(each.until for each in over)]),
        data=new.data or next((each.data for each in over if each.data), ""),
    )
