"""Whatever Bitget, Gate, KuCoin or MEXC send, what gets through is sound; the rest is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import bitget, gate, kucoin, mexc
from bot.exchanges.parse.common import Listing
from tests.support.payloads import BITGET, GATE, KUCOIN, MEXC, T, payload
from tests.support.spoilt import check_sound, spoilt

BAR, QUARTER, PAID, MOST = 5 * MINUTE, 15 * MINUTE, 8 * HOUR, 300


def _by_id(listings: Any) -> dict[str, Listing]:
    return {one.id: one for one in listings}


_LISTED = {
    "bitget": _by_id(bitget.listings(payload("bitget/contracts"))),
    "gate": _by_id(gate.listings(payload("gate/contracts"))),
    "kucoin": _by_id(kucoin.listings(payload("kucoin/contracts_active"))),
    "mexc": _by_id(mexc.listings(payload("mexc/detail"))),
}

PARSERS: dict[tuple[str, str], Callable[[Any], object]] = {
    ("bitget/contracts", "list"): bitget.listings,
    ("bitget/candles", "bars"): lambda told: bitget.candles(told, BITGET, BAR),
    ("bitget/fund_rates", "funding"): lambda told: bitget.funding(told, BITGET, PAID),
    ("bitget/account_long_short", "ratio"): (
        lambda told: bitget.long_short_ratio(told, BITGET, HOUR)
    ),
    ("bitget/position_lever", "brackets"): lambda told: bitget.tiers(told, BITGET, 64_000.0),
    ("bitget/contracts", "intervals"): (
        lambda told: bitget.overview([told, payload("bitget/tickers")], _LISTED["bitget"], T)
    ),
    ("bitget/tickers", "overview"): (
        lambda told: bitget.overview([payload("bitget/contracts"), told], _LISTED["bitget"], T)
    ),
    ("bitget/merge_depth", "book"): lambda told: bitget.book(told, BITGET, T, MOST),
    ("bitget/fills", "trades"): lambda told: bitget.trades(told, BITGET),
    ("bitget/liquidations", "liquidations"): lambda told: bitget.liquidated(told, BITGET),
    ("gate/contracts", "list"): gate.listings,
    ("gate/candlesticks", "bars"): lambda told: gate.candles(told, GATE, BAR),
    ("gate/contract_stats", "interest"): lambda told: gate.open_interest(told, GATE, QUARTER),
    ("gate/contract_stats", "ratio"): lambda told: gate.long_short_ratio(told, GATE, QUARTER),
    ("gate/funding_rate", "funding"): lambda told: gate.funding(told, GATE, PAID),
    ("gate/risk_limit_tiers", "brackets"): lambda told: gate.tiers(told, GATE, 64_000.0),
    ("gate/contracts", "intervals"): (
        lambda told: gate.overview([told, payload("gate/tickers")], _LISTED["gate"], T)
    ),
    ("gate/tickers", "overview"): (
        lambda told: gate.overview([payload("gate/contracts"), told], _LISTED["gate"], T)
    ),
    ("gate/order_book", "book"): lambda told: gate.book(told, GATE, T, MOST),
    ("gate/trades", "trades"): lambda told: gate.trades(told, GATE),
    ("gate/liq_orders", "liquidations"): lambda told: gate.liquidated(told, GATE),
    ("kucoin/contracts_active", "list"): kucoin.listings,
    ("kucoin/kline", "bars"): lambda told: kucoin.candles(told, KUCOIN, BAR),
    ("kucoin/open_interest", "interest"): lambda told: kucoin.open_interest(told, KUCOIN, QUARTER),
    ("kucoin/funding_rates", "funding"): lambda told: kucoin.funding(told, KUCOIN, PAID),
    ("kucoin/risk_limit", "brackets"): lambda told: kucoin.tiers(told, KUCOIN, 64_000.0),
    ("kucoin/contracts_active", "overview"): (
        lambda told: kucoin.overview([told], _LISTED["kucoin"], T)
    ),
    ("kucoin/level2", "book"): lambda told: kucoin.book(told, KUCOIN, T, MOST),
    ("kucoin/trade_history", "trades"): lambda told: kucoin.trades(told, KUCOIN),
    ("mexc/detail", "list"): mexc.listings,
    ("mexc/kline", "bars"): lambda told: mexc.candles(told, MEXC, BAR),
    ("mexc/funding_history", "funding"): lambda told: mexc.funding(told, MEXC, PAID),
    ("mexc/ticker", "brackets"): lambda told: mexc.tiers(told, _LISTED["mexc"]["BTC_USDT"], 1.0),
    ("mexc/tickers", "overview"): lambda told: mexc.overview([told], _LISTED["mexc"], T),
    ("mexc/depth", "book"): lambda told: mexc.book(told, MEXC, T, MOST),
    ("mexc/deals", "trades"): lambda told: mexc.trades(told, MEXC),
}
parsers = pytest.mark.parametrize("name", PARSERS, ids=" ".join)


@parsers
def test_the_message_as_sent_is_understood(name: tuple[str, str]) -> None:
    check_sound(PARSERS[name](payload(name[0])))


@parsers
@given(data=st.data())
def test_a_spoilt_answer_is_sound_or_refused(name: tuple[str, str], data: st.DataObject) -> None:
    told = data.draw(spoilt(name[0]))
    try:
        found = PARSERS[name](told)
    except MarketUnavailable as error:
        assert "makes no sense" in error.why  # noqa: PT017 - either outcome is right
    else:
        check_sound(found)


@parsers
def test_what_is_no_answer_at_all_is_refused(name: tuple[str, str]) -> None:
    for told in (None, "", "<html>502 Bad Gateway</html>", b"\xff", 7, {}, {"code": "50011"}):
        with pytest.raises(MarketUnavailable):
            PARSERS[name](told)


def test_whatever_brackets_a_list_brings_they_are_sound() -> None:
    for listing in _LISTED["mexc"].values():
        if listing.brackets is not None:
            check_sound(listing.brackets)


@given(data=st.data())
def test_spoilt_brackets_in_a_list_are_sound_or_left_out(data: st.DataObject) -> None:
    try:
        found = mexc.listings(data.draw(spoilt("mexc/detail")))
    except MarketUnavailable:
        return
    for listing in found:
        if listing.brackets is not None:
            check_sound(listing.brackets)
