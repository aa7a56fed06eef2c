"""Walking forward through a history: what the map of each moment said, beside what came."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import HOUR, Floats, Times
from bot.core.estimate.bars import bars
from bot.core.estimate.coverage import Coverage
from bot.core.estimate.market import start
from bot.core.estimate.parameters import Parameters
from bot.core.market.history import MarketHistory


@dataclass(frozen=True, slots=True, eq=False)
class Forecasts:
    """What was expected of each bar at its open; T bars, rows are longs and shorts."""

    time: Times  # [ms] UTC, the bar's open, shape (T,)
    usd: Floats  # [USD] of the map between the bar's open and its low or high, shape (2, T)
    reported: Floats  # [USD] the same as the feed would report it, shape (2, T)


@dataclass(frozen=True, slots=True, eq=False)
class Realised:
    """What was liquidated in each interval, as reported; N intervals, rows are longs and shorts."""

    time: Times  # [ms] UTC, start of the interval, shape (N,)
    usd: Floats  # [USD], shape (2, N)
    interval: int  # [ms]


def realised(history: MarketHistory) -> Realised | None:
    """Return the liquidations of a history by interval; None if it has none.

    Totals as they are given; single events by the hour, or by the candle if that is longer, from
    the first event to the last, with the hours in which there was none. Where it is known when the
    feed was heard, all hours that were heard from end to end, and no others.
    """
    totals = history.liquidation_totals
    if totals is not None and len(totals.time):
        return Realised(totals.time, np.array((totals.long_usd, totals.short_usd)), totals.interval)
    events = history.liquidations
    if events is None:
        return None
    interval = max(HOUR, history.candles.interval)
    if history.heard is not None:
        time = history.heard.whole_intervals(interval)
    elif len(events):
        first, last = int(events.time[0]) // interval, int(events.time[-1]) // interval
        time = np.arange(first, last + 1, dtype=np.int64) * interval
    else:
        return None
    begun = events.time // interval * interval
    place = np.searchsorted(time, begun)
    inside = place < len(time)
    inside[inside] = time[place[inside]] == begun[inside]
    usd = [
        np.bincount(place[of_side], events.value[of_side], len(time))
        for of_side in (inside & (events.side == side) for side in (1, -1))
    ]
    return Realised(time, np.array(usd), interval)


def walk(
    history: MarketHistory,
    parameters: Parameters | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Forecasts:
    """Push every bar, and keep what the map held on the bar's way before it.

    Coverage is learnt from the intervals that had ended when the bar opened. `tick` is called
    after each bar.
    """
    inventory = start(history, parameters)
    closed = bars(history)
    opened = history.candles.open_time
    swept, reported = np.zeros((2, len(closed))), np.zeros((2, len(closed)))
    learnt = Coverage.before(inventory.parameters.coverage)
    actual = realised(history)
    ended = 0 if actual is None else np.searchsorted(actual.time + actual.interval, opened, "right")
    ends = np.broadcast_to(ended, opened.shape).tolist()
    seen = 0
    for at, over in enumerate(ends):
        while actual is not None and seen < over:
            span = np.searchsorted(opened, actual.time[seen] + np.array((0, actual.interval)))
            if span[1] > span[0]:  # an interval without candles teaches nothing
                expected = swept[:, span[0] : span[1]].sum(axis=1)
                learnt.learn(expected, actual.usd[:, seen], actual.interval)
            seen += 1
        share = learnt.share(inventory.interest)
        swept[:, at] = inventory.push(closed, at)
        reported[:, at] = share * swept[:, at]
        tick()
    return Forecasts(opened, swept, reported)


def by_interval(time: Times, values: Floats, intervals: Realised) -> tuple[Floats, Times]:
    """Sum bars' values, shape (2, T), over intervals; shape (2, M), with the M intervals' places.

    Only intervals in which at least one bar opened.
    """
    place = np.searchsorted(intervals.time, time, side="right") - 1
    inside = (place >= 0) & (time < intervals.time[np.maximum(place, 0)] + intervals.interval)
    sums = np.array(
        [np.bincount(place[inside], row[inside], len(intervals.time)) for row in values]
    )
    filled = np.unique(place[inside])
    return sums[:, filled], filled
