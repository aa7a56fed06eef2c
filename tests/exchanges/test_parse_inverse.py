"""What Binance COIN-M, Bybit inverse and BitMEX send, and what it means in base coin."""

import json

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Contract, Instrument
from bot.exchanges.parse import binancecoinm, bitmex, bybitinverse
from bot.exchanges.parse.common import UNTIMED, Listing
from tests.support.payloads import T, message, payload

BAR = 5 * MINUTE
COINM = Listing(
    Instrument("binancecoinm", "BTC", "USD", "BTC", Contract.INVERSE), "BTCUSD_PERP", 100.0
)
INVERSE = Listing(Instrument("bybitinverse", "BTC", "USD", "BTC", Contract.INVERSE), "BTCUSD")
XBTUSD = Listing(Instrument("bitmex", "BTC", "USD", "BTC", Contract.INVERSE), "XBTUSD")
XBTUSDT = Listing(Instrument("bitmex", "BTC", "USDT", "USDT"), "XBTUSDT", 1e-6)


def test_coin_m_lists_perpetuals_that_trade_with_the_dollars_of_a_contract() -> None:
    found = binancecoinm.listings(payload("binancecoinm/exchange_info"))
    assert [(one.id, one.instrument.symbol, one.contract_size) for one in found] == [
        ("BTCUSD_PERP", "BTC/USD:BTC", 100),
        ("ETHUSD_PERP", "ETH/USD:ETH", 10),
    ]
    assert all(one.inverse for one in found)


def test_coin_m_volume_is_the_column_that_holds_coin_and_so_is_the_takers() -> None:
    candles = binancecoinm.candles(payload("binancecoinm/klines"), COINM, BAR)
    assert candles.open_time.tolist() == [T, T + BAR]
    assert candles.volume.tolist() == [5.0, 1.0]
    assert candles.taker_buy_volume is not None
    assert candles.taker_buy_volume.tolist() == [2.5, 0.1]


def test_coin_m_open_interest_is_read_in_dollars_and_of_the_perpetual_alone() -> None:
    rows = payload("binancecoinm/open_interest")
    interest = binancecoinm.open_interest(rows, COINM, BAR)
    assert interest.quantity.tolist() == [640_000_000, 641_000_000]
    rows[0]["contractType"] = "CURRENT_QUARTER"
    with pytest.raises(MarketUnavailable, match=r"^Binance COIN-M is not answering: open interest"):
        binancecoinm.open_interest(rows, COINM, BAR)


def test_coin_m_sells_the_positions_of_longs_in_contracts() -> None:
    (order,) = binancecoinm.forced_orders(message("binancecoinm/forced_order"))
    assert (order.side, order.price, order.quantity) == (+1, 64000.0, 640)
    assert COINM.base(order.quantity, order.price) == 1.0


def test_bybit_inverse_is_listed_by_its_kind_and_closed_contracts_are_not() -> None:
    found = bybitinverse.listings(payload("bybitinverse/instruments"))
    assert [(one.id, one.instrument.symbol) for one in found] == [("BTCUSD", "BTC/USD:BTC")]
    assert not bybitinverse.listings(payload("bybit/instruments"))


def test_bybit_inverse_volume_is_the_turnover_which_is_coin() -> None:
    candles = bybitinverse.candles(payload("bybitinverse/klines"), INVERSE, BAR)
    assert candles.open_time.tolist() == [T, T + BAR]
    assert candles.volume.tolist() == [5.0, 1.0]
    with pytest.raises(MarketUnavailable, match=r"^Bybit inverse is not answering: candles"):
        bybitinverse.candles(payload("bybit/klines"), INVERSE, BAR)


def test_bybit_names_the_position_that_was_closed_and_counts_dollars() -> None:
    long, short = bybitinverse.forced_orders(message("bybitinverse/liquidations"))
    assert (long.side, INVERSE.base(long.quantity, long.price)) == (+1, 20_000 / 64_000)
    assert (short.side, short.time) == (-1, T + 12)


