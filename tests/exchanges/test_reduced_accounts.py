"""Accounts that may have been liquidated: asked nearest first, and none for ever."""

import math

import pytest

from bot.exchanges.fills import Told
from bot.exchanges.parse.common import Fill, FillPage, ForcedOrder, OpenPosition
from bot.exchanges.reduced import ReducedAccounts, nearest

LONG = OpenPosition("BTC", 1, 2.0, 100.0, 10.0, 95.0, isolated=True, mark_price=100.0)


@pytest.mark.parametrize(
    ("now", "distance"),
    [
        ({}, 0.05),
        ({"BTC": LONG._replace(quantity=1.9)}, 0.05),
        ({"BTC": LONG._replace(side=-1, quantity=9.0)}, 0.05),
        ({"BTC": LONG}, math.inf),
        ({"BTC": LONG._replace(quantity=3.0)}, math.inf),
    ],
)
def test_a_position_that_is_gone_smaller_or_turned_has_become_smaller(
    now: dict[str, OpenPosition], distance: float
) -> None:
    assert nearest({"BTC": LONG}, now) == pytest.approx(distance)


def test_what_no_price_liquidates_was_never_near_and_what_is_not_told_may_have_been() -> None:
    assert nearest({"BTC": LONG._replace(liquidation_price=math.nan)}, {}) == math.inf
    assert nearest({"BTC": LONG._replace(mark_price=math.nan)}, {}) == 0.0


def test_the_nearest_is_asked_first_from_when_it_was_first_seen_to_hold_less() -> None:
    waiting = ReducedAccounts()
    waiting.note("far", 1, {"BTC": LONG._replace(liquidation_price=85.0)}, {})
    waiting.note("near", 2, {"BTC": LONG}, {})
    waiting.note("near", 3, {"BTC": LONG._replace(liquidation_price=90.0)}, {})
    first, second = waiting.next(), waiting.next()
    assert first is not None
    assert (first.address, first.since) == ("near", 2)
    assert first.distance == pytest.approx(0.05)
    assert second is not None
    assert second.address == "far"
    assert waiting.next() is None


def test_who_is_asked_in_vain_waits_behind_the_others_and_is_let_go_in_the_end() -> None:
    waiting = ReducedAccounts()
    waiting.note("near", 1, {"BTC": LONG}, {})
    asked = 0
    while (one := waiting.next()) is not None:
        asked += 1
        waiting.again(one)
        if asked == 1:
            waiting.note("far", 1, {"BTC": LONG._replace(liquidation_price=85.0)}, {})
            other = waiting.next()
            assert other is not None
            assert other.address == "far"
    assert asked == 10


def test_of_more_than_can_be_asked_the_farthest_are_let_go() -> None:
    waiting = ReducedAccounts()
    for n in range(100):
        held = LONG._replace(liquidation_price=100.0 - n / 10)
        waiting.note(f"at {n}", 1, {"BTC": held}, {})
    found = []
    while (one := waiting.next()) is not None:
        found.append(one.address)
    assert found == [f"at {n}" for n in range(60)]


def fills(*tids: int, time: int = 1000) -> FillPage:
    return FillPage([Fill(tid, ForcedOrder("BTC", time, 1, 100.0, 1.0)) for tid in tids])


def test_a_trade_is_told_once_and_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.exchanges.fills._REMEMBERED", 10)
    told = Told(since=500)
    assert len(told.fresh(fills(*range(8)))) == 8
    assert told.fresh(fills(*range(8))) == []
    assert len(told.fresh(fills(*range(4, 12)))) == 4
    assert len(told._seen) == 10
    assert len(told.fresh(fills(11, time=1001))) == 1  # the number of another moment is another's
