"""What the machines say of a coin, worked out once for all who ask."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.errors import NotEnoughData
from bot.core.estimate.merge import bins_of
from bot.core.evidence.occurrences import market_name
from bot.core.language import Said, later
from bot.core.market.history import MarketHistory
from bot.core.market.scale import scale, scaled
from bot.core.signals.events import Look
from bot.core.signals.looks import EVERY, Seen
from bot.core.signals.read import Signals
from bot.desk.markets import Found
from bot.desk.noted import Notes
from bot.desk.shared import Shared
from bot.desk.snapshot import Kept, Snapshot, Snapshots
from bot.desk.weeks import Coin, Coins
from bot.ports import EpisodeStore

_READINGS_KEPT = 64


@dataclass(frozen=True, slots=True, eq=False)
class Seeing:
    """A coin's signals, with what they were read from."""

    base: str
    signals: Signals
    snapshot: Snapshot
    lacking: tuple[str | Said, ...]  # why venues are not in it, a sentence each
    asked: tuple[str, ...]  # venues
    simulated: bool
    looks: tuple[Look, ...] = ()  # at its map, oldest first, up to three months back

    @property
    def failures(self) -> tuple[str, ...]:
        """What is lacking, said now."""
        return tuple(map(str, self.lacking))

    @property
    def histories(self) -> tuple[MarketHistory, ...]:
        """What was known of each venue's market, without a candle that is forming."""
        return tuple(known(each, self.base) for each in self.snapshot.kept)


class SignalDesk:
    """Reads signals of coins that people ask for; each gathering is read once."""

    def __init__(
        self,
        snapshots: Snapshots,
        store: EpisodeStore | None = None,
        coins: Coins | None = None,
    ) -> None:
        """With a store, episodes of real markets are noted there, with what followed."""
        self._snapshots = snapshots
        self._notes = Notes(store)
        self._read: Shared[str, Seeing] = Shared(_READINGS_KEPT)
        self._coins = coins or Coins()
        self._older: dict[str, tuple[Look, ...]] = {}  # remembered from before, by market

    async def of(self, found: Found, *, newer: bool = False) -> Seeing:
        """Read a coin's signals. NothingAnswered, NotEnoughData."""
        return await self.read(found, await self._snapshots.of(found.instruments, newer=newer))

    async def read(self, found: Found, snapshot: Snapshot) -> Seeing:
        """Read a coin's signals from what has been gathered already. NotEnoughData."""
        gathered = [each.gathered for each in snapshot.kept]
        key = f"{named(found.base, snapshot.kept)} {gathered}"
        return await self._read.get(key, lambda: self._work(found, snapshot))

    async def close(self) -> None:
        """Stop reading and noting."""
        await self._read.close()
        await self._notes.close()

    async def _work(self, found: Found, snapshot: Snapshot) -> Seeing:
        coin = self._coins.of(named(found.base, snapshot.kept))
        alone: list[Coin] = []
        if len(snapshot.kept) > 1:
            alone = [self._coins.of(named(found.base, [each])) for each in snapshot.kept]
        histories = [known(each, found.base) for each in snapshot.kept]
        market = market_name(found.base, [each.instrument for each in histories])
        read, so_far = await asyncio.to_thread(coin.read, market, histories, alone)
        self._coins.tidy()
        if read is None:
            raise NotEnoughData(later("no closed candle of {market}", market=found.base))
        simulated = any(each.history.simulated for each in snapshot.kept)
        older: tuple[Look, ...] = ()
        if not simulated:
            if market not in self._older:
                self._older[market] = await self._notes.looks(market, read.time)
            first = so_far[0].time if so_far else read.time
            older = tuple(look for look in self._older[market] if look.time < first)
            self._notes.note(read, histories, so_far)
        return Seeing(
            found.base,
            read,
            snapshot,
            (*found.lacking, *snapshot.lacking),
            found.asked,
            simulated,
            (*older, *so_far),
        )


def market_of(kept: Sequence[Kept]) -> str:
    """Name what is read together: an instrument's key, or keys joined."""
    return " + ".join(each.history.instrument.key for each in kept)


def known(kept: Kept, base: str | None = None) -> MarketHistory:
    """Return a history without what has not closed yet, the coin counted as `base` says."""
    history = kept.history.known_at(kept.gathered)
    return scaled(history, scale(history.instrument.base, base)) if base else history


def seen_columns(base: str, kept: Sequence[Kept]) -> dict[int, list[Seen]]:
    """Return the columns of the hours of which every market keeps one, by their time [ms]."""
    held = [_held(one, bins_of(scale(one.history.instrument.base, base))) for one in kept]
    times = set(held[0]).intersection(*held[1:]) if held else set()
    return {time: [one[time] for one in held] for time in sorted(times) if time % EVERY == 0}


def named(base: str, kept: Sequence[Kept]) -> str:
    """Name a coin as it is counted, on the venues that it is read on."""
    return f"{base} {market_of(kept)}"


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
