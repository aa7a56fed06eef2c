"""How far orders go through books, and how much of that is only supposed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NotEnoughData
from bot.core.flow.impact import impact
from bot.core.flow.ladder import OrderSide, ladder
from bot.core.market.depth import OrderBook, Orders
from tests.support.books import any_book, book

sides = st.sampled_from(list(OrderSide))
sizes = st.lists(st.floats(0, 1e10), min_size=1, max_size=8)


def two_levels() -> OrderBook:
    """100 USD at 99 and at 101, 200 USD at 98 and 102."""
    return OrderBook(
        0,
        Orders(np.array([99.0, 98.0]), np.array([100 / 99, 200 / 98])),
        Orders(np.array([101.0, 102.0]), np.array([100 / 101, 200 / 102])),
    )


@pytest.mark.parametrize("met", list(OrderSide))
def test_orders_go_to_the_last_level_they_meet(met: OrderSide) -> None:
    found = impact([two_levels()], np.array([0.0, 50.0, 100.0, 101.0, 300.0]), met)
    assert found.move == pytest.approx([0.0, 0.01, 0.01, 0.02, 0.02])
    assert found.told.tolist() == [1.0] * 5


def test_beyond_what_is_told_orders_stand_as_thick_as_in_its_outer_half() -> None:
    # The outer half of 2 % holds both levels: 300 USD in 1 %.
    found = impact([two_levels()], np.array([600.0]), OrderSide.ASK)
    assert found.move[0] == pytest.approx(0.03)
    assert found.told[0] == pytest.approx(0.5)
    assert found.extrapolated.tolist() == [True]


@given(any_book(), sizes, sides)
def test_more_dollars_never_go_less_far(one: OrderBook, usd: list[float], met: OrderSide) -> None:
    found = impact([one], np.sort(np.array(usd)), met)
    assert bool(np.all(np.diff(found.move) >= 0))
    assert bool(np.all((found.told >= 0) & (found.told <= 1)))
    assert bool(np.all(np.isfinite(found.move) & (found.move >= 0)))


@given(any_book(), sizes, sides)
def test_the_same_book_on_two_venues_takes_twice_the_dollars(
    one: OrderBook, usd: list[float], met: OrderSide
) -> None:
    alone = impact([one], np.array(usd), met)
    both = impact([one, one], 2 * np.array(usd), met)
    assert both.move == pytest.approx(alone.move, rel=1e-9)
    assert both.told == pytest.approx(alone.told, rel=1e-6, abs=1e-9)


@given(any_book(), any_book(), st.floats(1, 1e9), sides)
def test_a_further_venue_never_makes_a_move_larger(
    one: OrderBook, other: OrderBook, usd: float, met: OrderSide
) -> None:
    asked = np.array([usd])
    alone = impact([one], asked, met).move[0]
    assert impact([one, other], asked, met).move[0] <= alone * (1 + 1e-9)


@given(any_book(), sides, st.floats(0.01, 0.99))
def test_what_a_move_meets_is_what_was_sent(one: OrderBook, met: OrderSide, part: float) -> None:
    steps = ladder(one, met)
    usd = part * float(steps.value.sum())
    found = impact([one], np.array([usd]), met)
    assert found.told[0] == 1
    assert steps.within(float(found.move[0])) >= usd * (1 - 1e-9)
    nearer = steps.value[steps.away < found.move[0] - 1e-12].sum()
    assert nearer < usd


def test_a_price_cannot_fall_below_nothing() -> None:
    found = impact([two_levels()], np.array([1e12]), OrderSide.BID)
    assert found.move.tolist() == [1.0]
    assert found.extrapolated.all()


def test_a_venue_that_tells_little_is_carried_on_while_the_other_is_read() -> None:
    shallow, deep = book(reach=0.001, levels=10), book(reach=0.05, levels=500)
    usd = np.array([600_000.0])
    found = impact([shallow, deep], usd, OrderSide.BID)
    both = impact([deep, deep], usd, OrderSide.BID)
    assert found.move[0] == pytest.approx(both.move[0], rel=0.15)
    assert 0.4 < found.told[0] < 1


def test_without_a_book_there_is_no_impact() -> None:
    with pytest.raises(NotEnoughData, match="no order book"):
        impact([], np.array([1.0]), OrderSide.BID)
