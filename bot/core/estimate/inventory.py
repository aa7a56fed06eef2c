"""The state: what stands where, for each side and tier, kept current bar by bar."""

import copy
import math
from dataclasses import dataclass, field

import numpy as np

from bot.core.arrays import DAY, Floats, floats
from bot.core.estimate.bars import Bars
from bot.core.estimate.maps import STEP
from bot.core.estimate.openings import Openings
from bot.core.estimate.parameters import LONG, SHORT, Parameters

# Bins of room above and below the prices at hand before the grid has to be laid anew.
_MARGIN = 250

# A tier's sizes are kept undecayed, beside one factor for all of them; when the factor gets this
# small it is multiplied in, long before it could vanish.
_SMALL = 1e-60

# After forty lifetimes there is nothing left to lose.
_LONG_AFTER = 40.0

# Sums by tier are kept along; they are taken afresh after so many bars, so that rounding of what
# was added and swept cannot pile up.
_AFRESH = 64

# Where positions that are older than the data were opened: around the first price, as far off as
# a coin moves within the tier's lifetime. 3 % a day is usual for the large ones.
_DAILY_MOVE = 0.03

# Open interest over a day's turnover, for a venue that does not publish it: 0.33 to 0.65 on large
# venues and coins.
_HELD_OF_TURNOVER = 0.45

# Positions close by trading: where a bar turns over twice the usual, they age twice as fast. Usual
# is the mean of a few days; beyond these bounds a bar's turnover says something else, such as a
# venue's outage or a wash.
_USUAL_DAYS = 4.0
_SLOWEST, _FASTEST = 0.1, 10.0


