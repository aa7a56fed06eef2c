"""The state: what stands where, for each side and tier, kept current bar by bar.

A step of numpy costs much the same whatever its size, so a bar takes few. Three things keep it
cheap, however long the history is. Sizes are stored undecayed beside one factor for each tier, so
that closing touches no bin. Each tier holds the whole open interest when a bar has closed, but for
what was swept and is not opened anew yet, which is kept along; so that what it lacks after the next
bar is known but for what that one sweeps. And each side knows the bin nearest to the price that
holds anything, so that a bar which reaches nothing sweeps nothing. What a bar does that does not
depend on the state is worked out beforehand, for many bars at once (ahead.py).
"""

import copy
import math
from dataclasses import dataclass, field

import numpy as np

from bot.core.arrays import Floats, floats
from bot.core.estimate.ahead import Ahead, Bar, Before, look
from bot.core.estimate.bars import Bars
from bot.core.estimate.maps import STEP
from bot.core.estimate.older import older
from bot.core.estimate.openings import Openings, Patterns, moved, span
from bot.core.estimate.parameters import LONG, SHORT, Parameters

# Of the open interest in one bar: what closes more is no matter of a factor.
_HALF = 0.5
_NOTHING = np.array(0.0)  # numpy is slow with numbers that are none of its own

# After so many bars each tier is made to hold what it should to the last bit: what rounding adds
# up to stays far below a cent. The factors are multiplied in then, or sooner, if after some bars
# one of them has come near to vanishing.
_AFRESH, _SOME, _NEXT_TO_NOTHING = 1024, 64, 1e-60


