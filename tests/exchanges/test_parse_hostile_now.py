"""What COIN-M, Bybit inverse and BitMEX send, and others of the moment, is sound or refused."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Contract, Instrument
from bot.exchanges.parse import (
    binance_now,
    binancecoinm,
    bitmex,
    bybit_now,
    bybitinverse,
    hyperliquid_now,
    okx_now,
)
from bot.exchanges.parse.common import UNTIMED, ForcedOrder, Listing
from tests.support.payloads import BINANCE, BYBIT, HYPERLIQUID, OKX, T, message, payload
from tests.support.spoilt import check_push, check_sound, garbled, spoilt

BAR = 5 * MINUTE
COINM = Listing(
    Instrument("binancecoinm", "BTC", "USD", "BTC", Contract.INVERSE), "BTCUSD_PERP", 100.0
)
INVERSE = Listing(Instrument("bybitinverse", "BTC", "USD", "BTC", Contract.INVERSE), "BTCUSD")
XBTUSD = Listing(Instrument("bitmex", "BTC", "USD", "BTC", Contract.INVERSE), "XBTUSD")
_BINANCE_OVERVIEW = ("ticker_24hr", "premium_index", "funding_info")
_OKX_OVERVIEW = ("tickers", "open_interest_now", "funding_now")


def _overview(
    venue: str,
    names: Sequence[str],
    parse: Callable[..., object],
    listing: Listing,
    place: int,
    told: Any,
) -> object:
    """Read an overview with one of its answers spoilt."""
    answers = [payload(f"{venue}/{name}") for name in names]
    answers[place] = told
    return parse(answers, {listing.id: listing}, T)


_binance = partial(_overview, "binance", _BINANCE_OVERVIEW, binance_now.overview, BINANCE)
_okx = partial(_overview, "okx", _OKX_OVERVIEW, okx_now.overview, OKX)

READ: dict[str, Callable[[Any], object]] = {
    "binance/ticker_24hr": partial(_binance, 0),
    "binance/premium_index": partial(_binance, 1),
    "binance/funding_info": partial(_binance, 2),
    "binance/depth": lambda told: binance_now.book(told, BINANCE, T, 1000),
    "binance/trades": lambda told: binance_now.trades(told, BINANCE),
    "binancecoinm/exchange_info": binancecoinm.listings,
    "binancecoinm/klines": lambda told: binancecoinm.candles(told, COINM, BAR),
    "binancecoinm/open_interest": lambda told: binancecoinm.open_interest(told, COINM, BAR),
    "binancecoinm/ratio": lambda told: binancecoinm.long_short_ratio(told, COINM, HOUR),
    "binancecoinm/funding": lambda told: binancecoinm.funding(told, COINM, HOUR),
    "bybit/tickers": lambda told: bybit_now.overview([told], {"BTCUSDT": BYBIT}, T),
    "bybit/orderbook": lambda told: bybit_now.book(told, BYBIT, T, 500),
    "bybit/recent_trade": lambda told: bybit_now.trades(told, BYBIT),
    "bybitinverse/instruments": bybitinverse.listings,
    "bybitinverse/klines": lambda told: bybitinverse.candles(told, INVERSE, BAR),
    "bybitinverse/open_interest": lambda told: bybitinverse.open_interest(told, INVERSE, 3 * BAR),
    "bybitinverse/risk_limit": lambda told: bybitinverse.tiers(told, INVERSE, 64_000.0),
    "okx/tickers": partial(_okx, 0),
    "okx/open_interest_now": partial(_okx, 1),
    "okx/funding_now": partial(_okx, 2),
    "okx/books": lambda told: okx_now.book(told, OKX, T, 400),
    "okx/trades": lambda told: okx_now.trades(told, OKX),
    "hyperliquid/overview": lambda told: hyperliquid_now.overview([told], {"BTC": HYPERLIQUID}, T),
    "hyperliquid/l2_book": lambda told: hyperliquid_now.book(told, HYPERLIQUID, T, 20),
    "bitmex/instrument_active": bitmex.listings,
    "bitmex/trade_bucketed": lambda told: bitmex.candles(told, XBTUSD, BAR),
    "bitmex/funding": lambda told: bitmex.funding(told, XBTUSD, 8 * HOUR),
    "bitmex/order_book": lambda told: bitmex.book(told, XBTUSD, T, 1000),
    "bitmex/trade": lambda told: bitmex.trades(told, XBTUSD),
}


def _bitmex_overview(told: Any) -> object:
    return bitmex.overview([told], {"XBTUSD": XBTUSD}, T)


def _timed(told: bytes) -> Sequence[ForcedOrder]:
    orders = bitmex.forced_orders(told)
    assert all(order.time == UNTIMED for order in orders)
    return [order._replace(time=T) for order in orders]


PUSHES: dict[str, Callable[[bytes], Sequence[ForcedOrder]]] = {
    "binancecoinm/forced_order": binancecoinm.forced_orders,
    "bybitinverse/liquidations": bybitinverse.forced_orders,
    "bitmex/liquidation": _timed,
}


@pytest.mark.parametrize("name", READ)
def test_the_message_as_sent_is_understood(name: str) -> None:
    check_sound(READ[name](payload(name)))


@pytest.mark.parametrize("name", READ)
@given(data=st.data())
def test_a_spoilt_answer_is_sound_or_refused(name: str, data: st.DataObject) -> None:
    _sound_or_refused(READ[name], data.draw(spoilt(name)))


@given(data=st.data())
def test_a_spoilt_overview_of_bitmex_is_sound_or_refused(data: st.DataObject) -> None:
    _sound_or_refused(_bitmex_overview, data.draw(spoilt("bitmex/instrument_active")))


def _sound_or_refused(parse: Callable[[Any], object], told: Any) -> None:
    try:
        found = parse(told)
    except MarketUnavailable as error:
        assert "makes no sense" in error.why  # noqa: PT017 - either outcome is right
    else:
        check_sound(found)


@pytest.mark.parametrize("name", READ)
def test_what_is_no_answer_at_all_is_refused_in_the_name_of_who_sent_it(name: str) -> None:
    for told in (None, "", "<html>502 Bad Gateway</html>", b"\xff", 7, {}, {"code": "50011"}):
        with pytest.raises(MarketUnavailable) as refused:
            READ[name](told)
        assert refused.value.exchange == name.partition("/")[0]


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
        with pytest.raises(MarketUnavailable) as refused:
            PUSHES[name](told)
        assert refused.value.exchange == name.partition("/")[0]
