"""What came of an episode: its market is looked at again when the time has come."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.core.arrays import MINUTE
from bot.core.errors import BotError, NotEnoughData
from bot.core.language import speaking
from bot.core.market.history import MarketHistory
from bot.core.watches import hours
from bot.core.watches.followed import Since, after, of_group, since
from bot.core.watches.ledger import Entry, Told
from bot.core.watches.presets import Rules, rules
from bot.core.watches.tree import Hours, Watch
from bot.desk.markets import Found
from bot.desk.signals import known
from bot.desk.watching import followed_words
from bot.desk.watching.followed_words import Came
from bot.desk.watching.parts import Parts, watch_of
from bot.messages import FollowUp
from bot.reply import Reply
from bot.watching import KeptWatch, Manners, WatchStore

log = structlog.get_logger()

_PATIENCE = 5.0  # [s] that markets are waited for; they are gathered on meanwhile
_AGAIN = 10.0  # [s] after which a coin that could not be had is asked for again
# So long after the time has come [ms] it is said that nothing can be said, and so long venues that
# are late are waited for.
_GIVEN_UP, _LATE = 30 * MINUTE, 2 * MINUTE
_SHORTEST = 10 * MINUTE  # of less than that nothing can be said
_MEMBERS = 12  # coins of one cascade that are looked at


class FollowUps:
    """Follows up what was told; asks again while its time is not over on the market."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._waits: dict[tuple[str, tuple[str, ...]], float] = {}  # [s] until when, by coin

    async def follow_up(self, due: FollowUp) -> Reply | None:
        """Say what came of an episode, and note it; None if nobody is to be told.

        Nobody is where the watch is gone, or its chat wants no sound now: then it is noted alone.
        BotError: ask again.
        """
        store = self._parts.store
        if store is None:
            return None
        entry = await store.entry(due.episode)
        kept = None if entry is None else await store.watch(entry.watch)
        if entry is None or kept is None or entry.told is None or entry.price is None:
            return None
        watch = watch_of(kept)
        if watch is None:
            return None
        manners = await _manners(store, kept)
        ruled = rules(kept.id, watch, manners.zone, manners.muted_until, _quiet(manners))
        end = entry.told + due.after
        entries = await self._entries(store, kept, entry, ruled, end)
        came = await asyncio.gather(*(self._came(one, watch, end, due.after) for one in entries))
        for each in came:
            if each.after is not None:
                await store.note(each.after)
        now = self._parts.source.now()
        if _silent(kept, ruled, now):
            return None
        simulated, tongue = self._parts.source.simulated, self._parts.tongue(manners)
        with speaking(tongue):
            reply = followed_words.reply(
                came, due.after, kept.words, simulated=simulated, as_of=end
            )
        return replace(reply, language=tongue.code)

    async def _entries(
        self, store: WatchStore, kept: KeptWatch, entry: Entry, ruled: Rules, end: int
    ) -> tuple[Entry, ...]:
        """Return the episodes that a message tells of: of a cascade, those of its whole chat."""
        if not ruled.cascade:
            return (entry,)
        told: list[Told] = []
        for each in await store.of_chat(kept.address.chat):
            watch = watch_of(each)
            if watch is not None and rules(each.id, watch).cascade:
                told += await store.ledger(each.id)
        joined = of_group(entry, told)
        soon = (each for each in joined[1:] if each.told and end - each.told >= _SHORTEST)
        return (entry, *soon)[:_MEMBERS]

    async def _came(self, entry: Entry, watch: Watch, end: int, lapse: int) -> Came:
        """Find out what came of one coin. NotEnoughData and others: not yet."""
        given_up = self._parts.source.now() - end >= _GIVEN_UP
        base = symbol = entry.market
        try:
            found = await self._parts.markets.find(entry.market, watch.venues)
            base, symbol = found.base, found.symbol
            told = await self._since(entry, found, end)
        except BotError:
            if given_up:
                return Came(entry, base, symbol)
            raise
        return Came(entry, base, symbol, after(entry, told, lapse), told)

    async def _since(self, entry: Entry, found: Found, end: int) -> Since:
        histories = await self._histories(_judged_by(found, entry), end)
        start = entry.told if entry.told is not None else entry.began
        told = await asyncio.to_thread(since, histories, start, end, entry.about)
        if told is None:
            raise NotEnoughData(f"{found.base} is not known until {end} yet")
        return told

    async def _histories(self, found: Found, end: int) -> Sequence[MarketHistory]:
        """Return a coin's markets with all that was known at a time [ms]; NotEnoughData."""
        key = found.symbol, tuple(each.exchange for each in found.instruments)
        clock = asyncio.get_running_loop().time
        if self._waits.get(key, 0.0) > clock():
            raise NotEnoughData(f"{found.base} was asked for moments ago")
        try:
            async with asyncio.timeout(_PATIENCE):
                snapshot = await self._parts.snapshots.of(found.instruments)
        except TimeoutError as error:
            self._waits[key] = clock() + _AGAIN
            raise NotEnoughData(f"{found.base} is still being gathered") from error
        there = [kept for kept in snapshot.kept if kept.gathered >= end]
        late = len(there) < len(found.instruments)
        if not there or (late and self._parts.source.now() - end < _LATE):
            self._waits[key] = clock() + 1.0
            raise NotEnoughData(f"{found.base} is not known until then yet")
        self._waits.pop(key, None)
        return [known(kept, found.base) for kept in there]


def _judged_by(found: Found, entry: Entry) -> Found:
    """Return the markets that an episode was judged by, as far as they are still listed."""
    same = tuple(each for each in found.instruments if each.key in entry.markets)
    return replace(found, instruments=same) if same else found


async def _manners(store: WatchStore, kept: KeptWatch) -> Manners:
    chat = kept.address.chat
    return (await store.manners([chat])).get(chat, Manners())


def _quiet(manners: Manners) -> Hours | None:
    return None if manners.quiet is None else Hours(*manners.quiet)


def _silent(kept: KeptWatch, ruled: Rules, now: int) -> bool:
    """Say whether the chat wants to hear nothing of a watch now."""
    quiet = hours.quiet(ruled.quiet, now, ruled.zone)
    return quiet or now < ruled.muted_until or now < kept.snoozed_until
