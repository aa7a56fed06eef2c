"""What the estimate assumes of a market's traders, each assumption with its reason."""

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import DAY, Floats, floats

Paces: TypeAlias = NDArray[np.int64]

LONG, SHORT = 0, 1  # rows of every array that has one for each side


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """The leverage mix and what goes with it; K tiers, rows are longs and shorts.

    Of one leverage there may be several tiers, each at a pace of its own: whether traders come for
    hours or stay for weeks is not known, and what stands at one pace or another is learnt.
    """

    leverage: Floats  # [1] of each tier, ascending, shape (K,)
    own: Floats  # [fraction of a tier] exactly at its leverage, the others around it, shape (K,)
    pace: Paces  # number of each tier's pace, -1 where its leverage has but one, shape (K,)
    chance: Floats  # [1] of each pace before anything was observed, shape (P,)
    share: Floats  # [fraction of what can be liquidated] standing in each tier, shape (2, K)
    hedged: float  # [fraction of open interest] unlevered or hedged: no price liquidates it
    lifetime: Floats  # [ms] at the market's usual turnover, see inventory.py, shape (2, K)
    doubt: Floats  # [1] relative standard deviation of each share, shape (2, K)
    coverage: Floats  # [fraction of what is swept that a lossy feed reports], shape (2,)
    typical_value: float  # [quote] of one position; finds its bracket
    version: str  # of the assumptions or of the calibration they came from

    def __post_init__(self) -> None:
        tiers = len(self.leverage)
        for array in (self.share, self.lifetime, self.doubt):
            if array.shape != (2, tiers):
                raise ValueError(f"parameters: {array.shape} where (2, {tiers}) is needed")
        if not bool(np.allclose(self.share.sum(axis=1), 1)):
            raise ValueError("parameters: the shares of each side must sum to 1")
        if not 0 <= self.hedged < 1:
            raise ValueError("parameters: the hedged part must lie between 0 and 1")
        if not bool(np.all(self.lifetime > 0)):
            raise ValueError("parameters: lifetimes must be positive")

    @property
    def seeds(self) -> Floats:
        """Share of each tier among *new* positions, shape (2, K).

        With a constant inflow, what stands in a tier is its share of the inflow times its
        lifetime; the standing shares are stated, so the inflow is theirs over the lifetimes.
        """
        flow = self.share / self.lifetime
        return floats(flow / flow.sum(axis=1, keepdims=True))

    @property
    def grain(self) -> Floats:
        """Size of equal positions that would be as lumpy as those of each tier [quote], (K,)."""
        return np.full(len(self.leverage), _GRAINS * self.typical_value)

    @property
    def paced(self) -> Floats:
        """What each tier's share is multiplied by if all live at one pace, shape (P, K)."""
        alone = np.eye(len(self.chance)) / self.chance
        return np.where(self.pace < 0, 1.0, alone[:, self.pace])

    def upto(self, most: float) -> "Parameters":
        """Return the parameters of a market with at most `most` leverage [1].

        What the prior has above stands in the highest tiers that are allowed.
        """
        keep = self.leverage < most
        if bool(np.all(keep)):
            return self
        last = self.leverage == self.leverage[~keep].min()
        kept = keep | last
        share = self.share[:, kept]
        top = share[:, last[kept]]
        above = self.share[:, ~keep].sum(axis=1, keepdims=True)
        share[:, last[kept]] = above * top / top.sum(axis=1, keepdims=True)
        return replace(
            self,
            leverage=np.minimum(self.leverage[kept], most),
            own=self.own[kept],
            pace=self.pace[kept],
            share=share,
            lifetime=self.lifetime[:, kept],
            doubt=self.doubt[:, kept],
        )


def near(leverage: Floats) -> Floats:
    """Say how far a tier belongs to those that price may come to [1]; the rest is held for long.

    >>> near(np.array([1.5, 3.5, 10.0])).round(2)
    array([0.03, 0.5 , 0.99])
    """
    return floats(1 / (1 + (_NEAR / leverage) ** 4))


def tilted(leverage: Floats, share: Floats, level: Floats) -> Floats:
    """Multiply the tiers near the price by `level` (2,), and the others so that shares sum to 1.

    `share` is (2, K), `leverage` (K,). No more than 95 % can be near.
    """
    close = near(leverage)
    held = (share * close).sum(axis=1, keepdims=True)
    up = np.minimum(level[:, None], _MOST_NEAR / held)
    rest = (1 - up * held) / (1 - held)
    return floats(share * (up * close + rest * (1 - close)))


# Where the sources below leave room (shares from 15x on, what stands at round figures, the paces,
# the doubt), a figure was chosen by how well it did on three recordings and on simulated markets of
# low seeds. Scores on those are not out of sample; `make bench` scores other seeds.

# From here on a position comes within the moves of days: it may be liquidated while it is open.
_NEAR, _MOST_NEAR = 3.5, 0.95

