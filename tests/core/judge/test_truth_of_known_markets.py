"""A map is held against the positions that really stood there."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.estimate.maps import STEP, LiquidationMap, bin_edges
from bot.core.estimate.market import MarketEstimate
from bot.core.estimate.parameters import Parameters, prior
from bot.core.judge.scores import TruthScore
from bot.core.judge.truth import (
    ZONES,
    Covered,
    ceiling,
    compare,
    covered_clusters,
    covered_zones,
    map_zones,
    mean_score,
    true_zones,
    zone_edges,
    zoned,
)
from bot.core.market.positions import Positions
from bot.core.simulation.traders import HABITS, Habit
from tests.support.walks import wandering

PRICE = 50_000.0


def held(level: Sequence[float], usd: Sequence[float]) -> Positions:
    """Positions liquidated at those prices with that value; longs are those below PRICE."""
    price = np.array(level)
    count = len(price)
    return Positions(
        np.zeros(count, dtype=np.int64),
        np.where(price < PRICE, 1, -1).astype(np.int8),
        np.array(usd) / price,
        np.full(count, PRICE),
        np.full(count, 10.0),
        price,
        np.ones(count, dtype=np.bool_),
    )


def crowd(count: int, seed: int = 1) -> Positions:
    """Many positions around the price, more of them at some prices than at others."""
    rng = np.random.default_rng(seed)
    centres = PRICE * (1 + np.array([-0.09, -0.05, -0.02, 0.03, 0.06, 0.1]))
    level = rng.choice(centres, count) * np.exp(rng.normal(0, 0.008, count))
    return held(level.tolist(), rng.lognormal(10, 1, count).tolist())


def map_like(positions: Positions, *, times: float = 1.0) -> LiquidationMap:
    """The map that knows all positions."""
    first = int(np.floor(np.log(PRICE) / STEP)) - 350
    edges = bin_edges(first, 701)
    sides = []
    for side in (1, -1):
        of_side = positions.side == side
        level = positions.liquidation_price[of_side]
        usd = times * positions.quantity[of_side] * level
        sides.append(np.histogram(level, edges, weights=usd)[0])
    long, short = sides
    none = np.zeros((2, 701))
    return LiquidationMap(0, PRICE, first, long, short, none, none)


def test_zones_are_half_a_percent_wide_and_reach_twelve_percent() -> None:
    edges = zone_edges(200.0)
    assert edges[[0, ZONES, -1]] == pytest.approx([176, 200, 224])
    assert np.diff(edges) == pytest.approx(1.0)


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=60), st.integers(1, 40))
def test_no_dollar_is_lost_between_bins_and_zones(usd: list[float], zones: int) -> None:
    edges = bin_edges(100, len(usd))
    onto = np.geomspace(edges[0], edges[-1], zones + 1)
    onto[[0, -1]] = edges[[0, -1]]
    moved = zoned(edges, np.array(usd), onto)
    assert moved.sum() == pytest.approx(sum(usd), rel=1e-9, abs=1e-6)
    assert np.all(moved >= -1e-3)


def test_a_bin_on_the_border_of_two_zones_counts_in_both() -> None:
    edges = np.array([1.0, 100.0])
    assert zoned(edges, np.array([8.0]), np.array([1.0, 10.0, 100.0])) == pytest.approx([4, 4])


def test_the_nearest_zone_comes_first_on_both_sides() -> None:
    positions = held([PRICE * 0.998, PRICE * 0.89, PRICE * 1.003, PRICE * 1.118], [1, 2, 3, 4])
    true = true_zones(positions, PRICE)
    assert true[:, 0] == pytest.approx([1, 3])
    assert true[0, 21] == pytest.approx(2)
    assert true[1, 23] == pytest.approx(4)
    assert true.sum() == pytest.approx(10)


def test_the_map_that_knows_every_position_scores_best() -> None:
    positions = crowd(4000)
    for score in compare(map_like(positions), positions):
        assert score.pearson > 0.97  # bins on the border of zones are split
        assert score.spearman > 0.95
        assert score.top > 0.97
        assert score.usd == pytest.approx(1, abs=0.02)
        assert score.distance < 0.1


def test_a_map_that_is_three_zones_off_is_scored_as_such() -> None:
    positions = crowd(4000)
    right = map_like(positions)
    sides = np.roll(right.long_usd, 15), np.roll(right.short_usd, 15)
    ranges = right.long_range, right.short_range
    for score in compare(LiquidationMap(0, PRICE, right.first_bin, *sides, *ranges), positions):
        assert score.pearson < 0.2
        assert score.distance > 2


def test_what_lies_beyond_twelve_percent_does_not_count() -> None:
    far = held([PRICE * 0.8, PRICE * 1.3], [1e9, 1e9])
    assert true_zones(far, PRICE).sum() == 0
    assert map_zones(map_like(far)).sum() == 0


def test_scores_are_averaged_over_the_looks_that_have_one() -> None:
    nan = float("nan")
    found = mean_score([TruthScore(0.4, 0.2, 1, 2, nan), TruthScore(0.6, nan, 0, 4, nan)])
    assert (found.pearson, found.spearman, found.top, found.usd) == pytest.approx(
        (0.5, 0.2, 0.5, 3)
    )
    assert np.isnan(found.distance)


def test_more_positions_of_the_same_kind_can_be_told_better() -> None:
    few, many = ceiling(crowd(150), PRICE), ceiling(crowd(20_000), PRICE)
    for less, more in zip(few, many, strict=True):
        assert less < more - 0.02
        assert more > 0.98


def test_the_ceiling_is_what_the_expectation_itself_reaches() -> None:
    expected = true_zones(crowd(1_000_000, seed=99), PRICE)
    reached, promised = [], []
    for seed in range(12):
        positions = crowd(600, seed + 100)
        true = true_zones(positions, PRICE)
        reached.append([np.corrcoef(expected[side], true[side])[0, 1] for side in (0, 1)])
        promised.append(ceiling(positions, PRICE))
    assert np.mean(promised) == pytest.approx(np.mean(reached), abs=0.02)


def test_positions_that_agree_on_nothing_have_no_ceiling_to_speak_of() -> None:
    alone = held([PRICE * 0.95, PRICE * 1.05], [1, 1])
    assert ceiling(alone, PRICE) == (0, 0)


def standing(estimate: MarketEstimate, times: float) -> Positions:
    """Positions that stand just where the estimate says, so many times as large."""
    inventory = estimate.inventory
    found = estimate.map()
    usd = np.concatenate((found.long_usd, found.short_usd))
    level = np.tile(found.centres, 2)
    side = np.repeat([1, -1], len(found.centres)).astype(np.int8)
    some = usd > 0
    count = int(some.sum())
    return Positions(
        np.zeros(count, dtype=np.int64),
        side[some],
        times * usd[some] / level[some],
        np.full(count, inventory.mark),
        np.full(count, 10.0),
        level[some],
        np.ones(count, dtype=np.bool_),
    )


def test_a_range_holds_what_it_was_made_for_and_not_ten_times_as_much() -> None:
    estimate = MarketEstimate.of(wandering(bars=1500))
    for covered in (covered_zones, covered_clusters):
        for times, share in ((1.0, 1.0), (10.0, 0.0), (0.1, 0.0)):
            for side in covered(estimate.inventory, standing(estimate, times)):
                assert side.count > 0
                assert side.share == pytest.approx(share, abs=0.1)


def test_ranges_are_counted_together() -> None:
    both = Covered(3, 4) + Covered(1, 4)
    assert both.share == 0.5
    assert np.isnan(Covered(0, 0).share)


def test_the_prior_was_not_copied_from_the_simulated_crowd() -> None:
    """The simulated habits, as they were meant and as they add up, are not those of the prior."""
    assumed = prior()
    lifetimes = np.unique(assumed.lifetime.round())
    for habit in HABITS:
        assert not np.any(np.isclose(lifetimes, habit.lifetime, rtol=1e-3)), habit.name
        assert set(habit.leverage) != set(assumed.leverage.tolist()), habit.name
    assert copied(assumed) == []


@pytest.mark.parametrize("habit", [habit for habit in HABITS if habit.name != "hedger"])
def test_a_prior_that_were_copied_would_be_found_out(habit: Habit) -> None:
    assumed = prior()
    likes = dict(zip(habit.leverage, habit.liking, strict=True))
    tiers = assumed.leverage.tolist()
    share = np.array([likes.get(each, 1e-9) / tiers.count(each) for each in tiers])
    both = np.array([share / share.sum()] * 2)
    assert habit.name in copied(replace(assumed, share=both))


def copied(assumed: Parameters) -> list[str]:
    """Name the simulated habits whose mix is that of a prior; a leverage may have several tiers."""
    leverage, tier = np.unique(assumed.leverage, return_inverse=True)
    tiers = leverage.tolist()
    mixes = [np.bincount(tier, row) for row in (*assumed.share, *assumed.seeds)]
    found = []
    by_worth = np.zeros(len(tiers))
    for habit in HABITS:
        offered = dict(zip(habit.leverage, habit.liking, strict=True))
        place = np.array([tiers.index(each) for each in offered if each in tiers])
        liking = np.array([like for each, like in offered.items() if each in tiers])
        by_worth[place] += habit.worth * liking / liking.sum()
        # One leverage in common is no mix; the hedgers hardly use any.
        if len(place) > 1 and any(alike(mix[place], liking) for mix in mixes):
            found.append(habit.name)
    return found + ["all together"] * any(alike(mix, by_worth) for mix in mixes)


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Say whether two mixes are the same but for rounding, whatever they sum to."""
    return bool(np.allclose(one / one.sum(), other / other.sum(), rtol=0.02, atol=0.002))
