"""Positions told in each venue's own terms, and what their venues said of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import BadExample
from bot.core.margin.examples import Checked, check, read_example
from bot.core.margin.inputs import NAMES


def told(
    exchange: str, inputs: dict[str, Any], expected: float, tolerance: float = 1e-5, **more: Any
) -> Checked:
    raw = {
        "id": "one",
        "exchange": exchange,
        "contract_type": "linear",
        "margin_mode": "isolated",
        "inputs": inputs,
        "expected_price": expected,
        "tolerance": tolerance,
        **more,
    }
    return check(read_example(raw, 1))


INVERSE: dict[str, Any] = {"contract_type": "inverse"}
CROSS: dict[str, Any] = {"margin_mode": "cross"}
BANKRUPTCY: dict[str, Any] = {"asks": "bankruptcy_price"}

# Published by the venues: help pages, sample answers and positions people showed. Each is a price
# that the venue gave for the position before it.
VENUES: dict[str, tuple[str, dict[str, Any], float, dict[str, Any]]] = {
    "binance isolated": (
        "binance",
        {"side": 1, "entry": 32481.98, "qty": 109.488, "margin": 1535443.01, "mmr": 0.025}
        | {"cum": 16300},
        18778.73,
        {},
    ),
    "binance cross, others by name": (
        "binance",
        {"side": 1, "entry": 1456.84, "qty": 3683.979, "mmr": 0.1, "deduction": 135365}
        | {"wallet_balance": 1535443.01, "mm_others": 71200.81144, "upnl_others": -56354.568484},
        1153.26,
        CROSS,
    ),
    "bybit long at 50x": (
        "bybit",
        {"side": 1, "entry": 10000, "qty": 1, "leverage": 50, "mmr": 0.005},
        9850,
        {},
    ),
    "bybit short at 40x": (
        "bybit",
        {"side": -1, "entry": 8000, "qty": 1, "leverage": 40, "mmr": 0.005},
        8160,
        {},
    ),
    "mexc long at 25x": (
        "mexc",
        {"side": 1, "entry": 50000, "qty": 1, "leverage": 25, "mmr": 0.004},
        48200,
        {},
    ),
    "kucoin short at 100x": (
        "kucoin",
        {"side": -1, "entry": 28000, "qty": 1, "margin": 280, "mmr": 0.004},
        28168,
        {},
    ),
    "kucoin bankruptcy": (
        "kucoin",
        {"side": -1, "entry": 28000, "qty": 1, "margin": 280},
        28280,
        BANKRUPTCY,
    ),
    "kucoin cross, margin by value": (
        "kucoin",
        {"side": -1, "mark": 3800, "qty": 1, "amr": 0.226244343891, "mmr": 0.01, "fee": 0.0006},
        4610.8534601,
        CROSS,
    ),
    "coinex bankruptcy": (
        "coinex",
        {"side": -1, "settle": 30721.35, "lmr": 0.02},
        31335.777,
        BANKRUPTCY | CROSS,
    ),
    "kraken inverse": (
        "krakenfutures",
        {"side": 1, "entry": 8000, "Q": 1000, "margin": 0.01, "mmr": 0.01},
        7481.4814815,
        INVERSE,
    ),
    "okx inverse": (
        "okx",
        {"side": 1, "entry": 2566.31, "Q": 10, "margin": 0.0003896645377994, "mmr": 0.008},
        2352.8497,
        INVERSE,
    ),
    "okx cross by its margin ratio": (
        "okx",
        {"side": 1, "mark": 34132.18608359, "qty": 0.01, "margin_ratio": 140.499301176}
        | {"mmr": 0.004},
        12608.959084,
        CROSS,
    ),
    "bitget cross by its margin ratio": (
        "bitget",
        {"side": 1, "mark": 37370.5, "qty": 0.002, "margin_ratio": 0.3438086 / 11.634761394967}
        | {"mmr": 0.004},
        31725.0236024,
        CROSS,
    ),
    "bitget cross by amounts": (
        "bitget",
        {"side": 1, "mark": 37370.5, "qty": 0.002, "equity": 11.634761394967, "mm": 0.3438086},
        31725.0236024,
        CROSS,
    ),
    "htx by its adjust factor": (
        "htx",
        {"side": -1, "qty": 0.001, "entry_hold": 13130.3, "margin_static": 79.72434662}
        | {"adjust": 0.075, "lever": 10},
        92163.42096278,
        {},
    ),
    "hyperliquid isolated": (
        "hyperliquid",
        {"szi": 2.0, "raw_usd": -68.126246, "max_leverage": 10},
        35.8559189474,
        {},
    ),
    "hyperliquid cross": (
        "hyperliquid",
        {"szi": -76.4, "mark": 2.045, "account_value": 1182.312496}
        | {"maint_total": 25.744105284244, "l": 0.00749504785},
        17.0707113,
        CROSS,
    ),
    "dydx": ("dydx", {"e": 100, "s": -1, "p": 1000, "mmf": 0.03}, 1067.96116504854, CROSS),
    "phemex in tether": (
        "phemex",
        {"side": 1, "entry": 0.4, "qty": 500, "margin": 40.096, "mmr": 0.01, "fee": 0.0006},
        0.32323428,
        {},
    ),
    "kucoin before 2025 by its bankruptcy price": (
        "kucoin",
        {"side": 1, "bankrupt": 41218.6, "maint_less_fee_per_qty": 221.2788},
        41440,
        {},
    ),
    "a portfolio that no price can liquidate": (
        "architect_ax",
        {"side": 1, "mark": 1.167, "qty": 1000, "equity": 199991.24872668, "mm": 46.68},
        -198.77756872668,
        CROSS,
    ),
}


@pytest.mark.parametrize("case", VENUES)
def test_the_price_is_the_venues_own(case: str) -> None:
    exchange, inputs, expected, more = VENUES[case]
    checked = told(exchange, inputs, expected, **more)
    assert checked.passed, (checked.computed, checked.relative_error)


def rows() -> list[Any]:
    shared = Path(__file__).resolve().parents[4] / "shared/facts/liquidation_price_examples.json"
    return list(json.loads(shared.read_text())) if shared.exists() else [None]


@pytest.mark.parametrize("raw", rows(), ids=lambda raw: raw["id"] if raw else "none")
def test_every_known_number_of_a_venue_is_met(raw: Any, shared: Path) -> None:
    assert shared.is_dir()
    checked = check(read_example(raw, 1))
    assert checked.passed, (checked.computed, checked.relative_error)


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


WHOLE = {"side": 1, "entry": 100, "qty": 1, "margin": 10, "mmr": 0.02}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in WHOLE.items() if key != name}


MALFORMED: dict[str, tuple[dict[str, Any], str]] = {
    "margin": (
        {"inputs": without("margin")},
        "the input margin is missing; it is the position's own margin (or give its leverage).",
    ),
    "entry": (
        {"inputs": without("entry")},
        "the input entry is missing; it is the price the position was opened at, such as 32481.98.",
    ),
    "qty": (
        {"inputs": without("qty")},
        "the input qty is missing; it is the size in base coin, such as 0.25.",
    ),
    "Q": (
        {"inputs": without("qty"), **INVERSE},
        "the input Q is missing; it is the size in USD, such as 10000.",
    ),
    "mmr": (
        {"inputs": without("mmr")},
        "the input mmr is missing; it is the maintenance margin rate, a fraction such as 0.005.",
    ),
    "side": ({"inputs": without("side")}, "the side is missing; it is “long” or “short”."),
    "raw_usd": (
        {"exchange": "hyperliquid", "inputs": {"szi": 1, "max_leverage": 50}},
        "the input raw_usd is missing; it is the USDC beside the position, such as -475.24.",
    ),
    "account_value": (
        {"exchange": "hyperliquid", "inputs": {"szi": 1, "l": 0.01, "mark": 9}, **CROSS},
        "the input account_value is missing; it is the account's value in USD, such as 1182.31.",
    ),
    "lever": (
        {"exchange": "htx", "inputs": without("mmr") | {"adjust": 0.04}},
        "the input leverage is missing; it is the leverage the adjust factor is for, such as 5.",
    ),
    "a rate in percent": (
        {"inputs": WHOLE | {"mmr": 2}},
        (
            "mmr is 2, which is not between 0 and 1; "
            "it is the maintenance margin rate, a fraction such as 0.005."
        ),
    ),
    "a price below zero": (
        {"inputs": WHOLE | {"entry": -5}},
        (
            "entry is -5, which is not above zero; "
            "it is the price the position was opened at, such as 32481.98."
        ),
    ),
    "no position": ({"inputs": WHOLE | {"qty": 0}}, "qty is 0, which is no position."),
    "no signed position": (
        {"exchange": "hyperliquid", "inputs": {"szi": 0, "raw_usd": 1, "l": 0.01}},
        "szi is 0, which is no position.",
    ),
    "two names": (
        {"inputs": WHOLE | {"maintenance_margin_rate": 0.02}},
        "mmr and maintenance_margin_rate are the same input, given twice.",
    ),
    "words": (
        {"inputs": WHOLE | {"entry": "much"}},
        "inputs.entry is 'much'; it should be a number.",
    ),
    "yes": ({"inputs": WHOLE | {"qty": True}}, "inputs.qty is True; it should be a number."),
    "nan": ({"expected_price": float("nan")}, "expected_price is nan; it should be a number."),
    "no inputs": (
        {"inputs": []},
        "inputs should be an object such as {entry, qty, margin, mmr}.",
    ),
    "no exchange": (
        {"exchange": None},
        "exchange is missing; it should be a text such as “binance”.",
    ),
    "contract": (
        {"contract_type": "quanto"},
        "contract_type is “quanto”; known are linear and inverse.",
    ),
    "mode": ({"margin_mode": "both"}, "margin_mode is “both”; known are isolated and cross."),
    "asks": (
        {"asks": "mark"},
        "asks is “mark”; known are liquidation_price and bankruptcy_price.",
    ),
    "expected": ({"expected_price": None}, "expected_price is missing; it should be a number."),
    "date": ({"date": "last week"}, "date is 'last week'; it should be one such as 2025-11-10."),
    "side word": ({"side": "up"}, "side is 'up'; it should be “long” or “short”."),
    "side sign": (
        {"inputs": WHOLE | {"side": 2}},
        "inputs.side is 2; it should be 1 (long) or -1 (short).",
    ),
    "a list for a side": (
        {"inputs": WHOLE | {"side": ["long"]}},
        "inputs.side is ['long']; it should be a number.",
    ),
    "two sides": ({"side": "short"}, "side and inputs.side name different sides."),
    "a bankruptcy price alone": (
        {"exchange": "bitmex", "inputs": {"side": 1, "bankrupt": 90}},
        (
            "the input entry is missing; it is the price the position was opened at, "
            "such as 32481.98 (or give maint_less_fee_per_qty)."
        ),
    ),
    "a margin ratio alone": (
        {"exchange": "okx", "inputs": {"side": 1, "mark": 9, "qty": 1, "margin_ratio": 3}},
        "the input mmr is missing; it is the maintenance margin rate, a fraction such as 0.005.",
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_example_is_told_what_would_be_right(case: str) -> None:
    change, sentence = MALFORMED[case]
    raw: dict[str, Any] = {
        "id": "one",
        "exchange": "binance",
        "contract_type": "linear",
        "margin_mode": "isolated",
        "inputs": WHOLE,
        "expected_price": 1,
    } | change
    with pytest.raises(BadExample) as refused:
        check(read_example(raw, 1))
    assert str(refused.value) == f"Example “one”: {sentence}"


numbers = st.one_of(
    st.floats(), st.integers(-5, 5), st.just(10**400), st.none(), st.booleans(), st.text("1e-.")
)
anything = st.recursive(
    numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
terms = st.sampled_from(sorted(NAMES))


@given(
    st.fixed_dictionaries(
        {
            "exchange": st.sampled_from(["okx", "bybit", "hyperliquid", "dydx", "htx", "phemex"]),
            "contract_type": st.sampled_from(["linear", "inverse"]),
            "margin_mode": st.sampled_from(["isolated", "cross"]),
            "inputs": st.dictionaries(terms, numbers | st.floats(1e-3, 1e3)) | anything,
            "expected_price": st.just(1) | anything,
        },
        optional={
            "date": anything,
            "side": st.sampled_from(["long", "short"]) | anything,
            "asks": st.sampled_from(["liquidation_price", "bankruptcy_price"]) | anything,
            "tolerance": anything,
            "symbol": anything,
            "id": anything,
        },
    )
    | anything
)
def test_whatever_is_asked_gets_a_price_or_a_sentence(raw: Any) -> None:
    said = "Example “"
    try:
        check(read_example(raw, 1))
    except BadExample as refused:
        said = str(refused)
    assert said.startswith("Example “")


def test_an_example_without_a_name_goes_by_its_number() -> None:
    with pytest.raises(BadExample, match="Example “#7”: should be an object, in braces"):
        read_example("text", 7)
