"""What the estimate assumes of a market's traders, each assumption with its reason."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, Floats, floats

LONG, SHORT = 0, 1  # rows of every array that has one for each side


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """The leverage mix and what goes with it; K tiers, rows are longs and shorts.

    A calibration returns another of these; everything else stays as it is.
    """

    leverage: Floats  # [1] of each tier, ascending, shape (K,)
    share: Floats  # [fraction of what can be liquidated] standing in each tier, shape (2, K)
    hedged: float  # [fraction of open interest] unlevered or hedged: no price liquidates it
    lifetime: Floats  # [ms] at the market's usual turnover, see inventory.py, shape (2, K)
    doubt: Floats  # [1] relative standard deviation of each share, shape (2, K)
    coverage: Floats  # [fraction of liquidations that the feed reports], shape (2,)
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

    def upto(self, most: float) -> "Parameters":
        """Return the parameters of a market with at most `most` leverage [1].

        What the prior has above stands in the highest tier that is allowed.
        """
        keep = self.leverage < most
        if bool(np.all(keep)):
            return self
        share = np.column_stack([self.share[:, keep], self.share[:, ~keep].sum(axis=1)])
        first = int(np.argmin(keep))
        return Parameters(
            np.append(self.leverage[keep], most),
            share,
            self.hedged,
            np.column_stack([self.lifetime[:, keep], self.lifetime[:, first]]),
            np.column_stack([self.doubt[:, keep], self.doubt[:, first]]),
            self.coverage,
            self.typical_value,
            self.version,
        )


# The leverages most venues offer on their slider, and those between 1x and 5x at which a cross
# position or a topped-up one really stands.
_LEVERAGE = (1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 75.0, 100.0, 125.0)

# What stands in each tier. Venues publish how often a leverage is chosen (six trades of ten at 20x
# or more), but value stands elsewhere: institutions, at 20x at most, trade four fifths of the
# volume; large public accounts stand at about 7x, and of 2.4 bn USD of their positions, seen at
# one moment, 0.4 % would have been liquidated within 5 % of the price, 5 % within 10 % and 14 %
# within 20 %. What stands above 20x follows from what is lost: ordinary weeks liquidate 0.5 to
# 2 % of the open interest a day, and this mix, on recorded markets, about 2 %.
_SHARE = (0.17, 0.18, 0.21, 0.15, 0.14, 0.12, 0.1, 0.041, 0.02, 0.006, 0.004, 0.0012, 8e-4, 4e-4)

# Of the same accounts' positions more than a third could not be liquidated by any price near:
# carry trades, options desks, makers.
_HEDGED = 0.35

# The field's half-lives (10x 5 days, 25x 2 days, 50x 1 day, 100x 12 hours) say: in proportion to
# 1 / leverage. But a market turns its open interest over 1.5 to 3 times a day, and with lifetimes
# of that length this mix would take a fortnight; with a seventh of them the map tells recorded bars
# apart best, between a tenth and a quarter nearly as well. Below 10x, positions live for weeks.
_DAYS_AT_10X = 1.0


def _lifetime(leverage: Floats) -> Floats:
    """Lifetime [ms] by leverage."""
    lower = np.maximum(10 / leverage, 1.0) ** 0.5
    return floats(_DAYS_AT_10X * DAY * 10 / leverage * lower)


# Nobody publishes the mix: a share may as well be half of what is said, or half as much again.
_DOUBT = 0.5

# One order a second at most is published by the largest venue; aggregators' counts of the same
# days differ by a factor of two.
_COVERAGE = 0.2

# Liquidated orders are mostly far below this, the value is mostly held above: a middle.
_TYPICAL_VALUE = 100_000.0


def prior() -> Parameters:
    """Return what is assumed of any market before it has been observed."""
    leverage = np.array(_LEVERAGE)
    share = np.array(_SHARE) / sum(_SHARE)
    both = np.ones((2, 1))
    return Parameters(
        leverage,
        both * share,
        _HEDGED,
        both * _lifetime(leverage),
        both * np.full(len(leverage), _DOUBT),
        np.full(2, _COVERAGE),
        _TYPICAL_VALUE,
        "prior 1",
    )
