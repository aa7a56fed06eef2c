"""Prices that venues gave, met by the rule that follows from how the position is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.core.margin.examples import check, read_example
from tests.support.positions import BANKRUPTCY, CROSS, INVERSE, told

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
    "lighter cross": (
        "lighter",
        {"side": 1, "entry": 2669.84, "qty": 18.0193, "mmr": 0.012}
        | {"wallet_balance": 15298.072264 - 6197.829558},
        2191.1107231380406,
        CROSS,
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
