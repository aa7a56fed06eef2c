"""What is known of all markets at one time, one row for each: what every watch is judged by.

A row is a market as watches name it (a coin on all venues, or on some of them). A preview takes
the same columns with one row for each time of a single market.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, Times, seal
from bot.core.market.liquidations import PositionSide
from bot.core.signals.events import Zone
from bot.core.watches.figures import TRAITS, Figure, Measure, Side
from bot.core.watches.tree import Condition, Leaf, NoRegime, Sign, Signal, leaves

Bools: TypeAlias = NDArray[np.bool_]
# A signal without its phase is a figure too: how far it has come, 0 where it is not under way.
Key: TypeAlias = Figure | Signal

REGIMES = tuple(Signal(sign) for sign in (Sign.SQUEEZE, Sign.FUEL, Sign.EXHAUSTION))
_MAP_STALE = TRAITS[Measure.CLUSTER].stale


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One figure of N markets."""

    value: Floats  # in the figure's unit, shape (N,); nan where it is not known
    known_at: Times  # [ms] UTC, shape (N,): when the value was true

    def __post_init__(self) -> None:
        seal(self)


@dataclass(frozen=True, slots=True)
class About:
    """The cluster that something is about; two that share prices are the same one."""

    side: Side  # ABOVE or BELOW the price
    low: float  # [quote/base]
    high: float  # [quote/base]

    def same(self, other: "About") -> bool:
        """Say whether both are one cluster, as two looks at the map found it."""
        return self.side is other.side and self.low < other.high and self.high > other.low


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """The clusters of N markets, up to K of each; unused places hold 0 USD, infinitely far."""

    usd: Floats  # [USD] shape (N, K)
    distance: Floats  # [fraction of the price] to the nearer edge, shape (N, K)
    above: Bools  # shape (N, K)
    low: Floats  # [quote/base] shape (N, K)
    high: Floats  # [quote/base] shape (N, K)
    known_at: Times  # [ms] UTC of each map, shape (N,); 0: there is none

    def __post_init__(self) -> None:
        seal(self)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """All figures of N markets, with how old each is."""

    time: Times  # [ms] UTC, shape (N,): now, which is another one in each row of a preview
    figures: Mapping[Key, Column]
    clusters: Clusters
    about: Mapping[Signal, tuple[About | None, ...]] = field(default_factory=dict)  # by row

    def __len__(self) -> int:
        return len(self.time)

    def values(self, key: Key) -> Floats:
        """Return a figure of all markets, shape (N,); nan where it is missing or too old."""
        column = self.figures.get(key)
        if column is None:
            return np.full(len(self), np.nan)
        old = self.time - column.known_at > stale_after(key)
        return np.where(old, np.nan, column.value)

    def mapped(self) -> Bools:
        """Say of which markets the map is known and fresh, shape (N,)."""
        known = self.clusters.known_at
        return np.asarray((known > 0) & (self.time - known <= _MAP_STALE))


def stale_after(key: Key) -> int:
    """Return the age [ms] from which a figure says nothing of now."""
    return TRAITS[key.measure if isinstance(key, Figure) else Measure.SIGNAL].stale


def keys_of(leaf: Leaf) -> tuple[Key, ...]:
    """Return the columns that a clause is judged by."""
    if isinstance(leaf, NoRegime):
        return REGIMES
    return (Signal(leaf.sign, leaf.way),) if isinstance(leaf, Signal) else (leaf.figure,)


def needed(conditions: Iterable[Condition]) -> frozenset[Key]:
    """Return the columns that conditions are judged by, clusters aside: these are to be gathered.

    >>> from bot.core.watches.parse import condition
    >>> [str(key) for key in needed([condition("sweep up setup and clusters > 1M")])]
    ['sweep up']
    """
    keys = {key for each in conditions for leaf in leaves(each) for key in keys_of(leaf)}
    return frozenset(key for key in keys if isinstance(key, Signal) or not key.measure.of_map)


def clusters_of(maps: Sequence[tuple[float, Sequence[Zone], int] | None]) -> Clusters:
    """Lay out the clusters of markets: price [quote/base], zones and the map's time [ms] of each.

    None stands for a market without a map.
    """
    most = max((len(each[1]) for each in maps if each is not None), default=0)
    shape = (len(maps), max(most, 1))
    usd, low, high = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    distance = np.full(shape, np.inf)
    above, known_at = np.zeros(shape, dtype=np.bool_), np.zeros(len(maps), dtype=np.int64)
    for row, each in enumerate(maps):
        if each is None:
            continue
        price, zones, known_at[row] = each
        for place, zone in enumerate(zones):
            usd[row, place], low[row, place], high[row, place] = zone.usd, zone.low, zone.high
            distance[row, place] = zone.distance(price)
            above[row, place] = zone.side is PositionSide.SHORT
    return Clusters(usd, distance, above, low, high, known_at)


def within(figure: Figure, columns: Columns, row: int) -> tuple[float, int | None]:
    """Return a figure of the map on one market, and the place of the cluster it is of.

    nan where the map is not known.
    """
    if not columns.mapped()[row]:
        return math.nan, None
    clusters = columns.clusters
    reach = figure.within or math.inf
    there = (clusters.distance[row] <= reach) & (clusters.usd[row] > 0)
    if figure.side is not Side.EITHER:
        there &= clusters.above[row] == (figure.side is Side.ABOVE)
    if not there.any():
        return (math.inf if figure.measure is Measure.DISTANCE else 0.0), None
    if figure.measure is Measure.CLUSTER:
        place = int(np.argmax(np.where(there, clusters.usd[row], -1.0)))
        return float(clusters.usd[row, place]), place
    place = int(np.argmin(np.where(there, clusters.distance[row], np.inf)))
    found = clusters.distance if figure.measure is Measure.DISTANCE else clusters.usd
    return float(found[row, place]), place
