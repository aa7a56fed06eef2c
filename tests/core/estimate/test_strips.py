"""The lines under the heatmap."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import HOUR
from bot.core.estimate.strips import funding_strip, interest_strip
from bot.core.instruments import Instrument
from bot.core.market.series import FundingRates, OpenInterest
from tests.support.histories import history

WHOLE = history(bars=300)
OTHER = replace(WHOLE, instrument=Instrument("bybit", "BTC", "USDT", "USDT"))
START = int(WHOLE.candles.open_time[100])
END = int(WHOLE.candles.close_time[-1])


def test_open_interest_of_venues_adds_up() -> None:
    one, two = interest_strip([WHOLE], START, END), interest_strip([WHOLE, OTHER], START, END)
    assert one is not None
    assert two is not None
    np.testing.assert_allclose(two.value, 2 * one.value)


def test_a_venue_that_tells_only_of_now_does_not_cut_the_others_short() -> None:
    assert WHOLE.open_interest is not None
    now = OpenInterest(WHOLE.open_interest.time[-1:], WHOLE.open_interest.quantity[-1:])
    alone = interest_strip([WHOLE], START, END)
    both = interest_strip([WHOLE, replace(OTHER, open_interest=now)], START, END)
    assert alone is not None
    assert both is not None
    np.testing.assert_array_equal(both.time, alone.time)
    np.testing.assert_array_equal(both.value, alone.value)


def test_a_venue_that_tells_only_of_now_is_shown_when_asked_alone() -> None:
    assert WHOLE.open_interest is not None
    seen = int(WHOLE.candles.close_time[-2]) + 1000
    now = OpenInterest(np.array([seen]), WHOLE.open_interest.quantity[-1:])
    strip = interest_strip([replace(WHOLE, open_interest=now)], START, seen + 1000)
    assert strip is not None
    assert len(strip.value) == 1
    assert strip.value[0] == pytest.approx(
        float(WHOLE.open_interest.quantity[-1]) * float(WHOLE.candles.close[-2])
    )


def test_funding_that_is_paid_more_often_from_some_day_on_is_still_compared_for_eight_hours() -> (
    None
):
    changed = START + 8 * HOUR
    seldom = np.arange(START - 16 * HOUR, changed + 1, 8 * HOUR)
    often = np.arange(changed + HOUR, END, HOUR)
    rate = np.concatenate((np.full(len(seldom), 8e-4), np.full(len(often), 1e-4)))
    funding = FundingRates(np.concatenate((seldom, often)), rate)
    strip = funding_strip([replace(WHOLE, funding=funding)], START, END)
    assert strip is not None
    assert strip.value == pytest.approx(8e-4)
