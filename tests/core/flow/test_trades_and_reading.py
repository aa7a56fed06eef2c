"""Large trades by the measure of their market, and the reading of several venues."""

from itertools import pairwise

import numpy as np
import pytest

from bot.core.arrays import HOUR, floats
from bot.core.errors import NotEnoughData
from bot.core.estimate.maps import Cluster
from bot.core.flow.book import ToldBook, read_book
from bot.core.flow.trades import flow_of, orders_of
from bot.core.instruments import Instrument
from bot.core.market.depth import Trades
from bot.core.market.liquidations import PositionSide
from tests.support.books import book, trades
from tests.support.histories import BTC, START

OKX = Instrument("okx", "BTC", "USDC", "USDC")


def test_a_trade_is_large_by_the_measure_of_its_own_market() -> None:
    for usual in (50.0, 50_000.0):
        sizes = [usual] * 199 + [40 * usual]
        flow = flow_of("binance", trades(sizes), START + HOUR)
        assert flow is not None
        (large,) = flow.large
        assert large.usd == pytest.approx(40 * usual)
        assert (large.side, large.exchange) == (1, "binance")
        assert flow.bought == pytest.approx(sum(sizes))
        assert flow.sold == 0


def test_where_all_trades_are_alike_none_is_large_and_few_say_nothing() -> None:
    alike = flow_of("binance", trades([100.0] * 500), START + HOUR)
    assert alike is not None
    assert alike.large == ()
    few = flow_of("binance", trades([1.0] * 5 + [1e6]), START + HOUR)
    assert few is not None
    assert (few.large, few.threshold) == ((), None)


def test_the_fills_of_one_order_are_one_trade_at_their_mean_price() -> None:
    fills = Trades(
        np.array([1, 1, 1, 2], dtype=np.int64),
        np.array([1, -1, 1, 1], dtype=np.int8),
        floats([100, 99, 102, 100]),
        floats([1, 5, 1, 1]),
    )
    joined = orders_of(fills)
    assert joined.time.tolist() == [1, 1, 2]
    assert joined.side.tolist() == [-1, 1, 1]
    assert joined.price.tolist() == [99, 101, 100]
    assert joined.value.sum() == pytest.approx(fills.value.sum())


def test_trades_older_than_an_hour_say_nothing_about_now() -> None:
    old = trades([100.0] * 50)
    assert flow_of("binance", old, int(old.time[-1]) + 2 * HOUR) is None
    assert flow_of("binance", trades([]), START) is None


def test_venues_are_read_together_deepest_first_and_partial_answers_say_so() -> None:
    told = [
        ToldBook(OKX, book(usd=1_000, time=START), trades([10.0] * 40)),
        ToldBook(BTC, book(usd=9_000, time=START + 90_000), None),
    ]
    inside = Cluster(PositionSide.LONG, 97.0, 97.7, 97.4, 4e8, 3e8, 5e8, -0.023)
    beyond = Cluster(PositionSide.LONG, 80.0, 80.4, 80.2, 9e8, 3e8, 5e8, -0.196)
    read = read_book(told, (beyond, inside), START, ("binance", "okx", "bybit"), ("Bybit: …",))
    assert [venue.exchange for venue in read.venues] == ["binance", "okx"]
    assert read.freshness == "2 of 3 venues"
    assert [venue.exchange for venue in read.stale] == ["okx"]
    assert read.depth.bids[0] == pytest.approx(1e6)
    assert read.clusters == (inside,)
    assert read.quote == "USD"  # USDT and USDC together
    assert [venue.flow is None for venue in read.venues] == [True, False]


def test_large_trades_of_all_venues_are_told_newest_first() -> None:
    several = [
        ToldBook(one, book(), trades([10.0] * 60 + [900.0] + [10.0] * 60, start=START + shift))
        for one, shift in ((BTC, 0), (OKX, 7_000))
    ]
    large = read_book(several, None, START + HOUR, ("binance", "okx")).large
    assert [trade.exchange for trade in large] == ["okx", "binance"]
    assert all(one.time > other.time for one, other in pairwise(large))


def test_without_a_book_there_is_nothing_to_read() -> None:
    with pytest.raises(NotEnoughData, match="no order book"):
        read_book([], (), START, ("binance",))


def test_venues_that_count_a_coin_by_different_multiples_are_read_on_one_scale() -> None:
    thousand = ToldBook(
        Instrument("binance", "1000PEPE", "USDT", "USDT"),
        book(0.01),
        trades([5.0] * 40, price=0.01),
    )
    single = ToldBook(
        Instrument("okx", "PEPE", "USDT", "USDT"), book(0.00001), trades([5.0] * 40, price=0.00001)
    )
    both = read_book([single, thousand], None, START, ("okx", "binance"), base="1000PEPE")
    alone = read_book([thousand], None, START, ("binance",))
    assert both.price == pytest.approx(0.01)
    assert both.depth.bids == pytest.approx([2 * usd for usd in alone.depth.bids])
    assert [venue.flow.bought for venue in both.venues if venue.flow] == pytest.approx([200, 200])
