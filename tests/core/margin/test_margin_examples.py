"""How a position may be told: names, signs, dates, and what stands for what."""

import pytest

from tests.support.positions import CROSS, INVERSE, told


def test_a_price_by_the_wrong_family_is_found_out() -> None:
    inputs = {"side": 1, "entry": 100, "qty": 1, "margin": 10, "mmr": 0.02}
    assert told("mexc", inputs, 92).passed
    assert not told("binance", inputs, 92).passed


@pytest.mark.parametrize("name", ["cum", "deduction", "mm_amount", "maint_amount", "mmDeduction"])
def test_a_deduction_is_known_by_all_its_names(name: str) -> None:
    inputs = {"side": 1, "entry": 100, "qty": 10, "margin": 100, "mmr": 0.02, name: 5}
    assert told("binance", inputs, (1000 - 100 - 5) / 9.8).passed


def test_leverage_stands_for_margin() -> None:
    linear = {"side": -1, "entry": 100, "qty": 3, "mmr": 0.02}
    by_margin = told("binance", linear | {"margin": 30}, 1).computed
    assert told("binance", linear | {"leverage": 10}, by_margin, 1e-12).passed
    inverse = {"side": -1, "entry": 100, "Q": 300, "mmr": 0.02}
    by_margin = told("binance", inverse | {"margin": 0.3}, 1, **INVERSE).computed
    assert told("binance", inverse | {"leverage": 10}, by_margin, 1e-12, **INVERSE).passed


def test_size_does_not_matter_where_leverage_is_given_and_nothing_is_deducted() -> None:
    assert told("bybit", {"side": 1, "entry": 100, "leverage": 10, "mmr": 0.01}, 91).passed


def test_a_fee_counts_only_where_the_venue_counts_it() -> None:
    inputs = {"side": 1, "entry": 100, "qty": 1, "margin": 10, "mmr": 0.02}
    assert told("binance", inputs | {"fee": 0.01}, 90 / 0.98).passed
    assert told("okx", inputs | {"fee": 0.01}, 90 / 0.97).passed
    assert told("okx", inputs, 90 / 0.9795).passed


def test_a_deduction_counts_only_where_the_venue_has_it() -> None:
    inputs = {"side": 1, "entry": 100, "qty": 1, "margin": 10, "mmr": 0.02, "cum": 1}
    assert told("okx", inputs | {"fee": 0}, 90 / 0.98).passed
    assert told("gate", inputs | {"fee": 0}, 89 / 0.98).passed


def test_margin_of_others_lessens_a_cross_position() -> None:
    inputs = {"side": 1, "entry": 100, "qty": 1, "margin": 15, "mmr": 0.02}
    assert told("binance", inputs | {"other": 5}, 90 / 0.98, **CROSS).passed
    assert told("dydx", {"e": 15, "s": 1, "p": 100, "mmf": 0.02, "other": 5}, 90 / 0.98).passed


@pytest.mark.parametrize(
    ("exchange", "mode", "date", "expected"),
    [
        ("bybit", "isolated", None, 92),
        ("bybit", "isolated", "2025-12-31", 92),
        ("bybit", "isolated", "2026-06-01", 90 / 0.98),
        ("bybit", "isolated", "2026-06-01T00:00:00+00:00", 90 / 0.98),
        ("bybit", "isolated", 1_780_000_000_000, 90 / 0.98),
        ("kucoin", "isolated", "2025-05-21", 92),
        ("kucoin", "isolated", "2025-05-23", 90 / 0.9794),
        ("bitget", "cross", "2025-11-09", 92.06),
        ("bitget", "cross", "2025-11-11", 90 / 0.9794),
    ],
)
def test_a_date_picks_the_rule_of_its_time(
    exchange: str, mode: str, date: str | int | None, expected: float
) -> None:
    inputs = {"side": 1, "entry": 100, "qty": 1, "margin": 10, "mmr": 0.02}
    assert told(exchange, inputs, expected, margin_mode=mode, date=date).passed