@dataclass(slots=True, eq=False)
class Inventory:
    """Positions by side, tier and liquidation-price bin; each side sums to what is not hedged.

    Who takes over what is liquidated is a maker or somebody without leverage: new traders come as
    they always do, as many as usually leave, and do not hurry to fill a gap. Until they have come,
    within a lifetime of the tier, what was swept is `vacant`, and counts in its side's sum.

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
    stored: Floats = field(default_factory=lambda: np.zeros((2, 0, 1)))  # shape (2, N, K)
    factor: Floats = field(init=False)  # size = stored * factor * weight, shape (2, K)
    nearest: list[int] = field(default_factory=lambda: [0, 0])  # highest bin of longs, lowest
    held: float = 0.0  # [contracts] open interest, hedged or not
    price: float = 0.0  # [bins] last close
    mark: float = 0.0  # [quote/base] the same
    time: int = 0  # [ms] UTC, last close
    count: int = 0  # bars pushed
    published: bool = False  # open interest has been seen
    weight: Floats = field(init=False)  # [fraction of open interest] in each tier, shape (2, K)
    response: Floats = field(init=False)  # [USD] what the last bar swept of each whole tier, (2, K)
    lack: Floats = field(init=False)  # [contracts] swept and not opened anew yet, shape (2, K)
    usual: float = 0.0  # [contracts a day] mean turnover of the last days
    watched: float = 0.0  # [days] it is the mean of
    passing: Floats = field(init=False)  # factor and lack, shape (2, 2, K): both pass with time
    _openings: Openings | None = None
    _worth: Floats = field(default_factory=lambda: np.zeros((0, 2)))  # [1, USD] of one, by bin
    _sides: list[tuple[Floats, Floats, Floats]] = field(init=False)  # factor, lack and response
    _ahead: Ahead | None = None
    _next: int = 0  # number of the bar that comes after those pushed

    def __post_init__(self) -> None:
        self.weight = (1 - self.parameters.hedged) * self.parameters.share
        self.response = np.zeros(self.shifts.shape)
        self.passing = np.array((np.ones(self.shifts.shape), np.zeros(self.shifts.shape)))
        self.divide()

    def copy(self) -> "Inventory":
        """Return one that can be moved without this one moving."""
        other = copy.copy(self)
        for name in ("stored", "nearest", "response", "passing"):
            setattr(other, name, getattr(self, name).copy())
        other.divide()
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
        return floats(self.stored.sum(axis=1) * self.factor * self.weight)

    def vacant(self) -> Floats:
        """Sum by side and tier of what was swept and is not opened anew yet [contracts], (2, K)."""
        return floats(self.lack * self.weight)

    def usd(self, low: int, high: int) -> Floats:
        """What stands in bins low to high - 1 [USD], by side, tier and bin, shape (2, K, B)."""
        part = slice(low - self.first, high - self.first)
        scale = (self.factor * self.weight)[..., None]
        stored = self.stored[:, part].swapaxes(1, 2)
        return np.multiply(stored * scale, self._worth[part, 1], order="C")

    def total_usd(self, low: int, high: int) -> Floats:
        """Sum the same over tiers, shape (2, B)."""
        return np.array([self.side_usd(side, low, high) for side in (LONG, SHORT)])

    def side_usd(self, side: int, low: int, high: int) -> Floats:
        """Sum that of one side over tiers, shape (B,)."""
        part = slice(low - self.first, high - self.first)
        usd = floats(self.stored[side, part].dot(self.factor[side] * self.weight[side]))
        usd *= self._worth[part, 1]
        return usd

    def swept(self) -> Floats:
        """What the last bar swept on its way [USD], shape (2,)."""
        return floats((self.response * self.weight).sum(axis=1))

    def push(self, bars: Bars, at: int) -> None:
        """Take in bar number `at`.

        Sweep first, then closing, then opening of what is missing to the open interest. When the
        first bar opened nothing was known, and so nothing was expected of it.
        """
        begins = self.count == 0
        if begins:
            self.price, self.time = float(bars.open[at]), int(bars.time[at]) - bars.interval
        if not self.published and not math.isnan(bars.open_interest[at]):
            self._publish(float(bars.open_interest[at]))
        ahead = self._ahead
        if ahead is None or ahead.bars is not bars or at != self._next:
            ahead = self._look(bars, at)
        self._next = at + 1
        self._ahead = ahead if self._next < ahead.end else None  # not kept longer than of use
        bar = ahead.each[at - ahead.first]
        self.usual, self.watched = bar.usual, bar.watched
        if begins:
            self._begin(bar)
        self._reach(bar.open, bar.low, bar.high)
        self._balance(bar, ahead.patterns, at - ahead.first)
        self.price, self.mark, self.time = bar.close, bar.mark, bar.time
        self.count += 1
        if self.count % _SOME == 0 and (
            self.count % _AFRESH == 0 or self.factor.min() < _NEXT_TO_NOTHING
        ):
            self._freshen()
        if begins:
            self.response.fill(0.0)

    def _publish(self, interest: float) -> None:
        """Take the first published open interest instead of what was guessed until now."""
        if self.held > 0:
            self.lack *= interest / self.held
            self.held = interest
            self._freshen()
        self.published = True

    def _look(self, bars: Bars, at: int) -> Ahead:
        """Work out beforehand bar number `at` and some that come after it."""
        low, high = float(bars.low[at]), float(bars.high[at])
        openings = self._room(min(low, self.price), max(high, self.price))
        before = Before(self.count, self.time, self.usual, self.watched, self.held, self.published)
        return look(bars, at, before, openings, self.parameters.lifetime)

    def sweep(self, opened: float, low: float, high: float) -> None:
        """Liquidate what a bar reaches [bins] from its open.

        Where no trade was seen between two bars, the price still went all the way from the last
        close to the open; what it took there is gone, but not the bar's own.
        """
        self._room(min(low, self.price), max(high, self.price))
        self._reach(opened, low, high)

    def _reach(self, opened: float, low: float, high: float) -> None:
        if opened != self.price:
            self._sweep(LONG if opened < self.price else SHORT, self.price, opened)
        self.response.fill(0.0)
        if low < self.nearest[LONG] + 1:
            self._sweep(LONG, opened, low)
        if high >= self.nearest[SHORT]:
            self._sweep(SHORT, opened, high)

    def _room(self, low: float, high: float) -> Openings:
        """Return the openings of a grid that has room for entries in low..high [bins]."""
        openings = self._openings
        if openings is None or not openings.fits(low, high):
            openings = self._openings = self._fit(low, high)
            self._ahead = None
        return openings

    def _fit(self, low: float, high: float) -> Openings:
        """Lay the grid anew, around the liquidation prices of entries in low..high [bins]."""
        first, count = span(self.shifts, self.parameters.own, low, high)
        self.stored = moved(self.stored, self.first - first, count, self.shifts.shape[1])
        self.first = first
        return self._laid()

    def _laid(self) -> Openings:
        """Work out what follows from the grid alone."""
        first, count = self.first, self.stored.shape[1]
        self._worth = np.ones((count, 2))
        if self.linear:
            self._worth[:, 1] = np.exp(STEP * (first + 0.5 + np.arange(count)))
        return Openings(self.shifts, self.parameters.own, first, count)

    def resume(self) -> None:
        """Work out again what is not saved, after the rest was read back."""
        self._openings, self._ahead, self._next = self._laid(), None, 0
        self.passing = np.array((self.factor, self.lack))
        self.divide()

    def divide(self) -> None:
        """Name the parts of what is kept together."""
        self.factor, self.lack = self.passing
        self._sides = list(zip(self.factor, self.lack, self.response, strict=True))

    def _begin(self, bar: Bar) -> None:
        """Spread positions that are older than the data around the first price."""
        self.held = bar.held
        count = self.stored.shape[1]
        spread = older(bar.open, self.first, count, self.shifts, self.parameters.lifetime)
        self.stored[...] = self.held * spread.swapaxes(1, 2)
        self.nearest = [math.floor(bar.open)] * 2

    def _sweep(self, side: int, start: float, stop: float) -> None:
        """Liquidate what stands from `start` to `stop` [bins].

        Within the bin the price starts from, all that is left stands on the far side of it; in
        the bin where it stops, the part beyond stays.
        """
        here, there, nearest = math.floor(start), math.floor(stop), self.nearest[side]
        if side == LONG:
            low, high = there, min(here, nearest)
            beyond, room = stop - there, start - there
        else:
            low, high = max(here, nearest), there
            beyond, room = there + 1 - stop, there + 1 - start
        if low > high or start == stop:
            return
        places = slice(low - self.first, high - self.first + 1)
        part, (factor, lack, response) = self.stored[side, places], self._sides[side]
        end = part[-side]
        left = end * (beyond / room if here == there else beyond)
        end -= left
        if low == high:
            gone = end * factor  # [contracts] by tier
            np.multiply(gone, self._worth[places.start, 1, ...], response)
        else:
            both = self._worth[places].T.dot(part)
            gone = both[0] * factor
            np.multiply(both[1], factor, response)
            part.fill(0.0)
        end[...] = left
        self.nearest[side] = there
        lack += gone

    def _balance(self, bar: Bar, patterns: Patterns, at: int) -> None:
        """Open in each tier what has closed, or close what it has too much of the open interest.

        Openings are spread as in bar `at` of the patterns. While open interest does not fall they
        are the same whatever was swept, which is missing before the bar and after it.
        """
        self.passing *= bar.left
        if bar.held >= self.held:
            opened = bar.opens
        else:
            lack = self.lack
            stands = bar.stays - lack
            # By what open interest fell, swept positions are gone and nobody took them over.
            lack -= np.array(self.held - bar.held)
            np.fmax(lack, _NOTHING, lack)
            small = bar.held <= _HALF * self.held
            if small:  # rounding of what stood may come to more than what is left
                np.fmin(lack, bar.held, lack)
                stands = np.maximum(stands, 0.0)
            held = np.array(bar.held) - lack
            most = np.maximum(stands, held)
            opened = most - stands
            if small:  # half or more of a tier is closed, which no factor could bear for long
                kept = np.divide(held, most, out=np.zeros(most.shape), where=most > 0)
                self.stored *= kept[:, None]
            else:
                self.factor *= held / most
        self.held = bar.held
        patterns.put(at, opened / self.factor, self.stored)
        self.nearest[LONG] = max(self.nearest[LONG], patterns.highest[at])
        self.nearest[SHORT] = min(self.nearest[SHORT], patterns.lowest[at])

    def _freshen(self) -> None:
        """Multiply the factors in, and see that each tier holds what it should."""
        sums = self.stored.sum(axis=1)
        should = self.held - self.lack
        whole = np.where(sums > 0, should / np.where(sums > 0, sums, 1.0), self.factor)
        self.stored *= whole[:, None]
        self.factor[...] = 1.0
