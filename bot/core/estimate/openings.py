"""Where new positions go: entries over the prices traded in a bar, moved to their liquidation."""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, floats
from bot.core.estimate.parameters import LONG, SHORT

# Of positions opened in a bar whose liquidation price lies between its close and its extreme,
# about half were opened before the extreme and are gone again.
_AFTER_THE_EXTREME = 0.5

# A tier stands for all leverages between its neighbours and itself: few choose 4x, but accounts on
# cross margin, which hold most of the value, have free balance behind them and stand anywhere. From
# bar to bar a tier goes through so many leverages of its band; every fourth turn is its own
# leverage, the round figure that isolated positions are opened at.
PHASES = 32
_ROUND = 4

# Steps of this part of a band fill it evenly, whenever one stops.
_GOLDEN = (math.sqrt(5) - 1) / 2

Integers: TypeAlias = NDArray[np.int64]


def phases(shifts: Floats) -> Floats:
    """Ways from entry to liquidation [bins] in each of PHASES turns, shape (P, 2, K).

    A tier's band reaches half-way to the tiers beside it; the highest one cannot be exceeded.
    Every tier begins at another place of its band.
    """
    if shifts.shape[1] == 1:
        return np.tile(shifts, (PHASES, 1, 1))
    between = (shifts[:, 1:] + shifts[:, :-1]) / 2
    outer = np.concatenate((2 * shifts[:, :1] - between[:, :1], between), axis=1)
    inner = np.concatenate((between, shifts[:, -1:]), axis=1)
    turns, tiers = np.arange(PHASES)[:, None, None], np.arange(shifts.shape[1])
    banded = outer + (inner - outer) * (_GOLDEN * (turns + PHASES * tiers) % 1)
    return floats(np.where(turns % _ROUND == 0, shifts, banded))


class Openings:
    """Puts new positions onto one grid of N bins that begins at bin `first`."""

    def __init__(self, shifts: Floats, seeds: Floats, first: int, count: int) -> None:
        ways = phases(shifts)  # shape (P, 2, K)
        whole = np.floor(ways).astype(np.int64)
        over = ways - whole  # part of a bin that reaches into the next one
        # Entries of a bin, moved by a way that is no whole number of bins, fall into two bins.
        self._falls = np.stack((1 - over, over), axis=-1).reshape(PHASES, -1, 2)
        self._seeds = seeds
        self._whole = whole[..., None]
        self._signs = np.array((1, -1))[:, None, None]
        rows = np.arange(shifts.size).reshape(shifts.shape) * count
        # Of bin 0's entries, in the flat grid.
        self._slots = (rows + whole - first).reshape(PHASES, -1, 1)
        self._near = int(whole[:, LONG].max()) + 1, int(whole[:, SHORT].min())
        self._nearest = float(np.abs(ways).min())
        self._lowest = first + 1 - float(ways.min())
        self._highest = first + count - 2 - float(ways.max())

    def fits(self, low: float, high: float) -> bool:
        """Say whether entries from `low` to `high` [bins] have a place on the grid."""
        return low >= self._lowest and high <= self._highest

    def put(
        self,
        stored: Floats,
        sums: Floats,
        sizes: Floats,
        prices: tuple[float, float, float],
        turn: int = 0,
    ) -> tuple[int, int]:
        """Open positions at a bar's prices: low, high and close [bins]; `turn` counts the bars.

        Adds `sizes` of longs and of shorts, shape (2, K) [stored contracts], in the proportions
        of the mix, to `stored` (2, K, N) and to its `sums`. Entries are spread evenly over the
        logarithm of the prices. Returns the bins nearest to the price that may hold
        some: the highest of the longs and the lowest of the shorts.
        """
        low, high, _ = prices
        lowest, highest = math.floor(low), math.floor(high)
        if lowest == highest:
            entries = np.array((0.0, 1.0, 0.0))
        else:
            entries = np.full(highest - lowest + 3, 1 / (high - low))
            entries[0] = entries[-1] = 0.0
            entries[1] *= lowest + 1 - low
            entries[-2] *= high - highest
        amount = self._seeds * sizes
        sums += amount
        amount = amount.reshape(-1, 1)
        pairs = np.array((entries[1:], entries[:-1]))
        phase = turn % PHASES
        if self._nearest < high - low + 2:
            spread = (self._falls[phase] @ pairs).reshape(*sizes.shape, -1)
            alive = self._survivors(spread, self._whole[phase] + lowest, prices)
            put = amount * alive.reshape(len(amount), -1)
        else:
            put = (amount * self._falls[phase]) @ pairs
        stored.reshape(-1)[self._slots[phase] + np.arange(lowest, highest + 2)] += put
        return highest + self._near[0] + 1, lowest + self._near[1]

    def _survivors(
        self, spread: Floats, starts: Integers, prices: tuple[float, float, float]
    ) -> Floats:
        """Leave out what the same bar liquidated again; each tier still sums to 1.

        Beyond the extreme all of it lives, between the extreme and the close the part that was
        opened later, and short of the close none. Shorts are looked at upside down.
        """
        low, high, close = prices
        place = self._signs * (starts + np.arange(spread.shape[2]))
        here = math.floor(close)
        extreme = np.array((math.floor(low), -math.floor(high)))[:, None, None]
        left = spread * np.where(place < extreme, 1.0, _AFTER_THE_EXTREME)
        left *= place < np.array((here, -here))[:, None, None]
        total = left.sum(axis=2, keepdims=True)
        if float(total.min()) > 0:
            return floats(left / total)
        # Of a tier that stands within a bin of its entry nothing may be left: it goes into the
        # bin before that of the close, or else before that of the extreme.
        for before in (np.array((here - 1, -here - 1))[:, None, None], extreme - 1):
            left = np.where(left.sum(axis=2, keepdims=True) > 0, left, place == before)
        return floats(left / left.sum(axis=2, keepdims=True))