def test_inputs_that_only_the_new_rule_has_pick_it_without_a_date() -> None:
    inputs = {"side": 1, "entry": 100, "qty": 1, "margin": 10, "mmr": 0.02}
    assert told("kucoin", inputs | {"fee": 0.0006}, 90 / 0.9794).passed
    assert told("bitget", inputs | {"cum": 1}, 89 / 0.9794).passed
    added = inputs | {"margin": 9, "extra": 1.0006, "fee": 0.0006}
    assert told("bybit", added, 90 / 0.98).passed


def test_a_bankruptcy_price_leads_to_the_liquidation_price() -> None:
    known = {"side": 1, "bankrupt": 90, "mmr": 0.02}
    assert told("kucoin", known, 90 / 0.9794, **CROSS).passed
    assert told("phemex", known, 90 / 0.98, **CROSS).passed
    assert told("bitmex", known | {"entry": 100}, 92).passed
    held = {"side": 1, "bankrupt": 20000, "Q": 1000, "pos_maint": 0.0004, "pos_comm": 0.0001}
    assert told("bitmex", held, 1000 / (0.05 - 0.0003), **INVERSE).passed
    assert told("bitmex", {"side": -1, "bankrupt": 110, "qty": 2, "maint_less_fee": 4}, 108).passed


def test_amounts_of_maintenance_beside_entry_and_margin_are_understood() -> None:
    amounts = {"side": 1, "entry": 100, "qty": 2, "pos_init": 20, "pos_maint": 5, "pos_comm": 1}
    assert told("kucoin", amounts, 92).passed
    amounts = {"side": -1, "entry": 100, "qty": 2, "margin": 20, "maint_less_fee_per_qty": 2}
    assert told("kucoin", amounts, 108).passed


def test_the_margin_of_others_is_known_by_any_name_that_says_so() -> None:
    account = {"e": 1825, "s": -3, "p": 3000, "mmf": 0.05}
    assert told("dydx", account | {"MMR_others": 175}, 3380.952381, **CROSS).passed
    assert told("dydx", account | {"mm_of_other_positions": 175}, 3380.952381, **CROSS).passed


def test_a_side_may_be_told_in_words_among_the_inputs() -> None:
    inputs = {"side": "short", "entry": 100, "qty": 1, "margin": 10, "mmr": 0.02}
    assert told("binance", inputs, 110 / 1.02).passed


def test_the_funding_to_come_is_fixed_with_a_margin_that_is_fixed() -> None:
    inputs = {"side": 1, "entry": 100, "qty": 1, "margin": 10, "mmr": 0.02, "funding": 0.01}
    assert told("kucoin", inputs, 93).passed
    assert told("binance", inputs, 90 / 0.98).passed


def test_phemex_contracts_in_dollars_go_by_the_older_rule() -> None:
    inputs = {"side": 1, "entry": 100, "qty": 1, "margin": 10, "mmr": 0.02}
    assert told("phemex", inputs, 92, symbol="ETHUSD").passed
    assert told("phemex", inputs, 90 / 0.9794, symbol="ETHUSDT").passed


def test_contracts_are_counted_by_their_size() -> None:
    inputs = {"side": 1, "entry": 100, "contracts": 50, "contract_size": 0.02, "mmr": 0.02}
    assert told("binance", inputs | {"margin": 10}, 90 / 0.98).passed


def test_a_venues_numbers_may_come_as_text() -> None:
    inputs = {"side": "1", "entry": "100", "qty": "1", "margin": "10", "mmr": "0.02", "cum": None}
    assert told("binance", inputs, 90 / 0.98).passed


def test_a_short_may_be_told_by_its_sign() -> None:
    inputs = {"entry": 100, "qty": -1, "margin": 10, "mmr": 0.02}
    assert told("binance", inputs, 110 / 1.02).passed


def test_a_venue_nobody_knows_is_assumed_to_go_by_the_commonest_rule() -> None:
    inputs = {"side": 1, "entry": 100, "qty": 1, "margin": 10, "mmr": 0.02, "fee": 0.001}
    checked = told("nowhere", inputs, 90 / 0.979)
    assert checked.passed
    assert checked.rule.words == "A, fee 0.1 %, assumed"
