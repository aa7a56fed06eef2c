"""What followed an episode is set beside what follows at random times of the same volatility."""

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE, Floats
from bot.core.evidence.base import FEWEST, Moments, Paired, drawn, followed, paired
from bot.core.evidence.outcomes import HORIZONS, NAMES, Outcomes, outcomes, volatility
from bot.core.evidence.words import TOO_FEW, verdict
from bot.core.market.series import Candles

BAR = 15 * MINUTE


def candles(log_price: Floats, interval: int = BAR) -> Candles:
    """Bars that go straight from one log price to the next."""
    price = np.exp(log_price)
    opened, close = price[:-1], price[1:]
    count = len(close)
    return Candles(
        np.arange(count, dtype=np.int64) * interval,
        opened,
        np.maximum(opened, close),
        np.minimum(opened, close),
        close,
        np.ones(count),
        None,
        interval,
    )


def wandering(days: int, seed: int = 1) -> Candles:
    steps = np.random.default_rng(seed).normal(0, 0.003, days * 96)
    return candles(np.concatenate(([0.0], np.cumsum(steps))))


def moments(market: Candles, at: list[int], sign: float, distance: float = np.nan) -> Moments:
    time = np.array(at, dtype=np.int64)
    price = market.close[np.searchsorted(market.close_time, time, side="right") - 1]
    return Moments(time, price, np.full(len(at), sign), np.full(len(at), distance))


def test_what_followed_is_the_way_to_the_end_and_the_furthest_on_it() -> None:
    path = np.array([0.0, 0.01, 0.03, -0.02, 0.01, 0.02, *np.full(200, 0.02)])
    found = outcomes(candles(path), np.array([BAR]), np.exp(np.array([0.01])))
    assert found.move[:2, 0] == pytest.approx([0.02, 0.01])  # one bar, four bars
    assert found.up[1, 0] == pytest.approx(0.02)
    assert found.down[1, 0] == pytest.approx(-0.03)
    short = found.towards(np.array([-1.0]))
    assert (short.move[1, 0], short.up[1, 0]) == (pytest.approx(-0.01), pytest.approx(0.03))


def test_a_horizon_that_is_not_over_or_has_a_gap_is_not_known() -> None:
    market = wandering(3)
    last = int(market.close_time[-1])
    found = outcomes(market, np.array([last - HOUR, last]), np.ones(2))
    assert found.known[:, 0].tolist() == [True, True, False, False]
    assert not found.known[:, 1].any()
    holed = market.sliced(slice(None))
    keep = np.r_[0:50, 60 : len(market)]
    names = ("open_time", "open", "high", "low", "close")
    time, opened, high, low, close = (getattr(holed, name)[keep] for name in names)
    gap = Candles(time, opened, high, low, close, np.ones(len(keep)), None, BAR)
    seen = outcomes(gap, np.array([48 * BAR]), np.ones(1))
    assert seen.known[:, 0].tolist() == [True, False, False, False]


def test_a_bar_that_was_under_way_at_the_moment_does_not_count() -> None:
    flat, dip = candles(np.zeros(120)), 9
    low = flat.low.copy()
    low[dip] = 0.5
    parts = flat.open_time, flat.open, flat.high, low, flat.close, flat.volume
    market = Candles(*parts, taker_buy_volume=None, interval=BAR)
    opens = int(market.open_time[dip])
    found = outcomes(market, np.array([opens, opens + 1]), np.ones(2))
    assert found.down[0] == pytest.approx([np.log(0.5), 0.0])


def test_random_moments_have_no_edge() -> None:
    market = wandering(200, seed=3)
    rng = np.random.default_rng(5)
    at = np.sort(rng.choice(np.arange(3 * 24, 190 * 24, 30), 60, replace=False)) * HOUR
    sign = rng.choice([-1.0, 1.0], 60)
    plain = moments(market, at.tolist(), 1.0, 0.01)
    told = Moments(plain.time, plain.price, sign, plain.distance)
    for each in followed([paired(market, told)])[1:]:
        assert each.count == 60
        assert each.edge.low < 0 < each.edge.high
        assert each.reached == pytest.approx(each.reached_base, abs=0.2)


