"""The watches of one world as they stand: read from memory, parsed, each with its state."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from bot.core.errors import MalformedData, WatchRefused
from bot.core.watches.gate import State
from bot.core.watches.grouping import Group
from bot.core.watches.lifecycle import Course
from bot.core.watches.parse import watch as parsed
from bot.core.watches.presets import Rules, rules
from bot.core.watches.saved import Saved, read
from bot.core.watches.schedule import Scheduled
from bot.core.watches.tree import ALL, Digest, HeatmapEvery, Hours, Watch
from bot.desk.watching.turns import in_turns
from bot.messages import OutboxStore
from bot.watching import KeptWatch, Manners, WatchStore

log = structlog.get_logger()

_USUAL = Manners()
_GROUPS = "groups "  # before a chat: what its cascades share is kept under this name
_BATCH = 250  # watches read between two turns of the others
_MANY = 2_500  # the same where little is done for each


def groups_of(chat: str) -> str:
    """Name what is kept of a chat's cascades.

    >>> groups_of("telegram:7")
    'groups telegram:7'
    """
    return f"{_GROUPS}{chat}"


@dataclass(slots=True, eq=False)
class Watched:
    """One watch that speaks."""

    kept: KeptWatch
    watch: Watch
    rules: Rules
    manners: Manners
    state: State | Scheduled | None  # None: a schedule that was just made
    tick: int = 0  # [ms] the newest that memory knows of
    new: bool = False  # nothing was kept of its state yet
    ahead: bool = False  # time has been counted that memory does not know of

    @property
    def of_time(self) -> Digest | HeatmapEvery | None:
        """When it speaks, if it speaks at a time."""
        what = self.watch.what
        return what if isinstance(what, Digest | HeatmapEvery) else None

    @property
    def of_all(self) -> bool:
        """Whether it is judged on every coin that is held."""
        return self.watch.markets == (ALL,)


class Book:
    """All watches of one world with their states."""

    def __init__(self, store: WatchStore, states: OutboxStore) -> None:
        self._store = store
        self._states = states
        self._trees: dict[str, Watch | WatchRefused] = {}  # by words
        self.watches: dict[str, Watched] = {}  # oldest first
        self.of_time: list[Watched] = []  # those that speak at a time
        self.of_all: set[tuple[str, ...]] = set()  # the venues of those that are of all coins
        self.unread: dict[str, tuple[KeptWatch, Manners]] = {}
        self._together: dict[str, tuple[Group, ...]] = {}  # by chat
        self._saved: Mapping[str, Saved] | None = None  # None: to be read
        self._made = 0  # while loading: watches that are new, or say something else
        self._moved = False  # while loading: one that is known speaks elsewhere
        self.newest = 0  # [ms] the newest tick that anything kept has seen
        self.version = 0  # of what is watched: rises when anything of it has changed

    def forget(self) -> None:
        """Have all states read again: somebody else has changed them."""
        self._saved = None

    def together(self, chat: str) -> tuple[Group, ...]:
        """Return the messages of a chat that several episodes share."""
        return self._together.get(chat, ())

    def share(self, chat: str, groups: tuple[Group, ...]) -> None:
        """Take note of the messages of a chat that several episodes share."""
        self._together[chat] = groups

    def known(self) -> frozenset[str]:
        """Return the names under which anything is kept."""
        chats = {each.kept.address.chat for each in self.watches.values()}
        return frozenset((*self.watches, *self.unread, *map(groups_of, chats)))

    async def load(self) -> int:
        """Read all watches, and states that are not known yet; returns how many are new.

        StoreUnavailable.
        """
        kept = await self._store.watches()
        manners = await self._store.manners()
        if self._saved is None:
            self._saved, self.watches = await self._read_states(), {}
        await self._parse(kept)
        watches: dict[str, Watched] = {}
        unread: dict[str, tuple[KeptWatch, Manners]] = {}
        self._made, self._moved = 0, False
        async for some in in_turns(kept, _BATCH):
            for each in some:
                tree, wanted = self._trees[each.words], manners.get(each.address.chat, _USUAL)
                if isinstance(tree, WatchRefused):
                    unread[each.id] = each, wanted
                else:
                    watches[each.id] = self._one(each, tree, wanted)
        if self._made or self._moved or len(watches) != len(self.watches):
            self.version += 1
            await self._sort(list(watches.values()))
        self.watches, self.unread, self._saved = watches, unread, {}
        return self._made

    async def _parse(self, kept: Sequence[KeptWatch]) -> None:
        """Read the words that are new; the same words are read once."""
        words: set[str] = set()
        async for each in in_turns(kept, _MANY):
            words.update(one.words for one in each)
        for said in self._trees.keys() - words:
            del self._trees[said]
        new = list(words.difference(self._trees))
        for start in range(0, len(new), _BATCH):
            self._trees |= await asyncio.to_thread(_trees, new[start : start + _BATCH])

    async def _sort(self, watches: Sequence[Watched]) -> None:
        of_time: list[Watched] = []
        of_all: set[tuple[str, ...]] = set()
        async for some in in_turns(watches, _MANY):
            of_time += [each for each in some if each.of_time is not None]
            of_all |= {each.watch.venues for each in some if each.of_all}
        self.of_time, self.of_all = of_time, of_all

    async def _read_states(self) -> dict[str, Saved]:
        found = await self._states.states()
        saved, self._together, self.newest = await asyncio.to_thread(_restored, found)
        return saved

    def _one(self, kept: KeptWatch, tree: Watch, manners: Manners) -> Watched:
        known = self.watches.get(kept.id)
        if known is not None and known.kept == kept and known.manners == manners:
            return known
        quiet = None if manners.quiet is None else Hours(*manners.quiet)
        told = rules(kept.id, tree, manners.zone, manners.muted_until, quiet)
        if known is not None and known.kept.words == kept.words:
            self._moved = self._moved or known.kept.address != kept.address
            known.kept, known.rules, known.manners = kept, told, manners
            return known
        self._made += 1
        saved = (self._saved or {}).get(kept.id) if known is None else None
        state: State | Scheduled | None = None if saved is None else saved.state or saved.scheduled
        of_time = isinstance(tree.what, Digest | HeatmapEvery)
        if state is None or of_time is not isinstance(state, Scheduled):
            state = None if of_time else renumbered(State(), _numbers(known))
        tick = 0 if saved is None else saved.tick
        return Watched(kept, tree, told, manners, state, tick, new=saved is None)


def renumbered(state: State, numbers: Mapping[str, int]) -> State:
    """Return a state in which episodes of markets are numbered after those there were before."""
    courses = dict(state.courses)
    for market, number in numbers.items():
        courses[market] = Course(number=number, blinds=number)
    return State(courses=courses) if numbers else state


def _numbers(before: Watched | None) -> dict[str, int]:
    """Return how far the episodes of a watch had been counted that says something else now."""
    if before is None or not isinstance(before.state, State):
        return {}
    return {name: max(one.number, one.blinds) for name, one in before.state.courses.items()}


def _tree(words: str) -> Watch | WatchRefused:
    try:
        return parsed(words)
    except WatchRefused as refused:
        return refused


def _trees(words: Sequence[str]) -> dict[str, Watch | WatchRefused]:
    return {said: _tree(said) for said in words}


def _restored(
    found: Mapping[str, bytes],
) -> tuple[dict[str, Saved], dict[str, tuple[Group, ...]], int]:
    """Read all that is kept, what chats share, and the newest tick [ms].

    What cannot be read is begun anew.
    """
    saved: dict[str, Saved] = {}
    for name, data in found.items():
        try:
            saved[name] = read(data)
        except MalformedData as error:
            log.warning("state of a watch not read, begun anew", watch=name, why=error)
    shared = {
        name.removeprefix(_GROUPS): each.groups
        for name, each in saved.items()
        if name.startswith(_GROUPS)
    }
    return saved, shared, max((each.tick for each in saved.values()), default=0)
