"""Whatever a venue sends, what gets through is sound; the rest is refused in a sentence."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.core.margin.tiers import Brackets
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.exchanges.parse import binance, bybit, hyperliquid, okx
from bot.exchanges.parse.common import Listing, OpenPosition, refuses, stamps
from tests.support.payloads import BINANCE, BYBIT, HYPERLIQUID, OKX, message, payload

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
}
PUSHES = {
    "binance/forced_order": binance.forced_orders,
    "binance/forced_order_combined": binance.forced_orders,
    "bybit/liquidations": bybit.forced_orders,
    "okx/liquidations": okx.forced_orders,
}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["nan", "-inf", "1e999", "-1", "0", "", "1e-400", "0x10", "１２", 10**40]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=6,
)


@st.composite
def spoilt(draw: st.DrawFn, name: str) -> Any:
    """Draw a message in which something, somewhere, is not as it should be."""
    told = payload(name)
    for _ in range(draw(st.integers(1, 4))):
        told = draw(_spoilt_once(told))
    return told


@st.composite
def _spoilt_once(draw: st.DrawFn, told: Any) -> Any:
    inside = isinstance(told, (dict, list)) and len(told) > 0
    if not inside or draw(st.integers(0, 9)) == 0:
        return draw(json_values)
    places = list(told) if isinstance(told, dict) else list(range(len(told)))
    place = draw(st.sampled_from(places))
    how = draw(st.sampled_from(["deeper", "deeper", "drop", "twice", "turn"]))
    if how == "deeper":
        told[place] = draw(_spoilt_once(told[place]))
    elif how == "drop":
        del told[place]
    elif isinstance(told, list):
        told = [*told, told[place]] if how == "twice" else told[::-1]
    return told


def check_sound(found: object) -> None:
    """Fail unless what came through a parser is something the estimate may rely on."""
    if isinstance(found, Brackets):
        assert np.all(np.diff(found.value_cap) > 0)
        assert np.all((found.maintenance_margin_rate > 0) & (found.maintenance_margin_rate < 1))
        assert np.all(np.isfinite(found.value_cap) & np.isfinite(found.deduction))
    elif isinstance(found, (Candles, OpenInterest, FundingRates, LongShortRatio)):
        assert np.all(np.diff(stamps(found)) > 0)
        assert np.all(stamps(found) > 1_420_070_400_000)
        if isinstance(found, Candles):
            assert np.all(np.isfinite(found.close) & (found.low > 0) & (found.low <= found.high))
            if found.taker_buy_volume is not None:
                assert np.all(found.taker_buy_volume <= found.volume)
        if isinstance(found, OpenInterest):
            assert np.all(np.isfinite(found.quantity) & (found.quantity > 0))
        if isinstance(found, FundingRates):
            assert np.all(np.abs(found.rate) < 1)
        if isinstance(found, LongShortRatio):
            assert np.all(np.isfinite(found.ratio) & (found.ratio > 0))
    else:
        assert isinstance(found, list)
        for one in found:
            assert isinstance(one, (Listing, OpenPosition))
            if isinstance(one, Listing):
                assert one.contract_size > 0
                assert one.open_interest is None or one.open_interest > 0
            else:
                assert one.side in {+1, -1}
                assert 0 < one.quantity < 1e18
                assert one.entry_price > 0
                assert not one.liquidation_price <= 0


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
    _check_push(name, told)


@pytest.mark.parametrize("name", PUSHES)
@given(data=st.data())
def test_a_garbled_liquidation_is_sound_or_refused(name: str, data: st.DataObject) -> None:
    told = bytearray(message(name))
    for place, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(told) - 1), st.integers(0, 255)), max_size=6)
    ):
        told[place] = byte
    _check_push(name, bytes(told[: data.draw(st.integers(0, len(told)))]))


@pytest.mark.parametrize("name", PUSHES)
def test_a_message_without_a_bottom_is_refused(name: str) -> None:
    for told in (b"[" * 100_000, b'{"data":' * 100_000, b""):
        with pytest.raises(MarketUnavailable):
            PUSHES[name](told)


def _check_push(name: str, told: bytes) -> None:
    assert refuses(told) in {True, False}
    try:
        orders = PUSHES[name](told)
    except MarketUnavailable:
        return
    for order in orders:
        assert order.side in {+1, -1}
        assert 0 < order.price < 1e18
        assert 0 < order.quantity < 1e18
        assert 1_420_070_400_000 <= order.time <= 4_102_444_800_000
