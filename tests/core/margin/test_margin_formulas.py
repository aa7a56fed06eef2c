"""The formulas must do what a venue does: take over when margin has shrunk to its maintenance."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.arrays import Floats, floats
from bot.core.instruments import Contract
from bot.core.margin.families import (
    inverse_at_liquidation,
    inverse_fixed,
    linear_at_liquidation,
    linear_fixed,
)
from bot.core.margin.prices import liquidation_prices
from bot.core.margin.rules import MarginRule, rule_for
from bot.core.market.liquidations import PositionSide

prices = st.floats(1e-6, 1e6)
sizes = st.floats(1e-3, 1e6)
leverages = st.floats(1.1, 150)
rates = st.floats(0, 0.3)
fees = st.floats(0, 0.001)
sides = st.sampled_from([1.0, -1.0])

LINEAR_RULES = [
    rule_for(exchange, Contract.LINEAR) for exchange in ("binance", "okx", "mexc", "bitget")
]
INVERSE_RULES = [rule_for(exchange, Contract.INVERSE) for exchange in ("binance", "okx", "bitmex")]


@given(sides, prices, sizes, leverages, rates, fees)
def test_margin_left_at_the_liquidation_price_is_the_maintenance_margin(
    s: float, entry: float, quantity: float, leverage: float, rate: float, fee: float
) -> None:
    margin = entry * quantity / leverage
    deduction = rate * entry * quantity / 10
    price = linear_at_liquidation(*floats([s, entry, quantity, margin, rate + fee, deduction]))
    left = margin + s * quantity * (price - entry)
    kept = quantity * price * (rate + fee) - deduction
    assert left == pytest.approx(kept, abs=1e-9 * entry * quantity)


@given(sides, prices, sizes, leverages, rates, fees)
def test_the_same_holds_in_coin_for_an_inverse_contract(
    s: float, entry: float, size: float, leverage: float, rate: float, fee: float
) -> None:
    margin = size / entry / leverage
    deduction = rate * size / entry / 10
    price = inverse_at_liquidation(*floats([s, entry, size, margin, rate + fee, deduction]))
    left = margin + s * size * (1 / entry - 1 / price)
    kept = size / price * (rate + fee) - deduction
    assert left == pytest.approx(kept, abs=1e-9 * size / entry)


@given(sides, prices, sizes, leverages, rates)
def test_a_fixed_maintenance_margin_is_what_is_left_too(
    s: float, entry: float, size: float, leverage: float, rate: float
) -> None:
    margin, kept = size * entry / leverage, size * entry * rate
    price = linear_fixed(*floats([s, entry, size, margin, kept]))
    assert margin + s * size * (price - entry) == pytest.approx(kept, abs=1e-9 * entry * size)
    margin, kept = size / entry / leverage, size / entry * rate
    assume(s / entry + (margin - kept) / size != 0)  # an inverse short at 1x is its own hedge
    price = inverse_fixed(*floats([s, entry, size, margin, kept]))
    left = margin + s * size * (1 / entry - 1 / price)
    assert left == pytest.approx(kept, abs=1e-9 * size / entry)


@given(sides, prices, sizes, leverages, rates)
def test_an_inverse_long_is_a_linear_short_of_dollars_priced_in_coin(
    s: float, entry: float, size: float, leverage: float, rate: float
) -> None:
    margin, deduction = size / entry / leverage, rate * size / entry / 10
    inverse = inverse_at_liquidation(*floats([s, entry, size, margin, rate, deduction]))
    linear = linear_at_liquidation(*floats([-s, 1 / entry, size, margin, rate, deduction]))
    assert 1 / inverse == pytest.approx(linear, rel=1e-9)
    kept = size / entry * rate
    inverse = inverse_fixed(*floats([s, entry, size, margin, kept]))
    linear = linear_fixed(*floats([-s, 1 / entry, size, margin, kept]))
    assert 1 / inverse == pytest.approx(linear, rel=1e-9, abs=1e-12 / entry)


@given(prices, sizes, leverages, rates)
def test_longs_and_shorts_mirror_each_other_around_the_entry(
    entry: float, size: float, leverage: float, rate: float
) -> None:
    margin, kept = size * entry / leverage, size * entry * rate
    long, short = (linear_fixed(*floats([s, entry, size, margin, kept])) for s in (1, -1))
    assert entry - long == pytest.approx(short - entry, abs=1e-9 * entry)


@pytest.mark.parametrize("rule", [*LINEAR_RULES, *INVERSE_RULES], ids=lambda rule: rule.exchange)
@given(st.data())
def test_more_leverage_is_liquidated_sooner(rule: MarginRule, data: st.DataObject) -> None:
    entry, rate = data.draw(prices), data.draw(rates)
    low, high = sorted((data.draw(leverages), data.draw(leverages)))
    assume(high > low * (1 + 1e-9))
    entries, both = floats([[entry]]), floats([low, high])
    [[far, near]] = liquidation_prices(rule, entries, both, PositionSide.LONG, rate)
    assert far <= near
    [[far, near]] = liquidation_prices(rule, entries, both, PositionSide.SHORT, rate)
    assert far >= near


@pytest.mark.parametrize("rule", LINEAR_RULES, ids=lambda rule: rule.exchange)
@given(prices, st.floats(2, 40), st.floats(0, 0.02))
def test_a_long_is_liquidated_below_its_entry_and_a_short_above(
    rule: MarginRule, entry: float, leverage: float, rate: float
) -> None:
    entries, levers = floats([[entry]]), floats([leverage])
    [[long]] = liquidation_prices(rule, entries, levers, PositionSide.LONG, rate)
    [[short]] = liquidation_prices(rule, entries, levers, PositionSide.SHORT, rate)
    assert long < entry < short


def test_entries_and_leverages_spread_over_a_table() -> None:
    rule = rule_for("binance", Contract.LINEAR)
    entries, levers = floats([[100.0], [200.0], [300.0]]), floats([5.0, 10.0])
    rate: Floats = floats([0.01, 0.02])
    prices = liquidation_prices(rule, entries, levers, PositionSide.LONG, rate)
    assert prices.shape == (3, 2)
    assert prices[1, 0] == pytest.approx(200 * 0.8 / 0.99)
    assert prices[2, 1] == pytest.approx(300 * 0.9 / 0.98)


def test_what_no_price_can_liquidate_is_at_nothing_or_at_infinity() -> None:
    rule = rule_for("binance", Contract.LINEAR)
    unlevered = floats([0.9])
    entry = floats([[100.0]])
    assert liquidation_prices(rule, entry, unlevered, PositionSide.LONG, 0.01) == [[0.0]]
    inverse = rule_for("binance", Contract.INVERSE)
    assert liquidation_prices(inverse, entry, unlevered, PositionSide.SHORT, 0.01) == [[np.inf]]
    hedged = liquidation_prices(inverse, entry, floats([1.0]), PositionSide.SHORT, 0.0)
    assert hedged == [[np.inf]]


def test_a_deduction_moves_the_price_away_where_the_venue_has_one() -> None:
    entry, ten = floats([[100.0]]), floats([10.0])

    def price(exchange: str, deduction: float) -> float:
        rule = rule_for(exchange, Contract.LINEAR)
        found = liquidation_prices(
            rule, entry, ten, PositionSide.LONG, 0.01, deduction_per_value=deduction
        )
        return float(found[0, 0])

    assert price("binance", 0.002) < price("binance", 0.0)
    assert price("mexc", 0.002) < price("mexc", 0.0)
    assert price("okx", 0.002) == price("okx", 0.0)


def test_families_differ_by_what_maintenance_is_reckoned_on() -> None:
    entry, ten = floats([[100.0]]), floats([10.0])

    def price(rule: MarginRule) -> float:
        return float(liquidation_prices(rule, entry, ten, PositionSide.LONG, 0.02)[0, 0])

    assert price(rule_for("binance", Contract.LINEAR)) == pytest.approx(90 / 0.98)
    assert price(rule_for("mexc", Contract.LINEAR)) == pytest.approx(92)
    assert price(rule_for("okx", Contract.LINEAR)) == pytest.approx(90 / 0.9795)
