"""The two recipes that most public maps are made by, to be measured beside the estimate.

Every bar opens positions at its close, spread over a few fixed leverages, liquidated at
E (1 -+ 1/L); what price touches later is removed, and nothing else ever is. No total is kept to.
The first recipe takes the bar's turnover for what was opened, the second the rise of open interest.
Both are told here as their makers tell them, with no change for the better.
"""

from collections.abc import Callable, Sequence

import numpy as np

from bot.core.arrays import Floats, floats
from bot.core.estimate.maps import STEP, LiquidationMap
from bot.core.instruments import Contract
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles

# The commonest shares among those that are published.
_LEVERAGE = np.array([10.0, 25.0, 50.0, 100.0])
_SHARE = np.array([0.30, 0.35, 0.25, 0.10])

# Bins shown on either side of the price: 30 % below, 42 % above.
_REACH = 350

Recipe = Callable[[MarketHistory, Sequence[int]], tuple[LiquidationMap, ...]]


def turnover_map(history: MarketHistory, at: Sequence[int]) -> tuple[LiquidationMap, ...]:
    """Make a map for each time [ms] from what was traded in every bar closed by then."""
    return tuple(_map(known := history.known_at(time), known.candles.volume) for time in at)


def interest_map(history: MarketHistory, at: Sequence[int]) -> tuple[LiquidationMap, ...]:
    """Make a map for each time [ms] from every rise of open interest published by then.

    A market that publishes none has an empty map.
    """
    return tuple(_map(known := history.known_at(time), _rises(known)) for time in at)


RECIPES: dict[str, Recipe] = {"turnover": turnover_map, "open interest": interest_map}


def _rises(history: MarketHistory) -> Floats:
    """By how much open interest rose in each bar [base], shape (T,); 0 where it fell."""
    ends, published = history.candles.close_time, history.open_interest
    if published is None or len(published.time) == 0:
        return np.zeros(len(ends))
    place = np.searchsorted(published.time, ends, side="right") - 1
    held = published.quantity[np.maximum(place, 0)]
    rise = np.diff(held, prepend=held[:1])
    return floats(np.where(place > 0, np.maximum(rise, 0.0), 0.0))


def _map(history: MarketHistory, opened: Floats) -> LiquidationMap:
    """Map of a history in each of whose bars so much [base] was opened, shape (T,)."""
    candles = history.candles
    if len(candles) == 0:
        raise ValueError("a map needs a closed candle")
    price = float(candles.close[-1])
    first = int(np.floor(np.log(price) / STEP)) - _REACH
    # What is bought by takers opens longs, what is sold by them shorts; half each if untold.
    taken = candles.taker_buy_volume
    bought = np.full(len(candles), 0.5)
    if taken is not None:
        np.divide(taken, candles.volume, out=bought, where=candles.volume > 0)
    linear = history.instrument.contract is Contract.LINEAR
    lowest, highest = _afterwards(candles)
    sides = []
    for side, share in ((1, bought), (-1, 1 - bought)):
        level = candles.close[:, None] * (1 - side / _LEVERAGE)
        untouched = level < lowest[:, None] if side > 0 else level > highest[:, None]
        size = (opened * share)[:, None] * _SHARE
        # An inverse contract's positions keep their quote value.
        usd = size * (level if linear else candles.close[:, None])
        place = np.floor(np.log(level) / STEP).astype(np.int64) - first
        left = untouched & (place >= 0) & (place <= 2 * _REACH)
        sides.append(floats(np.bincount(place[left], usd[left], 2 * _REACH + 1)))
    long, short = sides
    # It knows of no doubt: the range is the figure itself.
    exact = np.array((long, long)), np.array((short, short))
    return LiquidationMap(int(candles.close_time[-1]), price, first, long, short, *exact)


def _afterwards(candles: Candles) -> tuple[Floats, Floats]:
    """Lowest low and highest high of the bars after each one, shapes (T,)."""
    low = np.append(candles.low[1:], np.inf)
    high = np.append(candles.high[1:], -np.inf)
    return (
        floats(np.minimum.accumulate(low[::-1])[::-1]),
        floats(np.maximum.accumulate(high[::-1])[::-1]),
    )
