"""Whatever HTX, Kraken, dYdX and Deribit send, what gets through is sound; the rest is refused."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import deribit, dydx, htx, htx_now, kraken, kraken_now
from tests.support.payloads import (
    DERIBIT_INVERSE,
    DYDX,
    HTX,
    KRAKEN,
    KRAKEN_INVERSE,
    T,
    message,
    payload,
)
from tests.support.spoilt import check_push, check_sound, garbled, spoilt

BAR = 5 * MINUTE
_HTX_OVERVIEW = ("overview_tickers", "overview_open_interest", "overview_funding", "contract_info")


def _htx_overview(place: int, told: Any) -> object:
    """Read the overview with one of its answers spoilt."""
    answers = [payload(f"htx/{name}") for name in _HTX_OVERVIEW]
    answers[place] = told
    return htx_now.overview(answers, {"BTC-USDT": HTX}, T)


ANSWERS: dict[str, Callable[[Any], object]] = {
    "htx/contract_info": htx.listings,
    "htx/klines": lambda told: htx.candles(told, HTX, BAR),
    "htx/open_interest": lambda told: htx.open_interest(told, HTX, HOUR),
    "htx/funding": lambda told: htx.funding(told, HTX, 8 * HOUR),
    "htx/ratio": lambda told: htx.long_short_ratio(told, HTX, HOUR),
    "htx/adjust_factor": lambda told: htx.tiers(told, HTX, 64_000.0),
    "htx/overview_tickers": partial(_htx_overview, 0),
    "htx/overview_open_interest": partial(_htx_overview, 1),
    "htx/overview_funding": partial(_htx_overview, 2),
    "htx/depth": lambda told: htx_now.order_book(told, HTX, T),
    "htx/trades": lambda told: htx_now.trades(told, HTX),
    "kraken/instruments": kraken.listings,
    "kraken/candles": lambda told: kraken.candles(told, KRAKEN_INVERSE, BAR),
    "kraken/open_interest": lambda told: kraken.open_interest(told, KRAKEN, 3 * BAR),
    "kraken/funding": lambda told: kraken.funding(told, KRAKEN, HOUR),
    "kraken/accounts": lambda told: kraken.long_short_ratio(told, KRAKEN, HOUR),
    "kraken/tickers": lambda told: kraken_now.overview(
        [told], {"PF_XBTUSD": KRAKEN, "PI_XBTUSD": KRAKEN_INVERSE}, T
    ),
    "kraken/orderbook": lambda told: kraken_now.order_book(told, KRAKEN_INVERSE, T),
    "kraken/history": lambda told: kraken_now.trades(told, KRAKEN_INVERSE),
    "dydx/markets": dydx.listings,
    "dydx/candles": lambda told: dydx.candles(told, DYDX, BAR),
    "dydx/funding": lambda told: dydx.funding(told, DYDX, HOUR),
    "dydx/orderbook": lambda told: dydx.order_book(told, DYDX, T),
    "dydx/trades": lambda told: dydx.trades(told, DYDX),
    "deribit/instruments": deribit.listings,
    "deribit/chart": lambda told: deribit.candles(told, DERIBIT_INVERSE, BAR),
    "deribit/funding": lambda told: deribit.funding(told, DERIBIT_INVERSE, HOUR),
    "deribit/summary_btc": lambda told: deribit.overview(
        [told], {"BTC-PERPETUAL": DERIBIT_INVERSE}, T
    ),
    "deribit/order_book": lambda told: deribit.order_book(told, DERIBIT_INVERSE, T),
    "deribit/trades": lambda told: deribit.trades(told, DERIBIT_INVERSE),
}
AGAIN: dict[str, tuple[str, Callable[[Any], object]]] = {
    "open interest in candles": (
        "dydx/candles",
        lambda told: dydx.open_interest(told, DYDX, BAR),
    ),
    "markets in a line each": (
        "dydx/markets",
        lambda told: dydx.overview([told], {"BTC-USD": DYDX}, T),
    ),
}
READ = {name: (name, parse) for name, parse in ANSWERS.items()} | AGAIN
PUSHES = {
    "htx/liquidations": htx.forced_orders,
    "kraken/liquidation": kraken.forced_orders,
    "dydx/liquidations": dydx.forced_orders,
    "deribit/liquidations": deribit.forced_orders,
}


@pytest.mark.parametrize("name", READ)
def test_the_message_as_sent_is_understood(name: str) -> None:
    file, parse = READ[name]
    check_sound(parse(payload(file)))


@pytest.mark.parametrize("name", READ)
@given(data=st.data())
def test_a_spoilt_answer_is_sound_or_refused(name: str, data: st.DataObject) -> None:
    file, parse = READ[name]
    told = data.draw(spoilt(file))
    try:
        found = parse(told)
    except MarketUnavailable as error:
        assert "makes no sense" in error.why  # noqa: PT017 - either outcome is right
    else:
        check_sound(found)


@pytest.mark.parametrize("name", READ)
def test_what_is_no_answer_at_all_is_refused(name: str) -> None:
    for told in (None, "", "<html>502 Bad Gateway</html>", b"\xff", 7, {}, {"code": "50011"}):
        with pytest.raises(MarketUnavailable):
            READ[name][1](told)


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
