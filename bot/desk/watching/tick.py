"""All watches judged at each tick, and some at once when something happens to a coin.

A tick counts once memory has taken it, and memory takes each tick of a watch but once: one that
runs twice, here or in another process, has one effect. What memory cannot take now waits with what
comes after it. A tick that has only counted a length of time on is written down now and then, and
at the end.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import structlog

from bot.core.arrays import MINUTE
from bot.core.errors import BotError
from bot.core.watches.counted import only_counted
from bot.core.watches.gate import State
from bot.core.watches.saved import saved, saved_groups
from bot.core.watches.truth import Truth
from bot.desk.watching.compiled import Compiled, compiled
from bot.desk.watching.judging import Block, aligned
from bot.desk.watching.kept import Book, Watched, groups_of, renumbered
from bot.desk.watching.putting import Putting
from bot.desk.watching.rows import Rows, View
from bot.desk.watching.said import Sayer, Saying
from bot.desk.watching.turns import in_turns
from bot.desk.watching.walk import At, Step, Told, coin_of, walked
from bot.desk.watching.wanted import Row, Wanted
from bot.messages import Judged
from bot.watching import WatchStore

log = structlog.get_logger()

_CHUNK = 1_000  # watches gone through before whoever waits for his turn has it
_BREATH = 50  # watches gone through between two turns of the loop
_MANY = 2_500  # the same where little is done for each
_SAID = 64  # messages put into words, and kept, at a time
# Lengths that are only counted on are kept so often [ms], not of all watches at the same tick:
# this is as much as a crash takes from them.
_COUNTED = 10 * MINUTE
_SPREAD = 4
_END = 1.0  # [s] that keeping them may take at the end

_Due = dict[str, list[tuple[Watched, Sequence[Told]]]]  # by chat


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
        async for some in in_turns(watches, _CHUNK):
            for watched in some:
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

    async def close(self) -> None:
        """Keep what was counted since it was kept last; who begins again goes on from there."""
        try:
            async with asyncio.timeout(_END), self.turn:
                ahead = [each for each in self._book.watches.values() if each.ahead]
                async for some in in_turns(ahead, _CHUNK):
                    await self._putting.put(
                        Judged(each.kept.id, self._newest, saved(each.state, self._newest))
                        for each in some
                        if each.state is not None
                    )
                    for each in some:
                        each.ahead = False
        except TimeoutError:
            log.warning("watches not kept at the end")

    async def _go_through(self, due: dict[str, list[Told]], at: At) -> None:
        """Take the watches that may change through the tick, chat by chat, cascades first."""
        chats: _Due = defaultdict(list)
        first: dict[str, None] = {}
        async for names in in_turns(list(due), _MANY):
            for name in names:
                watched, told = self._book.watches.get(name), due.pop(name)
                if watched is not None:
                    chat = watched.kept.address.chat
                    chats[chat].append((watched, told))
                    if watched.rules.cascade:
                        first[chat] = None
        order = list(dict.fromkeys((*first, *chats)))
        some: _Due = {}
        count = 0
        for chat in order:
            some[chat] = chats.pop(chat)
            count += len(some[chat])
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
        if new:
            await self._count_on(new)
        silent: list[Step] = []
        speaking: dict[str, list[Step]] = {}
        said = gone = 0
        for chat, due in chats.items():
            gone += len(due)
            if gone >= _BREATH:
                await asyncio.sleep(0)
                gone = 0
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

    async def _count_on(self, new: Sequence[Watched]) -> None:
        """Count episodes on from those in the ledgers of watches whose states were begun anew."""
        try:
            found = await self._store.numbers([each.kept.id for each in new])
        except BotError as error:
            log.warning("ledgers not read", watches=len(new), why=error)
            return
        for watched in new:
            watched.new = False
            numbers = found.get(watched.kept.id)
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
        judged = await self._judged(steps, said, at.tick)
        for chat, saying in said.items():
            if saying.groups != self._book.together(chat):
                name = groups_of(chat)
                judged[name] = Judged(name, at.tick, saved_groups(saying.groups, at.tick))
        if await self._putting.put(judged.values()):
            log.info("watches were judged elsewhere")
            self._book.forget()
        for step in steps:
            watched = step.watched
            if watched.kept.id in judged:
                watched.state, watched.tick = step.state, at.tick
                watched.ahead = watched.new = False
                self._compiled.took(watched)
        for chat, saying in said.items():
            if groups_of(chat) in judged:
                self._book.share(chat, saying.groups)

    async def _judged(
        self, steps: Sequence[Step], said: Mapping[str, Saying], tick: int
    ) -> dict[str, Judged]:
        """Write down what memory is to know, by watch."""
        judged: dict[str, Judged] = {}
        async for some in in_turns(steps, _BREATH):
            for step in some:
                if self._turned(step, tick):
                    saying = said.get(step.watched.kept.address.chat)
                    judged[step.watched.kept.id] = _of(step, saying, tick)
        return judged

    def _turned(self, step: Step, tick: int) -> bool:
        """Whether memory is to know what a tick [ms] has made of a watch; it may have to wait."""
        watched, before = step.watched, step.watched.state
        if step.state is before or step.state == before:
            return False
        number = watched.kept.id.removeprefix("w")
        early = int(number) % _SPREAD if number.isdecimal() else 0
        if step.effects or tick - watched.tick >= _COUNTED - early * MINUTE:
            return True
        if not isinstance(before, State) or not only_counted(before, step.state):
            return True
        watched.state, watched.ahead = step.state, True
        return False


def _of(step: Step, saying: Saying | None, tick: int) -> Judged:
    name = step.watched.kept.id
    alerts = () if saying is None else saying.alerts.get(name, ())
    entries = () if saying is None else saying.entries.get(name, ())
    return Judged(name, tick, saved(step.state, tick), alerts, entries)


async def _judged(block: Block, at: At, due: dict[str, list[Told]]) -> None:
    """Judge a block, and add what may change by it."""
    found = await asyncio.to_thread(block.judged, at.view.columns, at.before)
    for place in block.due(found, at.view).tolist():
        on, start, keep = block.on[place], int(found.start[place]), int(found.keep[place])
        told = Told(on, int(block.row[place]), Truth(start), Truth(keep))
        due.setdefault(on.watch, []).append(told)
