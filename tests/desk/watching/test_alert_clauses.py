"""Clauses with the figures they were judged by, as a headline says them."""

import math

import pytest

from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.judge import Found
from bot.core.watches.parse import condition
from bot.core.watches.tree import leaves
from bot.core.watches.truth import Truth
from bot.desk.watching.clause_words import seen


def judged(text: str, *values: float, truths: tuple[Truth, ...] = ()) -> tuple[str, ...]:
    """Say a condition whose clauses were judged by some figures; true unless said otherwise."""
    tree = condition(text)
    clauses = tuple(leaves(tree))
    truths = truths or (Truth.TRUE,) * len(clauses)
    found = [
        Found(leaf, value, truth, About(Side.ABOVE, 1, 2))
        for leaf, value, truth in zip(clauses, values, truths, strict=True)
    ]
    return seen(tree, found)


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("funding > 0.03%", 0.00041, "funding 0.041 % > 0.03 %"),
        ("funding < -0.01%", -0.0002, "funding −0.020 % < −0.01 %"),
        ("funding rising 8h", 0.00004, "funding +0.0040 % in 8 h"),
        ("oi rising 4h", 0.031, "open interest +3.1 % in 4 h"),
        ("oi change 4h > 3%", 0.031, "open interest +3.1 % in 4 h > 3 %"),
        ("oi > 10B", 1.2e10, "open interest $12B > $10B"),
        ("price > 60000", 61_240.0, "price 61,240 > 60,000"),
        ("price crosses above 60000", 61_240.0, "price 61,240 crosses above 60,000"),
        ("price moves 3% in 90m", -0.034, "price −3.4 % in 90 min"),
        ("ratio > 1.5", 1.823, "long/short ratio 1.82 > 1.5"),
        ("clusters above > 500M within 3%", 5.2e8, "cluster above $520M within 3 % > $500M"),
        ("clusters below < 500M", 0.0, "no cluster below < $500M"),
        ("nearest cluster distance < 2%", 0.012, "nearest cluster 1.2 % away < 2 %"),
        ("delta < -100M", -2e8, "cumulative delta −$200M < −$100M"),
        ("liquidations longs 1h > 40M", 4.8e7, "longs liquidated $48M in 1 h > $40M"),
        ("liquidations 1h > 5x normal", 8.23, "liquidated 8.2x normal in 1 h > 5x"),
        ("cascade down", 1.0, "cascade down"),
        ("squeeze", 1.0, "maximum squeeze"),
        ("regime none", 0.0, "regime none"),
    ],
)
def test_a_clause_shows_its_figure_beside_what_it_was_held_against(
    text: str, value: float, said: str
) -> None:
    assert judged(text, value) == (said,)


def test_of_several_ways_only_those_are_said_that_hold() -> None:
    text = "funding > 0.03% or oi rising 4h"
    assert judged(text, 0.0001, 0.04, truths=(Truth.FALSE, Truth.TRUE)) == (
        "open interest +4.0 % in 4 h",
    )


def test_what_must_not_hold_is_said_as_such_where_it_has_a_figure() -> None:
    text = "funding > 0.03% and not price > 70000 and not cascade"
    truths = (Truth.TRUE, Truth.FALSE, Truth.FALSE)
    assert judged(text, 0.0005, 61_000.0, 0.0, truths=truths) == (
        "funding 0.050 % > 0.03 %",
        "price 61,000 (not > 70,000)",
    )


def test_a_figure_that_has_come_back_is_never_said_to_hold() -> None:
    assert judged("funding > 0.03%", 0.00028, truths=(Truth.FALSE,)) == (
        "funding 0.028 % (watched for > 0.03 %)",
    )


def test_a_figure_that_is_not_known_is_not_said() -> None:
    truths = (Truth.UNKNOWN, Truth.TRUE)
    assert judged("funding > 0.03% or price > 6", math.nan, 7.0, truths=truths) == (
        "price 7.0000 > 6.0000",
    )
