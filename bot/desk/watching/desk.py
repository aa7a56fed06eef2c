"""The desk of watches: what is kept is judged, told and followed up for as long as it runs."""

import asyncio
from collections.abc import Mapping

import structlog

from bot.core.arrays import MINUTE
from bot.core.errors import BotError, WatchRefused
from bot.core.language import code, mark, say, speaking
from bot.core.watches.gate import State
from bot.core.watches.grouping import held_back
from bot.core.watches.parse import grammar, watch
from bot.core.watches.saved import saved
from bot.core.watches.schedule import Scheduled
from bot.delivery.outbox import Outbox
from bot.desk.cascades import CascadeDesk
from bot.desk.garbage import settled, unsearched
from bot.desk.markets import Markets
from bot.desk.overview import Overview
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.desk.status import Watching
from bot.desk.tapes import Tapes
from bot.desk.tasks import Tasks
from bot.desk.watching.kept import Book
from bot.desk.watching.live import AtOnce
from bot.desk.watching.putting import Putting
from bot.desk.watching.rows import Rows
from bot.desk.watching.said import Sayer
from bot.desk.watching.schedule import Schedules
from bot.desk.watching.telling import Teller
from bot.desk.watching.tick import Judge
from bot.desk.watching.wanted import Wanted
from bot.messages import (
    Address,
    Alert,
    Backlog,
    FollowUp,
    Judged,
    Message,
    News,
    OutboxStore,
    Urgency,
)
from bot.ports import Clock, MarketSource
from bot.reply import Reply
from bot.watching import KeptWatch, Manners, WatchStore

log = structlog.get_logger()

# A tick is so long [ms] after the minute: by then the bars that have closed are there.
LATE = 15_000

_UNREAD = mark("its words are not read")  # kept in English, said in the language of who reads it
_MANY = 1_000  # watches that come at once: what is made of them stays


