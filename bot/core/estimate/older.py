"""Where positions stand that are older than the data."""

import numpy as np

from bot.core.arrays import DAY, Floats, floats
from bot.core.estimate.maps import STEP

# They were opened around the first price, as far off as a coin moves within the tier's lifetime.
# 3 % a day is usual for the large ones.
_DAILY_MOVE = 0.03


def older(price: float, first: int, count: int, shifts: Floats, lifetime: Floats) -> Floats:
    """Spread the positions of each tier around the first price [bins], shape (2, K, `count`).

    The price has wandered since they were opened, and those it liquidated on its way are gone: of
    a random walk that began at a distance d and ends where it first comes to 0, the density is
    phi((x - d) / s) - phi((x + d) / s). Of each tier the sum over the bins, which begin at `first`,
    is 1; `shifts` [bins] and `lifetime` [ms] have shape (2, K).
    """
    bins = first + 0.5 + np.arange(count)
    spread = (_DAILY_MOVE / STEP * np.sqrt(lifetime / DAY))[..., None]
    left = np.array((price - bins, bins - price))[:, None, :]  # way to go until liquidation
    whole = np.abs(shifts)[..., None]  # way there was to go at entry
    density = np.exp(-0.5 * ((left - whole) / spread) ** 2)
    density -= np.exp(-0.5 * ((left + whole) / spread) ** 2)
    density = np.where(left > 0, density, 0.0)
    return floats(density / density.sum(axis=2, keepdims=True))
