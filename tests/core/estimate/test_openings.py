"""Where a bar's new positions are put."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.estimate.openings import PHASES, Openings, Patterns, moved, phases
from bot.core.estimate.parameters import LONG, SHORT

WAYS = np.array([[-10.0, -2.5], [10.0, 2.5]])
SEEDS = np.array([[0.75, 0.25], [0.75, 0.25]])
OWN = np.ones(2)  # exactly at their leverage
FIRST, COUNT = 950, 100


def pattern(openings: Openings, *bars: tuple[float, float, float], turn: int = 0) -> Patterns:
    """Say where bars of low, high and close open, the first of them in that turn."""
    low, high, close = np.array(bars).T
    return openings.patterns(low, high, close, turn + np.arange(len(bars)))


def opened(low: float, high: float, close: float) -> np.ndarray:
    stored = np.zeros((2, COUNT, 2))
    openings = Openings(WAYS, OWN, FIRST, COUNT)
    assert openings.fits(low, high)
    found = pattern(openings, (low, high, close))
    found.put(0, 100 * SEEDS, stored)
    assert stored.sum(axis=1) == pytest.approx(100 * SEEDS)
    filled = np.flatnonzero(stored[LONG].any(axis=1)), np.flatnonzero(stored[SHORT].any(axis=1))
    assert filled[0].max() + FIRST <= found.highest[0]
    assert filled[1].min() + FIRST >= found.lowest[0]
    return stored


def test_a_bar_within_a_bin_opens_into_one_bin_and_a_broken_way_into_two() -> None:
    stored = opened(1000.2, 1000.7, 1000.5)
    assert np.flatnonzero(stored[LONG, :, 0]).tolist() == [1000 - 10 - FIRST]
    assert stored[LONG, [997 - FIRST, 998 - FIRST], 1] == pytest.approx([12.5, 12.5])
    assert stored[SHORT, [1002 - FIRST, 1003 - FIRST], 1] == pytest.approx([12.5, 12.5])


def test_entries_are_spread_evenly_over_the_prices_of_a_bar() -> None:
    stored = opened(1000.5, 1002.5, 1001.0)
    shares = stored[LONG, 990 - FIRST : 993 - FIRST, 0] / 75
    assert shares == pytest.approx([0.25, 0.5, 0.25])


def test_what_a_wide_bar_liquidated_again_is_not_left_standing() -> None:
    stored = opened(1000.0, 1030.0, 1001.5)
    longs, shorts = stored.sum(axis=2)
    assert not longs[1001 - FIRST :].any()
    assert not shorts[: 1002 - FIRST].any()


@pytest.mark.parametrize("close", [1000.0, 1000.2, 1015.0, 1029.9, 1030.0])
def test_a_tier_that_stands_within_a_bin_of_its_entry_has_a_place_in_any_bar(close: float) -> None:
    stored = np.zeros((2, COUNT, 1))
    openings = Openings(np.array([[-0.5], [0.5]]), np.ones(1), FIRST, COUNT)
    pattern(openings, (1000.0, 1030.0, close)).put(0, np.ones((2, 1)), stored)
    assert stored.sum(axis=1) == pytest.approx(1.0)
    here = int(close) - FIRST
    assert not stored[LONG, here + 1 :, 0].any()
    assert not stored[SHORT, :here, 0].any()


@st.composite
def any_bars(draw: st.DrawFn) -> list[tuple[float, float, float]]:
    """Bars that fit onto the grid, most of them narrow."""
    price = st.one_of(st.floats(999, 1001), st.floats(980, 1020), st.integers(990, 1010))
    bar = st.tuples(price, price, price).map(lambda prices: sorted(map(float, prices)))
    bars = draw(st.lists(bar, min_size=1, max_size=9))
    return [(low, high, close) for low, close, high in bars]


@given(any_bars(), st.integers(0, 100), st.floats(0.2, 3))
def test_where_a_bar_opens_is_the_same_to_the_bit_whatever_bars_it_is_asked_with(
    bars: list[tuple[float, float, float]], turn: int, near: float
) -> None:
    openings = Openings(np.array([[-10.0, -near], [10.0, near]]), OWN, FIRST, COUNT)
    together = pattern(openings, *bars, turn=turn)
    for at, bar in enumerate(bars):
        alone = pattern(openings, bar, turn=turn + at)
        rows = slice(together.ends[at], together.ends[at + 1])
        assert np.array_equal(alone.parts, together.parts[rows])
        one, other = np.zeros((2, COUNT, 2)), np.zeros((2, COUNT, 2))
        alone.put(0, SEEDS, one)
        together.put(at, SEEDS, other)
        assert np.array_equal(one, other)
        assert one.sum(axis=1) == pytest.approx(SEEDS)
        assert (alone.highest[0], alone.lowest[0]) == (together.highest[at], together.lowest[at])
        assert alone.parts.sum(axis=0) == pytest.approx(1.0)


def test_as_many_bars_are_looked_at_together_as_have_a_place_and_the_first_in_any_case() -> None:
    openings = Openings(WAYS, OWN, FIRST, COUNT)
    low = np.array([1000.0, 1000.0, 1000.0, 900.0, 1000.0])
    assert openings.count(low, low + 1) == 3
    assert openings.count(low[:3], low[:3] + 1) == 3
    vast = Openings(WAYS, OWN, -100_000, 200_000)
    low = np.zeros(5)
    assert vast.count(low, low + 2000.0) == 2
    assert vast.count(low, low + 9000.0) == 1


def test_a_tier_goes_through_its_band_evenly_and_the_highest_is_never_exceeded() -> None:
    ways = np.array([[-50.0, -20.0, -6.0], [60.0, 22.0, 6.0]])
    turns = phases(ways, np.full(3, 0.25))
    assert turns.shape == (PHASES, 2, 3)
    assert (turns[:, LONG, 0] >= -65).all()
    assert (turns[:, LONG, 0] <= -35).all()
    assert (np.abs(turns[:, :, 2]) >= 6).all()
    assert (np.abs(turns[:, :, 2]) <= 14).all()
    middle = turns[:, LONG, 1]
    own = middle == -20
    assert own.sum() == PHASES // 4
    low, high = np.histogram(middle[~own], bins=2, range=(-35, -13))[0]
    assert abs(low - high) <= 2


def test_tiers_of_one_leverage_go_through_one_band() -> None:
    ways = np.array([[-50.0, -20.0, -20.0, -6.0], [60.0, 22.0, 22.0, 6.0]])
    own = np.array([0.0, 0.0, 1.0, 0.0])
    turns = phases(ways, own)
    alone = phases(ways[:, [0, 1, 3]], own[[0, 1, 3]])
    assert np.array_equal(np.sort(turns[:, LONG, 1]), np.sort(alone[:, LONG, 1]))
    assert (turns[:, LONG, 2] == -20).all()
    assert (turns[:, LONG, 1] != -20).all()


def test_a_market_of_one_tier_has_no_band() -> None:
    one = np.array([[-5.0], [5.0]])
    assert (phases(one, np.ones(1)) == one).all()


@pytest.mark.parametrize("by", [-400, -100, -3, 0, 3, 40, 100, 400])
def test_a_grid_laid_anew_holds_the_same_and_what_does_not_fit_in_its_last_bins(by: int) -> None:
    stored = np.random.default_rng(4).random((2, 100, 3))
    anew = moved(stored, by, 60, 3)
    expected = np.zeros((2, 60, 3))
    for at in range(100):
        expected[:, min(max(at + by, 0), 59)] += stored[:, at]
    assert anew == pytest.approx(expected)
    assert not moved(np.zeros((2, 0, 3)), by, 60, 3).any()
