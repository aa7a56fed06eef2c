"""Small histories to be remembered, and what it is to come back the same."""

import numpy as np

from bot.core.arrays import HOUR, MINUTE, floats, times
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest

BTC = Instrument("binance", "BTC", "USDT", "USDT")
START = 1_764_547_200_000  # 2025-12-01 00:00 UTC


def candles(
    bars: int = 4, *, start: int = START, interval: int = MINUTE, price: float = 90_000.0
) -> Candles:
    """Bars in a row, each at a price of its own."""
    time = start + interval * np.arange(bars, dtype=np.int64)
    close = price + np.arange(bars) / 10
    return Candles(time, close, close + 1, close - 1, close, close / 1e4, close / 3e4, interval)


def events(*rows: tuple[int, int, float, float]) -> Liquidations:
    time, side, price, quantity = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Liquidations(times(time), np.array(side, np.int8), floats(price), floats(quantity))


def everything(bars: int = 4) -> MarketHistory:
    bar = candles(bars)
    happened = events((START, 1, 90_000.0, 0.5), (START + MINUTE, -1, 90_100.0, 2.0))
    return MarketHistory(
        BTC,
        bar,
        OpenInterest(bar.open_time, floats([80_000.1 + n for n in range(bars)])),
        FundingRates(times([START - 8 * HOUR, START]), floats([1e-4, -2.5e-5])),
        LongShortRatio(bar.open_time, floats([1.5 + n for n in range(bars)])),
        happened,
        happened.totals(5 * MINUTE),
        liquidation_feed="every liquidation",
    )


def assert_same(found: MarketHistory | None, given: MarketHistory) -> None:
    """Every array has the same type and the same bits; every word is the same word."""
    assert found is not None
    for part in (
        "candles",
        "open_interest",
        "funding",
        "long_short_ratio",
        "liquidations",
        "liquidation_totals",
    ):
        one, other = getattr(found, part), getattr(given, part)
        assert (one is None) == (other is None), part
        for name in getattr(other, "__slots__", ()):
            value, expected = getattr(one, name), getattr(other, name)
            if isinstance(expected, np.ndarray):
                assert value.dtype == expected.dtype, (part, name)
                assert value.tobytes() == expected.tobytes(), (part, name)
            else:
                assert value == expected, (part, name)
    assert found.instrument == given.instrument
    assert found.liquidation_feed == given.liquidation_feed
    assert not found.simulated
