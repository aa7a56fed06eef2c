"""Positions that are known one by one, where a venue makes them public."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, Signs, Times, seal


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Open positions as they stood at `time`; each array has shape (N,)."""

    time: Times  # [ms] UTC, when it was seen
    side: Signs  # +1 long, -1 short
    quantity: Floats  # [base], positive
    entry_price: Floats  # [quote/base]
    leverage: Floats  # [1]
    liquidation_price: Floats  # [quote/base], nan where it cannot be liquidated
    isolated: np.ndarray[tuple[int], np.dtype[np.bool_]]  # False: cross margin

    def __post_init__(self) -> None:
        seal(self)
        if not bool(np.all(np.abs(self.side) == 1)):
            raise ValueError("a position's side is +1 (long) or -1 (short)")
        if not bool(np.all(np.isfinite(self.quantity) & (self.quantity > 0))):
            raise ValueError("positions: quantity must be positive")

    def until(self, at: int) -> "Positions":
        """Return the positions that had been seen at `at` [ms]."""
        return self._where(self.time <= at)

    def since(self, at: int) -> "Positions":
        """Return the positions seen at `at` [ms] or later."""
        return self._where(self.time >= at)

    def _where(self, seen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> "Positions":
        return Positions(
            self.time[seen],
            self.side[seen],
            self.quantity[seen],
            self.entry_price[seen],
            self.leverage[seen],
            self.liquidation_price[seen],
            self.isolated[seen],
        )
