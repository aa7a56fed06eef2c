"""Gate's answers as it sends them, and what they mean here."""

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import gate
from tests.support.payloads import GATE, T, payload

BAR = 5 * MINUTE


def test_coins_that_trade_are_listed_with_the_size_of_a_contract_and_shares_are_not() -> None:
    found = gate.listings(payload("gate/contracts"))
    assert [(one.id, one.instrument.symbol, one.contract_size) for one in found] == [
        ("BTC_USDT", "BTC/USDT:USDT", 0.0001),
        ("PEPE_USDT", "PEPE/USDT:USDT", 10_000_000),
        ("ETH_USDT", "ETH/USDT:USDT", 0.01),
    ]


def test_bars_in_seconds_and_contracts_become_milliseconds_and_base_coin() -> None:
    candles = gate.candles(payload("gate/candlesticks"), GATE, BAR)
    assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
    assert candles.open.tolist() == [64000, 64010.4, 64080]
    assert candles.close.tolist() == [64010.4, 64080, 64071.3]
    assert candles.volume == pytest.approx([150.75, 312.50005, 8.125])
    assert candles.taker_buy_volume is None


def test_open_interest_is_known_when_its_period_ends_and_a_zero_is_a_gap() -> None:
    interest = gate.open_interest(payload("gate/contract_stats"), GATE, 15 * MINUTE)
    assert interest.time.tolist() == [T + 15 * MINUTE, T + 30 * MINUTE]
    assert interest.quantity == pytest.approx([65262.1356, 65265.60325])


def test_the_ratio_is_that_of_accounts_and_known_when_its_period_ends() -> None:
    ratio = gate.long_short_ratio(payload("gate/contract_stats"), GATE, 15 * MINUTE)
    assert ratio.time.tolist() == [T + 15 * MINUTE, T + 30 * MINUTE]
    assert ratio.ratio == pytest.approx([1.51007728, 1.52])


def test_funding_comes_oldest_first() -> None:
    funding = gate.funding(payload("gate/funding_rate"), GATE, 8 * HOUR)
    assert funding.time.tolist() == [T, T + 8 * HOUR + 1000]
    assert funding.rate.tolist() == [0.0001, -0.000012]


def test_brackets_keep_the_deductions_that_are_told() -> None:
    brackets = gate.tiers(payload("gate/risk_limit_tiers"), GATE, 64_000.0)
    assert brackets.value_cap.tolist() == [500_000, 1_000_000, 1_500_000]
    assert brackets.maintenance_margin_rate.tolist() == [0.003, 0.0035, 0.004]
    assert brackets.max_leverage.tolist() == [200, 150.01, 125]
    assert brackets.deduction.tolist() == [0, 250, 750]


def test_deductions_that_are_not_told_follow_from_the_caps() -> None:
    rows = [{**row, "deduction": ""} for row in payload("gate/risk_limit_tiers")]
    assert gate.tiers(rows, GATE, 64_000.0).deduction == pytest.approx([0, 250, 750])


def test_brackets_of_another_contract_are_not_taken() -> None:
    rows = payload("gate/risk_limit_tiers")
    rows[1]["contract"] = "ETH_USDT"
    with pytest.raises(MarketUnavailable, match="margin brackets"):
        gate.tiers(rows, GATE, 64_000.0)


def test_the_overview_tells_of_listed_markets_in_our_units() -> None:
    contracts = payload("gate/contracts")
    listings = {one.id: one for one in gate.listings(contracts)}
    told = gate.overview([contracts, payload("gate/tickers")], listings, T)
    assert {one.base for one in told} == {"BTC", "PEPE"}  # of ETH no price is told
    btc = told[GATE.instrument]
    assert (btc.time, btc.price, btc.turnover) == (T, 64010.4, 6_004_000_000)
    assert btc.open_interest == pytest.approx(65262.1356)
    assert (btc.funding, btc.funding_interval) == (0.000052, 8 * HOUR)
    assert btc.change == pytest.approx(-0.0125)
    pepe = next(summary for one, summary in told.items() if one.base == "PEPE")
    assert pepe.open_interest == pytest.approx(401_778_000_000)
    assert pepe.funding_interval == 4 * HOUR


def test_the_book_is_in_base_coin_best_price_first_without_empty_levels() -> None:
    book = gate.book(payload("gate/order_book"), GATE, T, 300)
    assert book.time == T
    assert book.bids.price.tolist() == [64010.3, 64009.9]
    assert book.bids.quantity == pytest.approx([1.5, 4.0])
    assert book.asks.price.tolist() == [64010.4, 64011.0]
    assert book.asks.quantity == pytest.approx([2.5, 0.12005])


def test_the_sign_of_a_trade_is_what_its_taker_did() -> None:
    trades = gate.trades(payload("gate/trades"), GATE)
    assert trades.time.tolist() == [T + 1000, T + 1250, T + 2500]
    assert trades.side.tolist() == [-1, +1, -1]
    assert trades.quantity == pytest.approx([0.0005, 0.25, 0.012])


def test_trades_of_another_contract_are_not_taken() -> None:
    rows = payload("gate/trades")
    rows[0]["contract"] = "ETH_USDT"
    with pytest.raises(MarketUnavailable, match="trades"):
        gate.trades(rows, GATE)


def test_the_size_of_a_liquidation_is_the_positions_and_only_what_was_filled_counts() -> None:
    orders = gate.liquidated(payload("gate/liq_orders"), GATE)
    assert [(one.side, one.price, one.quantity, one.time) for one in orders] == [
        (-1, 64750.5, 95, T + 30_000),
        (+1, 63190.1, 1500, T + 20_000),  # 2,000 of 5,000 were to be sold, 500 are left
        (+1, 63190.1, 76, T + 20_000),
    ]
    assert {one.id for one in orders} == {"BTC_USDT"}


def test_an_hour_without_liquidations_is_none_and_garbage_is_refused() -> None:
    assert gate.liquidated([], GATE) == []
    with pytest.raises(MarketUnavailable, match="liquidations"):
        gate.liquidated([{"time": "now"}], GATE)
