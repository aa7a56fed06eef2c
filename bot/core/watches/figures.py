"""The figures a watch can compare: what they are, in which unit, how sane, and how they let go."""

from dataclasses import dataclass
from enum import StrEnum

from bot.core.arrays import DAY, HOUR, MINUTE


class Unit(StrEnum):
    """How a figure's value is typed."""

    PRICE = "price"  # [quote/base]
    USD = "USD"
    RATE = "rate"  # [fraction], typed in % or bps
    PART = "part"  # [fraction] of something, typed in %
    BARE = "bare"  # [1]
    TIMES = "times"  # [1], typed with an x


class Measure(StrEnum):
    """What is measured; of those that change, also the change within a window."""

    PRICE = "price"
    PRICE_CHANGE = "price change"  # [fraction]
    FUNDING = "funding"  # [fraction for eight hours]
    FUNDING_CHANGE = "funding change"  # [fraction for eight hours], a difference
    INTEREST = "oi"  # [USD]
    INTEREST_CHANGE = "oi change"  # [fraction] in coins, so that price is not taken for interest
    RATIO = "ratio"  # accounts long / accounts short [1]
    RATIO_CHANGE = "ratio change"  # [fraction]
    CLUSTER = "clusters"  # [USD] the largest cluster within reach
    NEAREST = "nearest cluster"  # [USD] the nearest one
    DISTANCE = "nearest cluster distance"  # [fraction of the price] to its nearer edge
    DELTA = "delta"  # [USD] cumulative: shorts above less longs below
    LIQUIDATED = "liquidations"  # [USD] realised within a window
    LIQUIDATED_TIMES = "liquidations times normal"  # the same / what is normal in such a window
    SIGNAL = "signal"  # how far a signal has come; 0: there is none

    @property
    def of_map(self) -> bool:
        """Whether it is read from the clusters of the map."""
        return self in {Measure.CLUSTER, Measure.NEAREST, Measure.DISTANCE}


class Side(StrEnum):
    """Of clusters above or below the price, of liquidations longs or shorts; else EITHER."""

    ABOVE = "above"
    BELOW = "below"
    LONGS = "longs"
    SHORTS = "shorts"
    EITHER = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a market; the same figure is gathered once for all watches that ask for it."""

    measure: Measure
    side: Side = Side.EITHER
    window: int = 0  # [ms] that a change or a sum is of; 0: the measure has none
    within: float = 0.0  # [fraction of the price] how far clusters and delta reach; 0: anywhere


@dataclass(frozen=True, slots=True)
class Traits:
    """What holds for every figure of a measure; each number is an assumption of ours."""

    unit: Unit
    low: float  # sane values, both included
    high: float
    stale: int  # [ms] older than this it is unknown: it says nothing of now
    margin: float  # [fraction of the value] by which it must come back before a watch lets go
    least_margin: float = 0.0  # in the figure's unit, where the value is small or nothing
    rises: float = 0.0  # change that counts as rising, in the figure's unit


# Prices come every minute, open interest and funding as venues publish them (the panels call them
# stale after the same times or later), the map is made anew every few minutes.
TRAITS = {
    Measure.PRICE: Traits(Unit.PRICE, 1e-12, 1e9, 5 * MINUTE, 0.002),
    Measure.PRICE_CHANGE: Traits(Unit.RATE, -1, 10, 5 * MINUTE, 0.2, 0.001, rises=0.005),
    Measure.FUNDING: Traits(Unit.RATE, -0.1, 0.1, 9 * HOUR, 0.1, 0.00001),
    Measure.FUNDING_CHANGE: Traits(Unit.RATE, -0.2, 0.2, 9 * HOUR, 0.2, 0.00001, rises=0.00003),
    Measure.INTEREST: Traits(Unit.USD, 0, 1e12, 30 * MINUTE, 0.02),
    Measure.INTEREST_CHANGE: Traits(Unit.RATE, -1, 10, 30 * MINUTE, 0.2, 0.001, rises=0.005),
    Measure.RATIO: Traits(Unit.BARE, 0, 1e4, 2 * HOUR, 0.03),
    Measure.RATIO_CHANGE: Traits(Unit.RATE, -1, 10, 2 * HOUR, 0.2, 0.002, rises=0.01),
    Measure.CLUSTER: Traits(Unit.USD, 0, 1e12, 30 * MINUTE, 0.2),
    Measure.NEAREST: Traits(Unit.USD, 0, 1e12, 30 * MINUTE, 0.2),
    Measure.DISTANCE: Traits(Unit.PART, 0, 1, 30 * MINUTE, 0.2, 0.001),
    Measure.DELTA: Traits(Unit.USD, -1e12, 1e12, 30 * MINUTE, 0.1, 1e6),
    Measure.LIQUIDATED: Traits(Unit.USD, 0, 1e12, 5 * MINUTE, 0.5),
    Measure.LIQUIDATED_TIMES: Traits(Unit.TIMES, 0, 1e4, 5 * MINUTE, 0.5),
    Measure.SIGNAL: Traits(Unit.BARE, 0, 9, 15 * MINUTE, 0.0),
}

# Within reach of a cluster a watch goes on for so much more than it began at.
REACH_MARGIN = 0.2

# Windows that changes and sums may have, and how far a map reaches.
SHORTEST, LONGEST = MINUTE, 30 * DAY
USUAL_LIQUIDATION_WINDOW = HOUR
LEAST_REACH, MOST_REACH = 0.001, 0.5
