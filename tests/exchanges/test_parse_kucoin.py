"""KuCoin's answers as it sends them, and what they mean here."""

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import kucoin
from tests.support.payloads import KUCOIN, T, payload

BAR = 5 * MINUTE


def test_linear_perpetuals_that_trade_are_listed_and_xbt_is_btc() -> None:
    found = kucoin.listings(payload("kucoin/contracts_active"))
    assert [(one.id, one.instrument.symbol, one.contract_size) for one in found] == [
        ("XBTUSDTM", "BTC/USDT:USDT", 0.001),
        ("PEPEUSDTM", "PEPE/USDT:USDT", 10_000),
        ("ETHUSDCM", "ETH/USDC:USDC", 0.01),
    ]


def test_volume_in_lots_becomes_base_coin() -> None:
    candles = kucoin.candles(payload("kucoin/kline"), KUCOIN, BAR)
    assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
    assert candles.high.tolist() == [64100, 64120.5, 64085]
    assert candles.low.tolist() == [63950.1, 63990, 64060]
    assert candles.close.tolist() == [64010.4, 64080, 64071.3]
    assert candles.volume == pytest.approx([150.75, 312.5, 8.125])
    assert candles.taker_buy_volume is None


def test_open_interest_in_lots_becomes_base_coin_and_a_zero_is_a_gap() -> None:
    interest = kucoin.open_interest(payload("kucoin/open_interest"), KUCOIN, 15 * MINUTE)
    assert interest.time.tolist() == [T, T + 30 * MINUTE]
    assert interest.quantity == pytest.approx([4568.791, 4615.535])


def test_funding_comes_oldest_first() -> None:
    funding = kucoin.funding(payload("kucoin/funding_rates"), KUCOIN, 8 * HOUR)
    assert funding.time.tolist() == [T, T + 8 * HOUR]
    assert funding.rate.tolist() == [0.0001, -0.000012]


def test_a_market_too_young_for_funding_has_none() -> None:
    assert len(kucoin.funding({"code": "200000", "data": None}, KUCOIN, 8 * HOUR).time) == 0


def test_funding_of_another_market_is_not_taken() -> None:
    page = payload("kucoin/funding_rates")
    page["data"][0]["symbol"] = "ETHUSDTM"
    with pytest.raises(MarketUnavailable, match="funding"):
        kucoin.funding(page, KUCOIN, 8 * HOUR)


def test_a_levels_rate_holds_for_the_whole_position() -> None:
    brackets = kucoin.tiers(payload("kucoin/risk_limit"), KUCOIN, 64_000.0)
    assert brackets.value_cap.tolist() == [250_000, 600_000]
    assert brackets.maintenance_margin_rate.tolist() == [0.004, 0.005]
    assert brackets.max_leverage.tolist() == [125, 100]
    assert brackets.deduction.tolist() == [0, 0]


def test_the_overview_tells_of_listed_markets_in_our_units() -> None:
    contracts = payload("kucoin/contracts_active")
    listings = {one.id: one for one in kucoin.listings(contracts)}
    told = kucoin.overview([contracts], listings, T)
    assert {one.symbol for one in told} == {"BTC/USDT:USDT", "PEPE/USDT:USDT", "ETH/USDC:USDC"}
    btc = told[KUCOIN.instrument]
    assert (btc.time, btc.price) == (T, 64010.4)
    assert btc.turnover == pytest.approx(2_361_994_501.71)
    assert btc.open_interest == pytest.approx(5191.275)
    assert (btc.funding, btc.funding_interval, btc.change) == (0.0001, 8 * HOUR, -0.0125)
    pepe = next(summary for one, summary in told.items() if one.base == "PEPE")
    assert pepe.open_interest == pytest.approx(3e9)
    assert (pepe.funding, pepe.funding_interval, pepe.change) == (None, None, None)


def test_the_book_is_in_base_coin_best_price_first() -> None:
    book = kucoin.book(payload("kucoin/level2"), KUCOIN, T, 2)
    assert book.bids.price.tolist() == [64010.3, 64009.9]
    assert book.bids.quantity == pytest.approx([1.5, 4.0])
    assert book.asks.price.tolist() == [64010.4, 64011.0]  # so many of each side at most
    assert book.asks.quantity == pytest.approx([2.5, 0.12])


def test_the_side_of_a_trade_is_its_takers_and_its_time_is_in_nanoseconds() -> None:
    trades = kucoin.trades(payload("kucoin/trade_history"), KUCOIN)
    assert trades.time.tolist() == [T + 1250, T + 2500]
    assert trades.side.tolist() == [+1, -1]
    assert trades.quantity == pytest.approx([0.25, 0.012])


def test_a_trade_without_a_side_is_refused() -> None:
    page = payload("kucoin/trade_history")
    page["data"][0]["side"] = ""
    with pytest.raises(MarketUnavailable, match="trades"):
        kucoin.trades(page, KUCOIN)


def test_an_answer_that_is_a_refusal_is_no_data() -> None:
    with pytest.raises(MarketUnavailable, match="makes no sense"):
        kucoin.candles({"code": "400100", "msg": "bad", "data": []}, KUCOIN, BAR)
