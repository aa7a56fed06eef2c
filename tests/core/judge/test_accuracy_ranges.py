"""Scores with their ranges: right as they are, wide where little is known, always the same."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import HOUR, Floats
from bot.core.judge import bootstrap
from bot.core.judge.accuracy import MAP, MOVE, PRICES, Accuracy, Line, accuracy
from bot.core.judge.ranks import pearson, spearman
from bot.core.judge.ranks import ranks as plain_ranks
from bot.core.judge.scores import score
from tests.support.accuracies import hours


def line(found: Accuracy | None, name: str, side: str) -> Line:
    assert found is not None
    return next(each for each in found.lines if (each.name, each.side) == (name, side))


def test_the_figures_themselves_are_those_of_a_backtest() -> None:
    made = hours(300, skill=0.6)
    found = accuracy(made)
    for row, side in enumerate(("longs", "shorts")):
        for name, forecast in ((MAP, made.expected), (PRICES, made.prices), (MOVE, made.move)):
            expected = score(forecast[row], made.reported[row], made.move[row])
            got = line(found, name, side)
            assert got.rho.value == pytest.approx(expected.rho)
            assert got.biggest.value == pytest.approx(expected.biggest)
            if name != MOVE:
                assert got.partial.value == pytest.approx(expected.partial)
        assert line(found, MAP, side).usd.value == pytest.approx(
            made.told[row].sum() / made.reported[row].sum()
        )


def test_the_same_hours_always_have_the_same_ranges() -> None:
    assert accuracy(hours(200)) == accuracy(hours(200))


def test_a_range_holds_the_figure_and_narrows_with_more_days() -> None:
    few, many = (
        line(accuracy(hours(count, skill=0.5)), MAP, "longs").rho for count in (240, 24 * 90)
    )
    for each in (few, many):
        assert each.low < each.value < each.high
    assert many.high - many.low < 0.6 * (few.high - few.low)


def test_a_range_holds_the_truth_about_as_often_as_it_says() -> None:
    truth = line(accuracy(hours(24 * 600, skill=0.5)), MAP, "longs").partial.value
    ranges = [
        line(accuracy(hours(24 * 20, skill=0.5, seed=seed)), MAP, "longs").partial
        for seed in range(2, 62)
    ]
    held = np.mean([each.low <= truth <= each.high for each in ranges])
    assert 0.78 <= held <= 0.99  # 90 % of sixty


def test_days_are_drawn_whole_where_there_are_enough_of_them() -> None:
    weight = bootstrap.weights(hours(24 * 12).time)
    assert weight.shape == (bootstrap.DRAWS + 1, 24 * 12)
    assert (weight[0] == 1).all()
    by_day = weight.reshape(len(weight), 12, 24)
    assert (by_day == by_day[:, :, :1]).all()
    assert (by_day[:, :, 0].sum(axis=1) == 12).all()
    pieces = bootstrap.weights(hours(24 * 3).time).reshape(-1, 12, 6)
    assert (pieces == pieces[:, :, :1]).all()
    assert (pieces[1:].std(axis=1) > 0).any()


_VALUES = st.lists(st.sampled_from([0.0, 1.0, 2.0, 5.0]), min_size=2, max_size=12)


@given(_VALUES, st.data())
def test_a_weight_does_what_repeating_an_interval_would(
    values: list[float], data: st.DataObject
) -> None:
    count = len(values)
    times = data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    other = data.draw(st.lists(st.floats(-5, 5), min_size=count, max_size=count))
    weight = np.array([times], np.float64)
    x, y = np.array(values), np.array(other)
    again = np.repeat(np.arange(count), times)
    if not len(again):
        return
    found = bootstrap.ranks(x, weight)
    assert found[0][again] == pytest.approx(plain_ranks(x[again]))
    rho = bootstrap.correlation(found, bootstrap.ranks(y, weight), weight)[0]
    expected = spearman(x[again], y[again])
    assert rho == pytest.approx(expected, nan_ok=True)


def test_correlation_without_variation_cannot_be_said() -> None:
    even: Floats = np.ones((2, 5))
    rising: Floats = np.array([np.arange(5.0)] * 2)
    assert np.isnan(bootstrap.correlation(even, rising, even)).all()
    assert bootstrap.correlation(rising, rising, even) == pytest.approx(
        pearson(rising[0], rising[0])
    )


def test_a_score_that_most_days_do_not_have_has_no_range() -> None:
    scores = np.full(bootstrap.DRAWS + 1, np.nan)
    scores[0] = 0.5
    assert np.isnan(bootstrap.figure(scores).value)
    scores[:] = np.linspace(0, 1, len(scores))
    found = bootstrap.figure(scores)
    assert (found.low, found.high) == pytest.approx((0.05, 0.95), abs=0.01)


def test_hours_without_a_single_liquidation_have_no_scores_and_no_grade() -> None:
    made = hours(200)
    found = accuracy(replace(made, reported=np.zeros((2, 200))))
    assert found is not None
    assert found.grade.word == "unproven"
    for each in found.lines:
        assert np.isnan(
            [each.rho.value, each.partial.value, each.biggest.value, each.usd.value]
        ).all()


def test_no_hours_no_accuracy() -> None:
    assert accuracy(hours(5).part(slice(0, 0))) is None


@pytest.mark.parametrize("count", [1, 2, 3, 11])
def test_a_handful_of_hours_is_unproven_and_nothing_breaks(count: int) -> None:
    found = accuracy(hours(count))
    assert found is not None
    assert found.grade.word == "unproven"
    assert str(found.intervals) == f"{count} hour{'s' * (count > 1)}"
    assert found.days == 1


def test_other_intervals_are_named_by_their_length() -> None:
    made = replace(hours(1200), interval=HOUR // 4)
    found = accuracy(made)
    assert found is not None
    assert str(found.intervals) == "1,200 intervals of 15 min"
