"""The messages of dYdX's indexer in the form it sends them, and what they mean here."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import dydx
from bot.exchanges.parse.frames import refuses
from tests.support.payloads import DYDX, T, message, payload

BAR = 5 * MINUTE


def _listed() -> dict[str, Any]:
    return {one.id: one for one in dydx.listings(payload("dydx/markets"))}


def test_markets_that_trade_are_listed_with_their_one_bracket() -> None:
    found = _listed()
    assert [(name, one.instrument.symbol) for name, one in found.items()] == [
        ("BTC-USD", "BTC/USDC:USDC"),
        ("PEPE-USD", "PEPE/USDC:USDC"),
    ]
    brackets = found["BTC-USD"].brackets
    assert brackets.value_cap.tolist() == [float("inf")]
    assert brackets.maintenance_margin_rate.tolist() == [0.012]
    assert brackets.max_leverage.tolist() == [50]


def test_candles_come_newest_first_and_are_put_in_order() -> None:
    candles = dydx.candles(payload("dydx/candles"), DYDX, BAR)
    assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
    assert candles.volume.tolist() == [150.75, 312.5, 8.125]


def test_candles_tell_what_stood_open_when_they_began() -> None:
    interest = dydx.open_interest(payload("dydx/candles"), DYDX, BAR)
    assert interest.time.tolist() == [T, T + BAR]
    assert interest.quantity.tolist() == [1052.0691, 1053.5]


def test_rows_of_another_market_are_not_taken() -> None:
    told = payload("dydx/candles")
    told["candles"][0]["ticker"] = "ETH-USD"
    with pytest.raises(MarketUnavailable, match="candles"):
        dydx.candles(told, DYDX, BAR)


def test_funding_is_for_an_hour_and_comes_a_little_late() -> None:
    funding = dydx.funding(payload("dydx/funding"), DYDX, HOUR)
    assert funding.time.tolist() == [T + 9, T + HOUR + 13]
    assert funding.rate.tolist() == [0.00001, -0.00003]


def test_the_overview_tells_the_change_from_the_difference() -> None:
    found = dydx.overview([payload("dydx/markets")], _listed(), T)
    summary = next(row for one, row in found.items() if one.base == "BTC")
    assert (summary.price, summary.turnover) == (64_000, 205_472_000.5)
    assert (summary.open_interest, summary.funding) == (1052.0691, 0.00001)
    assert summary.funding_interval == HOUR
    assert summary.change == pytest.approx(0.02)
    assert {one.base for one in found} == {"BTC", "PEPE"}


def test_orders_that_overlap_are_taken_off_both_sides() -> None:
    book = dydx.order_book(payload("dydx/orderbook"), DYDX, T)
    # The bid at 64,003 for 0.25 meets the ask at 64,001 for 0.75.
    assert book.bids.price.tolist() == [63999, 63990]
    assert book.asks.price.tolist() == [64001, 64004]
    assert book.asks.quantity.tolist() == [0.5, 2.5]


_LEVELS = st.dictionaries(st.integers(90, 110), st.integers(1, 9), min_size=1, max_size=12)


@given(bids=_LEVELS, asks=_LEVELS)
def test_what_is_left_of_any_book_does_not_overlap_and_nothing_is_made_of_nothing(
    bids: dict[int, int], asks: dict[int, int]
) -> None:
    told = [[dydx._Level(price, size) for price, size in side.items()] for side in (bids, asks)]
    left_bids, left_asks = (list(side) for side in dydx._uncrossed(*told))
    if left_bids and left_asks:
        assert max(left_bids)[0] < min(left_asks)[0]
    gone = [
        sum(before.values()) - sum(size for _, size in after)
        for before, after in ((bids, left_bids), (asks, left_asks))
    ]
    assert gone[0] == gone[1] >= 0


def test_trades_are_in_order_with_the_takers_side() -> None:
    trades = dydx.trades(payload("dydx/trades"), DYDX)
    assert trades.time.tolist() == [T + 1, T + 5, T + 5]
    assert sorted(zip(trades.side.tolist(), trades.quantity.tolist(), strict=True)) == [
        (-1, 0.5),
        (-1, 2.0),
        (+1, 0.02),
    ]


def test_fills_of_liquidated_takers_count_and_no_other() -> None:
    orders = dydx.forced_orders(message("dydx/liquidations"))
    assert [(one.id, one.side, one.price, one.quantity, one.time) for one in orders] == [
        ("BTC-USD", +1, 63190.0, 0.5, T + 10),
        ("BTC-USD", -1, 64950.0, 0.012, T + 20),
    ]


def test_one_row_that_cannot_be_read_does_not_take_the_others_with_it() -> None:
    told = payload("dydx/liquidations")
    told["contents"]["trades"][0]["price"] = "0"
    (left,) = dydx.forced_orders(json.dumps(told).encode())
    assert left.time == T + 20
    told["contents"]["trades"] = told["contents"]["trades"][:1]
    with pytest.raises(MarketUnavailable, match="a liquidation"):
        dydx.forced_orders(json.dumps(told).encode())


def test_the_past_told_after_a_subscription_is_none() -> None:
    told = payload("dydx/liquidations") | {"type": "subscribed"}
    assert not dydx.forced_orders(json.dumps(told).encode())
    assert not dydx.forced_orders(b'{"type":"connected","connection_id":"x","message_id":0}')


def test_a_subscription_that_is_refused_is_noticed() -> None:
    assert refuses(b'{"type":"error","message":"Invalid subscription id for channel","id":"X"}')
    assert not refuses(message("dydx/liquidations"))
