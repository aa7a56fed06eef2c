"""What a market's map said of each interval that is over, beside what came: one row each."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, Times, floats
from bot.core.estimate.coverage import Coverage
from bot.core.estimate.market import Expected, MarketEstimate
from bot.core.judge.baselines import prices_only
from bot.core.judge.report import interval_moves
from bot.core.judge.walk import Realised, by_interval, realised
from bot.core.market.history import MarketHistory


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Intervals of one market, oldest first; N intervals, rows are longs and shorts.

    All but `reported` was known when an interval began, but for how far price then went.
    """

    time: Times  # [ms] UTC, start of the interval, shape (N,)
    interval: int  # [ms]
    expected: Floats  # [USD] the map held on the way of each bar at its open, shape (2, N)
    told: Floats  # [USD] the same as the feed would report it, shape (2, N)
    prices: Floats  # [any unit] the same of a map that knows only prices, shape (2, N)
    move: Floats  # [log price] from the interval's open to its low and high, shape (2, N)
    reported: Floats  # [USD] by the feed, shape (2, N)

    def __len__(self) -> int:
        return len(self.time)

    @property
    def until(self) -> int:
        """End of the newest interval [ms]; 0 if there is none."""
        return int(self.time[-1]) + self.interval if len(self) else 0

    def part(self, chosen: slice | NDArray[np.bool_]) -> "Scored":
        """Return some of the intervals."""
        return Scored(self.time[chosen], self.interval, *(part[:, chosen] for part in self.rows))

    def since(self, at: int) -> "Scored":
        """Return the intervals that began at `at` [ms] or later."""
        return self.part(self.time >= at)

    def then(self, later: "Scored") -> "Scored":
        """Return these intervals and the later ones of the same length."""
        if not len(self) or self.interval != later.interval:
            return later if len(later) else self
        new = later.since(self.until)
        both = zip(self.rows, new.rows, strict=True)
        return Scored(
            np.concatenate((self.time, new.time)),
            self.interval,
            *(np.concatenate(pair, axis=1) for pair in both),
        )

    @property
    def rows(self) -> tuple[Floats, ...]:
        """All figures in the order of the fields, each of shape (2, N)."""
        return tuple(getattr(self, field.name) for field in fields(self)[2:])


def prices_alone(history: MarketHistory) -> MarketHistory:
    """Return what the rival of a live map is made from: prices, at a size that never changes."""
    return prices_only(
        MarketHistory(history.instrument, history.candles, brackets=history.brackets)
    )


def scored(
    history: MarketHistory,
    ours: MarketEstimate,
    rival: MarketEstimate,
    before: Scored | None = None,
) -> Scored | None:
    """Score the intervals of a history that were over when the estimate's newest bar closed.

    Only those of which every bar was seen and, where that is known, whose feed was heard from end
    to end. `before` are the intervals scored already: coverage is learnt from them, and only later
    ones are returned. None if the market reports no liquidations, or in intervals shorter than
    its bars.
    """
    actual = realised(history)
    step = history.candles.interval
    if actual is None or actual.interval < step:
        return None
    over = actual.time + actual.interval <= ours.time
    if before is not None:
        over &= actual.time >= before.until
    intervals = Realised(actual.time[over], actual.usd[:, over], actual.interval)
    if not len(intervals.time):
        return _nothing(actual.interval)
    expected, at = _summed(ours.expected, intervals, step)
    prices, also = _summed(rival.expected, intervals, step)
    moved, seen = interval_moves(history.candles, intervals)
    whole = np.intersect1d(np.intersect1d(at, also), seen)
    expected = expected[:, np.searchsorted(at, whole)]
    time, reported = intervals.time[whole], intervals.usd[:, whole]
    interest = ours.expected.interest[np.searchsorted(ours.expected.time, time)]
    return Scored(
        time,
        actual.interval,
        expected,
        _told(expected, reported, interest, ours.learner.assumed, actual.interval, before),
        prices[:, np.searchsorted(also, whole)],
        moved[:, np.searchsorted(seen, whole)],
        reported,
    )


def _nothing(interval: int) -> Scored:
    none = np.empty((2, 0))
    return Scored(np.empty(0, np.int64), interval, none, none, none, none, none)


def _summed(expected: Expected, intervals: Realised, step: int) -> tuple[Floats, Times]:
    """Sum bars over the intervals that have all their bars, shape (2, M), and which those are."""
    sums, at = by_interval(expected.time, expected.usd, intervals)
    bars, _ = by_interval(expected.time, np.ones(expected.usd.shape), intervals)
    whole = bars[0] >= intervals.interval // step
    return sums[:, whole], at[whole]


def _told(
    expected: Floats,
    reported: Floats,
    interest: Floats,
    prior: Floats,
    interval: int,
    before: Scored | None,
) -> Floats:
    """What of `expected` the feed would report, by coverage learnt from earlier intervals alone."""
    learnt = Coverage.before(prior)
    if before is not None:
        for past in range(len(before)):
            learnt.learn(before.expected[:, past], before.reported[:, past], before.interval)
    told = np.empty(expected.shape)
    for at in range(expected.shape[1]):
        told[:, at] = learnt.share(float(interest[at])) * expected[:, at]
        learnt.learn(expected[:, at], reported[:, at], interval)
    return told


def together(markets: Sequence[Scored]) -> Scored | None:
    """Sum several markets of one coin over the intervals that all of them have.

    The move is their mean. None if there is no market. ValueError if their intervals are not of
    one length.
    """
    if not markets:
        return None
    if len({each.interval for each in markets}) > 1:
        raise ValueError("only intervals of one length can be summed")
    time = markets[0].time
    for each in markets[1:]:
        time = np.intersect1d(time, each.time)
    cut = [each.part(np.isin(each.time, time)) for each in markets]
    summed = (floats(sum(each.rows[row] for each in cut)) for row in range(len(cut[0].rows)))
    total = Scored(time, markets[0].interval, *summed)
    return replace(total, move=total.move / len(cut))
