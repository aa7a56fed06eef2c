"""The coach says what the figures bear out, and of too few that they are too few."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR
from bot.core.journal.review import review
from bot.core.journal.trade import Mistake, Trade, ended
from bot.core.market.liquidations import PositionSide
from bot.desk import coach_words
from tests.support.journals import NOW, trades

FIRST = Trade("t1", "me", "BTC", PositionSide.LONG, 100.0, NOW - DAY, stop=98.0)
WON, LOST = 104.0, 98.0  # +1.9R, −1.1R


def closed(exits: Sequence[float], **changes: object) -> list[Trade]:
    """Trades that ended so, an hour each."""
    made = replace(FIRST, **changes)  # type: ignore[arg-type]
    return [
        ended(replace(made, id=f"t{place}"), at, made.opened + (place + 1) * HOUR)
        for place, at in enumerate(exits)
    ]


def advice(*groups: list[Trade]) -> str:
    return coach_words.advice(review([each for group in groups for each in group], NOW))


def said(*groups: list[Trade]) -> str:
    return "\n".join(coach_words.lines(review([each for group in groups for each in group], NOW)))


def test_nine_trades_are_too_few_however_they_ended() -> None:
    nine = closed([LOST] * 9, mistakes=(Mistake.CHASED,), signal="sweep")
    found = review(nine, NOW)
    assert advice(nine) == "What to change: too few to say (9 of 10 trades)."
    assert coach_words.headline(found) == "Coach: 9 of 10 trades that it takes to say anything"
    text = said(nine)
    assert "By signal: sweep too few to say (9)." in text
    assert "“chased” cost 9.5R in 9 trades" in text
    assert "Sums of fewer than 10 trades: too few to say." in text


def test_the_tenth_loss_says_what_to_leave_out() -> None:
    ten = closed([LOST] * 10, mistakes=(Mistake.CHASED,))
    assert advice(ten, closed([WON] * 12)) == (
        "What to change: trades with “chased” cost 1.06R each (90 %: −1.06R to −1.06R, 10 trades): "
        "leave those out first."
    )
    assert "too few" not in said(ten, closed([WON] * 12))


def test_a_mistake_of_few_trades_changes_nothing_however_dear() -> None:
    few = closed([90.0] * 5, mistakes=(Mistake.REVENGE,), signal="magnet")
    assert "revenge" not in advice(few, closed([WON, LOST] * 10, signal="magnet"))


def test_a_signal_that_costs_is_left_out_and_one_that_earns_preferred() -> None:
    costs, earns = closed([LOST] * 10, signal="cascade"), closed([WON] * 10, signal="sweep")
    assert advice(costs, earns).startswith("What to change: cascade trades cost 1.06R each")
    even = closed([WON, LOST, LOST] * 5)
    assert advice(even, earns).startswith("What to change: sweep trades earn +1.94R each")
    own = closed([LOST] * 10)
    assert advice(own, earns).startswith("What to change: trades of your own idea cost 1.06R")


def test_where_nothing_stands_out_nothing_is_made_of_it() -> None:
    even = closed([WON, LOST, LOST] * 5)
    assert advice(even) == "What to change: nothing can be told from luck yet."
    earns = closed([WON] * 10, signal="sweep")
    assert advice(earns) == "What to change: nothing stands out; as a whole these trades earn."


def test_trades_without_a_stop_are_left_out_of_r_and_said_to_be() -> None:
    bare = closed([101.0] * 3, stop=None)
    text = said(closed([WON] * 10), bare)
    assert (
        "3 trades without a stop cannot be counted in R and are left out; on the average " in text
    )
    assert "+0.88 % of the value." in text
    alone = said(bare)
    assert "cannot be counted" not in alone  # then all are counted in percent
    assert "Sum of all: +2.6 %" in alone


def test_the_week_and_the_fall_are_told() -> None:
    old = closed([WON] * 4, opened=NOW - 30 * DAY)
    new = closed([LOST] * 2)
    text = said(old, new)
    assert "Last 7 days: 2 trades, −2.1R in all, 0 % won." in text
    assert "Sum of all: +5.6R; deepest fall −2.1R, 2.1R below its best now." in text
    assert "Last 7 days: no trade closed." in said(old)
    assert "at its best now" in said(old)
    assert "No mistake is told of" in said(old)


def test_an_empty_journal_says_how_to_begin() -> None:
    found = review([FIRST], NOW)
    assert coach_words.headline(found) == "Coach: no closed trade yet"
    assert "one tap under an alert" in coach_words.lines(found)[0]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 40),
    st.integers(0, 1000),
    st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    st.floats(-1, 1),
)
def test_whatever_trades_there_are_nothing_is_said_of_fewer_than_ten(
    count: int, seed: int, stops: float, skill: float
) -> None:
    found = review(trades(count, seed=seed, stops=stops, skill=skill), NOW)
    text = "\n".join((coach_words.headline(found), *coach_words.lines(found)))
    assert "nan" not in text
    for each in (*found.by_signal, *found.by_mistake):
        if not each.enough:
            assert math.isnan(each.low)
            assert f"“{each.name}” cost" not in coach_words.advice(found).replace("with ", "")
            assert f"{each.name} trades" not in coach_words.advice(found)
    assert len(text) < 1900


@pytest.mark.parametrize("count", [12, 60])
def test_the_same_trades_always_tell_the_same(count: int) -> None:
    told = trades(count)
    assert said(told) == said(told[::-1])
