"""Where new positions go: entries over the prices traded in a bar, moved to their liquidation."""

import math
from dataclasses import dataclass
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
# bar to bar a tier goes through so many leverages of its band, and in between, as often as its
# parameters say, stands at its own: the round figure that isolated positions are opened at.
PHASES = 32

# Steps of this part of a band fill it evenly, whenever one stops.
_GOLDEN = (math.sqrt(5) - 1) / 2

_TINY = 1e-9  # lest a whole number of turns falls short of itself

# Bins of room above and below the prices at hand before a grid has to be laid anew.
_MARGIN = 250

# Bars of a wild market trade in many bins: so many at once, lest patterns take much memory.
_BINS = 4096

# So many bins a bar of a usual market trades in: where they go is written down beforehand.
_USUAL_BINS = 24

Integers: TypeAlias = NDArray[np.int64]


def phases(shifts: Floats, own: Floats) -> Floats:
    """Ways from entry to liquidation [bins] in each of PHASES turns, shape (P, 2, K).

    `own` (K,) is the part of the turns in which a tier stands exactly at its own way. Its band
    reaches half-way to the ways beside it; the highest one cannot be exceeded. Every tier begins
    at another place of its band.
    """
    apart = np.concatenate(((True,), np.diff(shifts, axis=1).any(axis=0)))
    ways = shifts[:, apart]
    if ways.shape[1] == 1:
        return np.tile(shifts, (PHASES, 1, 1))
    between = (ways[:, 1:] + ways[:, :-1]) / 2
    outer = np.concatenate((2 * ways[:, :1] - between[:, :1], between), axis=1)
    inner = np.concatenate((between, ways[:, -1:]), axis=1)
    band = np.cumsum(apart) - 1
    outer, inner = outer[:, band], inner[:, band]
    turns, tiers = np.arange(PHASES)[:, None, None], np.arange(shifts.shape[1])
    banded = outer + (inner - outer) * (_GOLDEN * (turns + PHASES * tiers) % 1)
    at_own = np.floor((turns + 1) * own + _TINY) > np.floor(turns * own + _TINY)
    return floats(np.where(at_own, shifts, banded))


def span(shifts: Floats, own: Floats, low: float, high: float) -> tuple[int, int]:
    """First bin and number of bins of a grid for entries around low..high [bins]."""
    ways = phases(shifts, own)
    first = math.floor(low + float(ways.min())) - 1 - _MARGIN
    return first, math.ceil(high + float(ways.max())) + 2 + _MARGIN - first


def moved(stored: Floats, by: int, count: int, tiers: int) -> Floats:
    """Lay what is stored in a grid (2, N, K) onto one of `count` bins, `by` bins further up.

    What does not fit is further off than any picture shows; it stays in the last bin.
    """
    anew, bins = np.zeros((2, count, tiers)), stored.shape[1]
    if bins:
        begin = min(max(-by, 0), bins)
        end = max(min(count - by, bins), begin)
        anew[:, begin + by : end + by] = stored[:, begin:end]
        anew[:, 0] += stored[:, :begin].sum(axis=1)
        anew[:, -1] += stored[:, end:].sum(axis=1)
    return anew


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """How new positions of T bars spread over the grid, the bins of all bars one after another.

    Bar t has the rows ends[t] to ends[t + 1] - 1 of `parts`, shape (M, 2, K); in each tier its
    parts sum to 1. Where they go in the flat grid say the rows of slots[turns[t]], which begins
    at starts[t].
    """

    ends: list[int]  # T + 1
    starts: list[int]  # T
    turns: list[int]  # T, of PHASES
    slots: Integers  # of the first bins from `starts` on, shape (PHASES, _USUAL_BINS, 2, K)
    parts: Floats  # [fraction of what its tier opens in the bar]
    highest: list[int]  # T, the bin nearest to the price that may hold some of the longs
    lowest: list[int]  # T, the same of the shorts

    def put(self, at: int, sizes: Floats, stored: Floats) -> None:
        """Open positions of sizes (2, K) [stored contracts] in bar `at`, in a grid (2, N, K)."""
        first, end = self.ends[at], self.ends[at + 1]
        opened = self.parts[first:end] * sizes
        flat, slots = stored.reshape(-1)[self.starts[at] :], self.slots[self.turns[at]]
        if end - first <= len(slots):
            slots = slots[: end - first]
        else:
            slots = slots[0] + _steps(end - first, sizes.shape[1])
        opened += flat[slots]
        flat[slots] = opened


