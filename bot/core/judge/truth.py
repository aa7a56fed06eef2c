"""A map beside the positions that really stood there, zone by zone, where they are known."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, floats
from bot.core.estimate.clusters import clusters
from bot.core.estimate.inventory import Inventory
from bot.core.estimate.maps import STEP, LiquidationMap, bin_edges
from bot.core.estimate.market import around
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.estimate.spread import credible
from bot.core.judge.ranks import pearson
from bot.core.judge.scores import TruthScore, against_truth
from bot.core.market.liquidations import PositionSide
from bot.core.market.positions import Positions
from bot.core.simulation.views import true_map

# Zones as a trader reads them: half a percent of the price wide, as far off as matters in days.
ZONE, ZONES = 0.005, 24

# Chance splits that a ceiling is the mean of.
_SPLITS = 8


def zone_edges(price: float) -> Floats:
    """Ascending edges of the zones within 12 % of a price [quote/base], shape (2 * ZONES + 1,)."""
    return floats(price * (1 + ZONE * np.arange(-ZONES, ZONES + 1)))


def zoned(edges: Floats, usd: Floats, onto: Floats) -> Floats:
    """Sum bins over zones; `usd` (..., B) between `edges` (B + 1,), result (..., Z).

    Both edges ascend [quote/base]. A bin that two zones share is split by the logarithm of price.

    >>> zoned(np.array([1.0, 10.0, 100.0]), np.array([2.0, 6.0]), np.array([1.0, 10.0, 100.0]))
    array([2., 6.])
    """
    total = np.concatenate((np.zeros((*usd.shape[:-1], 1)), np.cumsum(usd, axis=-1)), axis=-1)
    place = np.interp(np.log(onto), np.log(edges), np.arange(len(edges)))
    whole = np.minimum(place.astype(np.int64), len(edges) - 2)
    part = place - whole
    return floats(np.diff(total[..., whole] * (1 - part) + total[..., whole + 1] * part, axis=-1))


def _sides(long: Floats, short: Floats) -> Floats:
    """Take the longs below the price and the shorts above it, nearest zone first, (2, ..., Z)."""
    return floats(np.stack((long[..., :ZONES][..., ::-1], short[..., ZONES:])))


def true_zones(held: Positions, price: float) -> Floats:
    """What really stands in each zone [USD], nearest first, shape (2, ZONES)."""
    return _sides(*true_map(held, zone_edges(price)))


def map_zones(estimated: LiquidationMap) -> Floats:
    """What a map says of each zone [USD], nearest first, shape (2, ZONES)."""
    onto = zone_edges(estimated.price)
    each = (estimated.long_usd, estimated.short_usd)
    return _sides(*(zoned(estimated.edges, usd, onto) for usd in each))


def compare(estimated: LiquidationMap, held: Positions) -> tuple[TruthScore, TruthScore]:
    """Score the longs and the shorts of a map against the positions of the same moment."""
    said, true = map_zones(estimated), true_zones(held, estimated.price)
    return against_truth(said[LONG], true[LONG]), against_truth(said[SHORT], true[SHORT])


def mean_score(scores: list[TruthScore]) -> TruthScore:
    """Average scores, figure by figure; what is nan in one is left out."""
    figures = {
        field.name: np.array([getattr(score, field.name) for score in scores])
        for field in fields(TruthScore)
    }
    known = {name: values[np.isfinite(values)] for name, values in figures.items()}
    return TruthScore(
        **{name: float(values.mean()) if len(values) else np.nan for name, values in known.items()}
    )


@dataclass(frozen=True, slots=True)
class Covered:
    """How many credible ranges held the truth."""

    held: int
    count: int

    def __add__(self, other: "Covered") -> "Covered":
        """Count both."""
        return Covered(self.held + other.held, self.count + other.count)

    @property
    def share(self) -> float:
        """Part of the ranges that held the truth; nan of none."""
        return self.held / self.count if self.count else float("nan")


def covered_zones(inventory: Inventory, held: Positions) -> tuple[Covered, Covered]:
    """Count the zones whose 80 % range holds what stands there, for longs and for shorts.

    A zone in which nothing is said to stand, and nothing does, is not counted.
    """
    price, (first, end) = inventory.mark, around(inventory)
    edges = bin_edges(first, end - first)
    said = _sides(*zoned(edges, inventory.usd(first, end), zone_edges(price)))
    low, high = credible(said, inventory.parameters.doubt, inventory.parameters.grain)
    true = true_zones(held, price)
    counts = (said.sum(axis=1) > 0) | (true > 0)
    inside = counts & (low <= true) & (true <= high)
    long, short = (Covered(int(inside[s].sum()), int(counts[s].sum())) for s in (LONG, SHORT))
    return long, short


def covered_clusters(inventory: Inventory, held: Positions) -> tuple[Covered, Covered]:
    """Count the clusters within 12 % whose 80 % range holds what stands there, by side."""
    first, end = around(inventory)
    near = np.floor(np.log(zone_edges(inventory.mark)[[0, -1]]) / STEP).astype(np.int64)
    within = int(near[0]), int(near[1] - near[0])
    usd, mix = inventory.usd(first, end), inventory.parameters
    counts = {PositionSide.LONG: Covered(0, 0), PositionSide.SHORT: Covered(0, 0)}
    for cluster in clusters(inventory.mark, first, usd, mix.doubt, mix.grain, within):
        there = true_map(held, np.array((cluster.low, cluster.high)))
        true = float(there[LONG if cluster.side is PositionSide.LONG else SHORT][0])
        inside = cluster.usd_low <= true <= cluster.usd_high
        counts[cluster.side] += Covered(int(inside), 1)
    return counts[PositionSide.LONG], counts[PositionSide.SHORT]


def ceiling(held: Positions, price: float, seed: int = 0) -> tuple[float, float]:
    """Return the Pearson that nobody exceeds who knows all but who in particular opened.

    Positions are few and of very different sizes: a market that was run again with the same
    habits would differ. Of two halves drawn by chance, whose maps correlate by r,

        ceiling = sqrt(2 r / (1 + r))

    is the correlation of the whole with its own expectation (Spearman and Brown), for longs and
    for shorts; 0 where the halves do not correlate at all.
    """
    rng = np.random.default_rng(seed)
    whole = true_zones(held, price)
    found = []
    for _ in range(_SPLITS):
        half = true_zones(_some(held, rng.integers(0, 2, len(held.side)) > 0), price)
        found.append([pearson(half[side], whole[side] - half[side]) for side in (LONG, SHORT)])
    # Halves that do not vary agree on nothing.
    halves = np.maximum(np.mean(np.nan_to_num(found), axis=0), 0.0)
    long, short = np.sqrt(2 * halves / (1 + halves))
    return float(long), float(short)


def _some(held: Positions, which: NDArray[np.bool_]) -> Positions:
    return Positions(**{field.name: getattr(held, field.name)[which] for field in fields(held)})
