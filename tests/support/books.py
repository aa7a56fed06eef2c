"""Order books and trades that are valid, small, and differ only where a test says so."""

import numpy as np
from hypothesis import strategies as st

from bot.core.arrays import floats
from bot.core.market.depth import OrderBook, Orders, Trades
from tests.support.histories import START


def book(
    mid: float = 100.0,
    *,
    reach: float = 0.06,
    levels: int = 600,
    usd: float = 10_000.0,
    seed: int | None = None,
    walls: dict[float, float] | None = None,
    time: int = START,
) -> OrderBook:
    """Even levels to `reach` [fraction] each way, each of `usd`; `seed` makes them uneven.

    `walls` are further dollars at a distance [fraction], negative for bids.
    """
    steps = reach / levels * np.arange(1, levels + 1)
    value = np.full((2, levels), usd)
    if seed is not None:
        value *= np.random.default_rng(seed).lognormal(0, 0.5, value.shape)
    for distance, more in (walls or {}).items():
        value[int(distance > 0), int(np.argmin(np.abs(steps - abs(distance))))] += more
    bids, asks = floats(mid * (1 - steps)), floats(mid * (1 + steps))
    return OrderBook(time, Orders(bids, value[0] / bids), Orders(asks, value[1] / asks))


def trades(
    usd: list[float], *, side: int = 1, start: int = START, every: int = 1_000, price: float = 100.0
) -> Trades:
    """One trade of each size, one after the other, all bought or all sold."""
    value = floats(usd)
    time = start + every * np.arange(len(value), dtype=np.int64)
    sides = np.full(len(value), side, dtype=np.int8)
    return Trades(time, sides, np.full(len(value), price), value / price)


@st.composite
def any_book(draw: st.DrawFn) -> OrderBook:
    """A book of one level or many, even or ragged, cheap or dear, deep or shallow."""
    mid = draw(st.sampled_from([1e-5, 0.34, 100.0, 97_412.5]))
    sides = []
    for sign in (-1, 1):
        ticks = draw(st.lists(st.integers(1, 2_000), min_size=1, max_size=40, unique=True))
        away = 1e-4 * np.sort(np.array(ticks, dtype=np.float64))
        usd = draw(st.lists(st.floats(0.01, 1e8), min_size=len(ticks), max_size=len(ticks)))
        price = floats(mid * (1 + sign * away))
        sides.append(Orders(price, floats(usd) / price))
    return OrderBook(START, *sides)
