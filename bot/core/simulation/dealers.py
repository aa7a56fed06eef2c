"""Market makers: the other side of every trade that two traders do not make with each other."""

import numpy as np

from bot.core.arrays import Floats
from bot.core.margin.tiers import Brackets
from bot.core.simulation.traders import liquidation_level

_COUNT = 24
_SHARED = 0.02  # of a difference in inventory that they trade away among themselves in a step
_COLLATERAL = 0.4  # of its position that a dealer keeps at least: professionals are never near
_SPREAD = 0.002  # of the open interest, by which their inventories differ at the start


class Dealers:
    """Cross-margined accounts that quote both sides; settled to the price after every step."""

    def __init__(self, net: float, open_interest: float, rng: np.random.Generator) -> None:
        """Take over `net` [base] together; their inventories differ by share of open interest."""
        self._rng = rng
        differing = rng.standard_normal(_COUNT) * _SPREAD * open_interest
        self.inventory = net / _COUNT + differing - differing.mean()
        self.wallet = np.zeros(_COUNT)  # [quote]
        self.deposited = 0.0  # [quote], less what was taken out

    def trade(self, net: float, cost: float, open_price: float, close_price: float) -> None:
        """Be left with `net` [base] in all, having paid `cost` [quote] for the difference.

        The gain is that of the inventory held over the step, and of what was bought on the way
        against the closing price.
        """
        share = self._rng.random(_COUNT)
        share /= share.sum()
        bought = net - float(self.inventory.sum())
        self.wallet += self.inventory * (close_price - open_price)
        self.wallet += share * (bought * close_price - cost)
        inventory = self.inventory + share * bought
        self.inventory = inventory + _SHARED * (inventory.mean() - inventory)
        lacking = np.maximum(_COLLATERAL * np.abs(self.inventory) * close_price - self.wallet, 0.0)
        self.wallet += lacking
        self.deposited += float(lacking.sum())

    def pay(self, rate: float, price: float) -> float:
        """Pay funding at `rate`; returns what was paid [quote], negative if received."""
        paid = self.inventory * (rate * price)
        self.wallet -= paid
        return float(paid.sum())

    @property
    def longs(self) -> float:
        """Sum of the long inventories [base]."""
        return float(np.maximum(self.inventory, 0.0).sum())

    @property
    def shorts(self) -> float:
        """Sum of the short inventories [base]."""
        return float(np.maximum(-self.inventory, 0.0).sum())

    def liquidations(self, price: float, brackets: Brackets) -> Floats:
        """Log price at which each would be liquidated, as it stands after a step."""
        value = np.maximum(np.abs(self.inventory) * price, 1e-9)
        bracket = brackets.at(value)
        return liquidation_level(
            np.where(self.inventory >= 0, 1.0, -1.0),
            np.full(_COUNT, np.log(price)),
            value,
            self.wallet,
            brackets.maintenance_margin_rate[bracket],
            brackets.deduction[bracket],
        )
