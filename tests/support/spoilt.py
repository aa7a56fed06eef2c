"""Messages in which something is not as it should be, and what may come of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from bot.core.errors import MarketUnavailable
from bot.core.instruments import Instrument
from bot.core.margin.tiers import Brackets
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.core.market.summary import Summary
from bot.exchanges.parse.common import ForcedOrder, Listing, OpenPosition, stamps
from bot.exchanges.parse.frames import refuses
from tests.support.payloads import payload

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


@st.composite
def garbled(draw: st.DrawFn, whole: bytes) -> bytes:
    """Change some bytes of a message, and cut it off somewhere."""
    told = bytearray(whole)
    for place, byte in draw(
        st.lists(st.tuples(st.integers(0, len(told) - 1), st.integers(0, 255)), max_size=6)
    ):
        told[place] = byte
    return bytes(told[: draw(st.integers(0, len(told)))])


def check_sound(found: object) -> None:
    """Fail unless what came through a parser is something that may be relied on."""
    for kinds, check in _CHECKS:
        if isinstance(found, kinds):
            check(found)
            return
    pytest.fail(f"{type(found).__name__} is nothing that a parser makes")


def _check_brackets(found: Brackets) -> None:
    assert np.all(np.diff(found.value_cap) > 0)
    assert np.all((found.maintenance_margin_rate > 0) & (found.maintenance_margin_rate < 1))
    assert not np.any(np.isnan(found.value_cap))
    assert np.all(np.isfinite(found.deduction))


def _check_series(found: Candles | OpenInterest | FundingRates | LongShortRatio) -> None:
    assert np.all(np.diff(stamps(found)) > 0)
    assert np.all(stamps(found) > 1_420_070_400_000)
    if isinstance(found, Candles):
        assert np.all(np.isfinite(found.close) & (found.low > 0) & (found.low <= found.high))
        assert np.all(np.isfinite(found.volume))
        if found.taker_buy_volume is not None:
            assert np.all(found.taker_buy_volume <= found.volume)
    if isinstance(found, OpenInterest):
        assert np.all(np.isfinite(found.quantity) & (found.quantity > 0))
    if isinstance(found, FundingRates):
        assert np.all(np.abs(found.rate) < 1)
    if isinstance(found, LongShortRatio):
        assert np.all(np.isfinite(found.ratio) & (found.ratio > 0))


def _check_book(found: OrderBook) -> None:
    assert found.bids.price[0] < found.asks.price[0]
    assert np.all(np.isfinite(found.bids.value))
    assert np.all(np.isfinite(found.asks.value))


def _check_trades(found: Trades) -> None:
    assert np.all(np.isfinite(found.value) & (found.value > 0))
    assert np.all(found.time > 1_420_070_400_000)


def _check_summaries(found: Mapping[Instrument, Summary]) -> None:
    for summary in found.values():
        assert 0 < summary.price < 1e18
        assert 0 <= summary.turnover < 1e37
        for told in (summary.funding, summary.change, summary.open_interest):
            assert told is None or np.isfinite(told)
        assert summary.funding is None or -1 < summary.funding < 1
        assert summary.open_interest is None or summary.open_interest > 0
        assert summary.funding_interval is None or summary.funding_interval > 0


def _check_rows(found: list[object]) -> None:
    for one in found:
        if isinstance(one, Listing):
            assert one.contract_size > 0
            assert one.open_interest is None or one.open_interest > 0
        elif isinstance(one, ForcedOrder):
            _check_order(one)
        else:
            assert isinstance(one, OpenPosition)
            assert one.side in {+1, -1}
            assert 0 < one.quantity < 1e18
            assert one.entry_price > 0
            assert not one.liquidation_price <= 0


def _check_order(order: ForcedOrder) -> None:
    assert order.side in {+1, -1}
    assert 0 < order.price < 1e18
    assert 0 < order.quantity < 1e18
    assert 1_420_070_400_000 <= order.time <= 4_102_444_800_000


_CHECKS: tuple[tuple[Any, Callable[[Any], None]], ...] = (
    (Brackets, _check_brackets),
    ((Candles, OpenInterest, FundingRates, LongShortRatio), _check_series),
    (OrderBook, _check_book),
    (Trades, _check_trades),
    (Mapping, _check_summaries),
    (list, _check_rows),
)


def check_push(parse: Callable[[bytes], Sequence[ForcedOrder]], told: bytes) -> None:
    """Fail unless what came through is sound, or is refused."""
    assert refuses(told) in {True, False}
    try:
        orders = parse(told)
    except MarketUnavailable:
        return
    for order in orders:
        _check_order(order)
