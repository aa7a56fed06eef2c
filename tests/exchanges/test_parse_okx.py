"""OKX's messages as it sends them, and what they mean here."""

import json

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import okx
from tests.support.payloads import OKX, T, message, payload

BAR = 15 * MINUTE


def test_linear_swaps_that_trade_are_listed_with_the_size_of_a_contract() -> None:
    found = okx.listings(payload("okx/instruments"))
    assert [(one.id, one.instrument.symbol, one.contract_size) for one in found] == [
        ("BTC-USDT-SWAP", "BTC/USDT:USDT", 0.01),
        ("ETH-USDC-SWAP", "ETH/USDC:USDC", 0.001),
        ("PEPE-USDT-SWAP", "PEPE/USDT:USDT", 10_000_000),
    ]


def test_volume_is_the_field_in_base_coin_not_the_one_in_contracts() -> None:
    candles = okx.candles(payload("okx/candles"), OKX, BAR)
    assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
    assert candles.volume.tolist() == [150.75, 312.5, 8.125]
    assert candles.taker_buy_volume is None


def test_open_interest_is_in_base_coin_and_known_when_its_period_ends() -> None:
    interest = okx.open_interest(payload("okx/open_interest"), OKX, HOUR)
    assert interest.time.tolist() == [T + HOUR, T + 2 * HOUR]
    assert interest.quantity.tolist() == [27900.0, 28004.7645]


def test_open_interest_told_only_in_contracts_is_turned_into_base_coin() -> None:
    page = payload("okx/open_interest")
    page["data"] = [[row[0], row[1], "", row[3]] for row in page["data"]]
    interest = okx.open_interest(page, OKX, HOUR)
    assert interest.quantity == pytest.approx([27900.0, 28004.7645])


def test_funding_is_what_was_paid_not_what_was_forecast() -> None:
    funding = okx.funding(payload("okx/funding"), OKX, 8 * HOUR)
    assert funding.time.tolist() == [T, T + 8 * HOUR]
    assert funding.rate.tolist() == [0.00009, -0.00005]


def test_the_ratio_is_known_when_its_period_ends() -> None:
    ratio = okx.long_short_ratio(payload("okx/ratio"), OKX, 4 * HOUR)
    assert ratio.time.tolist() == [T + 4 * HOUR, T + 8 * HOUR]
    assert ratio.ratio.tolist() == [1.25, 0.98]


def test_brackets_in_contracts_are_valued_at_the_price() -> None:
    brackets = okx.tiers(payload("okx/position_tiers"), OKX, 64_000.0)
    # 3,000 contracts of 0.01 BTC at 64,000.
    assert brackets.value_cap.tolist() == [1_920_000, 3_840_000, 7_680_000]
    assert brackets.maintenance_margin_rate.tolist() == [0.004, 0.006, 0.01]
    assert brackets.max_leverage.tolist() == [100, 75, 50]
    # A bracket's rate holds for the whole position.
    assert brackets.deduction.tolist() == [0, 0, 0]


def test_brackets_of_another_family_are_not_taken() -> None:
    page = payload("okx/position_tiers")
    page["data"][0]["instFamily"] = "ETH-USDT"
    with pytest.raises(MarketUnavailable, match="margin brackets"):
        okx.tiers(page, OKX, 64_000.0)


def test_every_detail_of_every_contract_of_a_message_counts() -> None:
    orders = okx.forced_orders(message("okx/liquidations"))
    assert [(one.id, one.side, one.price, one.quantity, one.time) for one in orders] == [
        ("BTC-USDT-SWAP", +1, 63190.1, 125.0, T + 10),
        # In net mode only the order's side is told: a purchase closes a short.
        ("BTC-USDT-SWAP", -1, 64950.0, 40.5, T + 20),
        ("ETH-USDT-SWAP", -1, 3290.5, 300.0, T + 30),
    ]


def test_one_detail_that_cannot_be_read_does_not_take_the_others_with_it() -> None:
    told = payload("okx/liquidations")
    told["data"][0]["details"][0]["bkPx"] = "0"
    told["data"][1] = "nonsense"
    (left,) = okx.forced_orders(json.dumps(told).encode())
    assert left.time == T + 20


def test_a_liquidation_without_a_side_is_refused() -> None:
    told = payload("okx/liquidations")
    del told["data"][1]
    told["data"][0]["details"] = [told["data"][0]["details"][0] | {"posSide": "net", "side": ""}]
    with pytest.raises(MarketUnavailable, match="a liquidation"):
        okx.forced_orders(json.dumps(told).encode())


@pytest.mark.parametrize(
    "said",
    [
        b"pong",
        b'{"event":"subscribe","arg":{"channel":"liquidation-orders","instType":"SWAP"}}',
        b'{"arg":{"channel":"tickers","instId":"BTC-USDT-SWAP"},"data":[{"last":"1"}]}',
        b'{"event":"notice","code":"64008","msg":"The connection will soon be closed"}',
    ],
)
def test_what_is_no_liquidation_is_none(said: bytes) -> None:
    assert not okx.forced_orders(said)
