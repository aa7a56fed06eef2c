"""Depth by band, common zones of several venues, and walls that stand out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.estimate.maps import Cluster
from bot.core.flow.depth import BANDS, EXTENTS, depth_of, zones_of
from bot.core.flow.ladder import OrderSide
from bot.core.flow.walls import Wall, walls_of
from bot.core.market.depth import OrderBook, Orders
from bot.core.market.liquidations import PositionSide
from tests.support.books import any_book, book

some_books = st.lists(any_book(), min_size=1, max_size=3)


def walls(*books: OrderBook, clusters: tuple[Cluster, ...] = ()) -> tuple[Wall, ...]:
    names = ["binance", "okx", "bybit"][: len(books)]
    return walls_of(books, names, clusters)


def test_depth_is_what_stands_within_one_two_and_five_percent() -> None:
    found = depth_of([book(usd=10_000, reach=0.06, levels=600)])  # a level each 0.01 %
    assert found.bids == pytest.approx([1e6, 2e6, 5e6])
    assert found.asks == pytest.approx([1e6, 2e6, 5e6])
    assert found.balance == pytest.approx([0, 0, 0])
    assert not any(found.partial(band, side) for band in range(3) for side in OrderSide)


def test_a_book_that_ends_early_is_partial_beyond_its_end() -> None:
    found = depth_of([book(reach=0.015), book(reach=0.06)])
    assert found.bids_reach == pytest.approx(0.015)
    for side in OrderSide:
        assert [found.partial(band, side) for band in range(3)] == [False, True, True]


def test_sides_are_compared_only_as_deep_as_both_are_told() -> None:
    whole = book(reach=0.05, levels=500)
    bids = Orders(whole.bids.price[:50], whole.bids.quantity[:50])
    found = depth_of([OrderBook(whole.time, bids, whole.asks)])
    assert found.bids[2] < found.asks[2] / 5
    assert found.balance[2] == pytest.approx(0, abs=1e-9)


@given(any_book())
def test_depth_grows_outward_and_venues_add_up(one: OrderBook) -> None:
    alone, both = depth_of([one]), depth_of([one, one])
    assert list(alone.bids) == sorted(alone.bids)
    assert list(alone.asks) == sorted(alone.asks)
    assert both.bids == pytest.approx([2 * usd for usd in alone.bids])
    assert both.balance == pytest.approx(alone.balance)
    assert all(-1 <= each <= 1 for each in alone.balance)


@given(some_books)
def test_zones_keep_every_dollar_within_their_reach(books: list[OrderBook]) -> None:
    zones = zones_of(books)
    assert zones.extent == pytest.approx(min(EXTENTS, key=lambda e: abs(e - zones.extent)))
    low, high = zones.edges[0], zones.edges[-1]
    for place, each in enumerate(books):
        for orders, usd in ((each.bids, zones.bids), (each.asks, zones.asks)):
            inside = (orders.price >= low) & (orders.price <= high)
            assert usd[place].sum() == pytest.approx(orders.value[inside].sum())


def test_a_shallow_book_is_shown_as_closely_as_it_is_told() -> None:
    assert zones_of([book(reach=0.0015)]).extent == pytest.approx(0.002)
    assert zones_of([book(reach=0.0015), book(reach=0.03)]).extent == pytest.approx(BANDS[-1])


def test_prices_of_venues_that_trade_apart_stay_as_they_are() -> None:
    one, other = book(100.0, reach=0.01), book(100.4, reach=0.01)  # its bids above the first's asks
    zones = zones_of([one, other])
    assert zones.middle == pytest.approx(100.2)
    above = zones.edges[:-1] >= 100.2
    assert zones.bids[1, above].sum() > 0
    assert zones.bids[0, above].sum() == 0


def test_an_order_ten_times_its_surroundings_is_a_wall_at_its_own_price() -> None:
    (wall,) = walls(book(usd=10_000, walls={-0.0213: 2e6}))
    assert wall.side is OrderSide.BID
    assert wall.price == pytest.approx(97.87)
    assert wall.distance == pytest.approx(-0.0213, abs=1e-4)
    assert wall.usd == pytest.approx(2.1e6, rel=0.01)
    assert wall.times > 10
    assert wall.venues == (("binance", wall.usd),)


def test_even_and_usually_uneven_books_have_no_walls() -> None:
    assert walls(book()) == ()
    assert walls(book(seed=3), book(seed=4)) == ()


def test_where_one_venue_ends_there_is_no_wall() -> None:
    near, far = book(reach=0.004, levels=40, usd=100_000), book(reach=0.05, levels=500)
    assert walls(near, far) == ()


def test_walls_of_two_venues_in_one_zone_are_one_wall_with_both_named() -> None:
    (wall,) = walls(book(walls={0.0105: 2e6}), book(walls={0.0105: 1e6}))
    assert wall.side is OrderSide.ASK
    assert [name for name, _ in wall.venues] == ["binance", "okx"]
    assert wall.usd == pytest.approx(3.2e6, rel=0.05)


def test_a_wall_says_which_cluster_it_stands_near() -> None:
    near = Cluster(PositionSide.LONG, 97.0, 97.7, 97.4, 4e8, 3e8, 5e8, -0.023)
    far = Cluster(PositionSide.LONG, 95.0, 95.4, 95.2, 9e8, 3e8, 5e8, -0.046)
    one = book(walls={-0.0213: 2e6, -0.0355: 2e6})
    by_price = {round(wall.price): wall.cluster for wall in walls(one, clusters=(far, near))}
    assert by_price == {98: near, 96: None}


def test_a_wall_of_a_book_told_in_cents_is_found_beside_one_told_in_percents() -> None:
    near = book(reach=0.0015, levels=300, usd=50_000, walls={0.0008: 3e6})
    (wall,) = walls(near, book(reach=0.06))
    assert wall.price == pytest.approx(100.08)
    assert wall.high - wall.low < 0.01  # narrow
    assert wall.venues[0][0] == "binance"


@given(some_books)
def test_a_wall_is_made_of_orders_in_its_zone(books: list[OrderBook]) -> None:
    names = [f"venue-{place}" for place in range(len(books))]
    found = walls_of(books, names)
    assert [wall.usd for wall in found] == sorted((wall.usd for wall in found), reverse=True)
    for wall in found:
        for name, usd in wall.venues:
            each = books[names.index(name)]
            orders = each.bids if wall.side is OrderSide.BID else each.asks
            inside = (orders.price >= wall.low) & (orders.price <= wall.high)
            rounding = 1e-12 * float(each.bids.value.sum() + each.asks.value.sum())
            assert usd <= float(orders.value[inside].sum()) * (1 + 1e-9) + rounding
        assert wall.low <= wall.price <= wall.high
        assert sum(usd for _, usd in wall.venues) == pytest.approx(wall.usd)
        assert wall.times >= 3


@pytest.mark.parametrize(
    ("bids", "asks", "why"),
    [
        ([], [101.0], "a side is empty"),
        ([99.0], [], "a side is empty"),
        ([102.0], [101.0], "not below"),
        ([101.0], [101.0], "not below"),
        ([98.0, 99.0], [101.0], "must fall"),
        ([99.0], [102.0, 101.0], "must rise"),
        ([99.0, 99.0], [101.0], "each price once"),
        ([-1.0], [101.0], "must be positive"),
        ([np.nan], [101.0], "must be positive"),
    ],
)
def test_a_hostile_book_is_no_book(bids: list[float], asks: list[float], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        OrderBook(0, *(Orders(np.array(side), np.ones(len(side))) for side in (bids, asks)))
