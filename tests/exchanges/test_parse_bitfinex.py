"""The messages of Bitfinex in the form it sends them, and what they mean here."""

import json
from typing import Any

import numpy as np
import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import bitfinex, bitfinex_now
from bot.exchanges.parse.frames import refuses
from tests.support.payloads import BITFINEX, T, message, payload

BAR = 5 * MINUTE


def _listed() -> dict[str, Any]:
    return {one.id: one for one in bitfinex.listings(payload("bitfinex/conf"))}


def test_contracts_in_dollars_are_listed_by_the_names_that_others_have_for_coins() -> None:
    found = _listed()
    assert [(name, one.instrument.symbol) for name, one in found.items()] == [
        ("tBTCF0:USTF0", "BTC/USDT:USDT"),
        ("tATOF0:USTF0", "ATOM/USDT:USDT"),
        ("tEUROPE50IXF0:USTF0", "EUROPE50IX/USDT:USDT"),
    ]
    assert {one.contract_size for one in found.values()} == {1.0}


def test_each_contract_comes_with_the_one_bracket_that_its_margins_make() -> None:
    found = _listed()
    brackets = found["tATOF0:USTF0"].brackets
    assert brackets.maintenance_margin_rate.tolist() == [0.01]
    assert brackets.max_leverage.tolist() == [50]
    assert found["tEUROPE50IXF0:USTF0"].brackets is None  # it tells none


def test_where_nothing_was_traded_the_price_stands_where_it_closed() -> None:
    candles = bitfinex.candles(payload("bitfinex/candles"), BITFINEX, BAR)
    assert candles.open_time.tolist() == [T + n * BAR for n in range(4)]
    assert candles.volume.tolist() == [30.75, 8.25, 0.0, 12.5]
    assert candles.close.tolist() == [64000, 64005, 64005, 64020]
    quiet = [float(column[2]) for column in (candles.open, candles.high, candles.low)]
    assert quiet == [64005, 64005, 64005]


def test_bars_of_times_that_no_answer_spans_are_refused_before_they_fill_the_memory() -> None:
    told = payload("bitfinex/candles")
    told[0][0] = T + 200_000 * BAR
    with pytest.raises(MarketUnavailable, match="candles"):
        bitfinex.candles(told, BITFINEX, BAR)


def test_open_interest_told_each_minute_is_kept_each_five() -> None:
    interest = bitfinex.open_interest(payload("bitfinex/status_history"), BITFINEX, BAR)
    assert interest.time.tolist() == [1759996791000, T + 71_000, T + 311_000]
    assert interest.quantity.tolist() == [5700.5, 5775.20348804, 5775.25]


def test_a_minute_without_open_interest_is_left_out() -> None:
    told = payload("bitfinex/status_history")
    told[2][17] = None
    interest = bitfinex.open_interest(told, BITFINEX, BAR)
    assert interest.time.tolist() == [1759996791000, T + 311_000]


def test_a_rate_belongs_to_the_funding_that_falls_due_next() -> None:
    funding = bitfinex.funding(payload("bitfinex/status_history"), BITFINEX, 8 * HOUR)
    assert funding.time.tolist() == [1759996800000, 1760025600000]
    assert funding.rate.tolist() == [-0.00003, 0.00007587]


def test_the_overview_joins_how_a_market_stands_with_what_was_traded() -> None:
    answers = [payload("bitfinex/status"), payload("bitfinex/tickers")]
    found = {one.base: row for one, row in bitfinex_now.overview(answers, _listed(), T).items()}
    assert set(found) == {"BTC", "ATOM"}
    summary = found["BTC"]
    assert (summary.price, summary.open_interest) == (64000.5, 5775.25)
    assert summary.turnover == 250.5 * 64000
    assert (summary.funding, summary.funding_interval) == (0.00007587, 8 * HOUR)
    assert summary.change == 0.02
    assert found["ATOM"].funding == 0


