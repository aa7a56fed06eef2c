"""Whatever a venue sends, what gets through is sound; the rest is refused in a sentence."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import binance, bybit, hyperliquid, hyperliquid_fills, okx
from bot.exchanges.parse.common import FillPage, ForcedOrder
from tests.support.payloads import BINANCE, BYBIT, HYPERLIQUID, OKX, message, payload
from tests.support.spoilt import check_push, check_sound, garbled, spoilt

Parse = Callable[[Any], object]

SERIES: dict[str, Parse] = {
    "binance/klines": lambda told: binance.candles(told, BINANCE, 5 * MINUTE),
    "binance/open_interest": lambda told: binance.open_interest(told, BINANCE, 5 * MINUTE),
    "binance/funding": lambda told: binance.funding(told, BINANCE, HOUR),
    "binance/ratio": lambda told: binance.long_short_ratio(told, BINANCE, HOUR),
    "binance/exchange_info": binance.listings,
    "bybit/klines": lambda told: bybit.candles(told, BYBIT, 5 * MINUTE),
    "bybit/open_interest": lambda told: bybit.open_interest(told, BYBIT, 15 * MINUTE),
    "bybit/funding": lambda told: bybit.funding(told, BYBIT, HOUR),
    "bybit/ratio": lambda told: bybit.long_short_ratio(told, BYBIT, HOUR),
    "bybit/risk_limit": lambda told: bybit.tiers(told, BYBIT, 64_000.0),
    "bybit/instruments": bybit.listings,
    "okx/candles": lambda told: okx.candles(told, OKX, 15 * MINUTE),
    "okx/open_interest": lambda told: okx.open_interest(told, OKX, HOUR),
    "okx/funding": lambda told: okx.funding(told, OKX, 8 * HOUR),
    "okx/ratio": lambda told: okx.long_short_ratio(told, OKX, 4 * HOUR),
    "okx/position_tiers": lambda told: okx.tiers(told, OKX, 64_000.0),
    "okx/instruments": okx.listings,
    "hyperliquid/candles": lambda told: hyperliquid.candles(told, HYPERLIQUID, 15 * MINUTE),
    "hyperliquid/funding": lambda told: hyperliquid.funding(told, HYPERLIQUID, HOUR),
    "hyperliquid/meta_and_asset_ctxs": hyperliquid.listings,
    "hyperliquid/clearinghouse_state": hyperliquid.positions,
    "hyperliquid/user_fills_by_time": lambda told: _orders(
        hyperliquid_fills.page(told, "0x" + "3" * 40, ())
    ),
}
PUSHES: dict[str, Callable[[bytes], Sequence[ForcedOrder]]] = {
    "binance/forced_order": binance.forced_orders,
    "binance/forced_order_combined": binance.forced_orders,
    "bybit/liquidations": bybit.forced_orders,
    "okx/liquidations": okx.forced_orders,
    "hyperliquid/ws_user_fills": lambda told: _orders(hyperliquid_fills.told(told, ())),
}


def _orders(page: FillPage) -> list[ForcedOrder]:
    return [fill.order for fill in page.fills]


@pytest.mark.parametrize("name", SERIES)
def test_the_message_as_sent_is_understood(name: str) -> None:
    check_sound(SERIES[name](payload(name)))


@pytest.mark.parametrize("name", SERIES)
@given(data=st.data())
def test_a_spoilt_answer_is_sound_or_refused(name: str, data: st.DataObject) -> None:
    told = data.draw(spoilt(name))
    try:
        found = SERIES[name](told)
    except MarketUnavailable as error:
        assert "makes no sense" in error.why  # noqa: PT017 - either outcome is right
    else:
        check_sound(found)


@pytest.mark.parametrize("name", SERIES)
def test_what_is_no_answer_at_all_is_refused(name: str) -> None:
    for told in (None, "", "<html>502 Bad Gateway</html>", b"\xff", 7, {}, {"code": "50011"}):
        with pytest.raises(MarketUnavailable):
            SERIES[name](told)


@pytest.mark.parametrize("name", PUSHES)
@given(data=st.data())
def test_a_spoilt_liquidation_is_sound_or_refused(name: str, data: st.DataObject) -> None:
    told = json.dumps(data.draw(spoilt(name)), allow_nan=True).encode("utf-8", "surrogatepass")
    check_push(PUSHES[name], told)


@pytest.mark.parametrize("name", PUSHES)
@given(data=st.data())
def test_a_garbled_liquidation_is_sound_or_refused(name: str, data: st.DataObject) -> None:
    check_push(PUSHES[name], data.draw(garbled(message(name))))


@pytest.mark.parametrize("name", PUSHES)
def test_a_message_without_a_bottom_is_refused(name: str) -> None:
    for told in (b"[" * 100_000, b'{"data":' * 100_000, b""):
        with pytest.raises(MarketUnavailable):
            PUSHES[name](told)
