"""The columns that watches ask for, worked out of market histories and signals.

The same functions serve a tick (one time, now) and a preview (every time of a grid): a figure at a
time is worked out of nothing that was published later.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from bot.core.arrays import DAY, Floats, Times
from bot.core.estimate.strips import latest
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.events import funding_for_eight_hours
from bot.core.watches.columns import About, Column, Key
from bot.core.watches.figures import Figure, Measure, Side
from bot.core.watches.tree import PHASES, Sign, Signal

# What is normal of liquidations is their mean over so long, known after a day of it.
_NORMAL, _LEAST_NORMAL = 7 * DAY, DAY
# A feed was heard if it was for this part of a window: reconnecting takes seconds.
_HEARD = 0.9
_NEVER = 0  # [ms] when a value that is not known was true

_CHANGES = {
    Measure.PRICE_CHANGE: Measure.PRICE,
    Measure.FUNDING_CHANGE: Measure.FUNDING,
    Measure.INTEREST_CHANGE: Measure.INTEREST,
    Measure.RATIO_CHANGE: Measure.RATIO,
}
_KINDS = {
    Sign.SQUEEZE: Kind.SQUEEZE,
    Sign.FUEL: Kind.FUEL,
    Sign.EXHAUSTION: Kind.EXHAUSTION,
    Sign.MAGNET: Kind.MAGNET,
    Sign.SWEEP: Kind.SWEEP,
    Sign.CASCADE: Kind.CASCADE,
}


def figures_of(history: MarketHistory, keys: Iterable[Key], at: Times) -> dict[Key, Column]:
    """Work out the figures of one market at given times [ms], shape (T,).

    Signals and cumulative delta are not in a history and are left out. Changes of open interest
    are in coins.
    """
    found: dict[Key, Column] = {}
    for key in keys:
        if isinstance(key, Signal) or key.measure.of_map or key.measure is Measure.DELTA:
            continue
        if key.measure in {Measure.LIQUIDATED, Measure.LIQUIDATED_TIMES}:
            found[key] = of_liquidations(key, *liquidated(history, key, at), at)
        elif key.measure in _CHANGES:
            found[key] = _changed(history, key, at)
        else:
            value, known_at = _level(history, key.measure, at)
            found[key] = Column(value, known_at)
    return found


def _level(
    history: MarketHistory, measure: Measure, at: Times, *, coins: bool = False
) -> tuple[Floats, Times]:
    """Return the last value published by each time, and when that was."""
    time, value = _series(history, measure)
    known_at = latest(time, time.astype(np.float64), at)
    told = latest(time, value, at)
    if measure is Measure.FUNDING:
        told = funding_for_eight_hours(history, at)
    if measure is Measure.INTEREST and not coins:
        told = told * latest(history.candles.close_time, history.candles.close, at)
    return told, np.nan_to_num(known_at, nan=_NEVER).astype(np.int64)


def _series(history: MarketHistory, measure: Measure) -> tuple[Times, Floats]:
    candles, interest = history.candles, history.open_interest
    funding, ratio = history.funding, history.long_short_ratio
    if measure is Measure.PRICE:
        return candles.close_time, candles.close
    if measure is Measure.INTEREST and interest is not None:
        return interest.time, interest.quantity
    if measure is Measure.FUNDING and funding is not None and len(funding.time):
        return funding.time, funding.rate
    if measure is Measure.RATIO and ratio is not None:
        return ratio.time, ratio.ratio
    return np.empty(0, dtype=np.int64), np.empty(0)


def _changed(history: MarketHistory, figure: Figure, at: Times) -> Column:
    """Return how far a figure is from where it was a window before; it is as old as the older."""
    measure = _CHANGES[figure.measure]
    now, known_at = _level(history, measure, at, coins=True)
    then, known_then = _level(history, measure, at - figure.window, coins=True)
    known_at = np.minimum(known_at, known_then + figure.window)
    if measure is Measure.FUNDING:
        return Column(now - then, known_at)
    return Column(np.divide(now, then, out=np.full(len(at), np.nan), where=then > 0) - 1, known_at)


def liquidated(history: MarketHistory, figure: Figure, at: Times) -> tuple[Floats, Floats]:
    """Return what was liquidated in the window before each time, and what is normal there [USD].

    The first is nan where nobody listened; the second is known where it is asked for, and nothing
    says what is normal where nothing at all was liquidated in a week.
    """
    times_normal = figure.measure is Measure.LIQUIDATED_TIMES
    since = int(at.min(initial=0)) - max(figure.window, _NORMAL if times_normal else 0)
    time, usd = _forced(history, figure.side, since)
    summed = np.concatenate(([0.0], np.cumsum(usd)))

    def before(moment: Times) -> Floats:
        return np.asarray(summed[np.searchsorted(time, moment, side="right")])

    heard = _heard_for(history, at, figure.window)
    total = np.where(
        heard >= _HEARD * figure.window, before(at) - before(at - figure.window), np.nan
    )
    normal = np.full(len(at), np.nan)
    if times_normal:
        listened = _heard_for(history, at, _NORMAL)
        past = (before(at) - before(at - _NORMAL)) * figure.window / np.maximum(listened, 1)
        normal = np.where((listened >= _LEAST_NORMAL) & (past > 0), past, np.nan)
    return total, normal


def of_liquidations(figure: Figure, total: Floats, normal: Floats, at: Times) -> Column:
    """Return what was liquidated as a figure asks for it: in dollars, or as times normal."""
    value = total / normal if figure.measure is Measure.LIQUIDATED_TIMES else total
    return Column(value, np.where(np.isnan(value), _NEVER, at))


def _forced(history: MarketHistory, side: Side, since: int) -> tuple[Times, Floats]:
    """Return when liquidations after `since` [ms] were known, and what each was [USD]."""
    events, totals = history.liquidations, history.liquidation_totals
    if events is not None:
        events = events.sliced(slice(int(np.searchsorted(events.time, since)), None))
        sign = {Side.LONGS: PositionSide.LONG, Side.SHORTS: PositionSide.SHORT}.get(side)
        of_side = np.ones(len(events), dtype=np.bool_)
        if sign is not None:
            of_side = events.side == sign.value
        return events.time, np.where(of_side, events.value, 0.0)
    if totals is not None:
        long = 0.0 if side is Side.SHORTS else totals.long_usd
        short = 0.0 if side is Side.LONGS else totals.short_usd
        return totals.time + totals.interval, np.asarray(long + short, dtype=np.float64)
    return np.empty(0, dtype=np.int64), np.empty(0)


def _heard_for(history: MarketHistory, at: Times, window: int) -> Floats:
    """Return for how long the feed was heard in the window before each time [ms]."""
    if history.liquidations is None and history.liquidation_totals is None:
        return np.zeros(len(at))
    spans = () if history.heard is None else history.heard.spans
    if history.heard is None and len(history.candles):
        spans = ((int(history.candles.open_time[0]), int(at.max(initial=0))),)
    heard = np.zeros(len(at))
    for start, end in spans:
        heard += np.clip(np.minimum(end, at) - np.maximum(start, at - window), 0, None)
    return heard


def signals_of(
    keys: Iterable[Key], markets: Sequence[Sequence[Episode] | None], judged_at: Times
) -> tuple[dict[Key, Column], dict[Signal, tuple[About | None, ...]]]:
    """Say how far signals have come on N markets, and the clusters that they are about.

    `markets` are the episodes under way on each, None where its signals are not known; `judged_at`
    [ms], shape (N,), is the time of the newest event that each market's signals have seen.
    """
    columns: dict[Key, Column] = {}
    abouts: dict[Signal, tuple[About | None, ...]] = {}
    for key in keys:
        if not isinstance(key, Signal):
            continue
        found = [None if each is None else _furthest(key, each) for each in markets]
        value = [np.nan if each is None else each[0] for each in found]
        columns[key] = Column(np.array(value, dtype=np.float64), judged_at.copy())
        abouts[key] = tuple(None if each is None else each[1] for each in found)
    return columns, abouts


def _furthest(key: Signal, episodes: Sequence[Episode]) -> tuple[int, About | None]:
    """Return how far a signal has come, and its cluster; 0 where it is not under way."""
    going = [
        each
        for each in episodes
        if each.kind is _KINDS[key.sign]
        and each.ended is None
        and (not key.way or each.way.value == key.way)
    ]
    if not going:
        return 0, None
    phases = PHASES.get(key.sign, ())
    rank = [phases.index(each.phase) + 1 if each.phase in phases else 1 for each in going]
    best = going[int(np.argmax(rank))]
    return max(rank), _about(best)


def _about(episode: Episode) -> About | None:
    zone = episode.zone or episode.target
    if zone is None:
        return None
    side = Side.ABOVE if zone.side is PositionSide.SHORT else Side.BELOW
    return About(side, zone.low, zone.high)
