"""Where new positions go: entries over the prices traded in a bar, moved to their liquidation."""

import math

import numpy as np

from bot.core.arrays import Floats
from bot.core.estimate.parameters import LONG, SHORT

# Of positions opened in a bar whose liquidation price lies between its close and its extreme,
# about half were opened before the extreme and are gone again.
_AFTER_THE_EXTREME = 0.5


class Openings:
    """Puts new positions onto one grid of N bins that begins at bin `first`."""

    def __init__(self, shifts: Floats, seeds: Floats, first: int, count: int) -> None:
        whole = np.floor(shifts)
        self._seeds = seeds
        self._over = (shifts - whole)[..., None]  # part of a bin that reaches into the next one
        self._first = first
        rows = np.arange(shifts.size).reshape(shifts.shape) * count
        self._slots = (rows + whole.astype(np.int64) - first)[..., None]
        self._whole = whole.astype(np.int64)[..., None]
        self._nearest = float(np.abs(shifts).min())

    def put(
        self,
        stored: Floats,
        sums: Floats,
        sizes: Floats,
        factor: Floats,
        prices: tuple[float, float, float],
    ) -> None:
        """Open `sizes` [contracts] of longs and of shorts at the prices low, high, close [bins].

        Adds to `stored` (2, K, N) and to its `sums`, both before `factor`. Entries are spread
        evenly over the logarithm of the prices traded.
        """
        low, high, _ = prices
        lowest, highest = math.floor(low), math.floor(high)
        entries = np.zeros(highest - lowest + 3)
        if lowest == highest:
            entries[1] = 1.0
        else:
            entries[1:-1] = 1.0
            entries[1] = lowest + 1 - low
            entries[-2] = high - highest
            entries /= high - low
        # A bin's entries, moved by a way that is no whole number of bins, fall into two.
        spread = entries[1:] + self._over * (entries[:-1] - entries[1:])
        if self._nearest < high - low + 2:
            spread = self._survivors(spread, lowest, prices)
        amount = self._seeds * sizes[:, None] / factor
        sums += amount
        places = self._slots + np.arange(lowest, highest + 2)
        stored.reshape(-1)[places] += amount[..., None] * spread

    def _survivors(self, spread: Floats, lowest: int, prices: tuple[float, float, float]) -> Floats:
        """Leave out what the same bar liquidated again; each tier still sums to 1."""
        low, high, close = prices
        place = self._whole + np.arange(lowest, lowest + spread.shape[2])
        longs, shorts = place[LONG], place[SHORT]
        alive = np.ones(spread.shape)
        alive[LONG][longs >= math.floor(low)] = _AFTER_THE_EXTREME
        alive[LONG][longs >= math.floor(close)] = 0.0
        alive[SHORT][shorts <= math.floor(high)] = _AFTER_THE_EXTREME
        alive[SHORT][shorts <= math.floor(close)] = 0.0
        left = spread * alive
        total = left.sum(axis=2, keepdims=True)
        # A tier of which nothing can be left is opened at the close, and stands at its first bin.
        return np.where(total > 0, left / np.where(total > 0, total, 1.0), spread)