def test_bybit_inverse_caps_are_coins() -> None:
    brackets = bybitinverse.tiers(payload("bybitinverse/risk_limit"), INVERSE, 64_000.0)
    assert brackets.value_cap.tolist() == [9_600_000, 19_200_000]
    assert brackets.deduction.tolist() == [0, 48_000]


def test_bitmex_lists_inverse_and_linear_and_no_quanto() -> None:
    found = bitmex.listings(payload("bitmex/instrument_active"))
    assert [(one.id, one.instrument.symbol, one.contract_size) for one in found] == [
        ("XBTUSD", "BTC/USD:BTC", 1.0),
        ("XBTUSDT", "BTC/USDT:USDT", 1e-6),
    ]
    assert [one.inverse for one in found] == [True, False]


def test_a_bar_of_bitmex_opens_before_the_time_it_bears_and_within_what_was_traded() -> None:
    candles = bitmex.candles(payload("bitmex/trade_bucketed"), XBTUSD, BAR)
    assert candles.open_time.tolist() == [T, T + BAR]
    assert candles.open.tolist() == [64000.0, 64050.0]  # the last close lay above all trades
    assert candles.high.tolist() == [64120.0, 64050.0]
    assert candles.volume.tolist() == [5.0, 1.0]


def test_bitmex_tells_what_stands_of_all_markets_in_contracts() -> None:
    told = bitmex.overview(
        [payload("bitmex/instrument_active")], {"XBTUSD": XBTUSD, "XBTUSDT": XBTUSDT}, T
    )
    inverse, linear = told[XBTUSD.instrument], told[XBTUSDT.instrument]
    assert inverse.open_interest == 10_000
    assert linear.open_interest == pytest.approx(50)
    assert (inverse.turnover, linear.turnover) == (100_000_000, 6_400_000)
    assert (inverse.funding_interval, linear.funding_interval) == (8 * HOUR, 4 * HOUR)
    assert inverse.change == -0.0099


def test_bitmexs_book_and_trades_are_base_coin() -> None:
    book = bitmex.book(payload("bitmex/order_book"), XBTUSD, T, 1000)
    assert book.bids.quantity == pytest.approx([1.0, 0.5])
    assert book.asks.price.tolist() == [64000.5, 64004.0]
    trades = bitmex.trades(payload("bitmex/trade"), XBTUSD)
    assert trades.time.tolist() == [T, T + 40]
    assert trades.side.tolist() == [-1, +1]
    assert trades.quantity.tolist() == [0.25, 1.5]


def test_bitmex_sells_the_positions_of_longs_and_tells_no_time() -> None:
    long, short = bitmex.forced_orders(message("bitmex/liquidation"))
    assert (long.id, long.side, long.time) == ("XBTUSD", +1, UNTIMED)
    assert XBTUSD.base(long.quantity, long.price) == 2.0
    assert (short.id, short.side) == ("XBTUSDT", -1)
    assert XBTUSDT.base(short.quantity, short.price) == 2.0


@pytest.mark.parametrize("action", ["partial", "update", "delete"])
def test_an_order_of_bitmex_counts_when_it_is_entered_and_not_again(action: str) -> None:
    told = payload("bitmex/liquidation") | {"action": action}
    assert not bitmex.forced_orders(json.dumps(told).encode())


@pytest.mark.parametrize(
    "said",
    [
        b"pong",
        b'{"info":"Welcome to the BitMEX Realtime API.","limit":{"remaining":39}}',
        b'{"success":true,"subscribe":"liquidation","request":{"op":"subscribe"}}',
        b'{"table":"trade","action":"insert","data":[{"symbol":"XBTUSD"}]}',
    ],
)
def test_what_is_no_liquidation_is_none(said: bytes) -> None:
    assert not bitmex.forced_orders(said)
