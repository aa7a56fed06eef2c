"""Bitget's answers as it sends them, and what they mean here."""

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import bitget
from tests.support.payloads import BITGET, T, payload

BAR = 5 * MINUTE


def test_coins_that_trade_are_listed_and_shares_and_dated_contracts_are_not() -> None:
    found = bitget.listings(payload("bitget/contracts"))
    assert [(one.id, one.instrument.symbol, one.contract_size) for one in found] == [
        ("BTCUSDT", "BTC/USDT:USDT", 1),
        ("1000BONKUSDT", "1000BONK/USDT:USDT", 1),
    ]


def test_volume_is_the_field_in_base_coin() -> None:
    candles = bitget.candles(payload("bitget/candles"), BITGET, BAR)
    assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
    assert candles.close.tolist() == [64010.4, 64080, 64071.3]
    assert candles.volume.tolist() == [150.75, 312.5, 8.125]
    assert candles.taker_buy_volume is None


def test_funding_comes_oldest_first() -> None:
    funding = bitget.funding(payload("bitget/fund_rates"), BITGET, 8 * HOUR)
    assert funding.time.tolist() == [T, T + 8 * HOUR]
    assert funding.rate.tolist() == [0.0001, -0.000012]


def test_the_ratio_follows_from_the_shares_of_accounts_not_from_the_field_of_that_name() -> None:
    ratio = bitget.long_short_ratio(payload("bitget/account_long_short"), BITGET, HOUR)
    assert ratio.time.tolist() == [T + HOUR, T + 2 * HOUR]
    assert ratio.ratio == pytest.approx([1.5, 1.0])


def test_a_bracket_bears_only_on_the_part_of_a_position_that_lies_in_it() -> None:
    brackets = bitget.tiers(payload("bitget/position_lever"), BITGET, 64_000.0)
    assert brackets.value_cap.tolist() == [200_000, 1_000_000, 5_000_000]
    assert brackets.maintenance_margin_rate.tolist() == [0.004, 0.005, 0.007]
    assert brackets.max_leverage.tolist() == [150, 100, 75]
    assert brackets.deduction == pytest.approx([0, 200, 2200])


def test_brackets_of_another_market_are_not_taken() -> None:
    page = payload("bitget/position_lever")
    page["data"][0]["symbol"] = "ETHUSDT"
    with pytest.raises(MarketUnavailable, match="margin brackets"):
        bitget.tiers(page, BITGET, 64_000.0)


def test_the_overview_tells_of_listed_markets_in_our_units() -> None:
    contracts = payload("bitget/contracts")
    listings = {one.id: one for one in bitget.listings(contracts)}
    told = bitget.overview([contracts, payload("bitget/tickers")], listings, T)
    assert {one.base for one in told} == {"BTC", "1000BONK"}
    btc = told[BITGET.instrument]
    assert (btc.time, btc.price, btc.turnover) == (T, 64010.4, 6_004_000_000)
    assert btc.open_interest == pytest.approx(34278.06)
    assert (btc.funding, btc.funding_interval, btc.change) == (0.000052, 8 * HOUR, -0.0125)
    bonk = next(summary for one, summary in told.items() if one.base == "1000BONK")
    assert bonk.funding_interval == 4 * HOUR


def test_the_book_comes_best_price_first() -> None:
    book = bitget.book(payload("bitget/merge_depth"), BITGET, T, 1000)
    assert book.bids.price.tolist() == [64010.3, 64009.9]
    assert book.bids.quantity.tolist() == [1.5, 4.0]
    assert book.asks.quantity.tolist() == [2.5, 0.12]


def test_the_side_of_a_trade_is_its_takers_in_either_spelling() -> None:
    trades = bitget.trades(payload("bitget/fills"), BITGET)
    assert trades.time.tolist() == [T + 1250, T + 2500]
    assert trades.side.tolist() == [+1, -1]
    assert trades.quantity.tolist() == [0.25, 0.012]


def test_a_trade_without_a_side_is_refused() -> None:
    page = payload("bitget/fills")
    page["data"][0]["side"] = "none"
    with pytest.raises(MarketUnavailable, match="trades"):
        bitget.trades(page, BITGET)


def test_the_side_of_a_liquidation_is_the_positions_and_its_amount_is_base_coin() -> None:
    orders = bitget.liquidated(payload("bitget/liquidations"), BITGET)
    assert [(one.id, one.side, one.price, one.quantity, one.time) for one in orders] == [
        ("BTCUSDT", -1, 64900, 0.0095, T + 30_123),
        ("BTCUSDT", +1, 63100.5, 1.25, T + 20_456),
    ]


def test_amounts_that_would_be_billions_are_not_base_coin_and_nothing_of_them_is_believed() -> None:
    page = payload("bitget/liquidations")
    for row in page["data"]["list"]:
        row["amount"] = str(float(row["amount"]) * float(row["price"]))
    with pytest.raises(MarketUnavailable, match="liquidations"):
        bitget.liquidated(page, BITGET)


def test_days_without_liquidations_are_none_and_rows_without_a_side_are_refused() -> None:
    page = payload("bitget/liquidations")
    page["data"]["list"] = []
    assert bitget.liquidated(page, BITGET) == []
    page["data"]["list"] = [{"symbol": "BTCUSDT", "side": "", "price": "1", "amount": "1", "ts": T}]
    with pytest.raises(MarketUnavailable, match="liquidations"):
        bitget.liquidated(page, BITGET)


def test_an_answer_that_is_a_refusal_is_no_data() -> None:
    with pytest.raises(MarketUnavailable, match="makes no sense"):
        bitget.candles({"code": "40034", "msg": "bad", "data": []}, BITGET, BAR)
