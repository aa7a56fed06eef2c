"""What a fill on Hyperliquid says of a liquidation: whose side, which market, and whether at all.

The payloads are written after the venue's documentation and public accounts of what it sends.
"""

import json
from typing import Any

import pytest

from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import hyperliquid_fills
from bot.exchanges.parse.common import FillPage
from tests.support.payloads import T, message, payload

LIQUIDATOR = "0x2e3d94f0562703b25c83308a05046ddaf9a8dd14"
VAULTS = frozenset({LIQUIDATOR})
TRADER = "0x" + "3" * 40


def heard(told: Any) -> FillPage:
    return hyperliquid_fills.told(json.dumps(told).encode(), VAULTS)


def orders(page: FillPage) -> list[tuple[str, int, int, float, float]]:
    found = [fill.order for fill in page.fills]
    return [(one.id, one.time - T, one.side, one.price, one.quantity) for one in found]


def test_what_a_vault_took_over_is_the_position_its_fill_names() -> None:
    page = hyperliquid_fills.told(message("hyperliquid/ws_user_fills"), VAULTS)
    assert orders(page) == [("BTC", 10, 1, 61_250.0, 1.5), ("ETH", 20, -1, 3_210.5, 20.0)]
    assert page.rows == 7
    assert not page.snapshot


def test_what_is_sold_by_the_liquidated_or_bought_of_them_was_a_long() -> None:
    page = hyperliquid_fills.page(payload("hyperliquid/user_fills_by_time"), TRADER, VAULTS)
    assert orders(page) == [
        ("BTC", 100, 1, 61_000.0, 2.0),
        ("BTC", 100, 1, 60_990.0, 1.0),
        ("ETH", 200, -1, 3_300.0, 5.0),
        ("SOL", 300, 1, 150.0, 40.0),  # of somebody else, who sold to this account
    ]
    assert (page.rows, page.last) == (5, T + 400)


def test_addresses_are_the_same_in_capitals() -> None:
    told = payload("hyperliquid/user_fills_by_time")
    told[0]["liquidation"]["liquidatedUser"] = TRADER.upper().replace("0X", "0x")
    assert orders(hyperliquid_fills.page(told[:1], TRADER, VAULTS))[0][2] == 1


def test_both_sides_of_a_trade_are_one_liquidation() -> None:
    told = payload("hyperliquid/user_fills_by_time")[:1]
    (own,) = hyperliquid_fills.page(told, TRADER, VAULTS).fills
    told[0] |= {"side": "B", "dir": "Open Long"}
    (other,) = hyperliquid_fills.page(told, "0x" + "5" * 40, VAULTS).fills
    assert own.key == other.key
    assert own.order == other.order


def test_trades_of_one_number_in_two_markets_are_two() -> None:
    told = payload("hyperliquid/user_fills_by_time")[:2]
    told[1] |= {"tid": told[0]["tid"], "coin": "ETH"}
    one, two = hyperliquid_fills.page(told, TRADER, VAULTS).fills
    assert one.key != two.key


@pytest.mark.parametrize(
    ("spoilt", "value"),
    [
        ("px", "-1"),
        ("px", "nan"),
        ("px", "Infinity"),
        ("sz", "0"),
        ("sz", "1e30"),
        ("side", "X"),
        ("time", 1_760_000_400),
        ("time", None),
        ("tid", "seven"),
        ("coin", 7),
        ("liquidation", [1]),
    ],
)
def test_a_fill_that_cannot_be_read_is_left_out_and_the_others_stand(
    spoilt: str, value: object
) -> None:
    told = payload("hyperliquid/ws_user_fills")
    told["data"]["fills"][0][spoilt] = value
    assert [one[0] for one in orders(heard(told))] == ["ETH"]
    rows = payload("hyperliquid/user_fills_by_time")
    rows[0][spoilt] = value
    assert len(hyperliquid_fills.page(rows, TRADER, VAULTS).fills) == 3


def test_a_fill_that_does_not_say_who_was_liquidated_is_no_liquidation() -> None:
    told = payload("hyperliquid/user_fills_by_time")[:1]
    told[0]["liquidation"] = {"markPx": "61010.0", "method": "market"}
    assert hyperliquid_fills.page(told, TRADER, VAULTS).fills == []
    told[0]["dir"] = "Liquidated Isolated Short"  # but this says it
    assert orders(hyperliquid_fills.page(told, TRADER, VAULTS))[0][2] == -1


@pytest.mark.parametrize("empty", [None, {}])
def test_an_empty_mark_is_none(empty: object) -> None:
    told = payload("hyperliquid/user_fills_by_time")
    told[4]["liquidation"] = empty
    assert len(hyperliquid_fills.page(told, TRADER, VAULTS).fills) == 4


@pytest.mark.parametrize(
    "other",
    [
        {"channel": "pong"},
        {"channel": "subscriptionResponse", "data": {"method": "subscribe"}},
        {"channel": "error", "data": "Cannot track more than 10 total users."},
    ],
)
def test_other_messages_tell_of_no_liquidation(other: object) -> None:
    assert heard(other) == FillPage()


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"[[[[",
        b'{"channel":"userFills","data":7}',
        b'{"channel":"userFills","data":{"user":"0x1","fills":{}}}',
        b'{"channel":"userFills","data":{"user":"0x1","fills":[{"liquidation":{}}]}}',
        b"\xff\xfe",
    ],
)
def test_garbage_is_a_sentence(garbage: bytes) -> None:
    with pytest.raises(MarketUnavailable, match="a message of fills came in a form"):
        hyperliquid_fills.told(garbage, VAULTS)


@pytest.mark.parametrize("garbage", [None, {}, 7, [[]], [{"time": 7}], "no"])
def test_an_answer_that_is_none_is_a_sentence(garbage: object) -> None:
    with pytest.raises(MarketUnavailable, match="the fills of an account came in a form"):
        hyperliquid_fills.page(garbage, TRADER, VAULTS)


def test_an_account_without_fills_is_no_failure() -> None:
    assert hyperliquid_fills.page([], TRADER, VAULTS) == FillPage()


def test_the_vaults_are_those_that_share_out_the_money() -> None:
    details = {"relationship": {"type": "parent", "data": {"childAddresses": [LIQUIDATOR, "0x"]}}}
    assert hyperliquid_fills.children(details) == [LIQUIDATOR]
    for none in ({"relationship": {"type": "normal"}}, None, {}):
        with pytest.raises(MarketUnavailable, match="the list of its vaults"):
            hyperliquid_fills.children(none)