def _steps(bins: int, tiers: int) -> Integers:
    """How far apart neighbouring bins of a flat grid (2, N, `tiers`) are, shape (`bins`, 1, 1)."""
    return (tiers * np.arange(bins))[:, None, None]


class Openings:
    """Says where new positions go on one grid of N bins that begins at bin `first`."""

    def __init__(self, shifts: Floats, own: Floats, first: int, count: int) -> None:
        ways = phases(shifts, own)  # shape (P, 2, K)
        whole = np.floor(ways).astype(np.int64)
        # Entries of a bin, moved by a way that is no whole number of bins, fall into two bins.
        over = ways - whole  # part of them in the second one
        self._over = over.reshape(PHASES, -1)
        self._least = np.abs(ways).min(axis=(0, 1)).tolist()  # [bins] from an entry, of each tier
        self._signs = np.array((1, -1))
        signed = whole.astype(np.float64) * self._signs[:, None]
        self._signed = np.ascontiguousarray(np.moveaxis(signed, 0, -1))
        self._tiers = tiers = shifts.shape[1]
        slots = (count * np.array(((0,), (1,))) + whole) * tiers + np.arange(tiers)
        lowest = int(slots.min())
        self._start = lowest - first * tiers  # of bin 0's entries
        self._slots = (slots - lowest)[:, None] + _steps(_USUAL_BINS, tiers)
        self._near = int(whole[:, LONG].max()) + 1, int(whole[:, SHORT].min())  # of an entry's bin
        self._lowest = first + 1 - float(ways.min())
        self._highest = first + count - 2 - float(ways.max())

    def fits(self, low: float, high: float) -> bool:
        """Say whether entries from `low` to `high` [bins] have a place on the grid."""
        return low >= self._lowest and high <= self._highest

    def count(self, low: Floats, high: Floats) -> int:
        """Return how many bars from the first on, which fits, may be looked at together."""
        fine = (low >= self._lowest) & (high <= self._highest) & (np.cumsum(high - low) <= _BINS)
        return len(fine) if fine.all() else max(1, int(fine.argmin()))

    def patterns(self, low: Floats, high: Floats, close: Floats, turns: Integers) -> Patterns:
        """Say where the entries of T bars stand: low, high and close [bins], shape (T,).

        Entries are spread evenly over the logarithm of the prices, and moved by their tiers' ways;
        `turns` counts the bars. What the same bar liquidated again is left out: beyond the extreme
        all of it lives, between the extreme and the close the part that was opened later, and
        short of the close none. A bar's pattern is the same to the bit whatever bars it is asked
        with: every sum runs over the bins of one bar alone, in their order.
        """
        if len(low) == 1:
            return self._pattern(float(low[0]), float(high[0]), float(close[0]), int(turns[0]))
        lows, highs, here = np.floor((low, high, close)).astype(np.int64)
        bins = highs - lows + 2  # one more than is traded in, as entries of a bin fall into two
        ends = np.concatenate(((0,), np.cumsum(bins)))
        begins, within = ends[:-1], lows == highs
        bar = np.repeat(np.arange(len(bins)), bins)
        # A bar that keeps within a bin has all of its entries there.
        least, most = np.where(within, lows, low), np.where(within, lows + 1, high)
        bounds = np.array((least, most, most - least, lows - begins))
        lower, upper, span, offset = bounds.take(bar, axis=1)
        place = offset + np.arange(len(bar))  # bin of entries, shape (M,)
        entries = np.maximum(np.minimum(upper, place + 1) - np.maximum(lower, place), 0.0) / span
        before = np.concatenate(((0.0,), entries[:-1]))  # the last bin of a bar has no entries
        phase = (turns % PHASES).take(bar)
        parts = self._over.take(phase, axis=0)
        parts *= (before - entries)[:, None]
        parts += entries[:, None]
        first = self._reached(int(bins.max()))
        if first is not None:
            far = np.array(((here, -here), (lows, -highs)))  # of the close, of the extreme
            below = far.take(bar, axis=2) - place * self._signs[:, None]
            ways = self._signed[:, first:].take(phase, axis=2)
            near = np.moveaxis(parts.reshape(len(bar), 2, -1)[:, :, first:], 0, -1)
            near[...] = _living(near.copy(), ways, below, ends, bar)
        long, short = self._near
        highest, lowest = np.minimum(highs + long, here - 1), np.maximum(lows + short, here + 1)
        tiers = (len(bar), 2, -1)
        return Patterns(
            ends.tolist(),
            (self._start + self._tiers * lows).tolist(),
            (turns % PHASES).tolist(),
            self._slots,
            parts.reshape(tiers),
            highest.tolist(),
            lowest.tolist(),
        )

    def _pattern(self, low: float, high: float, close: float, turn: int) -> Patterns:
        """Say the same of one bar to the bit; live ones come alone, and in a hurry."""
        lows, highs, here = math.floor(low), math.floor(high), math.floor(close)
        if lows == highs:
            entries = np.array((1.0, 0.0))
        else:
            bins = range(lows, highs + 2)
            reached = [max(min(high, each + 1) - max(low, each), 0.0) for each in bins]
            entries = np.array(reached) / (high - low)
        count, phase = len(entries), turn % PHASES
        before = np.concatenate(((0.0,), entries[:-1]))
        parts = self._over[phase] * (before - entries)[:, None]
        parts += entries[:, None]
        first = self._reached(count)
        if first is not None:
            place = np.arange(lows, lows + count)
            below = np.array(((here - place, place - here), (lows - place, place - highs)))
            ways = np.repeat(self._signed[:, first:, phase, None], count, axis=2)
            near = np.moveaxis(parts.reshape(count, 2, -1)[:, :, first:], 0, -1)
            ends, bar = np.array((0, count)), np.zeros(count, np.int64)
            near[...] = _living(near.copy(), ways, below, ends, bar)
        long, short = self._near
        return Patterns(
            [0, count],
            [self._start + self._tiers * lows],
            [phase],
            self._slots,
            parts.reshape(count, 2, -1),
            [min(highs + long, here - 1)],
            [max(lows + short, here + 1)],
        )

    def _reached(self, bins: int) -> int | None:
        """Return the first tier, in their order, that bars of so many bins may reach themselves."""
        return next((tier for tier, way in enumerate(self._least) if way < bins), None)