class WatchDesk:
    """Judges watches at each tick and when something happens; a bot.desk.judging.Judging."""

    def __init__(
        self,
        source: MarketSource,
        markets: Markets,
        snapshots: Snapshots,
        signals: SignalDesk,
        tapes: Tapes,
        store: WatchStore,
        states: OutboxStore,
        teller: Teller,
        clock: Clock,
        *,
        cascades: CascadeDesk | None = None,
        overview: Overview | None = None,
        collected: bool = False,
        interval: int = MINUTE,
        late: int = LATE,
    ) -> None:
        """`interval` [ms] lies between two ticks of market time, each `late` [ms] after it.

        `clock` is that of the wall. Where markets are `collected`, others keep those current that
        have been asked for.
        """
        self._source = source
        self._store = store
        self._states = states
        self._clock = clock
        self._teller = teller
        self._interval, self._late = interval, late
        self.outbox = Outbox(states, clock, follow_ups=self, tell=self.tell, market=source)
        self._book = Book(store, states)
        wanted = Wanted(source, markets, snapshots, collected=collected, interval=interval)
        self._rows = Rows(source, wanted, signals, tapes, cascades, overview)
        self._putting = Putting(self.outbox)
        sayer = Sayer(source, wanted, teller, store, cascades)
        self._judge = Judge(
            self._book, self._rows, wanted, sayer, self._putting, store, interval=interval
        )
        self._schedules = Schedules(self._book, teller, self._putting)
        self._live = None if cascades is None else AtOnce(source, cascades, self._judge)
        self._tasks = Tasks()
        self._welcomed: set[str] = set()
        self._backlog: Mapping[str, Backlog] = {}
        self._runs = False
        self._changed = True
        self._slot: int | None = None  # number of the newest tick
        self.ticked: int | None = None  # [ms] market time of the newest tick that was gone through

    def start(self) -> None:
        """Begin to judge and to send; a loop must be running, and ticks are others' to give."""
        self._runs = True
        self._tasks.begin("language", _language())
        self.outbox.start()
        if self._live is not None:
            self._live.start()

    async def close(self) -> None:
        """Stop judging, then sending; what is kept stays."""
        self._runs = False
        if self._live is not None:
            await self._live.close()
        await self._tasks.close()
        await self._schedules.close()
        await self._judge.close()
        await self._rows.close()
        await self.outbox.close()

    async def tick(self) -> None:
        """Judge all watches, if the time has come; otherwise see to what has changed."""
        if not self._runs:
            return
        now = self._source.now()
        slot = (now - self._late) // self._interval
        due = slot != self._slot
        if not due and not self._changed:
            return
        await self._load()
        await self._rows.refresh(now)
        if not due:
            return
        self._slot = slot
        await self._putting.put(())
        await self._schedules.tick(now)
        await self._judge.all(slot * self._interval + self._late, self._source.now())
        self.ticked = now
        try:
            self._backlog = await self.outbox.backlog()
        except BotError as error:
            log.warning("backlog not read", why=error)

    def changed(self) -> None:
        """Take note that what is kept has changed: it is looked at again within seconds."""
        self._changed = True

    def state(self, watch_id: str) -> State | Scheduled | None:
        """Return how a watch stands; None if it has not been judged yet."""
        watched = self._book.watches.get(watch_id)
        return None if watched is None else watched.state

    def next_due(self, watch_id: str) -> int | None:
        """Return when a watch speaks next [ms] UTC; None if it does not speak at a time."""
        watched = self._book.watches.get(watch_id)
        return None if watched is None else self._schedules.next_due(watched, self._source.now())

    def held_back(self, chat: str) -> Mapping[str, int]:
        """Count what was held back in a chat, by reason."""
        mine = [each for each in self._book.watches.values() if each.kept.address.chat == chat]
        return held_back(each.state for each in mine if isinstance(each.state, State))

    async def test(self, address: Address) -> None:
        """Send a test alert the way every alert goes. StoreUnavailable."""
        now = self._source.now()
        name = f"test {address.chat}"
        reply = Reply(
            say("Test alert"),
            (say("Alerts of your watches come like this one."),),
            simulated=self._source.simulated,
            as_of=now,
            language=code(),
        )
        tick = self._clock.now()  # the market's may be set back at each start
        alert = Alert(f"{name}/{tick}", tick, (Message(address, reply),), Urgency.NOW)
        await self.outbox.put([Judged(name, tick, saved(State(), tick), (alert,))])

    @property
    def standing(self) -> Watching:
        """Say how watches stand, and how much waited to be shown when it was last looked."""
        waiting = {name: each.waiting for name, each in self._backlog.items() if each.waiting}
        since = [each.oldest for each in self._backlog.values() if each.oldest is not None]
        oldest = max(self._clock.now() - min(since), 0) if since else None
        many = len(self._book.watches)
        return Watching(many, self.ticked, self._putting.waiting, waiting, oldest)

    def heard_from(self, chat: str) -> None:
        """Take note that somebody writes in a chat: one that was gone may be written to again."""
        if chat not in self._welcomed:
            self._tasks.begin(("welcome", chat), self._welcome(chat))

    async def tell(self, news: News) -> None:
        """Have the watches of a chat that is gone speak no more, or move. StoreUnavailable."""
        self._welcomed.discard(news.chat)
        if news.moved_to is None:
            retired = await self._store.retire(news.chat, news.why)
            log.info("watches of a chat retired", chat=news.chat, watches=retired, why=news.why)
        else:
            await self._store.move(news.chat, news.moved_to)
        self.changed()

    async def follow_up(self, due: FollowUp) -> Reply | None:
        """Say what came of an episode, unless its watch is no more. BotError: ask again."""
        watch = due.episode.partition("/")[0]
        if watch not in self._book.watches and await self._store.watch(watch) is None:
            return None
        return await self._teller.follow_up(due)

    async def _welcome(self, chat: str) -> None:
        try:
            await self._states.welcome(chat)
        except BotError as error:
            log.warning("chat not welcomed", chat=chat, why=error)
        else:
            self._welcomed.add(chat)

    async def _load(self) -> None:
        """Read what is kept; while memory cannot be used, what was read last is gone on with."""
        self._changed = False
        made = 0
        with unsearched():
            try:
                async with self._judge.turn:
                    made = await self._book.load()
            except BotError as error:
                log.warning("watches not read", why=error)
                self._changed = True
            if self._putting.waiting:
                self._putting.only(self._book.known())
            await self._judge.compile()
            if made > _MANY:
                settled()
        for kept, manners in list(self._book.unread.values()):
            await self._retire(kept, manners)

    async def _retire(self, kept: KeptWatch, manners: Manners) -> None:
        """Say of a watch that its words can no longer be read, and have it speak no more."""
        tongue = self._teller.tongue(manners)
        with speaking(tongue):
            said = say("The watch “{words}” can no longer be read", words=kept.words)
            lines = (_refusal(kept.words), say("It speaks no more; please make it anew."))
        reply = Reply(said, lines, kind="problem", language=tongue.code)
        tick = self._source.now()
        alert = Alert(f"{kept.id}/unread", tick, (Message(kept.address, reply),))
        await self._putting.put([Judged(kept.id, tick, saved(State(), tick), (alert,))])
        if self._putting.waits(kept.id):
            return
        try:
            await self._store.retire(kept.address.chat, _UNREAD, watch=kept.id)
        except BotError as error:
            log.warning("watch not retired", watch=kept.id, why=error)


def _refusal(words: str) -> str:
    """Say why a watch can no longer be read; "" if it can be."""
    try:
        watch(words)
    except WatchRefused as refused:
        return str(refused)
    return ""


async def _language() -> None:
    """Make the language of watches beforehand: who types the first one does not wait for that."""
    await asyncio.to_thread(grammar)
