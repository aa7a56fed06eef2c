"""One coin's stored past in columns, one row for each time: what a preview is judged by.

Every row holds what was known at its time and nothing of later. Of maps there is a look for each
hour, which stands until the next.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bot.core.arrays import MINUTE, Floats, Times
from bot.core.market.history import MarketHistory
from bot.core.signals.episode import Episode
from bot.core.signals.events import Look
from bot.core.signals.looks import EVERY, Seen
from bot.core.watches.columns import About, Column, Columns, Key, clusters_of
from bot.core.watches.figures import Figure, Measure
from bot.core.watches.gathered import signals_of
from bot.core.watches.mapped import delta
from bot.core.watches.together import figures_together
from bot.core.watches.tree import Signal

STEP = 10 * MINUTE  # [ms] from one row to the next
_LOOKED = EVERY + STEP  # [ms] a look stands for so long: the next one may be told a little late
# Of what is weeks old not every hour's column is kept.
_KEPT = 4 * EVERY
_PRICE = Figure(Measure.PRICE)


def past_times(histories: Sequence[MarketHistory], since: int, until: int) -> Times:
    """Return the times [ms] of a preview's rows, multiples of STEP; shape (T,).

    Where bars are longer, a row stands for each bar: between two of them no price is known.
    """
    told = [each.candles for each in histories if len(each.candles)]
    first = min((int(each.open_time[0]) for each in told), default=until)
    step = max(min((each.interval for each in told), default=STEP), STEP)
    begin = -(-max(since, first) // step)
    return np.arange(begin, until // step + 1, dtype=np.int64) * step


def past(
    keys: Iterable[Key],
    histories: Sequence[MarketHistory],
    told: Sequence[Episode],
    looks: Sequence[Look],
    maps: Mapping[int, Sequence[Seen]],
    at: Times,
) -> Columns:
    """Gather the columns of one coin at given times [ms], shape (T,).

    All histories count the coin in the same way, and none of their candles are forming. `told` are
    all states of its episodes in the order in which they were known, `looks` are in order, and
    `maps` the columns of all venues by their time [ms].
    """
    asked = frozenset(keys)
    figures = dict(figures_together(histories, asked | {_PRICE}, at))
    price = figures[_PRICE].value
    for key in asked:
        if isinstance(key, Figure) and key.measure is Measure.DELTA:
            figures[key] = _deltas(key, maps, price, at)
    closes = [h.candles.close_time for h in histories if len(h.candles)]
    first = min((int(each[0]) for each in closes), default=0)
    last = max((int(each[-1]) for each in closes), default=0)
    columns, abouts = _signals(asked, told, at, np.where((at >= first) & (at <= last), at, 0))
    figures.update(columns)
    place = np.searchsorted([look.time for look in looks], at, side="right") - 1
    shown = [
        None if which < 0 or np.isnan(here) else (here, looks[which].zones, _as_of(looks[which], t))
        for which, here, t in zip(place.tolist(), price.tolist(), at.tolist(), strict=True)
    ]
    return Columns(at, figures, clusters_of(shown), abouts)


def _as_of(look: Look, at: int) -> int:
    """Return when a look was true [ms], as far as it stands at a time."""
    return at if at - look.time <= _LOOKED else look.time


def _deltas(key: Figure, maps: Mapping[int, Sequence[Seen]], price: Floats, at: Times) -> Column:
    times = sorted(maps)
    place = np.searchsorted(times, at, side="right") - 1
    value = np.full(len(at), np.nan)
    known_at = np.zeros(len(at), dtype=np.int64)
    for row, which in enumerate(place.tolist()):
        if which >= 0 and not np.isnan(price[row]):
            fresh = int(at[row]) - times[which] <= _KEPT
            value[row] = delta(maps[times[which]], float(price[row]), key.within)
            known_at[row] = at[row] if fresh else times[which]
    return Column(value, known_at)


def _signals(
    keys: frozenset[Key], told: Sequence[Episode], at: Times, judged_at: Times
) -> tuple[dict[Key, Column], dict[Signal, tuple[About | None, ...]]]:
    """Say how far signals had come at each time: between two states nothing changes."""
    changes = sorted({state.time for state in told})
    going: dict[str, Episode] = {}
    stretches: list[list[Episode]] = [[]]
    states = iter(sorted(told, key=lambda state: state.time))
    state = next(states, None)
    for time in changes:
        while state is not None and state.time <= time:
            if state.ended is None:
                going[state.name] = state
            else:
                going.pop(state.name, None)
            state = next(states, None)
        stretches.append([*going.values()])
    found, abouts = signals_of(keys, stretches, np.zeros(len(stretches), dtype=np.int64))
    which = np.searchsorted(changes, at, side="right")
    columns: dict[Key, Column] = {
        key: Column(np.where(judged_at > 0, each.value[which], np.nan), judged_at.copy())
        for key, each in found.items()
    }
    places = which.tolist()
    return columns, {key: tuple(each[p] for p in places) for key, each in abouts.items()}
