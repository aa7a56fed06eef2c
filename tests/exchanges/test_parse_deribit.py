"""Deribit's messages in the form it sends them, and what they mean here."""

import json
from typing import Any

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Contract
from bot.exchanges.parse import deribit
from bot.exchanges.parse.frames import refuses
from tests.support.payloads import DERIBIT, DERIBIT_INVERSE, T, message, payload

BAR = 5 * MINUTE


def _listed() -> dict[str, Any]:
    return {one.id: one for one in deribit.listings(payload("deribit/instruments"))}


def test_perpetuals_that_trade_are_listed_and_amounts_need_no_contract_size() -> None:
    found = _listed()
    assert [(name, one.instrument.symbol, one.contract_size) for name, one in found.items()] == [
        ("BTC-PERPETUAL", "BTC/USD:BTC", 1.0),
        ("BTC_USDC-PERPETUAL", "BTC/USDC:USDC", 1.0),
        ("SOL_USDC-PERPETUAL", "SOL/USDC:USDC", 1.0),
    ]
    assert found["BTC-PERPETUAL"].instrument.contract is Contract.INVERSE


def test_volume_of_candles_is_in_base_coin_also_of_inverse_contracts() -> None:
    for listing in (DERIBIT, DERIBIT_INVERSE):
        candles = deribit.candles(payload("deribit/chart"), listing, BAR)
        assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
        assert candles.volume.tolist() == [150.75, 312.5, 0.0]
        assert candles.open.tolist() == [64000.5, 64050, 63910]


def test_columns_of_different_length_are_refused() -> None:
    told = payload("deribit/chart")
    del told["result"]["close"][0]
    with pytest.raises(MarketUnavailable, match="candles"):
        deribit.candles(told, DERIBIT, BAR)


def test_funding_is_that_of_the_hour_not_of_eight() -> None:
    funding = deribit.funding(payload("deribit/funding"), DERIBIT, HOUR)
    assert funding.time.tolist() == [T, T + HOUR]
    assert funding.rate.tolist() == [0.00001, -0.00003]


def test_the_overview_is_in_base_coin_and_dollars_for_both_kinds() -> None:
    told = [payload("deribit/summary_btc"), payload("deribit/summary_usdc")]
    found = deribit.overview(told, _listed(), T)
    by_kind = {one.contract: row for one, row in found.items()}
    linear, inverse = by_kind[Contract.LINEAR], by_kind[Contract.INVERSE]
    assert len(found) == 2
    assert (inverse.turnover, inverse.open_interest) == (205_472_000, 10_000)
    assert (linear.turnover, linear.open_interest) == (205_472_000, 1250.5)
    assert (inverse.funding, linear.funding) == (0.0001, -0.0002)
    assert linear.funding_interval == 8 * HOUR
    assert linear.change == pytest.approx(0.02)


def test_the_book_of_an_inverse_contract_is_in_base_coin() -> None:
    book = deribit.order_book(payload("deribit/order_book"), DERIBIT_INVERSE, T)
    assert book.time == T + 3
    assert book.bids.price.tolist() == [64000, 63936]
    assert book.bids.quantity.tolist() == [2.0, 1.0]
    assert book.asks.quantity.tolist() == pytest.approx([1.0, 0.2])
    with pytest.raises(MarketUnavailable, match="the order book"):
        deribit.order_book(payload("deribit/order_book"), DERIBIT, T)


def test_trades_are_in_order_in_base_coin_with_the_takers_side() -> None:
    trades = deribit.trades(payload("deribit/trades"), DERIBIT_INVERSE)
    assert trades.time.tolist() == [T + 1, T + 5, T + 5]
    assert sorted(zip(trades.side.tolist(), trades.quantity.tolist(), strict=True)) == [
        (-1, 0.5),
        (-1, 2.0),
        (+1, 0.01),
    ]


def test_taker_or_maker_or_both_may_be_liquidated() -> None:
    orders = deribit.forced_orders(message("deribit/liquidations"))
    assert [(one.id, one.side, one.quantity, one.time) for one in orders] == [
        ("BTC-PERPETUAL", +1, 15_000, T + 10),  # the taker sold what was long
        ("BTC_USDC-PERPETUAL", -1, 0.5, T + 12),  # the taker sold to a short that had to buy
        ("BTC-PERPETUAL", -1, 2_000, T + 20),  # the taker bought back what was short
        ("BTC-PERPETUAL", +1, 2_000, T + 20),  # from a long that had to sell
    ]
    assert DERIBIT_INVERSE.base(15_000.0, 63_190.5) == pytest.approx(0.23738, rel=1e-4)


def test_one_row_that_cannot_be_read_does_not_take_the_others_with_it() -> None:
    told = payload("deribit/liquidations")
    told["params"]["data"][0]["amount"] = -1
    assert len(deribit.forced_orders(json.dumps(told).encode())) == 3
    told["params"]["data"] = told["params"]["data"][:1]
    with pytest.raises(MarketUnavailable, match="a liquidation"):
        deribit.forced_orders(json.dumps(told).encode())


@pytest.mark.parametrize(
    "said",
    [
        b'{"jsonrpc":"2.0","id":2,"result":["trades.future.any.100ms"],"usIn":1,"usOut":2}',
        b'{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"heartbeat"}}',
        b'{"jsonrpc":"2.0","method":"subscription","params":{"channel":"ticker.X","data":{}}}',
    ],
)
def test_what_is_no_liquidation_is_none_and_wants_no_answer(said: bytes) -> None:
    assert not deribit.forced_orders(said)
    assert deribit.alive(said) is None
    assert not refuses(said)


def test_a_test_of_the_connection_is_answered() -> None:
    said = b'{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}'
    answer = deribit.alive(said)
    assert answer is not None
    assert json.loads(answer)["method"] == "public/test"


def test_a_subscription_that_is_refused_is_noticed() -> None:
    assert refuses(b'{"jsonrpc":"2.0","id":2,"error":{"code":11050,"message":"bad_request"}}')
