"""Walking forward through a history: what the map of each moment said, beside what came."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, Times
from bot.core.estimate.bars import bars
from bot.core.estimate.coverage import Coverage
from bot.core.estimate.learning import Learner
from bot.core.estimate.market import start
from bot.core.estimate.parameters import Parameters
from bot.core.estimate.realised import Realised, realised
from bot.core.market.history import MarketHistory

__all__ = ["Forecasts", "Realised", "by_interval", "realised", "walk"]


@dataclass(frozen=True, slots=True, eq=False)
class Forecasts:
    """What was expected of each bar at its open; T bars, rows are longs and shorts."""

    time: Times  # [ms] UTC, the bar's open, shape (T,)
    usd: Floats  # [USD] of the map between the bar's open and its low or high, shape (2, T)
    reported: Floats  # [USD] the same as the feed would report it, shape (2, T)


def walk(
    history: MarketHistory,
    parameters: Parameters | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Forecasts:
    """Push every bar, and keep what the map held on the bar's way before it.

    The mix is learnt from day to day (learning.py), as in a live estimate. Coverage is learnt from
    the intervals that had ended when the bar opened. `tick` is called after each bar.
    """
    inventory = start(history, parameters)
    learner = Learner.of(history, inventory.parameters)
    closed = bars(history)
    opened = history.candles.open_time
    swept, reported = np.zeros((2, len(closed))), np.zeros((2, len(closed)))
    learnt = Coverage.before(learner.assumed)
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
        learner.push(inventory, closed, at, history)
        swept[:, at] = inventory.swept()
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
