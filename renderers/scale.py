"""Which colour means how many dollars: fixed for a market, whatever the time, window or venues.

A density is USD that would be liquidated for each 1 % of price. It is drawn on a logarithmic scale
of three whole decades, for near the price there is little and far from it much. The same coin
always has the same scale, so that two pictures of it can be laid side by side; the legend says it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, Floats32
from bot.core.estimate.maps import STEP
from bot.core.estimate.reading import MapReading
from renderers.theme import LEVELS

PER_PERCENT = 0.01 / STEP  # bins of the grid in 1 % of price
DECADES = 3

# The upper end by coin [USD per 1 %]: about a third of the usual open interest of its largest
# venue, so that one venue alone and all of them together both fall within the scale. A coin that is
# not named is given a whole decade by what its map holds.
_UPPER = (
    {"BTC": 3e9, "ETH": 1e9, "SOL": 3e8, "XRP": 3e8}
    | dict.fromkeys(("DOGE", "BNB", "HYPE"), 1e8)
    | dict.fromkeys(("ADA", "SUI", "LINK", "AVAX", "LTC", "1000PEPE"), 3e7)
)
_SHARE_OF_MAP = 1 / 3
_LEAST_UPPER = 1e6
_RING = 1e-3  # a ring of unit size, as a part of the upper end


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic scale of densities [USD per 1 % of price]."""

    lower: float
    upper: float

    @property
    def ring(self) -> float:
        """What a ring of unit size stands for [USD]."""
        return self.upper * _RING

    @property
    def decades(self) -> list[float]:
        """The densities printed in the legend, ascending."""
        return [self.lower * 10.0**decade for decade in range(DECADES + 1)]

    def levels(self, usd: Floats32 | Floats) -> NDArray[np.uint8]:
        """Return the step of the ramp for USD by bin; 0 (the empty panel) below the lower end."""
        unit = np.float32(PER_PERCENT / self.lower)
        size = np.maximum(usd.astype(np.float32, copy=False) * unit, np.float32(1.0))
        np.log10(size, out=size)
        size *= np.float32((LEVELS - 1) / DECADES)
        return np.asarray(np.minimum(size, LEVELS - 1), dtype=np.uint8)


def scale_of(reading: MapReading) -> Scale:
    """Return the scale of a reading's market."""
    upper = _UPPER.get(reading.base)
    if upper is None:
        total = float(reading.now.long_usd.sum() + reading.now.short_usd.sum())
        decade = math.floor(math.log10(max(total * _SHARE_OF_MAP, 1.0)))
        upper = max(10.0**decade, _LEAST_UPPER)
    return Scale(upper / 10**DECADES, upper)
