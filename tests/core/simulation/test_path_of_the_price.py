"""Orders and closing levels are met in the order of the price's way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.simulation.book import COLUMNS, Book, closing_levels
from bot.core.simulation.path import Ladder, Opening, Order, Quotes, Walk, Why
from bot.core.simulation.tape import slices
from bot.core.simulation.traders import FAR, liquidation_level

SUBSTEP = 15_000
STILL = Quotes(target=0.0, keep=0.5, lasting=0.0, passing=0.0)


def book_of(
    side: list[float], liquidation: list[float], quantity: float = 1.0, take: float = FAR
) -> Book:
    """Positions opened at log price 0, liquidated at log prices."""
    book = Book(capacity=2)
    signs, levels = np.array(side), np.array(liquidation)
    count = len(side)
    down, up, stopped = closing_levels(
        signs, np.zeros(count), levels, np.full(count, FAR), np.full(count, take)
    )
    given_columns = {
        "side": signs,
        "quantity": np.full(count, quantity),
        "liquidation": levels,
        "down": down,
        "up": up,
        "stopped": stopped,
    }
    rest = {name: np.zeros(count) for name in COLUMNS if name not in given_columns}
    book.add(given_columns | rest)
    return book


def walked(book: Book, moves: list[float], quotes: Quotes = STILL, reach: float = 0.01) -> Walk:
    walk = Walk(0.0, 0.0, quotes, reach, book)
    walk.run(moves, [0.0] * len(moves), [], [], SUBSTEP)
    return walk


@given(
    st.lists(st.floats(-2, 2), max_size=40),
    st.floats(0.01, 3),
    st.sampled_from([1.0, -1.0]),
)
def test_levels_are_met_nearest_first_whatever_the_reach(
    levels: list[float], reach: float, sign: float
) -> None:
    ladder = Ladder(np.array(levels), sign, 0.0, reach)
    met = []
    while ladder.nearest > -2.5:
        mirrored, row = ladder.pop()
        if row >= 0:
            met.append(mirrored)
            assert levels[row] == sign * mirrored
    assert met == sorted((sign * level for level in levels), reverse=True)


def test_a_fall_liquidates_longs_from_the_top_and_no_short() -> None:
    book = book_of([1, 1, 1, -1], [-0.02, -0.01, -0.05, 0.01])
    walk = walked(book, [-0.015, -0.015])
    assert [closing.row for closing in walk.closings] == [1, 0]
    assert {closing.why for closing in walk.closings} == {Why.LIQUIDATION}
    assert [closing.price for closing in walk.closings] == [-0.01, -0.02]
    first, second = (closing.time for closing in walk.closings)
    assert 0 < first < SUBSTEP <= second < 2 * SUBSTEP


def test_a_liquidation_moves_the_price_into_the_next() -> None:
    book = book_of([1, 1, 1], [-0.010, -0.012, -0.020], quantity=100.0)
    moving = Quotes(target=0.0, keep=1.0, lasting=2e-5, passing=2e-5)
    alone = walked(book, [-0.0105])
    pushed = walked(book, [-0.0105], moving)
    assert [closing.row for closing in alone.closings] == [0]
    assert [closing.row for closing in pushed.closings] == [0, 1]
    assert pushed.price < -0.0105 - 0.007
    assert pushed.low == pushed.price
    assert pushed.closings[1].time > pushed.closings[0].time


def test_a_target_is_filled_at_its_price_and_takes_nothing_from_the_book() -> None:
    book = book_of([1], [-0.5], quantity=100.0, take=0.01)
    walk = walked(book, [0.02], Quotes(target=0.0, keep=1.0, lasting=0.0, passing=1e-3))
    assert walk.closings[0].why is Why.TAKE
    assert walk.closings[0].price == 0.01
    assert walk.price == 0.02


def test_a_position_opened_on_the_way_can_be_liquidated_on_it() -> None:
    walk = Walk(0.0, 0.0, STILL, 0.01, Book())
    opening = Opening(side=1.0, value=50.0, down=-0.03, up=FAR, stopped=False)
    order = Order(substep=0, row=0, value=50.0, taker=True)
    walk.run([0.01, -0.02, -0.025], [0.0] * 3, [order], [opening], SUBSTEP)
    assert walk.entries == [0.01]
    assert [closing.row for closing in walk.closings] == [0]
    assert walk.closings[0].price == pytest.approx(-0.02)


def test_a_level_that_came_to_the_price_is_filled_at_the_price_there_is() -> None:
    """Funding or other losses can move a liquidation price past the market's."""
    walk = walked(book_of([1], [0.03]), [-0.001])
    assert walk.closings[0].price == 0.0


def test_who_is_liquidated_cannot_close_any_more() -> None:
    book = book_of([1], [-0.01])
    walk = Walk(0.0, 0.0, STILL, 0.01, book)
    walk.run([-0.02, 0.0], [0.0, 0.0], [Order(1, 0, -1.0, taker=True)], [], SUBSTEP)
    assert [closing.why for closing in walk.closings] == [Why.LIQUIDATION]


@given(st.lists(st.integers(0, 60), unique=True, max_size=40), st.integers(0, 30))
def test_a_book_closes_up_over_those_who_left(leaving: list[int], spare: int) -> None:
    count = 61 + spare
    book = Book(capacity=8)
    book.add({name: np.arange(float(count)) for name in COLUMNS})
    book.remove(np.array(leaving, dtype=np.intp))
    assert book.count == count - len(leaving)
    assert sorted(book["wallet"]) == sorted(set(range(count)) - set(leaving))
    assert np.array_equal(book["wallet"], book["side"])


@given(
    st.floats(0.0, 6.0),
    st.floats(1.0, 60.0),
    st.floats(0.001, 0.012),
    st.sampled_from([1.0, -1.0]),
)
def test_equity_at_the_liquidation_price_is_the_maintenance_margin(
    entry: float, leverage: float, rate: float, sign: float
) -> None:
    one = np.ones(1)
    value, wallet = 1000.0 * one, 1000.0 * one / leverage
    level = liquidation_level(sign * one, entry * one, value, wallet, rate * one, 2.0 * one)
    if level[0] <= -FAR / 2:
        assert sign > 0
        return
    quantity = value * np.exp(-entry)
    at = np.exp(level)
    equity = wallet + sign * quantity * (at - np.exp(entry))
    assert equity == pytest.approx(quantity * at * rate - 2.0, abs=1e-6)


@given(
    st.lists(st.tuples(st.floats(0, 290_000), st.floats(1e-3, 500)), min_size=1, max_size=20),
)
def test_an_engines_orders_add_up_to_what_it_closes(closed: list[tuple[float, float]]) -> None:
    closed.sort()
    forced = np.array([[at, 1.0, 100.0, quantity] for at, quantity in closed])
    orders = slices(forced, 1000.0, 250.0, 300_000.0)
    assert orders[:, 3].sum() == pytest.approx(forced[:, 3].sum())
    assert (orders[:, 2] * orders[:, 3]).max() <= 1000.0 * (1 + 1e-12)
    assert np.all(np.diff(orders[:, 0]) >= 0)
    assert orders[:, 0].max() < 300_000
