"""What Binance, Bybit, OKX and Hyperliquid say of the moment, and what it means here."""

import pytest

from bot.core.arrays import HOUR
from bot.core.errors import MarketUnavailable
from bot.core.market.depth import OrderBook
from bot.exchanges.parse import binance_now, bybit_now, hyperliquid_now, okx_now
from tests.support.payloads import BINANCE, BYBIT, HYPERLIQUID, OKX, T, payload


def _sides(book: OrderBook) -> list[list[tuple[float, float]]]:
    return [
        list(zip(side.price.tolist(), side.quantity.tolist(), strict=True))
        for side in (book.bids, book.asks)
    ]


BIDS, ASKS = [(64000.0, 1.5), (63999.9, 0.25)], [(64000.1, 0.75), (64004.0, 2.5)]


def test_binance_tells_funding_apart_and_pays_each_eight_hours_unless_it_says_otherwise() -> None:
    names = ("ticker_24hr", "premium_index", "funding_info")
    answers = [payload(f"binance/{name}") for name in names]
    told = binance_now.overview(answers, {"BTCUSDT": BINANCE}, T)
    assert list(told) == [BINANCE.instrument]
    summary = told[BINANCE.instrument]
    assert (summary.time, summary.price, summary.open_interest) == (T, 64000.10, None)
    assert (summary.funding, summary.funding_interval) == (0.0001, 8 * HOUR)
    assert summary.turnover == pytest.approx(150000.5 * 64000.1)
    assert summary.change == pytest.approx(-0.0099)
    answers[2][0]["symbol"] = "BTCUSDT"
    told = binance_now.overview(answers, {"BTCUSDT": BINANCE}, T)
    assert told[BINANCE.instrument].funding_interval == 4 * HOUR


def test_binances_book_is_best_first_and_empty_levels_are_none() -> None:
    book = binance_now.book(payload("binance/depth"), BINANCE, T, 1000)
    assert _sides(book) == [[*BIDS, (63990.0, 12.0)], ASKS]
    assert _sides(binance_now.book(payload("binance/depth"), BINANCE, T, 1)) == [BIDS[:1], ASKS[:1]]


def test_if_the_buyer_made_the_price_the_taker_sold() -> None:
    trades = binance_now.trades(payload("binance/trades"), BINANCE)
    assert trades.side.tolist() == [-1, +1]
    assert trades.quantity.tolist() == [0.25, 1.5]
    assert trades.time.tolist() == [T, T + 40]


def test_bybits_change_is_a_fraction_and_dated_futures_are_left_out() -> None:
    told = bybit_now.overview([payload("bybit/tickers")], {"BTCUSDT": BYBIT}, T)
    (summary,) = told.values()
    assert summary.change == -0.009901
    assert summary.open_interest == 55000.123 / 2  # both sides are told
    assert summary.turnover == pytest.approx(100000.5 * 64000.1)
    assert (summary.funding, summary.funding_interval) == (-0.00005, 4 * HOUR)


def test_bybits_sides_are_the_takers() -> None:
    assert _sides(bybit_now.book(payload("bybit/orderbook"), BYBIT, T, 500)) == [BIDS, ASKS]
    trades = bybit_now.trades(payload("bybit/recent_trade"), BYBIT)
    assert trades.side.tolist() == [-1, +1]
    assert trades.price.tolist() == [64000.1, 64000.2]
    wrong = payload("bybit/recent_trade")
    wrong["result"]["list"][0]["side"] = "Hold"
    with pytest.raises(MarketUnavailable):
        bybit_now.trades(wrong, BYBIT)


def test_okx_counts_contracts_and_says_when_funding_falls_due_twice() -> None:
    names = ("tickers", "open_interest_now", "funding_now")
    told = okx_now.overview([payload(f"okx/{name}") for name in names], {OKX.id: OKX}, T)
    (summary,) = told.values()
    assert summary.open_interest == pytest.approx(27900)
    assert summary.turnover == pytest.approx(60000.5 * 64000.1)
    assert (summary.funding, summary.funding_interval) == (0.00007, 8 * HOUR)
    assert summary.change == pytest.approx(64000.1 / 64640.1 - 1)


def test_okx_tells_the_price_of_a_market_though_funding_and_interest_are_not_to_be_had() -> None:
    empty = {"code": "0", "msg": "", "data": []}
    told = okx_now.overview([payload("okx/tickers"), empty, empty], {OKX.id: OKX}, T)
    (summary,) = told.values()
    assert (summary.open_interest, summary.funding, summary.funding_interval) == (None, None, None)


def test_okxs_book_and_trades_come_in_contracts() -> None:
    assert _sides(okx_now.book(payload("okx/books"), OKX, T, 400)) == [BIDS, ASKS]
    trades = okx_now.trades(payload("okx/trades"), OKX)
    assert trades.side.tolist() == [-1, +1]
    assert trades.quantity.tolist() == [0.25, 1.5]


def test_hyperliquid_pays_each_hour_and_its_two_lists_belong_together() -> None:
    told = hyperliquid_now.overview([payload("hyperliquid/overview")], {"BTC": HYPERLIQUID}, T)
    (summary,) = told.values()
    assert (summary.price, summary.turnover) == (64000.0, 3100000000.5)
    assert summary.open_interest == 30000.5
    assert (summary.funding, summary.funding_interval) == (0.0000125, HOUR)
    assert summary.change == pytest.approx(64000 / 64640 - 1)
    uneven = payload("hyperliquid/overview")
    del uneven[1][0]
    with pytest.raises(MarketUnavailable, match="the overview"):
        hyperliquid_now.overview([uneven], {"BTC": HYPERLIQUID}, T)
    book = hyperliquid_now.book(payload("hyperliquid/l2_book"), HYPERLIQUID, T, 20)
    assert _sides(book)[0] == [(64000.0, 1.5), (63990.0, 0.25)]


def test_books_that_cross_or_belong_to_another_market_are_refused() -> None:
    crossed = payload("binance/depth")
    crossed["bids"][0][0] = "64000.20"
    with pytest.raises(MarketUnavailable, match="the order book"):
        binance_now.book(crossed, BINANCE, T, 1000)
    other = payload("bybit/orderbook")
    other["result"]["s"] = "ETHUSDT"
    with pytest.raises(MarketUnavailable, match="the order book"):
        bybit_now.book(other, BYBIT, T, 500)
