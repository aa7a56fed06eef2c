"""A thousand PEPE are a thousand PEPE, however a venue counts them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import floats
from bot.core.market.positions import Positions
from bot.core.market.scale import scale, scaled
from tests.support.histories import START, history

_MULTIPLES = st.sampled_from([1.0, 1e3, 1e4, 1e6, 1e-3])


@given(_MULTIPLES, st.integers(1, 5))
def test_counting_otherwise_changes_no_value_in_dollars(factor: float, seed: int) -> None:
    whole = history(bars=40, seed=seed)
    positions = Positions(
        np.array([START, START + 1]),
        np.array([1, -1], np.int8),
        floats([2, 3]),
        floats([90_000, 91_000]),
        floats([10, 20]),
        floats([82_000, np.nan]),
        np.array([True, False]),
    )
    whole = replace(whole, positions=positions)
    other = scaled(whole, factor)
    assert other.candles.close == pytest.approx(whole.candles.close * factor)
    for series in ("candles", "open_interest", "liquidations", "positions"):
        one, two = getattr(whole, series), getattr(other, series)
        price = "close" if series == "candles" else "entry_price"
        quantity = "volume" if series == "candles" else "quantity"
        prices = [
            getattr(each, price, getattr(each, "price", times))
            for each, times in ((one, 1.0), (two, factor))
        ]
        assert getattr(two, quantity) * prices[1] == pytest.approx(
            getattr(one, quantity) * prices[0]
        )
    assert other.positions is not None
    reached = other.positions.liquidation_price
    assert reached == pytest.approx(positions.liquidation_price * factor, nan_ok=True)
    back = scaled(other, 1 / factor)
    assert back.candles.volume == pytest.approx(whole.candles.volume)
    assert other.instrument == whole.instrument


def test_what_is_counted_alike_is_left_as_it_is() -> None:
    whole = history(bars=5)
    assert scaled(whole, scale("BTC", "BTC")) is whole


@pytest.mark.parametrize(
    ("base", "wanted", "factor"),
    [("PEPE", "1000PEPE", 1e3), ("1MBABYDOGE", "BABYDOGE", 1e-6), ("SHIB1000", "1000SHIB", 1)],
)
def test_a_scale_follows_from_the_names(base: str, wanted: str, factor: float) -> None:
    assert scale(base, wanted) == factor
