"""A malformed example is told which input is missing or wrong, and what would be right."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import BadExample
from bot.core.margin.examples import check, read_example
from bot.core.margin.inputs import NAMES
from tests.support.positions import CROSS, INVERSE

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
    "a margin that is none": (
        {"inputs": WHOLE | {"margin": -20}},
        (
            "margin is -20, which is not above zero; "
            "it is the position's own margin (or give its leverage)."
        ),
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
