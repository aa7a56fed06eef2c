"""What the estimate says: a map at one time, a heatmap over a window, its clusters."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, Floats32, Times
from bot.core.market.liquidations import PositionSide

# Width of a price bin in log price. Every market shares the same absolute grid, bin i spanning
# exp(i * STEP) .. exp((i + 1) * STEP), so that maps of several venues add up bin by bin.
STEP = 0.001


def bin_edges(first: int, count: int) -> Floats:
    """Edges of `count` bins from bin `first` on [quote/base], shape (count + 1,)."""
    return np.exp(STEP * np.arange(first, first + count + 1, dtype=np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class LiquidationMap:
    """USD that would be liquidated by price, as estimated at one time; B bins.

    Longs stand below the price and shorts above it: a long in bin b is liquidated when the mark
    price falls there. The bin the price stands in may hold both.
    """

    time: int  # [ms] UTC
    price: float  # [quote/base] mark price at that time
    first_bin: int  # on the absolute log grid, see STEP
    long_usd: Floats  # [USD by bin], shape (B,)
    short_usd: Floats  # [USD by bin], shape (B,)
    long_range: Floats  # [USD by bin], shape (2, B): low and high end of the credible range
    short_range: Floats  # [USD by bin], shape (2, B)

    @property
    def edges(self) -> Floats:
        """Ascending edges of the bins [quote/base], shape (B + 1,)."""
        return bin_edges(self.first_bin, len(self.long_usd))

    @property
    def centres(self) -> Floats:
        """Centre of each bin [quote/base], shape (B,)."""
        edges = self.edges
        return np.sqrt(edges[:-1] * edges[1:])

    def cumulative(self) -> tuple[Floats, Floats]:
        """Sum outward from the price: longs downward, shorts upward [USD], each shape (B,).

        The value in a bin is what would be liquidated if the price went there and through it.
        """
        return np.cumsum(self.long_usd[::-1])[::-1], np.cumsum(self.short_usd)


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """The maps of a window, one column for each stretch of time; T columns, B bins.

    A column holds the map as it stood at the column's end. Columns that are closed never change;
    the last one may be forming.
    """

    column_edges: Times  # [ms] UTC, shape (T + 1,)
    first_bin: int  # on the absolute log grid
    long_usd: Floats32  # [USD by bin], shape (T, B)
    short_usd: Floats32  # [USD by bin], shape (T, B)
    forming: bool  # the last column is still forming

    @property
    def edges(self) -> Floats:
        """Ascending edges of the price bins [quote/base], shape (B + 1,)."""
        return bin_edges(self.first_bin, self.long_usd.shape[1])


@dataclass(frozen=True, slots=True)
class Cluster:
    """A zone of price in which much would be liquidated."""

    side: PositionSide
    low: float  # [quote/base]
    high: float  # [quote/base]
    peak: float  # [quote/base] centre of its densest bin
    usd: float  # [USD] estimated within the zone
    usd_low: float  # [USD] low end of the credible range
    usd_high: float  # [USD] high end
    distance: float  # from the price to the nearer edge, signed fraction of the price


@dataclass(frozen=True, slots=True)
class SweptCluster:
    """A cluster that price went through within the window."""

    side: PositionSide
    low: float  # [quote/base]
    high: float  # [quote/base]
    usd: float  # [USD] estimated in it just before it was swept
    formed: int  # [ms] when it first was a cluster within the window
    swept: int  # [ms] when price reached its nearer edge
    reported_usd: float | None  # [USD] liquidations of that side reported then; None: no feed


@dataclass(frozen=True, slots=True, eq=False)
class LeverageGroups:
    """The current map split by leverage; G groups, B bins as in the map it belongs to."""

    names: tuple[str, ...]  # such as "up to 5x", lowest leverage first
    long_usd: Floats  # [USD by bin], shape (G, B)
    short_usd: Floats  # [USD by bin], shape (G, B)
