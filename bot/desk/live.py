"""Listening: liquidations of the markets people ask for, onto their tapes and into memory."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass

import structlog

from bot.core.arrays import DAY, HOUR
from bot.core.errors import BotError
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.liquidations import together
from bot.desk.snapshot import Snapshots
from bot.desk.tapes import Tapes
from bot.ports import HistoryStore, MarketSource

log = structlog.get_logger()

_LOOK = 1.0  # [s] between looks at what is followed and heard
_SAVE = 2.0  # [s] between writes of what has come
_TELL = 300.0  # [s] between writes of when markets were heard that told nothing
# What a feed has heard is on the tape moments later; so much is allowed for [ms] of its time.
_LAG = 10_000
# Markets listened to not longer ago are followed again after a restart, so many of them.
_RESUMED, _MOST_RESUMED = 3 * DAY, 100
_RESUMED_FOR = DAY  # [ms] unless somebody asks for them or they are collected
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0  # [s] after a feed has ended by a mistake
_CHANGE_OVER = 60.0  # [s] an old feed is kept at most until the new one is heard
_UNWANTED = HOUR  # [ms] a feed goes on with markets that nobody wants any more


@dataclass(slots=True)
class _Feed:
    """One exchange's feed: what it follows, and the task that reads it."""

    instruments: frozenset[Instrument]
    task: asyncio.Task[None]
    change: asyncio.Task[None] | None = None  # under way to a feed of other markets
    wider: int | None = None  # [ms] since when it has followed more than is wanted


@dataclass(frozen=True, slots=True)
class Listening:
    """How one exchange's feed of liquidations stands."""

    exchange: str
    markets: int  # that it follows
    since: int | None  # [ms] from when on it has been heard without a break; None: it is not heard


