"""What the machines say of a coin, worked out once for all who ask."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from bot.core.errors import NotEnoughData
from bot.core.estimate.merge import bins_of
from bot.core.evidence.occurrences import market_name
from bot.core.market.history import MarketHistory
from bot.core.market.scale import scale, scaled
from bot.core.signals.events import Look
from bot.core.signals.looks import EVERY, Seen, look, seen
from bot.core.signals.read import Signals, signals
from bot.core.signals.together import feeds, told
from bot.desk.markets import Found
from bot.desk.noted import Notes
from bot.desk.shared import Shared
from bot.desk.snapshot import Kept, Snapshot, Snapshots
from bot.ports import EpisodeStore

_READINGS_KEPT = 64
_BOOKS_KEPT = 200


@dataclass(frozen=True, slots=True, eq=False)
class Seeing:
    """A coin's signals, with what they were read from."""

    base: str
    signals: Signals
    snapshot: Snapshot
    failures: tuple[str, ...]
    asked: tuple[str, ...]  # venues
    simulated: bool
    looks: tuple[Look, ...] = ()  # at its map, oldest first, up to three months back

    @property
    def histories(self) -> tuple[MarketHistory, ...]:
        """What was known of each venue's market, without a candle that is forming."""
        return tuple(known(each, self.base) for each in self.snapshot.kept)


@dataclass(slots=True)
class _Looks:
    """A coin's looks at the map so far, by their time; once there, one never changes."""

    at: dict[int, Look] = field(default_factory=dict)
    older: tuple[Look, ...] | None = None  # from before; None: not asked for yet
    lock: Lock = field(default_factory=Lock)  # one reader at a time


class SignalDesk:
    """Reads signals of coins that people ask for; each gathering is read once."""

    def __init__(self, snapshots: Snapshots, store: EpisodeStore | None = None) -> None:
        """With a store, episodes of real markets are noted there, with what followed."""
        self._snapshots = snapshots
        self._notes = Notes(store)
        self._read: Shared[str, Seeing] = Shared(_READINGS_KEPT)
        self._looks: OrderedDict[str, _Looks] = OrderedDict()

    async def of(self, found: Found, *, newer: bool = False) -> Seeing:
        """Read a coin's signals. NothingAnswered, NotEnoughData."""
        return await self.read(found, await self._snapshots.of(found.instruments, newer=newer))

    async def read(self, found: Found, snapshot: Snapshot) -> Seeing:
        """Read a coin's signals from what has been gathered already. NotEnoughData."""
        gathered = [each.gathered for each in snapshot.kept]
        key = f"{_name(found.base, snapshot.kept)} {gathered}"
        return await self._read.get(key, lambda: self._work(found, snapshot))

    async def close(self) -> None:
        """Stop reading and noting."""
        await self._read.close()
        await self._notes.close()

    async def _work(self, found: Found, snapshot: Snapshot) -> Seeing:
        looks = self._of(_name(found.base, snapshot.kept))
        alone: list[_Looks] = []
        if len(snapshot.kept) > 1:
            alone = [self._of(_name(found.base, [each])) for each in snapshot.kept]
        read, so_far = await asyncio.to_thread(_signals, found.base, snapshot.kept, looks, alone)
        if read is None:
            raise NotEnoughData(f"no closed candle of {found.base}")
        simulated = any(each.history.simulated for each in snapshot.kept)
        older: tuple[Look, ...] = ()
        if not simulated:
            if looks.older is None:
                looks.older = await self._notes.looks(read.market, read.time)
            older = tuple(look for look in looks.older if not so_far or look.time < so_far[0].time)
            histories = [known(each, found.base) for each in snapshot.kept]
            self._notes.note(read, histories, so_far)
        return Seeing(
            found.base,
            read,
            snapshot,
            (*found.failures, *snapshot.failures),
            found.asked,
            simulated,
            (*older, *so_far),
        )

    def _of(self, name: str) -> _Looks:
        looks = self._looks.setdefault(name, _Looks())
        self._looks.move_to_end(name)
        while len(self._looks) > _BOOKS_KEPT:
            self._looks.popitem(last=False)
        return looks


