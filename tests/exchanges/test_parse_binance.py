"""Binance's messages as it sends them, and what they mean here."""

import json

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import binance
from tests.support.payloads import BINANCE, T, message, payload

BAR = 5 * MINUTE


def test_the_dollar_perpetuals_that_trade_are_listed_and_nothing_else() -> None:
    found = binance.listings(payload("binance/exchange_info"))
    assert [(one.id, one.instrument.symbol) for one in found] == [
        ("BTCUSDT", "BTC/USDT:USDT"),
        ("ETHUSDC", "ETH/USDC:USDC"),
        ("1000PEPEUSDT", "1000PEPE/USDT:USDT"),
    ]
    assert {one.contract_size for one in found} == {1.0}


def test_a_raw_candle_keeps_what_takers_bought_which_the_unified_one_drops() -> None:
    candles = binance.candles(payload("binance/klines"), BINANCE, BAR)
    assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
    assert candles.open.tolist() == [64000.10, 64100.00, 63905.20]
    assert candles.high.tolist() == [64120.00, 64110.00, 63950.00]
    assert candles.low.tolist() == [63980.50, 63900.00, 63890.00]
    assert candles.close.tolist() == [64100.00, 63905.20, 63940.00]
    assert candles.volume.tolist() == [350.125, 512.0, 12.75]
    assert candles.taker_buy_volume is not None
    assert candles.taker_buy_volume.tolist() == [210.5, 100.25, 12.75]
    assert candles.interval == BAR


def test_rows_out_of_order_and_sent_twice_come_out_in_order_and_once() -> None:
    rows = payload("binance/klines")
    later = [*rows[0][:4], "64090.00", *rows[0][5:]]
    candles = binance.candles([rows[2], rows[0], rows[1], later], BINANCE, BAR)
    assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
    assert candles.close[0] == 64090.00


def test_no_candles_are_no_candles() -> None:
    assert len(binance.candles([], BINANCE, BAR)) == 0


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, 1_760_000_400),  # seconds
        (0, T + 1),  # between two bars
        (1, "-1"),
        (1, "0"),
        (2, "nan"),
        (2, "1"),  # a high below the low
        (3, "Infinity"),
        (4, None),
        (5, "-0.1"),
        (9, "350.2"),  # takers bought more than was traded
    ],
)
def test_a_candle_that_cannot_be_right_spoils_the_page(place: int, value: object) -> None:
    rows = payload("binance/klines")
    rows[0][place] = value
    with pytest.raises(MarketUnavailable, match="candles came in a form that makes no sense"):
        binance.candles(rows, BINANCE, BAR)


def test_open_interest_is_in_base_coin_and_its_value_is_not_taken_for_it() -> None:
    interest = binance.open_interest(payload("binance/open_interest"), BINANCE, BAR)
    assert interest.time.tolist() == [T, T + BAR]
    assert interest.quantity.tolist() == [81250.5, 81300.25]


def test_open_interest_of_nothing_is_a_gap_in_the_record() -> None:
    rows = payload("binance/open_interest")
    rows[0]["sumOpenInterest"] = "0.00000000"
    assert binance.open_interest(rows, BINANCE, BAR).time.tolist() == [T + BAR]


def test_rows_of_another_symbol_are_not_taken() -> None:
    rows = payload("binance/open_interest")
    rows[1]["symbol"] = "ETHUSDT"
    with pytest.raises(MarketUnavailable, match="open interest"):
        binance.open_interest(rows, BINANCE, BAR)


def test_funding_is_a_fraction_at_the_time_it_was_paid() -> None:
    funding = binance.funding(payload("binance/funding"), BINANCE, HOUR)
    assert funding.time.tolist() == [T, T + 8 * HOUR + 3]
    assert funding.rate.tolist() == [0.0001, -0.0000215]


def test_the_ratio_is_of_accounts_long_to_accounts_short() -> None:
    ratio = binance.long_short_ratio(payload("binance/ratio"), BINANCE, HOUR)
    assert ratio.time.tolist() == [T, T + HOUR]
    assert ratio.ratio.tolist() == [1.6667, 0.6667]


def test_a_forced_sale_liquidates_a_long_at_the_average_price_and_the_whole_amount_filled() -> None:
    (order,) = binance.forced_orders(message("binance/forced_order"))
    assert order.side == +1
    assert order.price == 63250.40  # ap, not the limit p
    assert order.quantity == 1.5  # z, not the last fill l
    assert (order.id, order.time) == ("BTCUSDT", T + 1234)


def test_a_forced_purchase_in_a_combined_stream_liquidates_a_short() -> None:
    (order,) = binance.forced_orders(message("binance/forced_order_combined"))
    assert (order.id, order.side, order.price, order.quantity) == ("ETHUSDT", -1, 3201.55, 12.4)


def test_an_order_of_which_nothing_was_filled_liquidates_nothing() -> None:
    told = payload("binance/forced_order")
    told["o"] |= {"X": "NEW", "z": "0", "ap": "0"}
    assert not binance.forced_orders(json.dumps(told).encode())


@pytest.mark.parametrize(
    "said",
    [
        b'{"result":null,"id":1}',
        b'{"e":"serverShutdown","E":1760000400000}',
        b'{"e":"trade","E":1760000400000,"o":"text where an order would be"}',
        b"{}",
    ],
)
def test_what_is_no_forced_order_is_none(said: bytes) -> None:
    assert not binance.forced_orders(said)


@pytest.mark.parametrize(
    "change",
    [{"S": "HOLD"}, {"z": "-1"}, {"ap": "nan"}, {"T": 17}, {"S": None}],
)
def test_a_forced_order_that_cannot_be_right_is_refused(change: dict[str, object]) -> None:
    told = payload("binance/forced_order")
    told["o"] |= change
    with pytest.raises(MarketUnavailable, match="a liquidation"):
        binance.forced_orders(json.dumps(told).encode())
