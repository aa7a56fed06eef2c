"""Which colour means how many dollars: fixed for a market, whatever the time, window or venues.

A density is USD that would be liquidated for each 1 % of price. It is drawn on a logarithmic scale
of three whole decades. The same coin always has the same scale, so that two pictures of it can be
laid side by side; the legend prints it.
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

# The upper end by coin [USD per 1 %]. A coin's decade is fixed here while its open interest moves
# within a decade or so; coins that are not named are given one by what their map holds.
_UPPER = {"BTC": 1e10, "ETH": 1e10} | dict.fromkeys(
    ("SOL", "XRP", "DOGE", "BNB", "HYPE", "ADA", "SUI", "LINK"), 1e9
)
_LEAST_UPPER = 1e5


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic scale of densities [USD per 1 % of price]."""

    lower: float
    upper: float

    @property
    def decades(self) -> list[float]:
        """The densities printed in the legend, ascending."""
        return [self.lower * 10.0**step for step in range(DECADES + 1)]

    def share(self, density: Floats) -> Floats:
        """Return where densities stand between the ends, 0 to 1."""
        least = np.maximum(density, self.lower)
        return np.minimum(np.log10(least / self.lower) / DECADES, 1.0)

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
        upper = max(10.0 ** math.floor(math.log10(max(total, 1.0))), _LEAST_UPPER)
    return Scale(upper / 10**DECADES, upper)
