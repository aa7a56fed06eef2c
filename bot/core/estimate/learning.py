"""What a market's own liquidations teach about its crowd, from day to day and only from the past.

Of every bar the inventory says what it would have swept of each tier, had that tier held the whole
open interest: the unit responses x_k. What a feed then reports of an hour is about

    c * sum over tiers of w_k x_k

with w the mix and c the coverage. Liquidations are few, lumpy, and silent about prices that were
not reached: a mix that is learnt freely is worse than its prior (measured on known and on recorded
markets). So each side learns four numbers on top of the prior, each against a prior of its own:

- level: how much stands near the price. The less a coin moves the more leverage it bears, so that
  volatility says what to expect. The reports tell only c * level; the two share the blame in
  proportion to how little is known of either, and the sides have most of c in common.
- pace and tilt: whether the quick or the slow stand in each leverage, and whether the high or the
  low leverages weigh more than assumed. They are believed as far as they have foretold hours better
  than the prior did, all of them hours that they had not seen.
- coverage, which falls with size: a feed that publishes one order a second says less of much.
"""

import copy
import math
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from bot.core.arrays import DAY, HOUR, Floats, floats
from bot.core.estimate.bars import Bars
from bot.core.estimate.inventory import Inventory
from bot.core.estimate.maps import STEP
from bot.core.estimate.parameters import Parameters, near, tilted
from bot.core.estimate.realised import Realised, realised
from bot.core.market.history import MarketHistory

_HALF_LIFE = 60 * DAY  # of evidence: crowds change, and so do feeds

# Hours are told apart by what was expected of them, in powers of two of the open interest.
_CLASSES = 24

# Below this part of the open interest an hour's liquidations are noise [1].
_NOISE, _FLOOR = 2e-6, 1e-4

# Of an hour at most so many times the expected is believed; its variance is so many of its squares.
_MOST, _LUMPY = 20.0, 3.0

# Size of an hour at which coverage is stated, and how uncertain its fall with size is.
_USUAL, _FALL = np.exp(-9.0), {False: 0.3, True: 0.05}
_STEEPEST = -0.7

# Standard deviations of the priors of tilt and pace. A tilt is hard to tell from a coverage that
# falls with size, and left freer it made recorded markets worse.
_TILT, _PACE = 0.05, 0.7

# Standard deviations of the logarithms of level and of coverage: what both sides share, and what
# each has of its own. A complete feed leaves out only those who were gone before they were
# liquidated, half of all; how much a lossy one leaves out is not known to a factor of three.
_LEVEL = 0.7, 0.5
_COVERAGE = {False: (1.0, 0.35), True: (0.3, 0.35)}
_STAYED = 0.5

# How the words on a complete feed begin.
_COMPLETE_FEEDS = ("complete", "every liquidation", "all liquidations")

# The prior of level and coverage weighs as much as the sweep of this part of the open interest,
# a week or two of them: a level that follows every day tells days apart less well.
_WEIGHT = 0.3

# A level of one is expected of a coin that moves so much in a day [log price], as large ones do,
# and less of one that moves more, to a bound. Before anything was seen this counts so many days.
_USUAL_MOVE, _LEAST_LEVEL = 0.025, 0.4
_DAYS_ASSUMED = 3.0

_STEPS = 8  # of Newton's method in a day, from the day before's solution


