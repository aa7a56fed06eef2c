"""Books and trades of any venue are put in order and into base coin."""

import pytest

from bot.exchanges.parse import depth
from tests.support.payloads import KRAKEN, KRAKEN_INVERSE, OKX, T


def test_levels_in_any_order_are_put_best_first_and_empty_ones_left_out() -> None:
    bids = [(98.0, 1.0), (99.0, 0.0), (97.0, 3.0), (98.5, 2.0)]
    book = depth.order_book(KRAKEN, T, bids, [(101.0, 1.0), (100.0, 4.0)], 10)
    assert book.bids.price.tolist() == [98.5, 98.0, 97.0]
    assert book.bids.quantity.tolist() == [2.0, 1.0, 3.0]
    assert book.asks.price.tolist() == [100.0, 101.0]


def test_a_level_told_twice_counts_as_it_was_told_last_and_the_best_are_kept() -> None:
    asks = [(100.0, 4.0), (102.0, 1.0), (101.0, 1.0), (100.0, 5.0)]
    book = depth.order_book(KRAKEN, T, [(99.0, 1.0)], asks, 2)
    assert book.asks.price.tolist() == [100.0, 101.0]
    assert book.asks.quantity.tolist() == [5.0, 1.0]


def test_a_book_without_a_side_is_none() -> None:
    with pytest.raises(ValueError, match="empty"):
        depth.order_book(KRAKEN, T, [(99.0, 0.0)], [(100.0, 1.0)], 2)


def test_contracts_and_dollars_become_base_coin() -> None:
    rows = [depth.Trade(T + 2, -1, 200.0, 100.0), depth.Trade(T, +1, 100.0, 100.0)]
    assert depth.trades(OKX, rows).quantity.tolist() == [1.0, 1.0]
    inverse = depth.trades(KRAKEN_INVERSE, rows)
    assert inverse.time.tolist() == [T, T + 2]
    assert inverse.quantity.tolist() == [1.0, 0.5]
    assert inverse.side.tolist() == [+1, -1]
    assert len(depth.trades(KRAKEN, [])) == 0