def test_the_sign_of_an_amount_is_its_side_of_the_book() -> None:
    book = bitfinex_now.order_book(payload("bitfinex/book"), BITFINEX, T)
    assert book.bids.price.tolist() == [64000, 63990, 63950]
    assert book.asks.price.tolist() == [64001, 64010]
    assert book.asks.quantity.tolist() == [0.75, 2.5]


def test_trades_are_in_order_with_the_takers_side() -> None:
    trades = bitfinex_now.trades(payload("bitfinex/trades"), BITFINEX)
    assert trades.time.tolist() == [T + 1, T + 500, T + 950]
    assert trades.side.tolist() == [+1, +1, -1]
    assert trades.quantity.tolist() == [2, 0.02, 0.5]


def test_a_liquidation_is_counted_when_it_is_executed_and_not_when_it_is_triggered() -> None:
    orders = bitfinex.forced_orders(message("bitfinex/liquidations"))
    bitcoin = [one for one in orders if one.id == "tBTCF0:USTF0"]
    # It was told four times: triggered, priced, executed, and that once more.
    assert [tuple(one[1:]) for one in bitcoin] == [(T + 757, +1, 42735, 0.03908247)]


def test_the_sign_of_an_amount_is_the_side_of_the_position() -> None:
    orders = bitfinex.forced_orders(message("bitfinex/liquidations"))
    short = next(one for one in orders if one.id == "tAVAXF0:USTF0")
    assert (short.side, short.price, short.quantity) == (-1, 33.255, 8)


def test_one_liquidation_may_come_without_a_list_around_it() -> None:
    channel, rows = payload("bitfinex/liquidations")
    (order,) = bitfinex.forced_orders(json.dumps([channel, rows[4]]).encode())
    assert order.id == "tAVAXF0:USTF0"


def test_executions_of_one_position_at_one_moment_all_count() -> None:
    channel, rows = payload("bitfinex/liquidations")
    second = [*rows[2][:5], 0.01, *rows[2][6:]]
    orders = bitfinex.forced_orders(json.dumps([channel, [rows[2], second]]).encode())
    assert [one.quantity for one in orders] == [0.03908247, 0.01]


def test_one_row_that_cannot_be_read_does_not_take_the_others_with_it() -> None:
    channel, rows = payload("bitfinex/liquidations")
    rows[4][11] = -1
    assert len(bitfinex.forced_orders(json.dumps([channel, rows]).encode())) == 2
    with pytest.raises(MarketUnavailable, match="a liquidation"):
        bitfinex.forced_orders(json.dumps([channel, rows[4:5]]).encode())


@pytest.mark.parametrize(
    "told",
    [
        [91684, "hb"],
        [91684, []],
        {"event": "info", "version": 2, "platform": {"status": 1}},
        {"event": "subscribed", "channel": "status", "chanId": 91684, "key": "liq:global"},
        {"event": "pong", "ts": 1511545528111, "cid": 1},
    ],
)
def test_heartbeats_and_answers_are_neither_liquidations_nor_refusals(told: object) -> None:
    said = json.dumps(told).encode()
    assert not bitfinex.forced_orders(said)
    assert not refuses(said)


@pytest.mark.parametrize(
    "told",
    [
        {"event": "error", "msg": "key: invalid", "code": 10300},
        {"event": "info", "code": 20051, "msg": "Stopping. Please try to reconnect"},
        {"event": "info", "code": 20061, "msg": "Maintenance ended. Please resubscribe"},
    ],
)
def test_a_refusal_and_the_wish_to_be_subscribed_to_anew_are_understood(told: object) -> None:
    said = json.dumps(told).encode()
    assert not bitfinex.forced_orders(said)
    assert refuses(said)


def test_the_times_of_executions_are_whole_milliseconds() -> None:
    orders = bitfinex.forced_orders(message("bitfinex/liquidations"))
    assert all(isinstance(one.time, int) for one in orders)
    assert np.all(np.diff([one.time for one in orders]) > 0)
