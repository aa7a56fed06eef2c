"""One market's estimate: its inventory, kept current, and the columns of its picture."""

import math
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from bot.core.arrays import Floats, Times, floats
from bot.core.errors import NotEnoughData
from bot.core.estimate.bars import bars
from bot.core.estimate.columns import REACH, Column, packed, shown_until
from bot.core.estimate.inventory import Inventory
from bot.core.estimate.learning import Learner
from bot.core.estimate.levels import shifts
from bot.core.estimate.maps import LiquidationMap
from bot.core.estimate.parameters import LONG, SHORT, Parameters, prior
from bot.core.estimate.spread import credible
from bot.core.instruments import Contract, Instrument
from bot.core.language import later
from bot.core.margin.bundled import brackets_for
from bot.core.market.history import MarketHistory

# Of the open interest, a usual position on a market too small for those of larger ones.
_TYPICAL_SHARE = 1e-4

# Columns that are packed at once: more save nothing.
_TOGETHER = 32


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """What the map of each bar's open held on that bar's way; T bars, rows are longs and shorts."""

    time: Times = field(default_factory=lambda: np.empty(0, np.int64))  # [ms] open, shape (T,)
    usd: Floats = field(default_factory=lambda: np.empty((2, 0)))  # [USD], shape (2, T)
    interest: Floats = field(default_factory=lambda: np.empty(0))  # [USD] open, shape (T,)

    def then(self, time: Times, usd: Floats, interest: Floats) -> "Expected":
        """Return these bars and later ones."""
        return Expected(
            np.concatenate((self.time, time)),
            np.concatenate((self.usd, usd), axis=1),
            np.concatenate((self.interest, interest)),
        )

    def since(self, at: int) -> "Expected":
        """Return the bars that opened at `at` [ms] or later."""
        first = int(np.searchsorted(self.time, at))
        if not first:
            return self
        return Expected(  # copies, lest the whole be held by a part of it
            self.time[first:].copy(), self.usd[:, first:].copy(), self.interest[first:].copy()
        )


@dataclass(frozen=True, slots=True, eq=False)
class MarketEstimate:
    """What the bars of one market have led to; advancing makes another and leaves this one."""

    instrument: Instrument
    interval: int  # [ms] of its candles
    parameters: Parameters
    inventory: Inventory  # not to be moved by others; copy it first
    learner: Learner  # the same
    columns: tuple[Column, ...]  # oldest first
    expected: Expected = field(default_factory=Expected)  # of every bar

    @classmethod
    def of(
        cls, history: MarketHistory, parameters: Parameters | None = None, as_of: int | None = None
    ) -> Self:
        """Estimate from a whole history; `as_of` [ms] leaves out what was not known then.

        Without `as_of` every candle is taken to be closed, as `MarketHistory.known_at` leaves
        them. NotEnoughData if there is no closed candle.
        """
        begun = start(history, parameters)
        mix = begun.parameters
        learner = Learner.of(history, mix)
        empty = cls(history.instrument, history.candles.interval, mix, begun, learner, ())
        advanced = empty.advanced(history, as_of)
        if not advanced.inventory.count:
            market = history.instrument.key
            raise NotEnoughData(later("no closed candle of {market}", market=market))
        return advanced

    def advanced(self, history: MarketHistory, as_of: int | None = None) -> Self:
        """Take in the bars of `history` that closed after those already known; same rules."""
        if history.instrument != self.instrument or history.candles.interval != self.interval:
            raise ValueError(f"the history is not of {self.instrument.key} at {self.interval} ms")
        if as_of is not None:
            history = history.known_at(as_of)
        new = bars(history, self.inventory.time if self.inventory.count else None)
        if not len(new):
            return self
        inventory, learner = self.inventory.copy(), self.learner.copy()
        newest = int(new.time[-1])
        columns = [each for each in self.columns if each.until >= newest]
        swept = np.empty((len(new), *inventory.response.shape))  # of each tier
        interest: list[float] = []
        drawn = Drawn(columns, np.empty((min(len(new), _TOGETHER), 2, REACH + 1)))
        for at, until in enumerate(shown_until(new.time, self.interval).tolist()):
            interest.append(inventory.interest)
            learner.push(inventory, new, at, history)
            np.multiply(inventory.response, inventory.weight, out=swept[at])
            if until >= newest:
                drawn.add(inventory, until)
        drawn.pack()
        return type(self)(
            self.instrument,
            self.interval,
            self.parameters,
            inventory,
            learner,
            tuple(columns),
            self.expected.then(new.time - self.interval, swept.sum(axis=2).T, floats(interest)),
        )

    @property
    def time(self) -> int:
        """Close of the newest bar [ms]."""
        return self.inventory.time

    def map(self) -> LiquidationMap:
        """Return the map as it stood at the close of the newest bar."""
        return map_of(self.inventory)


