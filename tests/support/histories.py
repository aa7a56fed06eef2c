"""Builders of market histories that are valid, small, and differ only where a test says so."""

import numpy as np

from bot.core.arrays import HOUR, MINUTE
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest

BTC = Instrument("binance", "BTC", "USDT", "USDT")
START = 1_764_547_200_000  # 2025-12-01 00:00 UTC


def history(
    instrument: Instrument = BTC,
    *,
    bars: int = 600,
    interval: int = 5 * MINUTE,
    start: int = START,
    price: float = 90_000.0,
    seed: int = 1,
    simulated: bool = False,
) -> MarketHistory:
    """A random walk with everything a venue can give; the same seed gives the same walk."""
    random = np.random.default_rng(seed)
    time = start + interval * np.arange(bars, dtype=np.int64)
    path = price * np.exp(np.cumsum(random.normal(0, 0.0015, 4 * bars))).reshape(bars, 4)
    opened = np.concatenate(([price], path[:-1, 3]))
    high = np.maximum(path.max(axis=1), opened)
    low = np.minimum(path.min(axis=1), opened)
    volume = random.lognormal(5, 0.6, bars)
    interest = 80_000 * np.exp(np.cumsum(random.normal(0, 0.001, bars)))
    funded = np.arange(time[0], time[-1], 8 * HOUR, dtype=np.int64)
    events = max(bars // 3, 3)
    when = np.sort(random.integers(time[0], time[-1] + interval, events))
    return MarketHistory(
        instrument,
        Candles(
            time,
            opened,
            high,
            low,
            path[:, 3],
            volume,
            volume * random.uniform(0, 1, bars),
            interval,
        ),
        open_interest=OpenInterest(time + interval - 1, interest),
        funding=FundingRates(funded, random.normal(1e-4, 5e-5, len(funded))),
        long_short_ratio=LongShortRatio(time, random.uniform(0.5, 3, bars)),
        liquidations=Liquidations(
            when,
            random.choice(np.array([1, -1], np.int8), events),
            price * random.uniform(0.99, 1.01, events),
            random.lognormal(-2, 1, events),
        ),
        liquidation_feed="complete",
        simulated=simulated,
    )
