"""Correlations, against what is known of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bot.core.arrays import Floats
from bot.core.judge.ranks import partial_spearman, pearson, ranks, spearman

figures = hnp.arrays(np.float64, st.integers(2, 40), elements=st.floats(-1e6, 1e6))


@given(figures)
def test_ranks_sum_as_if_no_two_were_equal(values: Floats) -> None:
    assert ranks(values).sum() == pytest.approx(len(values) * (len(values) + 1) / 2)


@given(figures)
def test_ranks_keep_the_order(values: Floats) -> None:
    order = np.argsort(values, kind="stable")
    assert (np.diff(ranks(values)[order]) >= 0).all()


def test_a_textbook_spearman_without_and_with_ties() -> None:
    intelligence = np.array([106.0, 100, 86, 101, 99, 103, 97, 113, 112, 110])
    television = np.array([7.0, 27, 2, 50, 28, 29, 20, 12, 6, 17])
    assert spearman(intelligence, television) == pytest.approx(-29 / 165)
    assert spearman(np.array([1.0, 1, 2, 3]), np.array([1.0, 2, 2, 3])) == pytest.approx(3.75 / 4.5)


def test_a_series_that_does_not_vary_correlates_with_nothing() -> None:
    assert np.isnan(pearson(np.ones(5), np.arange(5.0)))
    assert np.isnan(spearman(np.arange(1.0), np.arange(1.0)))


def test_what_is_only_the_third_series_over_again_says_nothing_given_it() -> None:
    draw = np.random.default_rng(3)
    move = draw.normal(size=4000)
    echo, outcome = move + draw.normal(size=4000), move + draw.normal(size=4000)
    assert spearman(echo, outcome) > 0.4
    assert abs(partial_spearman(echo, outcome, move)) < 0.05
    assert np.isnan(partial_spearman(move, outcome, move))


def test_what_adds_to_the_third_series_is_seen_given_it() -> None:
    draw = np.random.default_rng(4)
    move, map_ = draw.normal(size=(2, 2000))
    outcome = move + map_ + draw.normal(size=2000)
    assert partial_spearman(map_, outcome, move) > 0.5