# The leverages that venues offer on their sliders, and two between the round figures. At 2x to 5x
# cross positions and topped-up ones really stand; 2x stands for all below.
_LEVERAGE = (2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 25.0, 50.0, 75.0, 100.0, 125.0)
_ROUND = (3.0, 5.0, 10.0, 20.0, 25.0, 50.0, 75.0, 100.0, 125.0)

# Isolated positions are opened at round figures and stand exactly there; accounts on cross margin
# have free balance behind them and stand anywhere. Most choose one of few figures: venues' defaults
# (5x, 10x, 20x) and what their sliders stop at.
_OWN_IF_ROUND, _OWN_OTHERWISE = 0.6, 0.1

# What stands at each leverage. Venues publish how often a leverage is chosen (six trades of ten at
# 20x or more), but value stands elsewhere: institutions, at 20x at most, trade four fifths of the
# volume; large public accounts stand at about 7x, and of 2.4 bn USD of their positions, seen at
# one moment, 0.4 % would have been liquidated within 5 % of the price, 5 % within 10 % and 14 %
# within 20 %. What stands from 20x on follows from what is lost: ordinary weeks liquidate 0.5 to 2
# % of the open interest a day, and half of those whom the price reaches have left before. Of this
# mix, recorded markets swept 3 to 4 % a day.
_SHARE = (
    *(0.307, 0.184, 0.245, 0.070, 0.115, 0.018, 0.032),
    *(0.0176, 0.0080, 0.0015, 0.0020, 0.0006),
)

# Longs use more leverage than shorts: where both were counted, 3.51 % of the long contracts were
# closed by force in a day and 1.89 % of the short ones. Half of that difference is taken to last.
_LEVEL = ((3.51 / 1.89) ** 0.25, (1.89 / 3.51) ** 0.25)

# Of the same accounts' positions more than a third could not be liquidated by any price near:
# carry trades, options desks, makers.
_HEDGED = 0.35

# The field's half-lives (10x 5 days, 25x 2 days, 50x 1 day, 100x 12 hours) say: in proportion to
# 1 / leverage. Below 10x, positions live for longer still.
_DAYS_AT_10X = 1.0

# How long that is, nobody knows. A half-life of 5 days is a lifetime of 7.2; a market that turns
# its open interest over 2.5 times a day, were all of it openings, would leave a position 0.4 days.
# Three paces stand for the two ends and what lies between, and each market's liquidations say which
# is its own. The round figures that hold most of what price comes to live at all three, the others
# at one.
_PACES, _CHANCE = (0.4, 1.5, 7.2), (0.4, 0.4, 0.2)
_PACED, _ONE_PACE = (5.0, 10.0, 20.0, 25.0, 50.0), 1.0


def _lifetime(leverage: Floats) -> Floats:
    """Lifetime [ms] by leverage."""
    lower = np.maximum(10 / leverage, 1.0) ** 0.5
    return floats(_DAYS_AT_10X * DAY * 10 / leverage * lower)


# Nobody publishes the mix. On known markets 80 % ranges held four zones of five if the share of a
# tier was taken to be this uncertain: it may as well be two fifths, or twice what is said.
_DOUBT = 0.65

# Positions are as unequal as log-normal ones whose logarithms spread by 1.3: a sum of such varies
# like one of equal ones that are exp(1.3^2) times as large as their mean.
_GRAINS = 5.0

# One order a second at most is published by the largest venue, aggregators' counts of the same days
# differ by a factor of two, and half of those whom the price reaches have left before.
_COVERAGE = 0.25

# Liquidated orders are mostly far below this, the value is mostly held above: a middle. On a small
# coin nobody is as large; there it is a ten-thousandth of all (market.py).
_TYPICAL_VALUE = 100_000.0


def prior() -> Parameters:
    """Return what is assumed of any market before it has been observed."""
    tiers = [
        (leverage, share * chance, number, pace)
        for leverage, share in zip(_LEVERAGE, _SHARE, strict=True)
        for number, chance, pace in (
            zip(range(len(_PACES)), _CHANCE, _PACES, strict=True)
            if leverage in _PACED
            else ((-1, 1.0, _ONE_PACE),)
        )
    ]
    leverage, share, number, pace = np.array(tiers).T
    both = np.ones((2, 1))
    return Parameters(
        leverage,
        np.where(np.isin(leverage, _ROUND), _OWN_IF_ROUND, _OWN_OTHERWISE),
        number.astype(np.int64),
        np.array(_CHANCE),
        tilted(leverage, both * share / share.sum(), np.array(_LEVEL)),
        _HEDGED,
        both * (pace * _lifetime(leverage)),
        both * np.full(len(leverage), _DOUBT),
        np.full(2, _COVERAGE),
        _TYPICAL_VALUE,
        "prior 3",
    )
