"""What a market's own liquidations teach about its crowd, from day to day and only from the past.

Of every bar the inventory says what it would have swept of each tier, had that tier held the whole
open interest: the unit responses x_k. What a feed then reports of an hour is about

    c * sum over tiers of w_k x_k

with w the mix and c the coverage. Liquidations are few, lumpy, and silent about prices that were
not reached: a mix that is learnt freely is worse than its prior (measured on known and on recorded
markets). So little is learnt on top of the prior, each figure against a prior of its own:

- pace: whether the crowd comes for hours or stays for weeks. Each pace is a hypothesis with a mix
  of its own, which says of every hour what will be reported before that is known. It is believed
  by how well it has foretold (Bayes' rule; tempered, as the hours of a storm are no independent
  witnesses), and the mix is the mean of all, so that nothing is learnt where nothing is foretold.
- level, of each side: how much stands near the price. The less a coin moves the more leverage it
  bears, so that volatility says what to expect, whether or not a feed is heard. The reports tell
  only c * level; the two share the blame in proportion to how little is known of either, and the
  sides have most of c in common.
- coverage, which falls with size: a feed that publishes one order a second says less of much.

The prior is always run beside: the mean of its paces as one pace more, and each pace at the usual
level as at the learnt one. It is believed by the same rule, beforehand as much as what is learnt,
which takes effect only as far as it has foretold better than that. It has to: most of what a level
follows from day to day is the feed's, and a map that follows it too tells one day's big moves from
another's less well.
"""

import copy
import math
from dataclasses import dataclass, field
from functools import cache
from typing import Self

import numpy as np

from bot.core.arrays import DAY, HOUR, Floats, floats
from bot.core.estimate.bars import Bars
from bot.core.estimate.inventory import Inventory
from bot.core.estimate.maps import STEP
from bot.core.estimate.parameters import Parameters, tilted
from bot.core.estimate.realised import Realised, realised
from bot.core.market.history import MarketHistory

_HALF_LIFE = 60 * DAY  # of evidence: crowds change, and so do feeds

# Below this part of the open interest an hour's liquidations are noise [1].
_NOISE = 2e-6

# Of an hour, log reported is a line of log expected, with an error of one. Its slope is known so
# well beforehand; an hour misses it by so much at most.
_USUAL, _SLOPE, _WORST = np.exp(-9.0), 0.1, 3.0

# So much of what an hour says for or against a pace is believed: it says much the same as the hours
# around it, and what one side has foretold holds for the other.
_BELIEVED = 0.05

# How likely it is beforehand that the prior's mean pace foretells better than any pace, and the
# usual level better than the learnt one.
_ALONE = 0.5

# Standard deviations of the logarithms of level and of coverage: what both sides share, and what
# each has of its own. A complete feed leaves out only those who were gone before they were
# liquidated, half of all to a factor of two; how much a lossy one leaves out is not known to a
# factor of three.
_LEVEL = 0.7, 0.5
_COVERAGE = {False: (1.0, 0.35), True: (0.6, 0.35)}
_STAYED = 0.5

# A line's place at the usual size is a side's coverage, known so well beforehand. What a lossy feed
# leaves out changes with whoever publishes it: its line follows every hour, and nothing is foretold
# by getting the sum right. That of a complete feed is the crowd's habit, and its hours say as
# little of it as they do of a pace: who foretells the right dollars is believed for that.
_PLACE = {False: 1.0, True: 0.7}
_FOLLOWED = {False: 1.0, True: _BELIEVED}

# How the words on a complete feed begin.
_COMPLETE_FEEDS = ("complete", "every liquidation", "all liquidations")

# The prior of level and coverage weighs as much as the sweep of this part of the open interest, a
# month of them: a level that follows every day tells days apart less well. Of a complete feed a
# few days say more than the prior does.
_WEIGHT = {False: 1.0, True: 0.1}

# A level of one is expected of a coin that moves so much in a day [log price], as large ones do.
# Who can lose twice as much in a day takes half the leverage, and venues allow him no more. Half
# of every leverage leaves a third of the prior's mix above 10x: a power of 1.5, to a bound. Before
# anything was seen the usual move counts so many days.
_USUAL_MOVE, _POWER, _LEAST_LEVEL = 0.025, 1.5, 0.25
_DAYS_ASSUMED = 3.0


@dataclass(slots=True, eq=False)
class Hour:
    """What an hour's bars would have swept so far, had each tier held all open interest."""

    interest: float  # [USD] before the first of them
    response: Floats  # [USD] shape (2, K)
    bars: int = 0


