"""Positions that are public are shown at their own prices, beside the estimate."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import HOUR
from bot.core.estimate.exact import ExactLayer, exact_layer
from bot.core.estimate.maps import STEP
from bot.core.market.positions import Positions
from tests.support.histories import history

WHOLE = history(bars=300)
SEEN = int(WHOLE.candles.close_time[199])
END = int(WHOLE.candles.close_time[-1])
PRICE = float(WHOLE.candles.close[-1])
LOW, HIGH = float(WHOLE.candles.low[200:].min()), float(WHOLE.candles.high[200:].max())
FIRST, COUNT = int(np.floor(np.log(PRICE) / STEP)) - 400, 801


def positions(*rows: tuple[int, int, float, float]) -> Positions:
    """Rows of time [ms], side, quantity [base], liquidation price."""
    time, side, quantity, price = zip(*rows, strict=True)
    count = len(rows)
    return Positions(
        np.array(time, np.int64),
        np.array(side, np.int8),
        np.array(quantity),
        np.full(count, PRICE),
        np.full(count, 10.0),
        np.array(price),
        np.zeros(count, np.bool_),
    )


def layer(known: Positions | None, as_of: int = END, usd: float | None = 1e9) -> ExactLayer | None:
    return exact_layer([replace(WHOLE, positions=known)], FIRST, COUNT, usd, as_of)


def test_a_known_position_stands_at_its_own_price_with_its_own_dollars() -> None:
    found = layer(positions((SEEN, 1, 2.0, LOW * 0.95), (SEEN, -1, 3.0, HIGH * 1.1)))
    assert found is not None
    assert found.count == 2
    place = int(np.floor(np.log(LOW * 0.95) / STEP)) - FIRST
    assert found.long_usd[place] == pytest.approx(2.0 * LOW * 0.95)
    assert found.long_usd.sum() == pytest.approx(2.0 * LOW * 0.95)
    assert found.short_usd.sum() == pytest.approx(3.0 * HIGH * 1.1)


def test_a_position_that_the_price_has_reached_since_is_gone() -> None:
    found = layer(positions((SEEN, 1, 2.0, LOW * 1.0001), (SEEN, -1, 3.0, HIGH * 1.1)))
    assert found is not None
    assert found.count == 1
    assert found.long_usd.sum() == 0


def test_nothing_is_known_before_it_was_seen() -> None:
    known = positions((SEEN, 1, 2.0, LOW * 0.95))
    assert layer(known, SEEN - 1) is None
    assert layer(known, SEEN) is not None
    assert layer(None) is None


def test_an_older_look_is_replaced_by_a_newer_one() -> None:
    found = layer(positions((SEEN, 1, 2.0, LOW * 0.95), (SEEN + 2 * HOUR, 1, 5.0, LOW * 0.96)))
    assert found is not None
    assert found.count == 1
    assert found.time == SEEN + 2 * HOUR


def test_the_share_is_of_both_sides_of_open_interest() -> None:
    found = layer(positions((SEEN, 1, 100.0, LOW * 0.95), (SEEN, -1, 50.0, np.nan)))
    assert found is not None
    assert found.share == pytest.approx(150 * PRICE / 2e9)
    without = layer(positions((SEEN, 1, 100.0, LOW * 0.95)), usd=None)
    assert without is not None
    assert without.share is None


def test_several_venues_add_up() -> None:
    known = positions((SEEN, 1, 2.0, LOW * 0.95))
    one = exact_layer([replace(WHOLE, positions=known)], FIRST, COUNT, 1e9, END)
    two = exact_layer([replace(WHOLE, positions=known)] * 2, FIRST, COUNT, 1e9, END)
    assert one is not None
    assert two is not None
    np.testing.assert_allclose(two.long_usd, 2 * one.long_usd)
