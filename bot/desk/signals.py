"""What the machines say of a coin, worked out once for all who ask."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from bot.core.errors import NotEnoughData
from bot.core.market.history import MarketHistory
from bot.core.signals.events import Look
from bot.core.signals.looks import EVERY, Seen, look, walked
from bot.core.signals.read import Signals, signals
from bot.core.signals.together import told
from bot.desk.markets import Found
from bot.desk.shared import Shared
from bot.desk.snapshot import Kept, Snapshot, Snapshots

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

    @property
    def histories(self) -> tuple[MarketHistory, ...]:
        """What was known of each venue's market, without a candle that is forming."""
        return tuple(known(each) for each in self.snapshot.kept)


@dataclass(slots=True)
class _Looks:
    """A coin's looks at the map so far, by their time; once there, one never changes."""

    at: dict[int, Look] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)  # one reader at a time


class SignalDesk:
    """Reads signals of coins that people ask for; each gathering is read once."""

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots
        self._read: Shared[str, Seeing] = Shared(_READINGS_KEPT)
        self._looks: OrderedDict[str, _Looks] = OrderedDict()

    async def of(self, found: Found, *, newer: bool = False) -> Seeing:
        """Read a coin's signals. NothingAnswered, NotEnoughData."""
        snapshot = await self._snapshots.of(found.instruments, newer=newer)
        key = f"{market_of(snapshot.kept)} {[each.gathered for each in snapshot.kept]}"
        return await self._read.get(key, lambda: self._work(found, snapshot))

    async def close(self) -> None:
        """Stop reading."""
        await self._read.close()

    async def _work(self, found: Found, snapshot: Snapshot) -> Seeing:
        market = market_of(snapshot.kept)
        looks = self._looks.setdefault(market, _Looks())
        self._looks.move_to_end(market)
        while len(self._looks) > _BOOKS_KEPT:
            self._looks.popitem(last=False)
        read = await asyncio.to_thread(_signals, market, snapshot.kept, looks)
        if read is None:
            raise NotEnoughData(f"no closed candle of {found.base}")
        return Seeing(
            found.base,
            read,
            snapshot,
            (*found.failures, *snapshot.failures),
            found.asked,
            any(each.history.simulated for each in snapshot.kept),
        )


def market_of(kept: Sequence[Kept]) -> str:
    """Name what is read together: an instrument's key, or keys joined."""
    return " + ".join(each.history.instrument.key for each in kept)


def known(kept: Kept) -> MarketHistory:
    """Return a history without what has not closed yet."""
    return kept.history.known_at(kept.gathered)


def _signals(market: str, kept: Sequence[Kept], looks: _Looks) -> Signals | None:
    histories = [known(each) for each in kept]
    since = min((int(h.candles.open_time[0]) for h in histories if len(h.candles)), default=0)
    with looks.lock:
        _look_on(kept, histories, looks)
        looks.at = {time: looks.at[time] for time in sorted(looks.at) if time >= since}
        so_far = list(looks.at.values())
    return signals(market, told(histories, so_far))


def _look_on(kept: Sequence[Kept], histories: Sequence[MarketHistory], looks: _Looks) -> None:
    """Add the hours since the newest look, from kept columns where all of them are there.

    Where they are not, and at first, the histories are walked through again.
    """
    newest = max(looks.at, default=None)
    until = min(each.estimate.time for each in kept)
    if newest is not None:
        wanted = range(newest + EVERY, until + 1, EVERY)
        columns = [{each.time: each for each in one.estimate.columns} for one in kept]
        held = [_interest(one) for one in kept]
        fresh = {}
        for time in wanted:
            seen = [
                Seen(column[time], interest[time])
                for column, interest in zip(columns, held, strict=True)
                if time in column and time in interest
            ]
            if len(seen) == len(kept):
                fresh[time] = look(seen)
        if len(fresh) == len(wanted):
            looks.at.update(fresh)
            return
    for each in walked(histories):
        looks.at.setdefault(each.time, each)


def _interest(kept: Kept) -> dict[int, float]:
    """Open interest [USD] that each column was made from, by the column's time [ms]."""
    estimate = kept.estimate
    before = estimate.expected  # what stood at a bar's open is what stood at the last one's close
    held = dict(zip(before.time.tolist(), before.interest.tolist(), strict=True))
    held[estimate.time] = estimate.inventory.interest
    return held
