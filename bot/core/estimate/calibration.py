"""What was learnt of one market, as a record: to be stored, and shown beside what was assumed."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, Floats
from bot.core.estimate.learning import Learner
from bot.core.estimate.market import MarketEstimate
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.language import mark

Figures = tuple[float, ...]

# Groups of leverage that a mix is shown by: upper ends [1], and their names.
_GROUPS = {mark("up to 5x"): 5.0, "5-10x": 10.0, "10-25x": 25.0, mark("over 25x"): np.inf}


@dataclass(frozen=True, slots=True)
class OneSide:
    """What was learnt of the longs or of the shorts; K tiers."""

    mix: Figures  # [fraction of open interest] in each tier, K of them
    prior: Figures  # [fraction of open interest] that was assumed, K
    level: float  # [1] what stands near the price over what was assumed
    coverage: float  # [fraction] of what the map holds on the way that the feed reports
    reported: float  # [USD] in the intervals that were learnt from

    @property
    def distance(self) -> float:
        """Return the part of the open interest that stands in other tiers than assumed [1]."""
        moved = np.abs(np.subtract(self.mix, self.prior)).sum() / 2
        return float(moved)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was learnt of one market until `time`, in plain figures."""

    venue: str
    market: str  # such as "BTC/USDT:USDT"
    version: str  # of the assumptions, and the day that was last learnt from
    time: int  # [ms] UTC, of the estimate
    leverage: Figures  # [1] of each tier
    lifetime: Figures  # [days] of each tier at the market's usual turnover
    complete: bool  # the feed is said to report every liquidation
    intervals: int  # learnt from
    trust: Figures  # [1] in lifetimes and level as learnt, from how well they have foretold
    belief: Figures  # [1] in each pace, the same; quick first
    long: OneSide
    short: OneSide


def calibration(estimate: MarketEstimate) -> Calibration:
    """Write down what an estimate has learnt of its market."""
    learner, mix = estimate.learner, estimate.parameters
    learnt_until = f" / {np.datetime64(learner.last, 'D')}" if learner.intervals else ""
    return Calibration(
        estimate.instrument.exchange,
        estimate.instrument.symbol,
        mix.version + learnt_until,
        estimate.time,
        tuple(mix.leverage.tolist()),
        tuple((mix.lifetime[LONG] / DAY).tolist()),
        learner.complete,
        learner.intervals,
        tuple(learner.trust.tolist()),
        tuple(learner.belief.tolist()),
        _side(learner, LONG),
        _side(learner, SHORT),
    )


def _side(learner: Learner, side: int) -> OneSide:
    prior = (1 - learner.prior.hedged) * learner.prior.share[side]
    return OneSide(
        tuple(learner.weight[side].tolist()),
        tuple(prior.tolist()),
        float(learner.level[side]),
        float(learner.coverage[side]),
        float(learner.usd[side]),
    )


@dataclass(frozen=True, slots=True)
class Described:
    """A calibration in a few figures; what is in pairs is of longs and of shorts."""

    groups: tuple[str, ...]  # of leverage, lowest first
    mix: tuple[Figures, Figures]  # [fraction of open interest] by group
    prior: tuple[Figures, Figures]  # [fraction of open interest] by group, as assumed
    lifetime: tuple[Figures, Figures]  # [days] mean of what stands in each group
    unlevered: float  # [fraction of open interest] that no price liquidates
    level: tuple[float, float]  # [1] near the price, over what was assumed
    coverage: tuple[float, float]  # [fraction] of what is swept that the feed reports
    distance: tuple[float, float]  # [fraction of open interest] in other tiers than assumed
    trust: Figures  # [fraction] that what was learnt counts for: of lifetimes, of the level
    reported: float  # [USD] learnt from, both sides
    intervals: int  # learnt from; 0 if all is assumed


def describe(learnt: Calibration) -> Described:
    """Sum a calibration up by groups of leverage."""
    group = np.searchsorted(list(_GROUPS.values()), learnt.leverage, side="left")
    sides = (learnt.long, learnt.short)
    lifetime = np.array(learnt.lifetime)

    def summed(by_tier: Floats) -> Floats:
        return np.bincount(group, by_tier, len(_GROUPS)).astype(np.float64)

    mixes = [summed(np.array(side.mix)) for side in sides]
    lives = [summed(np.array(side.mix) * lifetime) for side in sides]
    long, short = (
        tuple((life / np.maximum(mix, 1e-300)).tolist())
        for life, mix in zip(lives, mixes, strict=True)
    )
    before = [summed(np.array(side.prior)) for side in sides]
    return Described(
        tuple(_GROUPS),
        (tuple(mixes[LONG].tolist()), tuple(mixes[SHORT].tolist())),
        (tuple(before[LONG].tolist()), tuple(before[SHORT].tolist())),
        (long, short),
        1 - sum(learnt.long.prior),
        (learnt.long.level, learnt.short.level),
        (learnt.long.coverage, learnt.short.coverage),
        (learnt.long.distance, learnt.short.distance),
        learnt.trust,
        learnt.long.reported + learnt.short.reported,
        learnt.intervals,
    )
