"""What a bar tells the inventory."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.estimate.bars import bars, believable
from bot.core.estimate.market import MarketEstimate
from bot.core.market.series import OpenInterest
from tests.support.histories import history

WHOLE = history(bars=300)


def slipped(at: int, quantity: float) -> OpenInterest:
    told = WHOLE.open_interest
    assert told is not None
    spoilt = told.quantity.copy()
    spoilt[at] = quantity
    return OpenInterest(told.time, spoilt)


@pytest.mark.parametrize("quantity", [0.0, 1e30, 1.0])
def test_a_slip_in_open_interest_moves_the_map_hardly(quantity: float) -> None:
    plain = MarketEstimate.of(WHOLE).map()
    spoilt = MarketEstimate.of(replace(WHOLE, open_interest=slipped(200, quantity))).map()
    assert spoilt.long_usd.sum() == pytest.approx(plain.long_usd.sum(), rel=0.01)
    assert spoilt.short_usd.sum() == pytest.approx(plain.short_usd.sum(), rel=0.01)


@given(st.lists(st.floats(1, 3), min_size=1, max_size=40))
def test_figures_that_change_as_figures_do_are_believed(quantity: list[float]) -> None:
    told = np.array(quantity)
    np.testing.assert_array_equal(believable(told), told)


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=40), st.integers(0, 40))
def test_what_is_believed_of_the_past_does_not_depend_on_the_future(
    quantity: list[float], cut: int
) -> None:
    told = np.array(quantity)
    np.testing.assert_array_equal(believable(told[:cut]), believable(told)[:cut])


def test_a_figure_of_another_size_that_stays_is_believed_in_the_end() -> None:
    told = np.array([10.0] * 5 + [100.0] * 5)
    assert believable(told)[-1] == 100.0
    assert believable(told)[5] == 10.0


@given(st.integers(1, 299))
def test_bars_read_later_say_the_same(cut: int) -> None:
    spoilt = replace(WHOLE, open_interest=slipped(cut, 0.0))
    whole = bars(spoilt)
    rest = bars(spoilt, int(whole.time[cut - 1]))
    np.testing.assert_array_equal(rest.open_interest, whole.open_interest[cut:])