@dataclass(slots=True, eq=False)
class Learner:
    """Gathers the bars of a day, and learns from them when the next one has begun.

    Arrays are never changed in place, so that a copy is cheap. Rows are longs and shorts.
    """

    prior: Parameters
    complete: bool  # the feed reports every liquidation
    weight: Floats  # [fraction of open interest] in each tier as learnt so far, shape (2, K)
    level: Floats = field(default_factory=lambda: np.ones(2))
    shape: Floats = field(default_factory=lambda: np.zeros((2, 2)))  # tilt and pace of each side
    trust: Floats = field(default_factory=lambda: np.full(2, 0.5))  # [1] in the shape
    thinned: Floats = field(default_factory=lambda: np.zeros((2, 2)))  # log coverage, and its fall
    expected: Floats = field(default_factory=lambda: np.zeros(2))  # [open interest] at level 1
    reported: Floats = field(default_factory=lambda: np.zeros(2))  # [open interest]
    moved: float = math.log(_USUAL_MOVE)  # mean log of a day's volatility
    days: float = _DAYS_ASSUMED  # it is the mean of
    usd: Floats = field(default_factory=lambda: np.zeros(2))  # [USD] reported in all, learnt from
    intervals: int = 0  # learnt from
    last: int = -1  # day that was last learnt from, since 1970
    day: int = -1  # of the bars gathered
    hours: dict[int, tuple[int, float, Floats]] = field(default_factory=dict)
    closes: dict[int, float] = field(default_factory=dict)  # [bins] by hour
    _squares: Floats = field(init=False)  # sum of x x' / variance, shape (2, K, K)
    _products: Floats = field(init=False)  # sum of x * reported / variance, shape (2, K)
    _sizes: Floats = field(default_factory=lambda: np.zeros((3, 2, _CLASSES)))
    _misses: Floats = field(default_factory=lambda: np.zeros((2, 2)))  # of the prior, of the shape

    def __post_init__(self) -> None:
        tiers = self.weight.shape[1]
        self._squares, self._products = np.zeros((2, tiers, tiers)), np.zeros((2, tiers))
        self.thinned = np.column_stack((np.log(self.assumed), np.zeros(2)))

    @classmethod
    def of(cls, history: MarketHistory, prior: Parameters) -> Self:
        """Return one that has learnt nothing yet of the market of a history."""
        complete = history.liquidation_feed.lower().startswith(_COMPLETE_FEEDS)
        return cls(prior, complete, (1 - prior.hedged) * prior.share)

    @property
    def assumed(self) -> Floats:
        """Coverage before anything was reported [1], shape (2,)."""
        return np.full(2, _STAYED) if self.complete else self.prior.coverage

    @property
    def coverage(self) -> Floats:
        """Part of what the map holds on the way that the feed reports, as learnt [1], (2,)."""
        share = (self.reported + _WEIGHT * self.assumed) / (self.expected + _WEIGHT)
        return floats(share / self.level)

    def copy(self) -> "Learner":
        """Return one that can go on without this one changing."""
        other = copy.copy(self)
        other.hours, other.closes = dict(self.hours), dict(self.closes)
        return other

    def push(
        self, inventory: Inventory, bars: Bars, at: int, history: MarketHistory
    ) -> tuple[float, float]:
        """Push bar number `at`, with the mix as it was learnt from the days before.

        Returns the USD of longs and of shorts it swept. Of `history` only what was reported of
        days that were over is read.
        """
        if history.liquidations is None and history.liquidation_totals is None:
            return inventory.push(bars, at)
        opened = int(bars.time[at]) - bars.interval
        day, hour = opened // DAY, opened // HOUR * HOUR
        if day != self.day:
            if self.hours:
                self._watch()
                self._learn(realised(history, day * DAY), bars.interval)
                self.hours, self.closes = {}, {}
            self.day = day
            inventory.weight = self.weight
        interest, known = inventory.interest, inventory.count > 0
        swept = inventory.push(bars, at)
        if known:
            count, first, response = self.hours.get(hour, (0, interest, 0.0))
            self.hours[hour] = count + 1, first, response + inventory.response
        self.closes[hour] = inventory.price
        return swept

    def _watch(self) -> None:
        """Take in how much the price moved in the day that is over.

        By its hours' moves, not by their squares: one crash is no habit.
        """
        hours = sorted(self.closes)
        moves = np.abs(np.diff([self.closes[hour] for hour in hours]))
        if len(moves) < 4 or not moves.any():  # noqa: PLR2004 - a day has six bars at least
            return
        size = STEP * float(moves.mean()) * math.sqrt(math.pi / 2)
        steps = len(moves) * DAY / (hours[-1] - hours[0])
        kept = 0.5 ** (DAY / _HALF_LIFE)
        self.days = kept * self.days + 1
        self.moved += (math.log(size * math.sqrt(steps)) - self.moved) / self.days

    def _learn(self, actual: Realised | None, interval: int) -> None:
        """Learn from the hours of the day that is over, if all of their bars and reports came."""
        if actual is None:
            return
        length = max(HOUR, actual.interval, interval)
        starts: dict[int, list[int]] = {}
        for hour in self.hours:
            starts.setdefault(hour // length * length, []).append(hour)
        learnt = 0
        for begun, hours in sorted(starts.items()):
            parts = [self.hours[hour] for hour in sorted(hours)]
            span = slice(*np.searchsorted(actual.time, (begun, begun + length)).tolist())
            interest = parts[0][1]
            whole = sum(count for count, _, _ in parts) * interval == length
            told = (span.stop - span.start) * actual.interval == length
            if whole and told and interest > 0:
                usd = actual.usd[:, span].sum(axis=1)
                response = np.sum([part[2] for part in parts], axis=0)
                self._hour(response / interest, usd / interest, length)
                self.usd = self.usd + usd
                learnt += 1
        if learnt:
            self.intervals += learnt
            self.last = self.day
            self._solve()

    def _hour(self, response: Floats, reported: Floats, length: int) -> None:
        """Take in an hour, or longer: unit responses (2, K) and reports (2,) [open interest]."""
        kept = 0.5 ** (length / _HALF_LIFE)
        unit = (1 - self.prior.hedged) * response
        plain = (self.prior.share * unit).sum(axis=1)
        shaped = (self._mix(self.shape) * unit).sum(axis=1)
        size = np.log(np.maximum(plain, 1e-7) / _USUAL)
        coverage = np.exp(self.thinned[:, 0] + self.thinned[:, 1] * size)
        told = np.log(reported + _NOISE)
        misses = [(told - np.log(coverage * each + _NOISE)) ** 2 for each in (plain, shaped)]
        heard = (plain > _NOISE / 2) | (reported > _NOISE / 2)
        self._misses = kept * self._misses + heard * np.array(misses)
        level = coverage * (plain + _FLOOR)
        weighed = unit * (coverage / (_LUMPY * level**2))[:, None]
        squares = coverage[:, None, None] * weighed[:, :, None] * unit[:, None, :]
        self._squares = kept * self._squares + squares
        believed = np.minimum(reported, _MOST * level)
        self._products = kept * self._products + weighed * believed[:, None]
        place = np.clip(np.log2(np.maximum(plain, 1e-7)) + _CLASSES - 2, 0, _CLASSES - 1)
        new = np.zeros(self._sizes.shape)
        new[:, (0, 1), place.astype(np.int64)] = (plain > 0) * np.array(
            (np.ones(2), plain, reported)
        )
        self._sizes = kept * self._sizes + new
        self.expected = kept * self.expected + shaped
        self.reported = kept * self.reported + reported

    def _solve(self) -> None:
        """Bring everything that is learnt up to date."""
        self.thinned = np.array([self._thinning(side) for side in (0, 1)])
        self.shape = np.array([self._shape(side) for side in (0, 1)])
        gain = np.clip((self._misses[0] - self._misses[1]) / 2, -50, 50)
        self.trust = 1 / (1 + np.exp(-gain))
        told = (self.reported + _WEIGHT * self.assumed) / (self.expected + _WEIGHT)
        of_level, of_coverage = (
            shared**2 * np.ones((2, 2)) + own**2 * np.eye(2)
            for shared, own in (_LEVEL, _COVERAGE[self.complete])
        )
        usual = min(max(_USUAL_MOVE / math.exp(self.moved), _LEAST_LEVEL), 1.0)
        surprise = np.log(told / self.assumed / usual)
        self.level = usual * np.exp(of_level @ np.linalg.solve(of_level + of_coverage, surprise))
        mix = tilted(self.prior.leverage, self._mix(self.shape * self.trust[:, None]), self.level)
        self.weight = floats((1 - self.prior.hedged) * mix)

    def _mix(self, shape: Floats) -> Floats:
        """Return the shares by tier at a tilt and a pace, shape (2, K)."""
        share = self.prior.share * np.exp(shape @ self._directions)
        return floats(share / share.sum(axis=1, keepdims=True))

    @property
    def _directions(self) -> Floats:
        """What a tilt and a pace of one do to the logarithm of each tier's share, shape (2, K)."""
        leverage, lifetime = self.prior.leverage, self.prior.lifetime[0]
        middle = np.array([lifetime[leverage == each].mean() for each in leverage])
        return np.array((np.log(leverage / 15) * near(leverage), np.sign(lifetime - middle)))

    def _thinning(self, side: int) -> Floats:
        """Fit a line to log(reported / expected) of the sizes: at the usual one, and its slope."""
        count, expected, reported = self._sizes[:, side]
        seen = (reported > 0) & (count > 0.01)  # noqa: PLR2004 - all but forgotten
        size = np.log(expected[seen] / count[seen] / _USUAL)
        ratio = np.log(reported[seen] / expected[seen])
        trust = count[seen] / (1 + 0.05 * count[seen])
        lines = np.stack((np.ones(len(size)), size))
        own = np.diag((0.3, _FALL[self.complete] ** -2))
        middle = own @ np.array((np.log(self.assumed[side]), 0.0))
        at, slope = np.linalg.solve(
            (lines * trust) @ lines.T + own, (lines * trust) @ ratio + middle
        )
        return np.array((at, np.clip(slope, _STEEPEST, 0.1)))

    def _shape(self, side: int) -> Floats:
        """Find the tilt and pace of one side that explain the reports best, given their priors.

        Newton's method on w'Aw - 2b'w + prior, w the prior's shares times exp(shape @ directions).
        """
        squares, products = self._squares[side], self._products[side]
        directions, share = self._directions, self.prior.share[side]
        own = np.array((_TILT, _PACE)) ** -2.0

        def miss(shape: Floats) -> float:
            weights = share * np.exp(shape @ directions)
            return float(weights @ squares @ weights - 2 * products @ weights + own @ shape**2)

        found, best, damped = self.shape[side], miss(self.shape[side]), 0.01
        for _ in range(_STEPS):
            weights = share * np.exp(found @ directions)
            ways = directions * weights
            slope = ways @ (squares @ weights - products) + own * found
            bend = ways @ squares @ ways.T + np.diag(own)
            step = np.linalg.solve(bend + damped * np.diag(np.diag(bend)), -slope)
            tried = found + np.clip(step, -1, 1)
            reached = miss(tried)
            if reached < best - 1e-10:
                found, best, damped = tried, reached, damped / 3
            else:
                damped *= 10
        return floats(found)
