"""The state: what stands where, for each side and tier, kept current bar by bar.

Three things keep a bar cheap, however long the history is. Sizes are stored undecayed beside one
factor for each tier, so that closing touches no bin. Sums by tier are kept along, so that the
balance with the open interest needs no bin either. And each side knows the bin nearest to the
price that holds anything, so that a bar which reaches nothing sweeps nothing. What a bar does that
does not depend on the state is worked out beforehand, for many bars at once (ahead.py).
"""

import copy
import math
from dataclasses import dataclass, field

import numpy as np

from bot.core.arrays import DAY, Floats, floats
from bot.core.estimate.ahead import Ahead, Before, look
from bot.core.estimate.bars import Bars
from bot.core.estimate.maps import STEP
from bot.core.estimate.openings import Openings, Patterns, phases
from bot.core.estimate.parameters import LONG, SHORT, Parameters

# Bins of room above and below the prices at hand before the grid has to be laid anew.
_MARGIN = 250

# Factors are multiplied in, and sums taken afresh, after so many bars: what rounding adds up to
# stays far below a cent, and no factor comes near to vanishing.
_AFRESH = 64

# Where positions that are older than the data were opened: around the first price, as far off as
# a coin moves within the tier's lifetime. 3 % a day is usual for the large ones.
_DAILY_MOVE = 0.03

# Open interest over a day's turnover, for a venue that does not publish it: 0.33 to 0.65 on large
# venues and coins.
_HELD_OF_TURNOVER = 0.45


