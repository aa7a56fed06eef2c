"""Several venues of one coin as one: each by its own rule, summed in USD, bin by bin."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats
from bot.core.estimate.columns import REACH
from bot.core.estimate.inventory import Inventory
from bot.core.estimate.maps import STEP, LeverageGroups, LiquidationMap
from bot.core.estimate.market import around
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.estimate.spread import credible
from bot.core.language import mark

# Upper ends of the groups of leverage that a map is split by [1].
_GROUPS = {mark("up to 5x"): 5.0, "5-20x": 20.0, "20-50x": 50.0, mark("over 50x"): np.inf}


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What stands around a price, tier by tier of every venue; P parts, B bins."""

    time: int  # [ms]
    price: float  # [quote/base]
    first: int  # bin
    usd: Floats  # [USD], shape (2, P, B)
    doubt: Floats  # [1] relative standard deviation of each part, shape (2, P)
    grain: Floats  # [USD] of each part, see spread.py, shape (P,)
    leverage: Floats  # [1], shape (P,)

    def map(self) -> LiquidationMap:
        """Sum the parts."""
        low, high = credible(self.usd, self.doubt, self.grain)
        total = self.usd.sum(axis=1)
        return LiquidationMap(
            self.time,
            self.price,
            self.first,
            total[LONG],
            total[SHORT],
            np.array((low[LONG], high[LONG])),
            np.array((low[SHORT], high[SHORT])),
        )

    def groups(self) -> LeverageGroups:
        """Split the map by leverage."""
        group = np.searchsorted(list(_GROUPS.values()), self.leverage, side="left")
        member = (np.arange(len(_GROUPS))[:, None] == group).astype(np.float64)
        return LeverageGroups(tuple(_GROUPS), member @ self.usd[LONG], member @ self.usd[SHORT])


def bins_of(factor: float) -> int:
    """Return by how many bins prices move that are counted `factor` times as high.

    All venues share one grid, so a move is of whole bins: what is moved may stand half a bin off,
    0.05 % of the price.

    >>> bins_of(1000.0), bins_of(1.0)
    (6908, 0)
    """
    return round(float(np.log(factor)) / STEP)


def parts(
    inventories: Sequence[Inventory], time: int, price: float, moved: Sequence[int] | None = None
) -> Parts:
    """Lay the tiers of several venues onto the bins within REACH of one price.

    `moved` [bins] is how much higher than its own each venue's prices are counted here.
    """
    first = int(np.floor(np.log(price) / STEP)) - REACH
    laid = []
    for inventory, by in zip(inventories, moved or [0] * len(inventories), strict=True):
        begins, end = around(inventory)
        usd = inventory.usd(begins, end)
        begins += by
        whole = np.zeros(usd.shape)
        low, high = max(first, begins), min(first, begins) + usd.shape[2]
        if low < high:
            whole[:, :, low - first : high - first] = usd[:, :, low - begins : high - begins]
        laid.append(whole)
    mixes = [inventory.parameters for inventory in inventories]
    return Parts(
        time,
        price,
        first,
        np.concatenate(laid, axis=1),
        np.concatenate([mix.doubt for mix in mixes], axis=1),
        np.concatenate([mix.grain for mix in mixes]),
        np.concatenate([mix.leverage for mix in mixes]),
    )