class Live:
    """Follows every market held in memory, a feed for each exchange; owns all its tasks.

    A market that comes in new is followed by a new feed of all markets of its exchange; the old
    one ends only when the new one is heard, so that no other market has a deaf moment by it. The
    same happens for those that stay, some time after others were dropped.
    """

    def __init__(
        self,
        source: MarketSource,
        snapshots: Snapshots,
        tapes: Tapes,
        store: HistoryStore | None = None,
        *,
        look: float = _LOOK,
    ) -> None:
        """What a simulated source tells is never stored; `look` [s] is shorter in tests."""
        self._source = source
        self._snapshots = snapshots
        self._tapes = tapes
        self._store = None if source.simulated else store
        self._look = look
        self._feeds: dict[str, _Feed] = {}
        self._saving: list[Instrument] = []  # taken off their tapes, not stored yet
        self._resumed: frozenset[Instrument] = frozenset()
        self._began = 0  # [ms]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen."""
        self._tasks = [asyncio.create_task(self._listen(), name="listening")]
        if self._store is not None:
            saving = self._again(self._save_events, _SAVE)
            telling = self._again(self._save_heard, _TELL)
            self._tasks += [asyncio.create_task(saving), asyncio.create_task(telling)]

    async def close(self) -> None:
        """Stop listening, and store what has come."""
        if not self._tasks:
            return
        self._note()
        tasks, self._tasks = self._tasks, []
        for feed in self._feeds.values():
            tasks += [feed.task] + ([feed.change] if feed.change else [])
        await _ended(tasks)
        self._feeds.clear()
        await self._save_events()
        await self._save_heard()

    @property
    def followed(self) -> int:
        """How many markets are listened to."""
        return sum(len(feed.instruments) for feed in self._feeds.values())

    @property
    def markets(self) -> tuple[Instrument, ...]:
        """The markets that are wanted: those held in memory, and those of before a restart."""
        held = [kept.history.instrument for kept in self._snapshots.kept.values()]
        return tuple(dict.fromkeys((*held, *self._resumed)))

    @property
    def feeds(self) -> tuple[Listening, ...]:
        """The feeds that tell something, and how they stand."""
        found = []
        for exchange, feed in sorted(self._feeds.items()):
            if not feed.task.done():  # where nothing is told live it ends at once
                spans = self._source.heard(next(iter(feed.instruments))).spans
                since = spans[-1][0] if spans else None
                found.append(Listening(exchange, len(feed.instruments), since))
        return tuple(found)

    async def _listen(self) -> None:
        await self._resume()
        await self._again(self._tend, self._look)

    async def _resume(self) -> None:
        """Remember which markets were followed before a restart."""
        self._began = self._source.now()
        if self._store is None:
            return
        try:
            since = self._source.now() - _RESUMED
            self._resumed = frozenset([*await self._store.followed(since)][-_MOST_RESUMED:])
        except BotError as error:
            log.warning("followed markets not remembered", why=error)

    async def _again(self, work: Callable[[], Awaitable[None]], pause: float) -> None:
        """Do something for ever; what goes wrong is noted, and is no reason to stop."""
        while True:
            await asyncio.sleep(pause)
            try:
                await work()
            except Exception:
                log.exception("listening went wrong")

    async def _tend(self) -> None:
        """Note what is heard, and see that every market held is followed."""
        self._note()
        # What was followed before is wanted until it is held; what is not held soon was dropped.
        self._resumed -= {kept.history.instrument for kept in self._snapshots.kept.values()}
        if self._source.now() - self._began >= _RESUMED_FOR:
            self._resumed = frozenset()
        self._let_go()
        wanted: dict[str, set[Instrument]] = {exchange: set() for exchange in self._feeds}
        for instrument in self.markets:
            wanted.setdefault(instrument.exchange, set()).add(instrument)
        for exchange, instruments in wanted.items():
            asked, feed = frozenset(instruments), self._feeds.get(exchange)
            if feed is None:
                self._feeds[exchange] = _Feed(asked, self._reader(exchange, asked))
            elif feed.change is None and self._is_due(feed, asked):
                feed.change = asyncio.create_task(self._change(exchange, feed, asked))

    def _let_go(self) -> None:
        """Let go of the tapes of markets that are not followed any more, once they are stored."""
        needed = {
            *self.markets,
            *(one for feed in self._feeds.values() for one in feed.instruments),
        }
        if self._store is not None:
            needed.update(self._saving, self._tapes.unsaved(quiet=True))
        for instrument in self._tapes.markets():
            if instrument not in needed:
                self._tapes.drop(instrument)

    def _is_due(self, feed: _Feed, wanted: frozenset[Instrument]) -> bool:
        """Whether a feed lacks a market, or has followed some for long that nobody wants."""
        if feed.instruments <= wanted:
            feed.wider = None
        elif feed.wider is None:
            feed.wider = self._source.now()
        lasts = 0 if feed.wider is None else self._source.now() - feed.wider
        return lasts >= _UNWANTED or not wanted <= feed.instruments

    def _note(self) -> None:
        for feed in self._feeds.values():
            for instrument in feed.instruments:
                spans = self._source.heard(instrument).spans
                heard = Heard.of((start, end - _LAG) for start, end in spans)
                self._tapes.hear(instrument, heard)

    async def _change(self, exchange: str, old: _Feed, wanted: frozenset[Instrument]) -> None:
        """Read a feed of `wanted` beside the old one, and end that when the new one is heard.

        Without a newcomer it cannot be told which of them is heard: then both go on for the whole
        time that such a change may take.
        """
        if not wanted:
            await _ended([old.task])
            del self._feeds[exchange]
            return
        newcomer = next(iter(wanted - old.instruments), None)
        new = _Feed(wanted, self._reader(exchange, wanted))
        try:
            async with asyncio.timeout(_CHANGE_OVER):
                while True:
                    await asyncio.sleep(self._look)
                    if newcomer and self._taken_over(newcomer, next(iter(old.instruments))):
                        break
        except TimeoutError:
            if newcomer:
                log.info("a feed takes long to be heard", exchange=exchange, markets=len(wanted))
        except asyncio.CancelledError:
            await _ended([new.task])
            raise
        self._note()
        self._feeds[exchange] = new
        await _ended([old.task])

    def _taken_over(self, newcomer: Instrument, other: Instrument) -> bool:
        """Whether the new feed is heard, and the old one was heard until then or not at all."""
        heard = self._source.heard(newcomer).spans
        if not heard:
            return False
        earlier = [span for span in self._source.heard(other).spans if span[0] < heard[0][0]]
        return not earlier or earlier[-1][1] >= heard[0][0]

    def _reader(self, exchange: str, asked: frozenset[Instrument]) -> asyncio.Task[None]:
        return asyncio.create_task(self._read(exchange, asked), name=f"{exchange} tape")

    async def _read(self, exchange: str, asked: frozenset[Instrument]) -> None:
        """Put what a feed tells onto the tapes; begin again if it breaks."""
        pause = _FIRST_PAUSE
        while True:
            try:
                async with AsyncExitStack() as stack:
                    feed = self._source.liquidations(sorted(asked, key=lambda one: one.key))
                    if isinstance(feed, AsyncGenerator):
                        await stack.enter_async_context(aclosing(feed))
                    async for some in feed:
                        self._tapes.take(some.instrument, some.events)
                        pause = _FIRST_PAUSE
            except BotError as error:
                log.warning("tape stopped", exchange=exchange, why=error, again_in=pause)
            except Exception:
                log.exception("tape broke", exchange=exchange, again_in=pause)
            else:
                return  # nothing is told live here: a recording
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _save_events(self) -> None:
        for instrument in self._tapes.unsaved():
            await self._save(instrument)

    async def _save_heard(self) -> None:
        for instrument in self._tapes.unsaved(quiet=True):
            await self._save(instrument)

    async def _save(self, instrument: Instrument) -> None:
        """Store what came of one market; what is not stored now is tried again later."""
        if self._store is None or instrument not in self._tapes.markets():
            return  # or it was let go of while another was stored: then there was nothing new
        batches, heard = self._tapes.take_unsaved(instrument)
        self._saving.append(instrument)
        try:
            events = await asyncio.to_thread(together, batches)
            await self._store.save_liquidations(instrument, events, heard)
        except BotError as error:
            log.warning("tape not stored", market=instrument.key, why=error)
            self._tapes.put_back(instrument, batches)
        except BaseException:  # told to stop in the middle: the last save has it
            self._tapes.put_back(instrument, batches)
            raise
        finally:
            self._saving.remove(instrument)


async def _ended(tasks: Collection[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