def test_an_edge_that_is_there_is_found_with_its_size() -> None:
    rng = np.random.default_rng(7)
    steps = rng.normal(0, 0.002, 200 * 96)
    starts = np.arange(5 * 96, 190 * 96, 4 * 96)
    for start in starts:
        steps[start : start + 16] += 0.001  # 1.6 % up within four hours
    market = candles(np.concatenate(([0.0], np.cumsum(steps))))
    told = moments(market, (starts * BAR).tolist(), 1.0, 0.012)
    found = dict(zip(NAMES, followed([paired(market, told)]), strict=True))
    assert found["4h"].edge.low > 0.01
    assert found["4h"].edge.value == pytest.approx(0.016, abs=0.003)
    assert found["4h"].reached > found["4h"].reached_base + 0.2
    assert found["4h"].enough
    assert found["4h"].against <= 0


def test_too_few_episodes_are_too_few() -> None:
    market = wandering(30)
    told = moments(market, [(3 + 2 * each) * DAY for each in range(FEWEST - 1)], 1.0)
    assert not any(each.enough for each in followed([paired(market, told)]))
    assert followed([]) == ()


def test_episodes_without_a_way_are_judged_by_the_size_of_the_move() -> None:
    market = wandering(60)
    found = followed([paired(market, moments(market, [d * DAY for d in range(5, 50, 3)], 0.0))])
    for each in found:
        assert each.move > 0
        assert each.base > 0
        assert np.isnan(each.reached)


def test_base_rates_are_of_times_as_volatile() -> None:
    rng = np.random.default_rng(11)
    wild = np.repeat([0.001, 0.006], 40 * 96)
    market = candles(np.concatenate(([0.0], np.cumsum(rng.normal(0, 1, len(wild)) * wild))))
    calm = volatility(market, np.array([30 * DAY, 70 * DAY]))
    assert calm == pytest.approx([0.001 * 96**0.5, 0.006 * 96**0.5], rel=0.2)
    early: Paired = paired(market, moments(market, [20 * DAY], 0.0))
    late: Paired = paired(market, moments(market, [70 * DAY], 0.0))
    ratio = late.base_move / early.base_move
    assert np.all(ratio > 4)
    assert len(HORIZONS) == len(ratio)


@pytest.mark.parametrize(("count", "days"), [(10, 6), (10, 10), (40, 30)])
def test_where_nothing_follows_one_verdict_in_ten_at_most_says_otherwise(
    count: int, days: int
) -> None:
    """A verdict at any of the four horizons counts: whoever reads a table looks at all of them.

    Moves have fat tails, are nested from horizon to horizon, and those of one day go together.
    """
    rng = np.random.default_rng(17)
    times = 400
    wrong = sum(_verdict_of_nothing(rng, count, days) for _ in range(times))
    assert wrong <= (0.1 + 2 * (0.1 * 0.9 / times) ** 0.5) * times
    assert wrong > 0  # else the ranges would say nothing of anything


def _verdict_of_nothing(rng: np.random.Generator, count: int, days: int) -> bool:
    time = np.sort(rng.integers(days * DAY, size=count))
    own = rng.standard_t(3, (96, count)).cumsum(axis=0)[[0, 3, 15, 95]]
    shared = rng.standard_t(3, (96, days)).cumsum(axis=0)[[0, 3, 15, 95]]
    move = own + 0.5 * shared[:, time // DAY]
    nothing = np.zeros_like(move)
    found = followed([Paired(time, Outcomes(move, move, move), nothing, nothing, nothing)])
    return any(verdict(found, name) not in (TOO_FEW, "no more than chance") for name in NAMES)


def test_a_range_of_four_looks_is_wider_than_that_of_one() -> None:
    rng = np.random.default_rng(3)
    time, values = np.arange(30) * DAY, rng.normal(0.5, 1, 30)
    one, four = drawn(time, values), drawn(time, values, looks=4)
    assert four.low < one.low < one.value < one.high < four.high
    assert four.value == one.value == pytest.approx(values.mean())
    assert np.isnan(drawn(time[:1], values[:1]).low)
    same = drawn(time, np.full(30, 0.25), looks=4)
    assert (same.low, same.high) == (0.25, 0.25)


@pytest.mark.parametrize("seed", range(40))
def test_a_range_is_never_wide_because_a_figure_was_rounded(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(FEWEST, 18))
    time, values = np.sort(rng.integers(0, 2, count)) * DAY, rng.normal(0.06, 0.02, count)
    found = drawn(time, values, looks=4)
    assert np.isnan(found.low) or found.high - found.low < 100 * np.ptp(values)