def start(history: MarketHistory, parameters: Parameters | None = None) -> Inventory:
    """Return the empty inventory of a market: its tiers, and how far they are liquidated."""
    candles = history.candles
    opened = float(candles.open[0]) if len(candles) else None
    table = history.brackets or brackets_for(history.instrument, opened)
    fitting = (parameters or prior()).upto(float(table.max_leverage.max()))
    fitting = replace(fitting, typical_value=min(fitting.typical_value, _typical(history)))
    began = int(candles.open_time[0]) if len(candles) else 0
    linear = history.instrument.contract is Contract.LINEAR
    return Inventory(fitting, shifts(history.instrument, table, fitting, began), linear)


def _typical(history: MarketHistory) -> float:
    """Value of a usual position [quote], by the open interest when the first bar closed."""
    interest, candles = history.open_interest, history.candles
    if interest is None or not len(interest.time) or not len(candles):
        return math.inf
    known = int(np.searchsorted(interest.time, candles.close_time[0], side="right")) - 1
    held = float(interest.quantity[known]) if known >= 0 else 0.0
    return held * float(candles.close[0]) * _TYPICAL_SHARE if held > 0 else math.inf


def around(inventory: Inventory) -> tuple[int, int]:
    """Return the bins within REACH of the price: the first, and the one after the last."""
    here = math.floor(inventory.price)
    return here - REACH, here + REACH + 1


@dataclass(slots=True)
class Drawn:
    """Maps drawn from an inventory on its way, kept as columns some at a time."""

    columns: list[Column]  # to which they are added
    usd: Floats  # [USD] room for those that are kept at once, shape (C, 2, REACH + 1)
    moments: list[tuple[int, int, float]] = field(default_factory=list)

    def add(self, inventory: Inventory, until: int) -> None:
        """Draw the map as it stands, which some window shows `until` then [ms]."""
        low, high = around(inventory)
        both = self.usd[len(self.moments)]
        both[LONG] = inventory.side_usd(LONG, low, low + REACH + 1)
        both[SHORT] = inventory.side_usd(SHORT, high - REACH - 1, high)
        self.moments.append((inventory.time, until, inventory.price))
        if len(self.moments) == len(self.usd):
            self.pack()

    def pack(self) -> None:
        """Keep those that are not kept yet."""
        self.columns += packed(self.moments, self.usd[: len(self.moments)])
        self.moments.clear()


def map_of(inventory: Inventory) -> LiquidationMap:
    """Return the map of an inventory as it stands."""
    first, end = around(inventory)
    by_tier = inventory.usd(first, end)
    low, high = credible(by_tier, inventory.parameters.doubt, inventory.parameters.grain)
    usd = by_tier.sum(axis=1)
    return LiquidationMap(
        inventory.time,
        inventory.mark,
        first,
        usd[LONG],
        usd[SHORT],
        np.array((low[LONG], high[LONG])),
        np.array((low[SHORT], high[SHORT])),
    )
