"""Each venue goes by its own rule, and some have changed it."""

from datetime import UTC, datetime

import pytest

from bot.core.instruments import Contract
from bot.core.margin.rules import Family, MarginMode, rule_for, rules_of, venue

A, B, C = Family.AT_LIQUIDATION, Family.AT_ENTRY, Family.FROZEN


def at(date: str) -> int:
    return int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("exchange", "contract", "mode", "family", "fee"),
    [
        ("binance", "linear", "isolated", A, 0),
        ("binance", "inverse", "cross", A, 0),
        ("okx", "linear", "cross", A, 0.0005),
        ("gate", "inverse", "isolated", A, 0.00075),
        ("kucoin", "linear", "cross", A, 0.0006),
        ("bitmex", "inverse", "isolated", B, 0),
        ("mexc", "linear", "isolated", B, 0),
        ("delta", "linear", "isolated", B, 0),
        ("phemex", "linear", "isolated", A, 0.0006),
        ("phemex", "inverse", "isolated", B, 0),
        ("krakenfutures", "inverse", "isolated", A, 0),
        ("krakenfutures", "linear", "isolated", B, 0),
        ("hyperliquid", "linear", "cross", A, 0),
        ("dydx", "linear", "cross", A, 0),
        ("htx", "linear", "isolated", A, 0),
        ("coinex", "linear", "cross", A, 0),
        ("blofin", "linear", "cross", A, 0.0006),
        ("bingx", "linear", "isolated", A, 0.0005),
        ("lighter", "linear", "cross", A, 0),
        ("architect_ax", "linear", "cross", C, 0),
    ],
)
def test_a_venue_goes_by_its_own_rule(
    exchange: str, contract: str, mode: str, family: Family, fee: float
) -> None:
    rule = rule_for(exchange, Contract(contract), mode=MarginMode(mode))
    assert (rule.family, rule.fee, rule.known) == (family, fee, True)


@pytest.mark.parametrize(
    ("exchange", "mode", "before", "then", "after"),
    [
        ("bybit", "isolated", B, "2026-01-01", A),
        ("kucoin", "isolated", B, "2025-05-22", A),
        ("bitget", "cross", C, "2025-11-10", A),
    ],
)
def test_a_venue_that_changed_its_rule_has_both(
    exchange: str, mode: str, before: Family, then: str, after: Family
) -> None:
    changed = at(then)
    old = rule_for(exchange, Contract.LINEAR, changed - 1, MarginMode(mode))
    new = rule_for(exchange, Contract.LINEAR, changed, MarginMode(mode))
    assert (old.family, new.family) == (before, after)
    assert rule_for(exchange, Contract.LINEAR, mode=MarginMode(mode)) == new


def test_bitget_gives_deductions_only_since_november_2025() -> None:
    old, new = rules_of("bitget", Contract.LINEAR, MarginMode.ISOLATED)
    assert (old.deduction, new.deduction) == (False, True)
    assert new.since == at("2025-11-10")


def test_a_venue_nobody_knows_gets_the_commonest_rule_and_says_so() -> None:
    rule = rule_for("nowhere", Contract.INVERSE)
    assert (rule.family, rule.fee, rule.known) == (A, 0, False)
    assert rule.words == "A, assumed"


@pytest.mark.parametrize(
    ("said", "meant"),
    [("Binance", "binance"), ("binanceusdm", "binance"), ("huobi", "htx"), ("gate.io", "gate")],
)
def test_a_venue_is_known_by_its_other_names(said: str, meant: str) -> None:
    assert venue(said) == meant
