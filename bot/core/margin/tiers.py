"""A venue's brackets: the larger the position, the less leverage and the more margin."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, seal


@dataclass(frozen=True, slots=True, eq=False)
class Brackets:
    """Margin by position value, smallest bracket first; each array has shape (K,).

    The maintenance margin of a position of value v in bracket k is v * rate[k] - deduction[k].
    """

    value_cap: Floats  # [quote], upper end of each bracket, the last may be inf
    maintenance_margin_rate: Floats  # [fraction of value]
    max_leverage: Floats  # [1]
    deduction: Floats  # [quote], also called maintenance amount or cum

    def __post_init__(self) -> None:
        seal(self)
        if len(self.value_cap) == 0:
            raise ValueError("brackets: at least one is needed")
        if bool(np.any(np.diff(self.value_cap) <= 0)) or not bool(self.value_cap[0] > 0):
            raise ValueError("brackets: value caps must rise")
        rate = self.maintenance_margin_rate
        if not bool(np.all((rate > 0) & (rate < 1))):
            raise ValueError("brackets: maintenance margin rates must lie between 0 and 1")
        if not bool(np.all(self.max_leverage >= 1)):
            raise ValueError("brackets: leverage must be at least 1")

    def at(self, value: Floats) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Bracket of each position value [quote], shape as `value`; the last one has no end."""
        found = np.searchsorted(self.value_cap, value, side="left")
        return np.minimum(found, len(self.value_cap) - 1)


def brackets(value_cap: Floats, rate: Floats, max_leverage: Floats) -> Brackets:
    """Make brackets whose margin is continuous in the position's value.

        c_0 = 0,  c_n = c_(n-1) + cap_(n-1) (m_n - m_(n-1))

    The rule holds on all 6,369 steps of Binance's table and on Bybit's, Gate's and BingX's.

    >>> two = brackets(np.array([50e3, 250e3]), np.array([0.004, 0.005]), np.array([125.0, 100]))
    >>> two.deduction
    array([ 0., 50.])
    """
    steps = value_cap[:-1] * np.diff(rate)
    deduction = np.concatenate(([0.0], np.cumsum(steps)))
    return Brackets(value_cap, rate, max_leverage, deduction)