def market_of(kept: Sequence[Kept]) -> str:
    """Name what is read together: an instrument's key, or keys joined."""
    return " + ".join(each.history.instrument.key for each in kept)


def known(kept: Kept, base: str | None = None) -> MarketHistory:
    """Return a history without what has not closed yet, the coin counted as `base` says."""
    history = kept.history.known_at(kept.gathered)
    return scaled(history, scale(history.instrument.base, base)) if base else history


def looks_since(base: str, kept: Sequence[Kept], since: int) -> list[Look]:
    """Look at the map of the hours after `since` [ms] of which every market keeps a column."""
    return [look(seen) for time, seen in seen_columns(base, kept).items() if time > since]


def seen_columns(base: str, kept: Sequence[Kept]) -> dict[int, list[Seen]]:
    """Return the columns of the hours of which every market keeps one, by their time [ms]."""
    held = [_held(one, bins_of(scale(one.history.instrument.base, base))) for one in kept]
    times = set(held[0]).intersection(*held[1:]) if held else set()
    return {time: [one[time] for one in held] for time in sorted(times) if time % EVERY == 0}


def _name(base: str, kept: Sequence[Kept]) -> str:
    return f"{base} {market_of(kept)}"


def _signals(
    base: str, kept: Sequence[Kept], looks: _Looks, alone: Sequence[_Looks]
) -> tuple[Signals | None, tuple[Look, ...]]:
    histories = [known(each, base) for each in kept]
    since = min((int(h.candles.open_time[0]) for h in histories if len(h.candles)), default=0)
    with looks.lock:
        _look_on(base, kept, looks, alone)
        looks.at = {time: looks.at[time] for time in sorted(looks.at) if time >= since}
        so_far = tuple(looks.at.values())
    market = market_name(base, [each.instrument for each in histories])
    return signals(market, told(histories, so_far), feeds(histories)), so_far


def _look_on(base: str, kept: Sequence[Kept], looks: _Looks, alone: Sequence[_Looks]) -> None:
    """Add the hours since the newest look, from kept columns where all of them are there.

    Where they are not, and at first, the histories are walked through again. What is seen of each
    venue on the way is kept for whoever asks for it alone.
    """
    moved = [bins_of(scale(each.history.instrument.base, base)) for each in kept]
    newest = max(looks.at, default=None)
    until = min(each.estimate.time for each in kept)
    if newest is not None:
        wanted = range(newest + EVERY, until + 1, EVERY)
        held = [_held(one, by) for one, by in zip(kept, moved, strict=True)]
        if all(time in one for time in wanted for one in held):
            for time in wanted:
                looks.at[time] = look([one[time] for one in held])
                for one, own in zip(held, alone, strict=False):
                    with own.lock:
                        if time - EVERY in own.at:
                            own.at.setdefault(time, look([one[time]]))
            return
    walked: list[dict[int, Seen]] = [
        {each.column.time: _moved(each, by) for each in seen(known(one))}
        for one, by in zip(kept, moved, strict=True)
    ]
    for time in sorted(set().union(*walked)):
        looks.at.setdefault(time, look([one[time] for one in walked if time in one]))
    for one, own in zip(walked, alone, strict=False):
        with own.lock:
            for time in sorted(one):
                own.at.setdefault(time, look([one[time]]))


def _held(kept: Kept, by: int) -> dict[int, Seen]:
    """Return the columns that an estimate keeps, with what they were made from, by time [ms]."""
    interest = _interest(kept)
    return {
        each.time: _moved(Seen(each, interest[each.time]), by)
        for each in kept.estimate.columns
        if each.time in interest
    }


def _moved(one: Seen, by: int) -> Seen:
    """Return what was seen `by` bins higher, for a coin that is counted in another way."""
    return Seen(replace(one.column, first=one.column.first + by), one.interest) if by else one


def _interest(kept: Kept) -> dict[int, float]:
    """Open interest [USD] that each column was made from, by the column's time [ms]."""
    estimate = kept.estimate
    before = estimate.expected  # what stood at a bar's open is what stood at the last one's close
    held = dict(zip(before.time.tolist(), before.interest.tolist(), strict=True))
    held[estimate.time] = estimate.inventory.interest
    return held
