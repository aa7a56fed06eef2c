"""What watches read from maps: the clusters as they stand, and cumulative delta."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bot.core.estimate.columns import REACH, column
from bot.core.estimate.inventory import Inventory
from bot.core.estimate.maps import STEP
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.signals.looks import Seen


def standing(inventory: Inventory, moved: int = 0) -> Seen:
    """Look at a market's map as it stands; `moved` [bins] counts the coin in another way."""
    first = int(np.floor(inventory.price))
    long = inventory.side_usd(LONG, first - REACH, first + 1)
    short = inventory.side_usd(SHORT, first, first + REACH + 1)
    kept = column(inventory.time, inventory.time, inventory.price, long, short)
    return Seen(replace(kept, first=kept.first + moved), inventory.interest)


def delta(seen: Sequence[Seen], price: float, within: float = 0.0) -> float:
    """Return cumulative delta [USD]: shorts above a price less longs below it, as far as `within`.

    Without `within` [fraction of the price] all is counted that maps hold, 35 % each way. A bin
    that is partly within is counted whole.
    """
    here = np.log(price) / STEP
    least, most = -np.inf, np.inf
    if within:
        least, most = np.log(price * (1 - within)) / STEP, np.log(price * (1 + within)) / STEP
    total = 0.0
    for each in seen:
        sides = each.column.sides()
        above = each.column.first + np.arange(REACH + 1)  # bins, by their lower edges
        below = above - REACH
        shorts = (above + 1 > here) & (above < most)
        longs = (below < here) & (below + 1 > least)
        total += float(sides[SHORT][shorts].sum()) - float(sides[LONG][longs].sum())
    return total
