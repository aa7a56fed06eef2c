"""Liquidations that happened: single events, or sums over intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from bot.core.arrays import Floats, Signs, Times, rising, seal


class PositionSide(Enum):
    """The side of a *position*, never that of the order that closes it."""

    LONG = 1
    SHORT = -1


@dataclass(frozen=True, slots=True, eq=False)
class Liquidations:
    """Liquidated positions, oldest first; each array has shape (N,)."""

    time: Times  # [ms] UTC, may repeat
    side: Signs  # +1 a long was liquidated, -1 a short
    price: Floats  # [quote/base]
    quantity: Floats  # [base]

    def __post_init__(self) -> None:
        seal(self)
        if len(self.time) > 1 and bool(np.any(np.diff(self.time) < 0)):
            raise ValueError("liquidations must be in the order of time")
        if not bool(np.all(np.abs(self.side) == 1)):
            raise ValueError("a liquidation's side is +1 (long) or -1 (short)")
        for name in ("price", "quantity"):
            column = getattr(self, name)
            if not bool(np.all(np.isfinite(column) & (column > 0))):
                raise ValueError(f"liquidations: {name} must be positive")

    def __len__(self) -> int:
        return len(self.time)

    @property
    def value(self) -> Floats:
        """What was liquidated [quote], shape (N,)."""
        return self.price * self.quantity

    def until(self, at: int) -> "Liquidations":
        """Return what had happened at `at` [ms]."""
        return self.sliced(slice(0, int(np.searchsorted(self.time, at, side="right"))))

    def sliced(self, part: slice) -> "Liquidations":
        """Return some of the events."""
        return Liquidations(self.time[part], self.side[part], self.price[part], self.quantity[part])

    def totals(self, interval: int) -> "LiquidationTotals":
        """Sum by intervals aligned to 1970 [ms]; only intervals with an event appear."""
        starts = self.time // interval * interval
        time, place = np.unique(starts, return_inverse=True)
        long_usd = np.zeros(len(time))
        short_usd = np.zeros(len(time))
        is_long = self.side > 0
        np.add.at(long_usd, place[is_long], self.value[is_long])
        np.add.at(short_usd, place[~is_long], self.value[~is_long])
        return LiquidationTotals(time, long_usd, short_usd, interval)


@dataclass(frozen=True, slots=True, eq=False)
class LiquidationTotals:
    """Liquidated value by interval; arrays have shape (N,)."""

    time: Times  # [ms] UTC, start of the interval
    long_usd: Floats  # [USD]
    short_usd: Floats  # [USD]
    interval: int  # [ms]

    def __post_init__(self) -> None:
        seal(self)
        rising(self.time, "liquidation totals")
        for name in ("long_usd", "short_usd"):
            column = getattr(self, name)
            if not bool(np.all(np.isfinite(column) & (column >= 0))):
                raise ValueError(f"liquidation totals: {name} must not be negative")
        if self.interval <= 0:
            raise ValueError("liquidation totals: the interval must be positive")

    def until(self, at: int) -> "LiquidationTotals":
        """Return the intervals that had ended at `at` [ms]."""
        end = int(np.searchsorted(self.time + self.interval, at, side="right"))
        return LiquidationTotals(
            self.time[:end], self.long_usd[:end], self.short_usd[:end], self.interval
        )


def none() -> Liquidations:
    """Return no liquidations at all."""
    empty = np.empty(0)
    return Liquidations(empty.astype(np.int64), empty.astype(np.int8), empty, empty)


def together(accounts: Sequence[Liquidations]) -> Liquidations:
    """Join several accounts of the same feed, in the order of time.

    Events that are equal in all they consist of are different ones if one account tells them
    several times, and the same if several accounts tell them.
    """
    told = [account for account in accounts if len(account)]
    if len(told) <= 1:
        return told[0] if told else none()
    columns = [
        np.concatenate([getattr(account, name) for account in told])
        for name in ("quantity", "price", "side", "time")
    ]
    columns.insert(0, np.concatenate([_nth(account) for account in told]))
    order = np.lexsort(columns)
    same = np.ones(len(order), dtype=np.bool_)
    same[0] = False
    for column in columns:
        same[1:] &= np.diff(column[order]) == 0
    _, quantity, price, side, time = (column[order][~same] for column in columns)
    return Liquidations(time, side, price, quantity)


def _nth(events: Liquidations) -> Times:
    """Count for each event the equal ones before it, shape (N,)."""
    columns = (events.quantity, events.price, events.side, events.time)
    order = np.lexsort(columns)
    number = np.arange(len(order), dtype=np.int64)
    fresh = np.ones(len(order), dtype=np.bool_)
    if len(order) > 1:
        fresh[1:] = np.any([np.diff(column[order]) != 0 for column in columns], axis=0)
    counted = np.empty(len(order), dtype=np.int64)
    counted[order] = number - np.maximum.accumulate(np.where(fresh, number, 0))
    return counted
