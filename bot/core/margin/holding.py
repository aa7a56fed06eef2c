"""One position in the terms of the formulas, and its two prices."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, floats
from bot.core.instruments import Contract
from bot.core.margin.families import (
    inverse_at_liquidation,
    inverse_fixed,
    linear_at_liquidation,
    linear_fixed,
)
from bot.core.margin.rules import Family


@dataclass(frozen=True, slots=True)
class Holding:
    """A position in the terms of families.py."""

    contract: Contract
    side: int  # +1 long, -1 short
    entry: float  # [quote/base]
    size: float  # [base], inverse: [quote]
    margin: float  # [quote], inverse: [base]
    rate: float = 0.0  # [fraction of value] with the fee, where the venue counts it
    deduction: float = 0.0  # [quote], inverse: [base]
    maintenance: float | None = None  # [quote], inverse: [base]; None: follows from the rate

    def liquidation_price(self, family: Family) -> float:
        """Solve for the mark price [quote/base].

        It is infinite, or not above zero, if no price liquidates the position.
        """
        linear = self.contract is Contract.LINEAR
        s, entry, size, margin = self._terms()
        if self.maintenance is None and family is Family.AT_LIQUIDATION:
            solve = linear_at_liquidation if linear else inverse_at_liquidation
            with np.errstate(all="ignore"):
                rate, deduction = floats(self.rate), floats(self.deduction)
                return float(solve(s, entry, size, margin, rate, deduction))
        fixed = self.maintenance
        if fixed is None:
            value = self.entry * self.size if linear else self.size / self.entry
            fixed = value * self.rate - self.deduction
        return self._fixed(fixed)

    def bankruptcy_price(self) -> float:
        """Solve for the price [quote/base] at which nothing of the margin is left."""
        return self._fixed(0.0)

    def _terms(self) -> tuple[Floats, Floats, Floats, Floats]:
        return floats(self.side), floats(self.entry), floats(self.size), floats(self.margin)

    def _fixed(self, maintenance: float) -> float:
        solve = linear_fixed if self.contract is Contract.LINEAR else inverse_fixed
        with np.errstate(all="ignore"):
            return float(solve(*self._terms(), floats(maintenance)))
