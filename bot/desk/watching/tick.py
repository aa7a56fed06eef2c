"""All watches judged at each tick, and some at once when something happens to a coin.

A tick counts once memory has taken it, and memory takes each tick of a watch but once: one that
runs twice, here or in another process, has one effect. What memory cannot take now waits with what
comes after it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import structlog

from bot.core.arrays import MINUTE
from bot.core.errors import BotError
from bot.core.watches.gate import State
from bot.core.watches.saved import saved, saved_groups
from bot.core.watches.truth import Truth
from bot.desk.watching.compiled import Compiled, compiled
from bot.desk.watching.judging import Block, aligned
from bot.desk.watching.kept import Book, Watched, groups_of, renumbered
from bot.desk.watching.putting import Putting
from bot.desk.watching.rows import Rows, View
from bot.desk.watching.said import Sayer, Saying
from bot.desk.watching.walk import At, Step, Told, coin_of, walked
from bot.desk.watching.wanted import Row, Wanted
from bot.messages import Judged
from bot.watching import WatchStore

log = structlog.get_logger()

_CHUNK = 1_000  # watches gone through before whoever waits for his turn has it
_BREATH = 20  # chats gone through between two turns of the loop
_SAID = 64  # messages put into words, and kept, at a time
_LEDGER = 100  # episodes looked through for how far those of a watch were counted

_Due = Mapping[str, Sequence[tuple[Watched, Sequence[Told]]]]  # by chat


class Judge:
    """Judges watches, and puts what comes of it into the outbox."""

    def __init__(
        self,
        book: Book,
        rows: Rows,
        wanted: Wanted,
        sayer: Sayer,
        putting: Putting,
        store: WatchStore,
        *,
        interval: int = MINUTE,
    ) -> None:
        """`interval` [ms] lies between two ticks."""
        self._book = book
        self._rows = rows
        self._wanted = wanted
        self._sayer = sayer
        self._putting = putting
        self._store = store
        self._interval = interval
        self._compiled = Compiled()
        self._of: tuple[object, ...] = ()  # what it was compiled of
        self._before: View | None = None
        self._newest = 0  # [ms] of all ticks
        self.turn = asyncio.Lock()  # of whoever changes states

    async def compile(self) -> None:
        """Compile what has changed of all watches, or of the coins that are held."""
        followed = {each: tuple(self._wanted.followed(each)) for each in self._book.of_all}
        of = (self._book.version, tuple(sorted(followed.items())))
        if of == self._of:
            return
        watches = list(self._book.watches.values())
        made, keys = await asyncio.to_thread(compiled, watches, followed, self._compiled)
        self._rows.want(keys)
        self._compiled, self._of = made, of
        for number, watched in enumerate(watches):
            if number % _CHUNK == _CHUNK - 1:
                await asyncio.sleep(0)
            made.took(watched)  # states may have been read anew

    async def all(self, time: int, now: int) -> None:
        """Judge all watches at a tick [ms], by what is known now [ms]."""
        made = self._compiled
        view = await self._rows.view(now)
        at = At(time, self._tick(time), self._interval, view, aligned(self._before, view))
        due: dict[str, list[Told]] = {}
        for block in made.blocks:
            await _judged(block, at, due)
        self._before = view
        await self._go_through(due, at)

    async def coin(self, coin: str, time: int, now: int) -> None:
        """Judge at once the watches that wait for what happens to a coin within seconds."""
        made = self._compiled
        watched = [self._book.watches.get(name) for name in made.at_once.get(coin, ())]
        mine = {
            one: [on for on in made.on[one.kept.id] if coin_of(on.market) == coin]
            for one in watched
            if one is not None
        }
        if not mine:
            return
        rows = {on.row for markets in mine.values() for on in markets}
        chats = {one.kept.address.chat for one in mine}
        view = await self._rows.view(now, [*rows, *(self._shared(chats) - rows)])
        before = aligned(self._before, view)
        at = At(time, self._tick(time), self._interval, view, before, live=True)
        seen = [
            (one, [on for on in markets if on.row in view.places]) for one, markets in mine.items()
        ]
        due: dict[str, list[Told]] = {}
        await _judged(await asyncio.to_thread(Block, seen, view.places), at, due)
        await self._go_through(due, at)

    def _shared(self, chats: Iterable[str]) -> set[Row]:
        """Return the rows that messages of chats are about in which several episodes are told."""
        found = set()
        for chat in chats:
            for group in self._book.together(chat):
                watch, market, _ = group.message.split("/")
                found |= {on.row for on in self._compiled.on.get(watch, ()) if on.market == market}
        return found

    def _tick(self, time: int) -> int:
        """Return a tick that is later than all before it."""
        self._newest = max(time, self._newest + 1, self._book.newest + 1)
        return self._newest

    async def _go_through(self, due: Mapping[str, Sequence[Told]], at: At) -> None:
        """Take the watches that may change through the tick, chat by chat, cascades first."""
        chats: dict[str, list[tuple[Watched, Sequence[Told]]]] = defaultdict(list)
        for name, told in due.items():
            watched = self._book.watches.get(name)
            if watched is not None:
                chats[watched.kept.address.chat].append((watched, told))
        order = sorted(chats, key=lambda chat: not any(w.rules.cascade for w, _ in chats[chat]))
        some: dict[str, list[tuple[Watched, Sequence[Told]]]] = {}
        count = 0
        for chat in order:
            some[chat] = chats[chat]
            count += len(chats[chat])
            if count >= _CHUNK or chat == order[-1]:
                async with self.turn:
                    await self._take(some, at)
                some, count = {}, 0

    async def _take(self, chats: _Due, at: At) -> None:
        """Take chats through a tick; what is said of them is kept some messages at a time."""
        new = [
            watched
            for due in chats.values()
            for watched, told in due
            if watched.new and any(each.start is Truth.TRUE for each in told)
        ]
        for place in range(0, len(new), _SAID):
            await asyncio.gather(*map(self._count_on, new[place : place + _SAID]))
        silent: list[Step] = []
        speaking: dict[str, list[Step]] = {}
        said = 0
        for number, (chat, due) in enumerate(chats.items()):
            if number % _BREATH == _BREATH - 1:
                await asyncio.sleep(0)
            steps = self._walked(chat, due, at)
            if any(step.effects for step in steps):
                speaking[chat] = steps
                said += sum(len(step.effects) for step in steps)
            else:
                silent += steps
            if said >= _SAID:
                await self._say(speaking, at)
                speaking, said = {}, 0
        await self._say(speaking, at)
        await self._keep(silent, {}, at)

    def _walked(
        self, chat: str, due: Sequence[tuple[Watched, Sequence[Told]]], at: At
    ) -> list[Step]:
        # One that says something else by now is judged as that at the next tick.
        still = [each for each in due if self._book.watches.get(each[0].kept.id) is each[0]]
        return walked(still, self._compiled.cascades.get(chat, ()), at)

    async def _count_on(self, watched: Watched) -> None:
        """Count a watch's episodes on from those in its ledger: its state was begun anew."""
        try:
            told = await self._store.ledger(watched.kept.id, _LEDGER)
        except BotError as error:
            log.warning("ledger not read", watch=watched.kept.id, why=str(error))
            return
        watched.new = False
        numbers: dict[str, int] = {}
        for each in told:
            number = int(each.entry.message.rpartition("/")[2])
            numbers[each.entry.market] = max(number, numbers.get(each.entry.market, 0))
        if numbers and isinstance(watched.state, State):
            watched.state = renumbered(watched.state, numbers)

    async def _say(self, chats: Mapping[str, Sequence[Step]], at: At) -> None:
        """Have what came of chats put into words, and kept."""
        watches = self._book.watches
        sayings = await asyncio.gather(
            *(
                self._sayer.said(steps, self._book.together(chat), at, watches)
                for chat, steps in chats.items()
            )
        )
        said = dict(zip(chats, sayings, strict=True))
        await self._keep([step for steps in chats.values() for step in steps], said, at)

    async def _keep(self, steps: Sequence[Step], said: Mapping[str, Saying], at: At) -> None:
        """Have memory take what has changed, and let it be so."""
        judged: dict[str, Judged] = {}
        for step in steps:
            watched = step.watched
            if step.state is watched.state or step.state == watched.state:
                continue
            name = watched.kept.id
            saying = said.get(watched.kept.address.chat)
            alerts = () if saying is None else saying.alerts.get(name, ())
            entries = () if saying is None else saying.entries.get(name, ())
            judged[name] = Judged(name, at.tick, saved(step.state, at.tick), alerts, entries)
        for chat, saying in said.items():
            if saying.groups != self._book.together(chat):
                name = groups_of(chat)
                judged[name] = Judged(name, at.tick, saved_groups(saying.groups, at.tick))
        if await self._putting.put(judged.values()):
            log.info("watches were judged elsewhere")
            self._book.forget()
        for step in steps:
            if step.watched.kept.id in judged:
                step.watched.state, step.watched.tick = step.state, at.tick
                step.watched.new = False
                self._compiled.took(step.watched)
        for chat, saying in said.items():
            if groups_of(chat) in judged:
                self._book.share(chat, saying.groups)


async def _judged(block: Block, at: At, due: dict[str, list[Told]]) -> None:
    """Judge a block, and add what may change by it."""
    found = await asyncio.to_thread(block.judged, at.view.columns, at.before)
    for place in block.due(found, at.view).tolist():
        on, start, keep = block.on[place], int(found.start[place]), int(found.keep[place])
        told = Told(on, int(block.row[place]), Truth(start), Truth(keep))
        due.setdefault(on.watch, []).append(told)
