"""The exact layer: positions a venue makes public, at the prices it gives for them.

It stands beside the estimate and is never mixed into it. Most positions are not public: what
share of open interest these are is part of what is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import HOUR, Floats, floats
from bot.core.estimate.maps import STEP
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.market.positions import Positions
from bot.core.market.series import Candles

# Positions are looked up account by account: what was seen within this of the newest is one look.
_ONE_LOOK = HOUR


@dataclass(frozen=True, slots=True, eq=False)
class ExactLayer:
    """Positions known one by one; B bins, the same as the map they stand beside."""

    time: int  # [ms] UTC of the newest look
    count: int  # positions known and not closed since by the price
    long_usd: Floats  # [USD by bin], shape (B,)
    short_usd: Floats  # [USD by bin], shape (B,)
    share: float | None  # of open interest; None where that is not known


def exact_layer(
    histories: Sequence[MarketHistory],
    first: int,
    count: int,
    open_interest_usd: float | None,
    as_of: int,
) -> ExactLayer | None:
    """Sum the known positions of all venues on `count` bins from bin `first` on.

    A position whose liquidation price the mark has reached since it was seen is gone; one that
    no price can liquidate counts for the share only. None if no position is known at `as_of`.
    """
    usd = np.zeros((2, count))
    known, value, newest = 0, 0.0, 0
    for history in histories:
        positions = _last_look(history.positions, as_of)
        if positions is None:
            continue
        candles = history.candles.closed(as_of)
        alive = _alive(positions, candles)
        mark = float(candles.close[-1]) if len(candles) else float("nan")
        value += float(np.sum(positions.quantity[alive]) * mark)
        known += int(np.count_nonzero(alive))
        newest = max(newest, int(positions.time.max()))
        for row, side in enumerate(PositionSide):
            here = alive & (positions.side == side.value) & (positions.liquidation_price > 0)
            price = positions.liquidation_price[here]
            place = np.floor(np.log(price) / STEP).astype(np.int64) - first
            seen = (place >= 0) & (place < count)
            worth = (positions.quantity[here] * price)[seen]
            usd[row] += np.bincount(place[seen], worth, count)
    if not known:
        return None
    # Longs and shorts each make up the open interest.
    share = value / (2 * open_interest_usd) if open_interest_usd else None
    return ExactLayer(newest, known, floats(usd[0]), floats(usd[1]), share)


def _last_look(positions: Positions | None, as_of: int) -> Positions | None:
    """Return what was seen at the last look up to `as_of` [ms]."""
    if positions is None:
        return None
    seen = positions.until(as_of)
    return seen.since(int(seen.time.max()) - _ONE_LOOK) if len(seen.time) else None


def _alive(
    positions: Positions, candles: Candles
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Say which positions the price has not reached since they were seen, shape (N,)."""
    lowest = np.append(np.minimum.accumulate(candles.low[::-1])[::-1], np.inf)
    highest = np.append(np.maximum.accumulate(candles.high[::-1])[::-1], 0.0)
    after = np.searchsorted(candles.open_time, positions.time)
    price = positions.liquidation_price
    reached = np.where(positions.side > 0, price >= lowest[after], price <= highest[after])
    return ~(reached & np.isfinite(price))
