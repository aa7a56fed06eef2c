"""What `/setups` shows, finished: magnets, sweeps and cascades, each with its own evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, Floats, Times, floats
from bot.core.evidence.base import Followed
from bot.core.evidence.occurrences import candles_of
from bot.core.language import Said
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, together
from bot.core.market.series import Candles
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import STEP, Forced, Zone, forced
from bot.core.signals.read import Signals

KINDS = (Kind.CASCADE, Kind.SWEEP, Kind.MAGNET)  # what is over soonest first

# A setup that ended is told of for so long [ms].
RECENT = DAY

# A picture shows so much before a setup began, and after it ended [ms]; a cascade is looked at by
# the minute, the others by the hour.
_BEFORE = {Kind.CASCADE: 15 * MINUTE, Kind.SWEEP: 10 * HOUR, Kind.MAGNET: 12 * HOUR}
_AFTER = {Kind.CASCADE: 10 * MINUTE, Kind.SWEEP: 3 * HOUR, Kind.MAGNET: 3 * HOUR}
_LEAST_BARS = 6  # before it, however wide they are


@dataclass(frozen=True, slots=True)
class Setup:
    """One setup, as all its states tell it."""

    base: str
    price: float  # [quote/base] the newest
    states: tuple[Episode, ...]  # oldest first, at least one
    followed: tuple[Followed, ...]  # what came of others like it; () if there were none
    over: str | Said  # over which markets: "over 14 markets"; empty: over its own

    @property
    def now(self) -> Episode:
        """How it stands."""
        return self.states[-1]

    @property
    def kind(self) -> Kind:
        """Which of the three it is."""
        return self.now.kind


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """Realised liquidations by equal intervals of time; arrays have shape (N,)."""

    time: Times  # [ms] UTC, start of the interval
    long_usd: Floats  # [USD]
    short_usd: Floats  # [USD]
    interval: int  # [ms]


@dataclass(frozen=True, slots=True, eq=False)
class SetupChart:
    """One setup with the market around it."""

    setup: Setup
    candles: Candles
    events: Liquidations | None  # one by one; None where only totals are told
    amounts: Amounts | None  # None: no venue told of any
    start: int  # [ms] UTC
    end: int  # [ms] UTC
    extreme: float | None  # [quote/base] of a sweep or cascade, the way it went; None of a magnet
    base: str
    as_of: int  # [ms] UTC
    price: float  # [quote/base] at the end of what is shown
    grade: str | Said
    evidence: tuple[str, ...]  # sentences
    venues: tuple[str, ...]  # exchanges that are in it
    asked: tuple[str, ...]
    simulated: bool


@dataclass(frozen=True, slots=True, eq=False)
class SetupsReading:
    """Setups of one coin, or of all coins that are held."""

    base: str  # empty: of all coins
    as_of: int  # [ms] UTC
    price: float  # [quote/base]; nan of all coins
    current: tuple[Setup, ...]  # under way, the most urgent first
    recent: tuple[Setup, ...]  # ended within RECENT, the newest first
    grade: str | Said  # of the map; empty of all coins
    proven: bool  # whether the map may raise setups
    tape: bool  # whether liquidations are told one by one, which cascades need
    least: tuple[float, ...]  # [USD] of a cluster that a sweep and a magnet take; () if not known
    coins: int  # that were looked at
    unproven: int  # of these, whose maps raise none
    waiting: int  # that are still being read
    venues: tuple[str, ...]
    asked: tuple[str, ...]
    failures: tuple[str, ...]
    simulated: bool


def shown(signals: Signals, *, proven: bool) -> tuple[tuple[Episode, ...], ...]:
    """Return the states of each setup under way or ended of late, each oldest first.

    A map that is unproven raises none: what is left are cascades, which the tape alone tells; the
    zone that such a map would put ahead of them is left out.
    """
    by_name: dict[str, list[Episode]] = {}
    for state in signals.told:
        if state.kind is Kind.CASCADE or (proven and state.kind in KINDS):
            by_name.setdefault(state.name, []).append(state if proven else _without_map(state))
    return tuple(
        tuple(states)
        for states in by_name.values()
        if states[-1].ended is None or signals.time - states[-1].ended < RECENT
    )


def _without_map(state: Episode) -> Episode:
    return replace(state, target=None)


def urgent_first(setups: Iterable[Setup]) -> tuple[Setup, ...]:
    """Order setups by how soon something must be done: cascades, then sweeps, then magnets.

    Of sweeps those that may be traded come first, of magnets those that price is nearest to.
    """
    return tuple(sorted(setups, key=_urgency))


def _urgency(setup: Setup) -> tuple[int, int, float, str]:
    now = setup.now
    phase = ("setup", "confirmed", "swept").index(now.phase) if now.kind is Kind.SWEEP else 0
    away = now.target.distance(setup.price) if now.target is not None else 1.0
    return KINDS.index(now.kind), phase, away, setup.base


def risk(episode: Episode, price: float) -> tuple[float, float] | None:
    """Return what is won at the target and lost at the stop [fractions of the price].

    None where one of them is not known, or is passed already.
    """
    if episode.target is None or episode.stop is None or not episode.way.sign:
        return None
    won = episode.way.sign * (episode.target.near / price - 1)
    lost = -episode.way.sign * (episode.stop / price - 1)
    return (won, lost) if won > 0 and lost > 0 else None


def window(states: Sequence[Episode], interval: int, as_of: int) -> tuple[int, int]:
    """Return from when until when a setup is shown [ms]."""
    now = states[-1]
    before = max(_BEFORE[now.kind], _LEAST_BARS * interval)
    ended = now.ended if now.ended is not None else as_of
    end = min(max(ended + max(_AFTER[now.kind], interval), now.began + before), as_of)
    return now.began - before, max(end, now.time)


def market_around(
    setup: Setup, histories: Sequence[MarketHistory], as_of: int
) -> tuple[Candles, Liquidations | None, Amounts | None, int, int]:
    """Cut out candles and liquidations around a setup, and say from when until when [ms]."""
    candles = candles_of(histories)
    start, end = window(setup.states, candles.interval, as_of)
    seen = (candles.close_time > start) & (candles.open_time < end)
    first = int(seen.argmax())
    accounts = [each.liquidations for each in histories if each.liquidations is not None]
    events = _between(together(accounts), start, end) if accounts else None
    told = [
        step
        for history in histories
        for step in forced(history)
        if start < step.time and step.time - step.length < end
    ]
    step = STEP if setup.kind is Kind.CASCADE else candles.interval
    heard = any(h.liquidations is not None or h.liquidation_totals is not None for h in histories)
    amounts = _amounts(told, start, end, step) if heard else None
    return candles.sliced(slice(first, first + int(seen.sum()))), events, amounts, start, end


def _between(events: Liquidations, start: int, end: int) -> Liquidations:
    return events.sliced(slice(*np.searchsorted(events.time, [start, end]).tolist()))


def _amounts(told: Sequence[Forced], start: int, end: int, step: int) -> Amounts:
    """Sum liquidations by intervals no shorter than what is told."""
    length = max((each.length for each in told), default=step)
    length = max(step, length)
    edges = np.arange(start // length * length, end + length, length, dtype=np.int64)
    place = [(each.time - each.length // 2 - int(edges[0])) // length for each in told]
    count = len(edges) - 1
    sums = [
        np.bincount(place, [getattr(each, name) for each in told], count)[:count]
        if told
        else np.zeros(count)
        for name in ("long_usd", "short_usd")
    ]
    return Amounts(edges[:-1], floats(sums[0]), floats(sums[1]), length)


def extreme(setup: Setup, candles: Candles, events: Liquidations | None) -> float | None:
    """Return how far price went in a sweep or cascade [quote/base]; None of a magnet."""
    first, now = setup.states[0], setup.now
    if now.kind is Kind.MAGNET:
        return None
    down = (first.way is Way.UP) is (now.kind is Kind.SWEEP)  # a sweep is traded against its move
    turned = next((state.time for state in setup.states if state.phase == "setup"), now.time)
    seen = (candles.close_time >= first.began) & (candles.open_time < turned)
    found = (candles.low if down else candles.high)[seen].tolist()
    if events is not None and now.kind is Kind.CASCADE:
        part = _between(events, first.began - MINUTE, now.time)
        found += part.price.tolist()
    return (min(found) if down else max(found)) if found else None


def ahead(setup: Setup) -> Zone | None:
    """Return the zone that a setup points to, if the map has one there."""
    target = setup.now.target
    return target if target is not None and target.usd > 0 else None
