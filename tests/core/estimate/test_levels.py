"""How far from its entry each tier is liquidated, by the market's own rule and brackets."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.estimate.levels import bracket_rates, shifts
from bot.core.estimate.maps import STEP
from bot.core.estimate.market import start
from bot.core.estimate.parameters import LONG, SHORT, prior, tilted
from bot.core.instruments import Contract, Instrument
from bot.core.margin.tiers import brackets
from tests.support.walks import wandering

TABLE = brackets(
    np.array([50e3, 1e6, np.inf]), np.array([0.004, 0.01, 0.05]), np.array([125.0, 50, 10])
)
BTC = Instrument("binance", "BTC", "USDT", "USDT")
NOW = 1_765_000_000_000


def test_a_longs_liquidation_lies_its_margin_less_maintenance_below_entry() -> None:
    # 100 thousand stand in the second bracket: 1 % less the deduction of 300 on the value.
    ways = shifts(BTC, TABLE, prior(), NOW)
    ten = prior().leverage.tolist().index(10.0)
    price = np.exp(ways[LONG, ten] * STEP)
    assert 1 / 10 + (price - 1) == pytest.approx(0.01 * price - 300 / 100e3)


def test_more_leverage_stands_nearer_to_its_entry_on_both_sides() -> None:
    ways = shifts(BTC, TABLE, prior(), NOW)
    more = np.diff(prior().leverage) > 0
    assert (np.diff(ways[LONG])[more] > 0).all()
    assert (ways[LONG] < 0).all()
    assert (np.diff(ways[SHORT])[more] < 0).all()
    assert (ways[SHORT] > 0).all()


def test_leverage_that_a_bracket_forbids_stands_in_a_smaller_one() -> None:
    rate, deduction = bracket_rates(TABLE, np.array([5.0, 50.0, 100.0]), 2e6)
    assert rate.tolist() == [0.05, 0.01, 0.004]
    # A 50x position cannot be of two million: it is as large as its bracket allows.
    assert deduction[1] == pytest.approx(300 / 1e6)


def test_a_tier_whose_margin_is_all_maintenance_margin_still_stands_apart_from_its_entry() -> None:
    steep = brackets(np.array([np.inf]), np.array([0.02]), np.array([125.0]))
    ways = shifts(BTC, steep, prior(), NOW)
    assert (ways[LONG] <= -0.5 + 1e-9).all()
    assert (ways[SHORT] >= 0.5 - 1e-9).all()


def test_an_inverse_long_dies_later_than_a_linear_one_of_the_same_leverage() -> None:
    coin = Instrument("bybit", "BTC", "USD", "BTC", Contract.INVERSE)
    linear = Instrument("bybit", "BTC", "USDT", "USDT")
    two = prior().leverage.tolist().index(2.0)
    inverse, straight = (shifts(each, TABLE, prior(), NOW)[LONG, two] for each in (coin, linear))
    assert inverse > straight  # its collateral falls with the price


def test_a_market_of_little_leverage_has_no_tier_above_its_own() -> None:
    few = prior().upto(40.0)
    assert few.leverage[-1] == 40.0
    assert few.share.sum(axis=1) == pytest.approx([1, 1])
    above = prior().share[LONG][prior().leverage > 40].sum()
    assert few.share[LONG][few.leverage == 40].sum() == pytest.approx(above)
    lives = few.lifetime[LONG][few.leverage == 40]
    assert len(set(lives)) == len(few.chance)  # some come for hours, some stay
    assert few.chance @ few.paced == pytest.approx(1)


def test_a_market_of_all_leverages_keeps_the_prior() -> None:
    assert prior().upto(150.0).leverage.tolist() == prior().leverage.tolist()
    assert prior().upto(125.0).leverage.tolist() == prior().leverage.tolist()


def test_parameters_that_cannot_be_are_refused() -> None:
    good = prior()
    fields = {name: getattr(good, name) for name in good.__slots__}
    for name, bad in (
        ("share", good.share / 2),
        ("lifetime", good.lifetime * 0),
        ("doubt", good.doubt[:, :3]),
        ("hedged", 1.0),
    ):
        with pytest.raises(ValueError, match="parameters"):
            type(good)(**{**fields, name: bad})


def test_with_a_steady_inflow_what_stands_is_the_share_that_was_stated() -> None:
    seeds = prior().seeds * prior().lifetime
    assert seeds / seeds.sum(axis=1, keepdims=True) == pytest.approx(prior().share)


def test_a_tilt_multiplies_what_is_near_and_each_side_still_sums_to_one() -> None:
    mix = prior()
    tilt = tilted(mix.leverage, mix.share, np.array([0.5, 1.5]))
    assert tilt.sum(axis=1) == pytest.approx([1, 1])
    high = mix.leverage >= 10
    assert (tilt / mix.share)[LONG, high] == pytest.approx(0.5, rel=0.04)
    assert (tilt / mix.share)[SHORT, high] == pytest.approx(1.5, rel=0.02)
    most = tilted(mix.leverage, mix.share, np.array([50.0, 50.0]))
    assert (most >= 0).all()
    assert most.sum(axis=1) == pytest.approx([1, 1])


def test_on_a_small_market_a_usual_position_is_small() -> None:
    large, small = wandering(bars=3), wandering(bars=3, size=80.0)
    assert start(large).parameters.typical_value == prior().typical_value
    told = small.open_interest
    assert told is not None
    value = float(told.quantity[0] * small.candles.close[0])
    assert start(small).parameters.typical_value == pytest.approx(1e-4 * value)
    untold = replace(small, open_interest=None)
    assert start(untold).parameters.typical_value == prior().typical_value
