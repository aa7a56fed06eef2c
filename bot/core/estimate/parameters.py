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
    share: Floats  # [fraction of open interest] standing in each tier, shape (2, K)
    lifetime: Floats  # [ms] after which 1 - 1/e of a tier has been closed, shape (2, K)
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
            np.column_stack([self.lifetime[:, keep], self.lifetime[:, first]]),
            np.column_stack([self.doubt[:, keep], self.doubt[:, first]]),
            self.coverage,
            self.typical_value,
            self.version,
        )


# The leverages most venues offer on their slider, and those between 1x and 5x at which a cross
# position or a topped-up one really stands.
_LEVERAGE = (1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 75.0, 100.0, 125.0)

# What stands in each tier. Venues publish how often each leverage is chosen (six trades of ten at
# 20x or more), but most *value* is held by large accounts at low effective leverage: large public
# accounts stand at about 7x, and institutions trade four fifths of the volume at 20x or less.
_SHARE = (0.09, 0.11, 0.14, 0.11, 0.12, 0.11, 0.12, 0.07, 0.05, 0.03, 0.025, 0.01, 0.01, 0.005)

# Half-lives in use in the field are 5 days at 10x, 2 days at 25x, 1 day at 50x and 12 hours at
# 100x: close to days = 50 / leverage. A lifetime is a half-life over ln 2.
_LEVERAGE_DAYS = 50 / np.log(2)

# Nobody publishes the mix: a share may as well be half of what is said, or half as much again.
_DOUBT = 0.5

# One order a second at most is published by the largest venue; aggregators' counts of the same
# days differ by a factor of two.
_COVERAGE = 0.3

# Liquidated orders are mostly far below this, the value is mostly held above: a middle.
_TYPICAL_VALUE = 100_000.0


def prior() -> Parameters:
    """Return what is assumed of any market before it has been observed."""
    leverage = np.array(_LEVERAGE)
    share = np.array(_SHARE) / sum(_SHARE)
    lifetime = _LEVERAGE_DAYS / leverage * DAY
    both = np.ones((2, 1))
    return Parameters(
        leverage,
        both * share,
        both * lifetime,
        both * np.full(len(leverage), _DOUBT),
        np.full(2, _COVERAGE),
        _TYPICAL_VALUE,
        "prior 1",
    )
