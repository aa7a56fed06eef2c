"""Markets whose price wanders at random: quick to make, and like nothing in particular."""

from dataclasses import replace

import numpy as np

from bot.core.arrays import MINUTE
from bot.core.estimate.inventory import Inventory
from bot.core.estimate.maps import STEP
from bot.core.instruments import Contract, Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles, OpenInterest

START = 1_700_000_100_000 // (120 * MINUTE) * (120 * MINUTE)


def wandering(
    seed: int = 1,
    bars: int = 300,
    *,
    interval: int = 5 * MINUTE,
    volatility: float = 0.002,
    price: float = 60_000.0,
    size: float = 80_000.0,
    contract: Contract = Contract.LINEAR,
    exchange: str = "binance",
    interest: bool = True,
) -> MarketHistory:
    """Return a market of `bars` candles that knows nothing but prices, turnover and interest.

    `volatility` is the standard deviation of a bar's log return, `size` the open interest [base].
    """
    draw = np.random.default_rng(seed)
    close = price * np.exp(np.cumsum(draw.normal(0, volatility, bars)))
    opened = np.concatenate(([price], close[:-1]))
    wick = np.exp(np.abs(draw.normal(0, volatility / 2, (2, bars))))
    time = START + interval * np.arange(bars, dtype=np.int64)
    candles = Candles(
        time,
        opened,
        np.maximum(opened, close) * wick[0],
        np.minimum(opened, close) / wick[1],
        close,
        size * np.exp(draw.normal(-5, 0.8, bars)),
        None,
        interval,
    )
    held = size * np.exp(np.cumsum(draw.normal(0, 0.002, bars)))
    settle = "USDT" if contract is Contract.LINEAR else "BTC"
    quote = "USDT" if contract is Contract.LINEAR else "USD"
    return MarketHistory(
        Instrument(exchange, "BTC", quote, settle, contract),
        candles,
        OpenInterest(time + interval, held) if interest else None,
    )


def first_bars(history: MarketHistory, count: int) -> MarketHistory:
    """Return what was known when bar number `count` - 1 closed."""
    return history.known_at(int(history.candles.close_time[count - 1]))


def scaled(history: MarketHistory, price: float = 1.0, size: float = 1.0) -> MarketHistory:
    """Return the same market in other units of price and of quantity."""
    candles, interest = history.candles, history.open_interest
    changed = Candles(
        candles.open_time,
        candles.open * price,
        candles.high * price,
        candles.low * price,
        candles.close * price,
        candles.volume * size,
        None,
        candles.interval,
    )
    told = None if interest is None else OpenInterest(interest.time, interest.quantity * size)
    return replace(history, candles=changed, open_interest=told)


def bins_of(inventory: Inventory) -> tuple[int, int]:
    """Return the whole grid of an inventory: its first bin, and the one after its last."""
    return inventory.first, inventory.first + inventory.stored.shape[1]


def bin_of(price: float) -> int:
    """Return the bin a price stands in."""
    return int(np.floor(np.log(price) / STEP))
