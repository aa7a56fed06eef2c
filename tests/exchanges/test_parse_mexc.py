"""MEXC's answers as it sends them, and what they mean here."""

from typing import Any

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import mexc
from bot.exchanges.parse.common import Listing
from tests.support.payloads import MEXC, T, payload

BAR = 5 * MINUTE


def _listings(told: Any) -> dict[str, Listing]:
    return {one.id: one for one in mexc.listings(told)}


def test_linear_perpetuals_that_trade_are_listed_with_the_size_of_a_contract() -> None:
    found = mexc.listings(payload("mexc/detail"))
    assert [(one.id, one.instrument.symbol, one.contract_size) for one in found] == [
        ("BTC_USDT", "BTC/USDT:USDT", 0.0001),
        ("ETH_USDT", "ETH/USDT:USDT", 0.01),
        ("BTC_USDC", "BTC/USDC:USDC", 0.0001),
    ]


def test_brackets_in_contracts_are_valued_at_the_mark_price() -> None:
    listing = _listings(payload("mexc/detail"))["BTC_USDT"]
    brackets = mexc.tiers(payload("mexc/ticker"), listing, 1.0)
    # 50,000 contracts of 0.0001 BTC at 64,000.
    assert brackets.value_cap == pytest.approx([320_000, 1_984_000])
    assert brackets.maintenance_margin_rate.tolist() == [0.001, 0.0025]
    assert brackets.max_leverage.tolist() == [500, 200]
    assert brackets.deduction == pytest.approx([0, 480])


def test_brackets_that_are_not_listed_follow_from_their_first_and_their_step() -> None:
    listing = _listings(payload("mexc/detail"))["ETH_USDT"]
    told = payload("mexc/ticker")
    told["data"] |= {"symbol": "ETH_USDT", "fairPrice": 3200}
    brackets = mexc.tiers(told, listing, 1.0)
    assert brackets.value_cap == pytest.approx([320_000, 6_720_000, 13_120_000])
    assert brackets.maintenance_margin_rate == pytest.approx([0.004, 0.008, 0.012])
    assert brackets.max_leverage == pytest.approx([125, 1 / 0.012, 62.5])


def test_brackets_counted_in_something_else_are_not_guessed_at() -> None:
    listing = _listings(payload("mexc/detail"))["BTC_USDC"]
    assert listing.brackets is None
    told = payload("mexc/ticker")
    told["data"]["symbol"] = "BTC_USDC"
    with pytest.raises(MarketUnavailable, match="margin brackets"):
        mexc.tiers(told, listing, 1.0)


def test_columns_of_bars_in_seconds_and_contracts_become_rows_in_base_coin() -> None:
    candles = mexc.candles(payload("mexc/kline"), MEXC, BAR)
    assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
    assert candles.open.tolist() == [64000, 64010.4, 64080]
    assert candles.low.tolist() == [63950.1, 63990, 64060]
    assert candles.volume == pytest.approx([150.75, 312.5, 8.125])
    assert candles.taker_buy_volume is None


def test_columns_of_different_length_are_refused() -> None:
    told = payload("mexc/kline")
    told["data"]["vol"].pop()
    with pytest.raises(MarketUnavailable, match="candles"):
        mexc.candles(told, MEXC, BAR)


def test_funding_comes_oldest_first() -> None:
    funding = mexc.funding(payload("mexc/funding_history"), MEXC, 8 * HOUR)
    assert funding.time.tolist() == [T, T + 8 * HOUR]
    assert funding.rate.tolist() == [0.0001, -0.000012]


def test_the_overview_tells_of_listed_markets_in_our_units() -> None:
    told = mexc.overview([payload("mexc/tickers")], _listings(payload("mexc/detail")), T)
    assert {one.base for one in told} == {"BTC"}  # ETH has no price, OLD does not trade
    btc = told[MEXC.instrument]
    assert (btc.time, btc.price, btc.turnover) == (T, 64010.4, 2_590_000_000.5)
    assert btc.open_interest == pytest.approx(58329.46)
    assert (btc.funding, btc.funding_interval, btc.change) == (0.000063, None, -0.0125)


def test_the_second_figure_of_a_level_is_its_contracts_and_the_third_its_orders() -> None:
    book = mexc.book(payload("mexc/depth"), MEXC, T, 1000)
    assert book.bids.price.tolist() == [64010.3, 64009.9]
    assert book.bids.quantity == pytest.approx([1.5, 4.0])
    assert book.asks.quantity == pytest.approx([2.5, 0.12])


def test_one_is_a_purchase_of_the_taker_and_two_a_sale() -> None:
    trades = mexc.trades(payload("mexc/deals"), MEXC)
    assert trades.time.tolist() == [T + 1250, T + 2500]
    assert trades.side.tolist() == [+1, -1]
    assert trades.quantity == pytest.approx([0.25, 0.012])


def test_a_trade_without_a_side_is_refused() -> None:
    told = payload("mexc/deals")
    told["data"][0]["T"] = 3
    with pytest.raises(MarketUnavailable, match="trades"):
        mexc.trades(told, MEXC)


def test_an_answer_that_is_a_refusal_is_no_data() -> None:
    told = payload("mexc/kline") | {"success": False, "code": 510}
    with pytest.raises(MarketUnavailable, match="makes no sense"):
        mexc.candles(told, MEXC, BAR)