@dataclass(slots=True, eq=False)
class Inventory:
    """Positions by side, tier and liquidation-price bin; longs and shorts each sum to `held`.

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
    held: float = 0.0  # [contracts] on each side
    price: float = 0.0  # [bins] last close
    time: int = 0  # [ms] UTC, last close
    count: int = 0  # bars pushed
    published: bool = False  # open interest has been seen
    usual: float = 0.0  # [contracts a day] mean turnover of the last days
    watched: float = 0.0  # [days] it is the mean of
    _openings: Openings | None = None

    def copy(self) -> "Inventory":
        """Return one that can be moved without this one moving."""
        other = copy.copy(self)
        other.stored, other.factor, other.sums = (
            self.stored.copy(),
            self.factor.copy(),
            self.sums.copy(),
        )
        return other

    @property
    def price_usd(self) -> float:
        """USD of one contract at the last close."""
        return math.exp(self.price * STEP) if self.linear else 1.0

    @property
    def worth(self) -> Floats:
        """USD of one contract by bin, shape (N,): its liquidation price if linear, else 1."""
        bins = self.stored.shape[2]
        if not self.linear:
            return np.ones(bins)
        return floats(np.exp(STEP * (self.first + 0.5 + np.arange(bins))))

    def push(self, bars: Bars, at: int) -> tuple[float, float]:
        """Take in bar number `at`; returns the USD of longs and of shorts it swept on its way.

        Sweep first, then closing, then opening of what is missing to the open interest.
        """
        opened, close = float(bars.open[at]), float(bars.close[at])
        low, high = float(bars.low[at]), float(bars.high[at])
        time = int(bars.time[at])
        if self.count == 0:
            self.price, self.time = opened, time - bars.interval
        days = (time - self.time) / DAY
        self._fit(low, high)
        pace = self._pace(float(bars.turnover[at]) / days, days)
        target = self._target(float(bars.open_interest[at]))
        if self.count == 0:
            self._begin(opened, target)
        # Where no trade was seen between two bars, the price still went all the way.
        self._sweep(LONG, self.price, min(opened, self.price))
        self._sweep(SHORT, self.price, max(opened, self.price))
        swept = self._sweep(LONG, opened, low), self._sweep(SHORT, opened, high)
        self._age(pace * days * DAY)
        self._balance(low, high, close, target)
        self.price, self.time = close, time
        self.count += 1
        if self.count % _AFRESH == 0:
            self._freshen()
        return swept

    def sweep(self, opened: float, low: float, high: float) -> tuple[float, float]:
        """Liquidate what a bar reaches [bins], and nothing else; returns USD of longs, shorts."""
        self._fit(low, high)
        self._sweep(LONG, self.price, min(opened, self.price))
        self._sweep(SHORT, self.price, max(opened, self.price))
        return self._sweep(LONG, opened, low), self._sweep(SHORT, opened, high)

    def sizes(self) -> Floats:
        """Sum by side and tier [contracts], shape (2, K)."""
        return floats(self.sums * self.factor)

    def _pace(self, turnover: float, days: float) -> float:
        """Turnover of a bar [contracts a day] over the usual one, which it then is part of."""
        self.watched = min(self.watched + days, _USUAL_DAYS)
        self.usual += min(days / self.watched, 1.0) * (turnover - self.usual)
        if self.usual <= 0:
            return 1.0
        return min(max(turnover / self.usual, _SLOWEST), _FASTEST)

    def _target(self, published: float) -> float:
        """Open interest to reach [contracts]: the published one, or so many days of turnover."""
        if not math.isnan(published):
            if not self.published and self.count:
                self._scale_to(published)
            self.published = True
            return published
        return self.held if self.published else _HELD_OF_TURNOVER * self.usual

    def _age(self, time: float) -> None:
        """Close what a tier closes in `time` [ms]; at the latest long after its lifetime."""
        self.factor *= np.exp(-np.minimum(time / self.parameters.lifetime, _LONG_AFTER))
        if float(self.factor.min()) < _SMALL:
            self._freshen()

    def _scale_to(self, published: float) -> None:
        total = self.sizes().sum(axis=1, keepdims=True)
        self.factor *= published * (1 - self.parameters.hedged) / np.where(total > 0, total, 1.0)

    def _fit(self, low: float, high: float) -> None:
        """Lay the grid anew if liquidation prices of entries in low..high [bins] leave it."""
        lowest = low + float(self.shifts.min()) - 1
        highest = high + float(self.shifts.max()) + 2
        bins = self.stored.shape[2]
        if lowest >= self.first and highest < self.first + bins:
            return
        first = math.floor(lowest) - _MARGIN
        count = math.ceil(highest) + _MARGIN - first
        anew = np.zeros((*self.shifts.shape, count))
        # What no longer fits is further off than any picture shows; it stays in the last bin.
        place = np.clip(self.first + np.arange(bins) - first, 0, count - 1)
        for side, tier in np.ndindex(self.shifts.shape) if bins else ():
            np.add.at(anew[side, tier], place, self.stored[side, tier])
        if not bins:
            self.factor = np.ones(self.shifts.shape)
            self.sums = np.zeros(self.shifts.shape)
        self.first, self.stored = first, anew
        self._openings = Openings(self.shifts, self.parameters.seeds, first, count)

    def _begin(self, price: float, target: float) -> None:
        """Spread positions that are older than the data around the first price.

        The price has wandered since they were opened, and those it liquidated on its way are gone:
        of a random walk that began at a distance d and ends where it first comes to 0, the density
        is phi((x - d) / s) - phi((x + d) / s).
        """
        share = self.parameters.share
        days = self.parameters.lifetime / DAY
        bins = self.first + 0.5 + np.arange(self.stored.shape[2])
        spread = (_DAILY_MOVE / STEP * np.sqrt(days))[..., None]
        left = np.array((price - bins, bins - price))[:, None, :]  # way to go until liquidation
        whole = np.abs(self.shifts)[..., None]  # way there was to go at entry
        density = np.exp(-0.5 * ((left - whole) / spread) ** 2)
        density -= np.exp(-0.5 * ((left + whole) / spread) ** 2)
        density = np.where(left > 0, density, 0.0)
        density /= density.sum(axis=2, keepdims=True)
        free = target * (1 - self.parameters.hedged)
        self.stored = np.ascontiguousarray(free * share[..., None] * density)
        self.held = target
        self._freshen()

    def _sweep(self, side: int, start: float, stop: float) -> float:
        """Liquidate what stands from `start` to `stop` [bins]; returns its USD.

        Within the bin the price starts from, all that is left stands on the far side of it; in
        the bin where it stops, the part beyond stays.
        """
        if start == stop:
            return 0.0
        here, there = math.floor(start), math.floor(stop)
        if side == LONG:
            low, high, room = there, here, (start if there == here else there + 1) - there
            stays = (stop - there) / room if room > 0 else 0.0
            last = 0
        else:
            low, high = here, there
            room = there + 1 - (start if there == here else there)
            stays = (there + 1 - stop) / room
            last = -1
        part = self.stored[side, :, low - self.first : high - self.first + 1]
        by_bin = self.factor[side] @ part
        gone = part.sum(axis=1)
        by_bin[last] *= 1 - stays
        gone -= stays * part[:, last]
        kept = stays * part[:, last]
        part[:] = 0.0
        part[:, last] = kept
        self.sums[side] -= gone
        if not self.linear:
            return float(by_bin.sum())
        return float(by_bin @ np.exp(STEP * (np.arange(low, high + 1) + 0.5)))

    def _balance(self, low: float, high: float, close: float, target: float) -> None:
        """Open what is missing to the open interest on each side, or close what is too much."""
        held = self.sizes().sum(axis=1)
        free = target * (1 - self.parameters.hedged)
        missing = free - held
        for side in (LONG, SHORT):
            if missing[side] < 0:
                self.factor[side] *= free / held[side]
                missing[side] = 0.0
        if bool(missing.any()) and self._openings is not None:
            self._openings.put(self.stored, self.sums, missing, self.factor, (low, high, close))
        self.held = target

    def _freshen(self) -> None:
        if bool(self.factor.min() < _SMALL):
            self.stored *= self.factor[..., None]
            self.factor = np.ones(self.factor.shape)
        self.sums = self.stored.sum(axis=2)
