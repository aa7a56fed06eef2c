"""Which market a word means."""

from dataclasses import replace

import pytest

from bot.core.errors import NothingAnswered, UnknownSymbol, UnknownVenue
from bot.core.instruments import Instrument
from bot.desk.markets import Markets
from tests.support.histories import history
from tests.support.markets import Market

BINANCE_BTC = Instrument("binance", "BTC", "USDT", "USDT")
BYBIT_BTC = Instrument("bybit", "BTC", "USDT", "USDT")
BYBIT_BTC_USDC = Instrument("bybit", "BTC", "USDC", "USDC")
BINANCE_PEPE = Instrument("binance", "1000PEPE", "USDT", "USDT")
BINANCE_ETH = Instrument("binance", "ETH", "USDT", "USDT")


def market(*instruments: Instrument, down: dict[str, str] | None = None) -> Market:
    whole = history(bars=5)
    return Market(*(replace(whole, instrument=item) for item in instruments), down=down)


EVERYTHING = (BYBIT_BTC_USDC, BINANCE_BTC, BYBIT_BTC, BINANCE_PEPE, BINANCE_ETH)


@pytest.mark.parametrize("word", ["btc", "BTCUSDT", "btcusdt.p", "xbt", "BTC/USDT:USDT", "$btc"])
async def test_a_coin_is_found_by_any_of_its_names_on_every_venue(word: str) -> None:
    found = await Markets(market(*EVERYTHING)).find(word)
    assert found.base == "BTC"
    assert set(found.instruments) == {BINANCE_BTC, BYBIT_BTC}
    assert set(found.asked) == {"binance", "bybit"}


async def test_small_coins_are_found_without_their_thousand() -> None:
    assert (await Markets(market(*EVERYTHING)).find("pepe")).base == "1000PEPE"


async def test_only_the_venues_named_are_asked() -> None:
    found = await Markets(market(*EVERYTHING)).find("btc", ["bybit"])
    assert found.instruments == (BYBIT_BTC,)
    assert found.asked == ("bybit",)


async def test_an_unknown_symbol_suggests_the_nearest() -> None:
    with pytest.raises(UnknownSymbol, match=r"Did you mean .*ETH") as caught:
        await Markets(market(*EVERYTHING)).find("ehtt")
    assert "ETH" in caught.value.suggestions


async def test_an_unknown_venue_is_answered_with_those_connected() -> None:
    with pytest.raises(UnknownVenue, match=r"“kraken” is not a venue here.*bybit"):
        await Markets(market(*EVERYTHING)).find("btc", ["kraken"])


async def test_a_venue_that_does_not_list_the_coin_is_said() -> None:
    with pytest.raises(UnknownVenue, match="ETH on bybit"):
        await Markets(market(*EVERYTHING)).find("eth", ["bybit"])


async def test_a_venue_that_does_not_answer_is_counted_as_asked() -> None:
    found = await Markets(market(*EVERYTHING, down={"bybit": "HTTP 451"})).find("btc")
    assert found.instruments == (BINANCE_BTC,)
    assert found.asked == ("binance", "bybit")
    assert found.failures == ("bybit is not answering: HTTP 451.",)


async def test_nothing_is_made_up_when_no_venue_answers() -> None:
    source = market(BINANCE_BTC, down={"binance": "no connection"})
    with pytest.raises(NothingAnswered, match="binance is not answering: no connection"):
        await Markets(source).find("btc")


async def test_suggestions_begin_with_what_is_typed() -> None:
    markets = Markets(market(*EVERYTHING))
    assert (await markets.suggest("bt"))[0] == "BTC"
    assert await markets.suggest("") == ["BTC", "1000PEPE", "ETH"]
    assert await markets.suggest("<script>") == []
