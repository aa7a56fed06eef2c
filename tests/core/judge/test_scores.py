"""Scores of a map against what came, and against the truth."""

import numpy as np
import pytest

from bot.core.judge.scores import against_truth, earth_movers, score

TRUE = np.array([0.0, 1, 8, 2, 0, 0, 5, 1, 0, 3])


def test_the_truth_itself_scores_best() -> None:
    found = against_truth(TRUE, TRUE)
    assert found.pearson == pytest.approx(1)
    assert found.spearman == pytest.approx(1)
    assert found.top == 1
    assert found.usd == 1
    assert found.distance == 0


def test_a_map_of_the_right_shape_and_ten_times_the_dollars_is_ten_times_too_large() -> None:
    found = against_truth(10 * TRUE, TRUE)
    assert found.pearson == pytest.approx(1)
    assert found.usd == pytest.approx(10)
    assert found.distance == pytest.approx(0)


def test_a_map_that_is_one_zone_off_is_one_zone_off() -> None:
    found = against_truth(np.roll(TRUE[:-1], 1), TRUE[:-1])
    assert found.distance == pytest.approx(1)
    assert found.pearson < 0.2


def test_the_five_best_zones_catch_what_stands_in_them() -> None:
    wrong = np.array([9.0, 0, 8, 0, 7, 6, 5, 0, 0, 0])
    assert against_truth(wrong, TRUE).top == pytest.approx((8 + 5) / (8 + 5 + 3 + 2 + 1))


def test_nothing_to_compare_with_is_said_as_such() -> None:
    found = against_truth(TRUE, 0 * TRUE)
    assert np.isnan([found.pearson, found.top, found.usd, found.distance]).all()
    assert np.isnan(earth_movers(0 * TRUE, TRUE))
    nothing = score(np.zeros(0), np.zeros(0), np.zeros(0))
    assert nothing.count == 0
    assert np.isnan(nothing.rho)


def test_the_biggest_moves_are_scored_on_their_own() -> None:
    move = np.arange(100.0)
    reported = np.ones(100)
    reported[90:] = np.arange(10.0) + 2
    forecast = np.zeros(100)
    forecast[90:] = np.arange(10.0)[::-1] + 1  # the wrong way round, just where it counts
    found = score(forecast, reported, move)
    assert found.biggest == pytest.approx(-1)
    assert found.rho > 0.5
    assert found.usd == pytest.approx(55 / reported.sum())