def _living(parts: Floats, ways: Floats, below: Floats, ends: Integers, bar: Integers) -> Floats:
    """Leave of openings what their own bar did not liquidate, and bring that to a sum of 1.

    `parts` and `ways` [bins] from entry to liquidation have shape (2, K, M). Shorts are looked at
    upside down, so that all stand below what was traded: on the far side of the close, and of the
    extreme, if their way lies `below` that, shape (2, 2, M). A tier of a bar of which all lives is
    left as it is.
    """
    begins = ends[:-1]
    beyond = ways < below[1, :, None]
    if beyond.all():
        return parts
    parts *= _AFTER_THE_EXTREME * (ways < below[0, :, None]) + (1 - _AFTER_THE_EXTREME) * beyond
    total = np.add.reduceat(parts, begins, axis=2)
    total[np.logical_and.reduceat(beyond, begins, axis=2)] = 1.0
    for side, tier, at in np.argwhere(total == 0).tolist() if not total.all() else ():
        # Of a tier that stands within a bin of its entry nothing may be left: it goes into the
        # bin before that of the close, or else before that of the extreme.
        rows = slice(ends[at], ends[at + 1])
        for bound in below[:, side, rows]:
            if total[side, tier, at] == 0:
                parts[side, tier, rows] = ways[side, tier, rows] == bound - 1
                total[side, tier, at] = parts[side, tier, rows].sum()
    parts /= total.take(bar, axis=2)
    return parts