@dataclass(slots=True, eq=False)
class Learner:
    """Gathers the bars of a day, and learns from them when the next one has begun.

    Arrays are never changed in place, but for the hour's that runs, so that a copy is cheap. Rows
    are longs and shorts.
    """

    prior: Parameters
    complete: bool  # the feed reports every liquidation
    weight: Floats  # [fraction of open interest] in each tier as learnt so far, shape (2, K)
    level: Floats = field(default_factory=lambda: np.ones(2))  # as far as it is trusted
    # [1] in the paces and in the level as learnt, the rest in the prior, shape (2,)
    trust: Floats = field(default_factory=lambda: np.full(2, 1 - _ALONE))
    belief: Floats = field(init=False)  # [1] in each pace with the prior's part in it, shape (P,)
    expected: Floats = field(init=False)  # [open interest] at level 1 and each pace, shape (2, P)
    reported: Floats = field(default_factory=lambda: np.zeros(2))  # [open interest]
    moved: float = math.log(_USUAL_MOVE)  # mean log of a day's volatility
    days: float = _DAYS_ASSUMED  # it is the mean of
    usd: Floats = field(default_factory=lambda: np.zeros(2))  # [USD] reported in all, learnt from
    intervals: int = 0  # learnt from
    last: int = -1  # day that was last learnt from, since 1970
    day: int = -1  # of the bars gathered
    hours: dict[int, Hour] = field(default_factory=dict)  # oldest first
    closes: dict[int, float] = field(default_factory=dict)  # [bins] by hour
    # Of each forecaster, the paces and their mean at the learnt level, then the same at the usual
    # one: F = 2 (P + 1).
    _level: Floats = field(default_factory=lambda: np.ones(2))  # as learnt, trusted or not
    _foretold: Floats = field(init=False)  # log probability of what came, shape (F,)
    _lines: Floats = field(init=False)  # place and slope, shape (2, F, 2)
    _squares: Floats = field(init=False)  # sum of x x' of the hours, shape (2, F, 2, 2)
    _products: Floats = field(init=False)  # sum of x y, shape (2, F, 2)

    def __post_init__(self) -> None:
        paces = len(self.prior.chance)
        forecasters = 2 * (paces + 1)
        self.belief, self._foretold = self.prior.chance, np.zeros(forecasters)
        self.expected = np.zeros((2, paces))
        self._squares = np.zeros((2, forecasters, 2, 2))
        self._products = np.zeros((2, forecasters, 2))
        self._lines = self._fitted()

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
        return floats(self._told / self.level)

    @property
    def _usual(self) -> float:
        """Level to expect of a coin that moves as much as this one."""
        calm = _USUAL_MOVE / math.exp(self.moved)
        return float(min(max(calm**_POWER, _LEAST_LEVEL), 1.0))

    @property
    def _told(self) -> Floats:
        """Reported over expected at a level of one [1], shape (2,)."""
        weight = _WEIGHT[self.complete]
        expected = self.expected @ self.belief
        return floats((self.reported + weight * self._usual * self.assumed) / (expected + weight))

    def copy(self) -> "Learner":
        """Return one that can go on without this one changing."""
        other = copy.copy(self)
        other.hours, other.closes = dict(self.hours), dict(self.closes)
        for hour, running in list(self.hours.items())[-1:]:
            other.hours[hour] = Hour(running.interest, running.response.copy(), running.bars)
        return other

    def push(self, inventory: Inventory, bars: Bars, at: int, history: MarketHistory) -> None:
        """Push bar number `at`, with the mix as it was learnt from the days before.

        Of `history` only what was reported of days that were over is read.
        """
        opened = int(bars.time[at]) - bars.interval
        day, hour = opened // DAY, opened // HOUR * HOUR
        if day != self.day:
            if self.closes:
                self._watch()
                self._learn(realised(history, day * DAY), bars.interval)
                self._weigh()
                self.hours, self.closes = {}, {}
            self.day = day
            inventory.weight = self.weight
        running = self.hours.get(hour)
        if running is None and inventory.count:
            running = Hour(inventory.interest, np.zeros(self.weight.shape))
            self.hours[hour] = running
        inventory.push(bars, at)
        if running is not None:
            running.bars += 1
            running.response += inventory.response
        self.closes[hour] = inventory.price

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
        responses, reports = [], []
        for begun, hours in sorted(starts.items()):
            parts = [self.hours[hour] for hour in sorted(hours)]
            span = slice(*np.searchsorted(actual.time, (begun, begun + length)).tolist())
            interest = parts[0].interest
            whole = sum(part.bars for part in parts) * interval == length
            told = (span.stop - span.start) * actual.interval == length
            if whole and told and interest > 0:
                usd = actual.usd[:, span].sum(axis=1)
                response = np.sum([part.response for part in parts], axis=0)
                responses.append(response / interest)
                reports.append(usd / interest)
                self.usd = self.usd + usd
        if reports:
            self._hours(np.array(responses), np.array(reports), length)
            self._believe()
            self.intervals += len(reports)
            self.last = self.day

    def _hours(self, response: Floats, reported: Floats, length: int) -> None:
        """Take in H hours, or longer, oldest first; the lines of the day before foretell all.

        Unit responses have shape (H, 2, K), reports (H, 2) [both: open interest].
        """
        past, *kept = 0.5 ** (length / _HALF_LIFE * np.arange(len(reported), -1, -1))
        unit = (1 - self.prior.hedged) * self.prior.share * response
        expected = unit @ self.prior.paced.T
        heard = (expected.mean(axis=2) > _NOISE / 2) | (reported > _NOISE / 2)
        each = np.concatenate((expected, (expected @ self.prior.chance)[..., None]), axis=2)
        said = np.concatenate((self._level[:, None] * each, self._usual * each), axis=2)
        size = np.log((said + 4 * _NOISE) / _USUAL)
        lines = heard[..., None, None] * np.stack((np.ones(size.shape), size), axis=3)
        told = heard * np.log((reported + _NOISE) / _USUAL)
        miss = np.clip(told[..., None] - (lines * self._lines).sum(axis=3), -_WORST, _WORST)
        weighted = np.array(kept)[:, None, None, None] * lines
        self._foretold = past * self._foretold - kept @ (miss**2).sum(axis=1) / 2
        squares = (weighted[..., :, None] * lines[..., None, :]).sum(axis=0)
        self._squares = past * self._squares + squares
        self._products = past * self._products + (weighted * told[..., None, None]).sum(axis=0)
        self.expected = past * self.expected + np.tensordot(kept, expected, 1)
        self.reported = past * self.reported + kept @ reported

    def _believe(self) -> None:
        """Bring up to date what is believed of the paces and of the level."""
        self._lines = self._fitted()
        log = _BELIEVED * (self._foretold - self._foretold.max())
        chance = np.append((1 - _ALONE) * self.prior.chance, _ALONE)
        odds = np.outer((1 - _ALONE, _ALONE), chance) * np.exp(log).reshape(2, -1)
        odds /= odds.sum()
        *paces, mean = odds.sum(axis=0)
        self.trust = np.array((1 - mean, odds.sum(axis=1)[0]))
        self.belief = paces + mean * self.prior.chance

    def _weigh(self) -> None:
        """Bring level and mix up to date; the usual level changes without any reports."""
        usual = self._usual
        surprise = np.log(self._told / self.assumed / usual)
        self._level = usual * np.exp(_of_level(self.complete) @ surprise)
        learnt = self.trust[1]
        self.level = usual ** (1 - learnt) * self._level**learnt
        share = self.prior.share * (self.belief @ self.prior.paced)
        mix = tilted(self.prior.leverage, share, self.level)
        self.weight = floats((1 - self.prior.hedged) * mix)

    def _fitted(self) -> Floats:
        """Fit the line of each side and forecaster to the hours so far, shape (2, F, 2)."""
        followed = _FOLLOWED[self.complete]
        sure = np.diag((_PLACE[self.complete] ** -2, _SLOPE**-2))
        middle = np.stack((np.log(self.assumed), np.ones(2)), axis=1) @ sure
        products = followed * self._products + middle[:, None]
        squares = followed * self._squares + sure
        return floats(np.linalg.solve(squares, products[..., None])[..., 0])


@cache
def _of_level(complete: bool) -> Floats:  # noqa: FBT001 - a key of what is kept
    """How much of the surprise of each side is the level of each, not the feed, shape (2, 2)."""
    of_level, of_coverage = (
        shared**2 * np.ones((2, 2)) + own**2 * np.eye(2)
        for shared, own in (_LEVEL, _COVERAGE[complete])
    )
    return floats(np.linalg.solve(of_level + of_coverage, of_level).T)
