"""Whatever Bitfinex and Lighter send, what gets through is sound; the rest is refused."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import bitfinex, bitfinex_now, lighter
from tests.support.payloads import BITFINEX, LIGHTER, T, message, payload
from tests.support.spoilt import check_push, check_sound, garbled, spoilt

BAR = 5 * MINUTE
_OVERVIEWS: dict[str, tuple[tuple[str, ...], Callable[[list[Any]], object]]] = {
    "bitfinex": (
        ("status", "tickers"),
        lambda answers: bitfinex_now.overview(answers, {BITFINEX.id: BITFINEX}, T),
    ),
    "lighter": (
        ("details", "funding_rates"),
        lambda answers: lighter.overview(answers, {LIGHTER.id: LIGHTER}, T),
    ),
}


def _overview(venue: str, place: int, told: Any) -> object:
    """Read an overview with one of its answers spoilt."""
    names, parse = _OVERVIEWS[venue]
    answers = [payload(f"{venue}/{name}") for name in names]
    answers[place] = told
    return parse(answers)


READ: dict[str, tuple[str, Callable[[Any], object]]] = {
    "bitfinex listings": ("bitfinex/conf", bitfinex.listings),
    "bitfinex candles": (
        "bitfinex/candles",
        lambda told: bitfinex.candles(told, BITFINEX, BAR),
    ),
    "bitfinex open interest": (
        "bitfinex/status_history",
        lambda told: bitfinex.open_interest(told, BITFINEX, BAR),
    ),
    "bitfinex funding": (
        "bitfinex/status_history",
        lambda told: bitfinex.funding(told, BITFINEX, 8 * HOUR),
    ),
    "bitfinex status": ("bitfinex/status", partial(_overview, "bitfinex", 0)),
    "bitfinex tickers": ("bitfinex/tickers", partial(_overview, "bitfinex", 1)),
    "bitfinex book": (
        "bitfinex/book",
        lambda told: bitfinex_now.order_book(told, BITFINEX, T),
    ),
    "bitfinex trades": ("bitfinex/trades", lambda told: bitfinex_now.trades(told, BITFINEX)),
    "lighter listings": ("lighter/details", lighter.listings),
    "lighter candles": ("lighter/candles", lambda told: lighter.candles(told, LIGHTER, BAR)),
    "lighter funding": ("lighter/fundings", lambda told: lighter.funding(told, LIGHTER, HOUR)),
    "lighter details": ("lighter/details", partial(_overview, "lighter", 0)),
    "lighter rates": ("lighter/funding_rates", partial(_overview, "lighter", 1)),
    "lighter orders": ("lighter/orders", lambda told: lighter.order_book(told, LIGHTER, T)),
    "lighter trades": ("lighter/trades", lambda told: lighter.trades(told, LIGHTER)),
}
PUSHES = {
    "bitfinex/liquidations": bitfinex.forced_orders,
    "lighter/liquidations": lighter.forced_orders,
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
    for told in (None, "", "<html>502 Bad Gateway</html>", b"\xff", 7, {}, {"code": 20001}):
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
    for told in (b"[" * 100_000, b'{"type":' * 100_000, b""):
        with pytest.raises(MarketUnavailable):
            PUSHES[name](told)