@dataclass(slots=True, eq=False)
class Inventory:
    """Positions by side, tier and liquidation-price bin; each side sums to what is not hedged.

    Every tier is kept as if it held the whole open interest, each on its own; what stands is their
    mix, `weight` of each. So the state does not depend on the mix, which a calibration changes from
    day to day, and whatever the mix, each side adds up.

    `push` is the only way forward, and what it does depends on nothing but the bars pushed so far,
    one after another: pushed all at once or one a day, the bits are the same.
    """

    parameters: Parameters
    shifts: Floats  # [bins] from entry to liquidation, shape (2, K)
    linear: bool
    first: int = 0  # bin of the grid's lower end
    stored: Floats = field(default_factory=lambda: np.zeros((2, 1, 0)))  # shape (2, K, N)
    factor: Floats = field(default_factory=lambda: np.ones((2, 1)))  # size = stored * factor
    sums: Floats = field(default_factory=lambda: np.zeros((2, 1)))  # of stored over the bins
    nearest: list[int] = field(default_factory=lambda: [0, 0])  # highest bin of longs, lowest
    held: float = 0.0  # [contracts] open interest, hedged or not
    price: float = 0.0  # [bins] last close
    mark: float = 0.0  # [quote/base] the same
    time: int = 0  # [ms] UTC, last close
    count: int = 0  # bars pushed
    published: bool = False  # open interest has been seen
    weight: Floats = field(init=False)  # [fraction of open interest] in each tier, shape (2, K)
    response: Floats = field(init=False)  # [USD] what the last bar swept of each whole tier, (2, K)
    usual: float = 0.0  # [contracts a day] mean turnover of the last days
    watched: float = 0.0  # [days] it is the mean of
    _openings: Openings | None = None
    _worth: Floats = field(default_factory=lambda: np.zeros((0, 2)))  # [1, USD] of one, by bin
    _ahead: Ahead | None = None
    _next: int = 0  # number of the bar that comes after those pushed

    def __post_init__(self) -> None:
        self.weight = (1 - self.parameters.hedged) * self.parameters.share
        self.response = np.zeros(self.shifts.shape)

    def copy(self) -> "Inventory":
        """Return one that can be moved without this one moving."""
        other = copy.copy(self)
        for name in ("stored", "factor", "sums", "nearest", "response"):
            setattr(other, name, getattr(self, name).copy())
        return other

    @property
    def interest(self) -> float:
        """Open interest at the last close [USD]."""
        return self.held * (self.mark if self.linear else 1.0)

    @property
    def free(self) -> float:
        """The part of the open interest that some price liquidates [contracts], on each side."""
        return self.held * (1 - self.parameters.hedged)

    def sizes(self) -> Floats:
        """Sum by side and tier [contracts], shape (2, K)."""
        return floats(self.sums * self.factor * self.weight)

    def usd(self, low: int, high: int) -> Floats:
        """What stands in bins low to high - 1 [USD], by side, tier and bin, shape (2, K, B)."""
        part = slice(low - self.first, high - self.first)
        scale = (self.factor * self.weight)[..., None]
        return floats(self.stored[:, :, part] * scale * self._worth[part, 1])

    def total_usd(self, low: int, high: int) -> Floats:
        """Sum the same over tiers, shape (2, B)."""
        return np.array([self.side_usd(side, low, high) for side in (LONG, SHORT)])

    def side_usd(self, side: int, low: int, high: int) -> Floats:
        """Sum that of one side over tiers, shape (B,)."""
        part = slice(low - self.first, high - self.first)
        scale = self.factor[side] * self.weight[side]
        return floats(scale @ self.stored[side, :, part] * self._worth[part, 1])

    def push(self, bars: Bars, at: int) -> tuple[float, float]:
        """Take in bar number `at`; returns the USD of longs and of shorts it swept on its way.

        Sweep first, then closing, then opening of what is missing to the open interest. When the
        first bar opened nothing was known, and so nothing was expected of it.
        """
        begins = self.count == 0
        if begins:
            self.price, self.time = float(bars.open[at]), int(bars.time[at]) - bars.interval
        ahead = self._look(bars, at)
        bar = ahead.each[at - ahead.first]
        self.usual, self.watched = bar.usual, bar.watched
        interest = self._interest(bar.open_interest)
        if begins:
            self.held = interest
            self._begin(bar.open)
        swept = self._reach(bar.open, bar.low, bar.high)
        self.factor *= bar.left
        self.held = interest
        self._balance(ahead.patterns, at - ahead.first)
        self.price, self.mark, self.time = bar.close, bar.mark, bar.time
        self.count += 1
        if self.count % _AFRESH == 0:
            self._freshen()
        if begins:
            self.response[:] = 0.0
            return 0.0, 0.0
        return swept

    def _look(self, bars: Bars, at: int) -> Ahead:
        """Return what is known beforehand of bar number `at`."""
        ahead = self._ahead
        if ahead is None or ahead.bars is not bars or at != self._next:
            low, high = float(bars.low[at]), float(bars.high[at])
            openings = self._room(min(low, self.price), max(high, self.price))
            before = Before(self.count, self.time, self.usual, self.watched)
            ahead = look(bars, at, before, openings, self.parameters.lifetime)
        self._next = at + 1
        self._ahead = ahead if self._next < ahead.end else None  # not kept longer than of use
        return ahead

    def sweep(self, opened: float, low: float, high: float) -> tuple[float, float]:
        """Liquidate what a bar reaches [bins] from its open; returns USD of longs and of shorts.

        Where no trade was seen between two bars, the price still went all the way from the last
        close to the open; what it took there is gone, but not the bar's own.
        """
        self._room(min(low, self.price), max(high, self.price))
        return self._reach(opened, low, high)

    def _reach(self, opened: float, low: float, high: float) -> tuple[float, float]:
        if opened < self.price:
            self._sweep(LONG, self.price, opened)
        elif opened > self.price:
            self._sweep(SHORT, self.price, opened)
        return self._sweep(LONG, opened, low), self._sweep(SHORT, opened, high)

    def _interest(self, published: float) -> float:
        """Open interest to reach [contracts]: the published one, or so many days of turnover."""
        if math.isnan(published):
            return self.held if self.published else _HELD_OF_TURNOVER * self.usual
        if not self.published and self.held > 0:
            self.stored *= published / self.held  # it was a guess until now
            self._freshen()
        self.published = True
        return published

    def _room(self, low: float, high: float) -> Openings:
        """Return the openings of a grid that has room for entries in low..high [bins]."""
        openings = self._openings
        if openings is None or not openings.fits(low, high):
            openings = self._openings = self._fit(low, high)
            self._ahead = None
        return openings

    def _fit(self, low: float, high: float) -> Openings:
        """Lay the grid anew, around the liquidation prices of entries in low..high [bins]."""
        bins = self.stored.shape[2]
        ways = phases(self.shifts, self.parameters.own)
        first = math.floor(low + float(ways.min())) - 1 - _MARGIN
        count = math.ceil(high + float(ways.max())) + 2 + _MARGIN - first
        anew = np.zeros((*self.shifts.shape, count))
        # What no longer fits is further off than any picture shows; it stays in the last bin.
        place = np.clip(self.first + np.arange(bins) - first, 0, count - 1)
        for side, tier in np.ndindex(self.shifts.shape) if bins else ():
            np.add.at(anew[side, tier], place, self.stored[side, tier])
        if not bins:
            self.factor = np.ones(self.shifts.shape)
            self.sums = np.zeros(self.shifts.shape)
        self.first, self.stored = first, anew
        return self._laid()

    def _laid(self) -> Openings:
        """Work out what follows from the grid alone."""
        first, count = self.first, self.stored.shape[2]
        self._worth = np.ones((count, 2))
        if self.linear:
            self._worth[:, 1] = np.exp(STEP * (first + 0.5 + np.arange(count)))
        return Openings(self.shifts, self.parameters.own, first, count)

    def resume(self) -> None:
        """Work out again what is not saved, after the rest was read back."""
        self._openings, self._ahead, self._next = self._laid(), None, 0

    def _begin(self, price: float) -> None:
        """Spread positions that are older than the data around the first price.

        The price has wandered since they were opened, and those it liquidated on its way are gone:
        of a random walk that began at a distance d and ends where it first comes to 0, the density
        is phi((x - d) / s) - phi((x + d) / s).
        """
        days = self.parameters.lifetime / DAY
        bins = self.first + 0.5 + np.arange(self.stored.shape[2])
        spread = (_DAILY_MOVE / STEP * np.sqrt(days))[..., None]
        left = np.array((price - bins, bins - price))[:, None, :]  # way to go until liquidation
        whole = np.abs(self.shifts)[..., None]  # way there was to go at entry
        density = np.exp(-0.5 * ((left - whole) / spread) ** 2)
        density -= np.exp(-0.5 * ((left + whole) / spread) ** 2)
        density = np.where(left > 0, density, 0.0)
        density /= density.sum(axis=2, keepdims=True)
        self.stored = np.ascontiguousarray(self.held * density)
        self.nearest = [math.floor(price), math.floor(price)]
        self._freshen()

    def _sweep(self, side: int, start: float, stop: float) -> float:
        """Liquidate what stands from `start` to `stop` [bins]; returns its USD.

        Within the bin the price starts from, all that is left stands on the far side of it; in
        the bin where it stops, the part beyond stays.
        """
        here, there = math.floor(start), math.floor(stop)
        if side == LONG:
            low, high = there, min(here, self.nearest[LONG])
            reached = start - stop if here == there else there + 1 - stop
            room = start - there if here == there else 1.0
        else:
            low, high = max(here, self.nearest[SHORT]), there
            reached = stop - start if here == there else stop - there
            room = there + 1 - start if here == there else 1.0
        if low > high or start == stop:
            self.response[side] = 0.0
            return 0.0
        places = slice(low - self.first, high - self.first + 1)
        part = self.stored[side, :, places]
        end = part[:, 0 if side == LONG else -1]
        beyond = end * (1 - reached / room)
        end *= reached / room
        gone = part.dot(self._worth[places])  # [stored contracts], and the same in USD, by tier
        part[...] = 0.0
        end[...] = beyond
        sums = self.sums[side]
        sums -= gone[:, 0]
        self.nearest[side] = there
        response = self.response[side]
        np.multiply(self.factor[side], gone[:, 1], out=response)
        return float(self.weight[side].dot(response))

    def _balance(self, patterns: Patterns, at: int) -> None:
        """Open in each tier what it lacks of the open interest, or close what it has too much.

        Openings are spread as in bar `at` of the patterns.
        """
        missing = self.sums * self.factor
        np.subtract(self.held, missing, out=missing)
        least = float(missing.min())
        if least < 0:
            stands = self.held - np.minimum(missing, 0.0)
            if -least < self.held:
                self.factor *= self.held / stands
            else:  # half or more of a tier is closed, which no factor could bear for long
                kept = np.where(stands > 0, self.held / np.where(stands > 0, stands, 1.0), 1.0)
                self.sums *= kept
                self.stored *= kept[..., None]
            np.maximum(missing, 0.0, out=missing)
        missing /= self.factor
        self.sums += missing
        patterns.put(at, missing, self.stored)
        self.nearest[LONG] = max(self.nearest[LONG], patterns.highest[at])
        self.nearest[SHORT] = min(self.nearest[SHORT], patterns.lowest[at])

    def _freshen(self) -> None:
        self.stored *= self.factor[..., None]
        self.factor = np.ones(self.factor.shape)
        self.sums = self.stored.sum(axis=2)
