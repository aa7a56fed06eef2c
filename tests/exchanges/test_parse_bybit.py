"""Bybit's messages as it sends them, and what they mean here."""

import json

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import bybit
from tests.support.payloads import BYBIT, T, message, payload

BAR = 5 * MINUTE


def test_the_dollar_perpetuals_that_trade_are_listed_and_there_is_a_next_page() -> None:
    page = payload("bybit/instruments")
    found = bybit.listings(page)
    assert [(one.id, one.instrument.symbol) for one in found] == [
        ("BTCUSDT", "BTC/USDT:USDT"),
        ("ETHPERP", "ETH/USDC:USDC"),
    ]
    assert bybit.next_page(page) == "first%3DHALF%26last%3DHALF"


def test_candles_sent_newest_first_come_out_oldest_first() -> None:
    candles = bybit.candles(payload("bybit/klines"), BYBIT, BAR)
    assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
    assert candles.close.tolist() == [64100.0, 63905.2, 63940.0]
    assert candles.volume.tolist() == [150.75, 312.5, 8.125]


def test_bybit_does_not_say_what_takers_bought_and_nothing_is_made_up() -> None:
    assert bybit.candles(payload("bybit/klines"), BYBIT, BAR).taker_buy_volume is None


def test_candles_of_another_symbol_or_kind_of_contract_are_not_taken() -> None:
    for change in ({"symbol": "ETHUSDT"}, {"category": "inverse"}):
        page = payload("bybit/klines")
        page["result"] |= change
        with pytest.raises(MarketUnavailable, match="candles"):
            bybit.candles(page, BYBIT, BAR)


def test_open_interest_is_in_base_coin() -> None:
    interest = bybit.open_interest(payload("bybit/open_interest"), BYBIT, 3 * BAR)
    assert interest.time.tolist() == [T, T + 3 * BAR]
    assert interest.quantity.tolist() == [26000.25, 26050.125]


def test_one_side_of_open_interest_is_taken_as_told_or_half_of_both() -> None:
    assert bybit.one_sided(52_664.642, "26332.321") == 26_332.321
    assert bybit.one_sided(52_664.642, None) == bybit.one_sided(52_664.642, "") == 26_332.321


def test_funding_comes_out_oldest_first() -> None:
    funding = bybit.funding(payload("bybit/funding"), BYBIT, HOUR)
    assert funding.time.tolist() == [T, T + 8 * HOUR]
    assert funding.rate.tolist() == [0.0001, -0.000125]


def test_the_ratio_is_made_of_the_shares_of_accounts() -> None:
    ratio = bybit.long_short_ratio(payload("bybit/ratio"), BYBIT, HOUR)
    assert ratio.time.tolist() == [T, T + HOUR]
    assert ratio.ratio == pytest.approx([0.625 / 0.375, 0.4 / 0.6])


def test_brackets_carry_the_deduction_that_bybit_tells() -> None:
    brackets = bybit.tiers(payload("bybit/risk_limit"), BYBIT, 64_000.0)
    assert brackets.value_cap.tolist() == [2e6, 10e6, 20e6]
    assert brackets.maintenance_margin_rate.tolist() == [0.005, 0.01, 0.025]
    assert brackets.max_leverage.tolist() == [100, 50, 20]
    assert brackets.deduction.tolist() == [0, 10_000, 160_000]


def test_rates_in_percent_are_known_by_the_leverage_beside_them() -> None:
    brackets = bybit.tiers(payload("bybit/risk_limit_in_percent"), BYBIT, 64_000.0)
    assert brackets.maintenance_margin_rate.tolist() == [0.005, 0.01]
    # Without a deduction told, margin is continuous in value: 2M x (1 % - 0.5 %).
    assert brackets.deduction == pytest.approx([0, 10_000])


def test_brackets_without_a_row_are_refused() -> None:
    page = payload("bybit/risk_limit")
    page["result"]["list"] = []
    with pytest.raises(MarketUnavailable, match="margin brackets"):
        bybit.tiers(page, BYBIT, 64_000.0)


def test_an_answer_that_is_a_refusal_is_not_taken_for_an_empty_one() -> None:
    refused = {"retCode": 10001, "retMsg": "params error", "result": {"list": []}}
    with pytest.raises(MarketUnavailable):
        bybit.funding(refused, BYBIT, HOUR)


def test_buy_means_a_long_was_liquidated_and_every_row_of_a_message_counts() -> None:
    orders = bybit.forced_orders(message("bybit/liquidations"))
    # The last two rows are equal: two accounts, not one told twice.
    assert [(one.side, one.price, one.quantity) for one in orders] == [
        (+1, 63210.5, 0.125),
        (-1, 64890.0, 2.5),
        (-1, 64890.0, 2.5),
    ]
    assert [one.time for one in orders] == [T + 100, T + 140, T + 140]


def test_one_row_that_cannot_be_read_does_not_take_the_others_with_it() -> None:
    told = payload("bybit/liquidations")
    told["data"][0]["v"] = "-1"
    assert len(bybit.forced_orders(json.dumps(told).encode())) == 2


def test_rows_none_of_which_can_be_read_are_refused() -> None:
    for change in ({"v": None}, {"S": "None"}):
        told = payload("bybit/liquidations")
        told["data"] = [row | change for row in told["data"]]
        with pytest.raises(MarketUnavailable, match="a liquidation"):
            bybit.forced_orders(json.dumps(told).encode())


@pytest.mark.parametrize(
    "said",
    [
        b'{"success":true,"ret_msg":"pong","conn_id":"x","req_id":"","op":"ping"}',
        b'{"success":true,"ret_msg":"","op":"subscribe"}',
        b'{"topic":"tickers.BTCUSDT","type":"snapshot","data":{"symbol":"BTCUSDT"}}',
    ],
)
def test_what_is_no_liquidation_is_none(said: bytes) -> None:
    assert not bybit.forced_orders(said)
