"""Clusters: zones of half a percent to one percent in which more stands than around them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from bot.core.arrays import Floats, Floats32
from bot.core.estimate.maps import STEP, Cluster
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.estimate.spread import credible
from bot.core.market.liquidations import PositionSide

# Half a percent is the least that can be told apart, and more than one percent is no zone.
NARROW, WIDE = round(0.005 / STEP), round(0.010 / STEP)

# A zone grows over a neighbouring bin that holds at least this part of the zone's mean bin.
_GROWS = 0.6

# A zone stands out if half a percent of it holds this many times what the same width holds on the
# average within one and a half percent to either side. Against all of a side the zones furthest
# off would always win: low leverage holds more, and stands there.
_STANDS_OUT = 1.2
_AROUND = round(0.015 / STEP)

# What is shown of each side; a zone much smaller than the largest is not worth a word.
_MOST, _SMALLEST = 6, 0.2

_SIDES = {LONG: PositionSide.LONG, SHORT: PositionSide.SHORT}


@dataclass(frozen=True, slots=True)
class Zone:
    """Neighbouring bins, low to high - 1."""

    low: int
    high: int
    usd: float


def zones(usd: Floats | Floats32) -> Iterator[Zone]:
    """Find the zones of one side that stand out, largest first; `usd` by bin, shape (B,).

    A zone is grown around the half percent that holds most, towards its denser neighbour, as long
    as that is not much thinner and the zone not wider than one percent. Zones do not overlap.
    """
    left = usd.astype(np.float64)
    if len(left) <= NARROW:
        return
    outstanding = _standing_out(left)
    least = 0.0
    for _ in range(_MOST):
        sums = np.where(outstanding, sliding_window_view(left, NARROW).sum(axis=1), -np.inf)
        low = int(np.argmax(sums))
        high = low + NARROW
        total = float(sums[low])
        if not np.isfinite(total) or total < least:
            return
        while high - low < WIDE:
            below = float(left[low - 1]) if low > 0 else -np.inf
            above = float(left[high]) if high < len(left) else -np.inf
            if max(below, above) < _GROWS * total / (high - low):
                break
            low, high = (low - 1, high) if below >= above else (low, high + 1)
            total += max(below, above)
        yield Zone(low, high, total)
        least = max(least, _SMALLEST * total)
        left[low:high] = -np.inf


def _standing_out(usd: Floats) -> NDArray[np.bool_]:
    """Say of each half percent, by its first bin, whether it holds more than what is around."""
    total = np.concatenate(([0.0], np.cumsum(usd)))
    low = np.arange(len(usd) - NARROW + 1)
    high = low + NARROW
    inside = total[high] - total[low]
    below, above = np.maximum(low - _AROUND, 0), np.minimum(high + _AROUND, len(usd))
    outside = total[above] - total[below] - inside
    mean = outside / (above - below - NARROW)
    return np.asarray((inside > 0) & (inside >= _STANDS_OUT * NARROW * mean))


def clusters(
    price: float,
    first: int,
    usd: Floats,
    doubt: Floats,
    grain: Floats,
    within: tuple[int, int] | None = None,
) -> tuple[Cluster, ...]:
    """Find the clusters of both sides, largest first; `within` so many bins from a first one on.

    `usd` [USD] by side, part and bin from `first` on, shape (2, K, B); parts are tiers, of one
    market or of several, whose uncertainties `doubt`, shape (2, K), have nothing to do with each
    other, and of positions of the size `grain` [USD], shape (K,). The credible range of a cluster
    is that of its sum over bins, see spread.py.
    """
    here = int(np.floor(np.log(price) / STEP)) - first
    begins, bins = within or (first, usd.shape[2])
    begins, ends = max(begins - first, 0), min(begins - first + bins, usd.shape[2])
    found = []
    for side in (LONG, SHORT):
        low, high = (begins, here + 1) if side == LONG else (max(here, 0), ends)
        part = usd[side, :, low:high]
        total = part.sum(axis=0)
        for zone in zones(total):
            inside = part[:, zone.low : zone.high]
            least, most = credible(inside.sum(axis=1)[:, None], doubt[side], grain)
            bottom, top = _price(first + low + zone.low), _price(first + low + zone.high)
            peak = zone.low + int(np.argmax(total[zone.low : zone.high]))
            found.append(
                Cluster(
                    _SIDES[side],
                    bottom,
                    top,
                    _price(first + low + peak + 0.5),
                    zone.usd,
                    float(least[0]),
                    float(most[0]),
                    _distance(price, bottom, top),
                )
            )
    return tuple(sorted(found, key=lambda cluster: -cluster.usd))


def _price(bins: float) -> float:
    return float(np.exp(STEP * bins))


def _distance(price: float, low: float, high: float) -> float:
    """From the price to the nearer edge, as a fraction; 0 within the zone."""
    if low <= price <= high:
        return 0.0
    return (high if high < price else low) / price - 1
