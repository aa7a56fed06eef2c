"""Which market a word means."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.core.errors import MarketUnavailable, NothingAnswered, UnknownSymbol, UnknownVenue
from bot.core.instruments import Contract, Instrument, asked
from bot.core.market.summary import Summary
from bot.desk.markets import Markets, named
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
    assert found.failures == ("Bybit is not answering: HTTP 451.",)


async def test_nothing_is_made_up_when_no_venue_answers() -> None:
    source = market(BINANCE_BTC, down={"binance": "no connection"})
    with pytest.raises(NothingAnswered, match="Binance is not answering: no connection"):
        await Markets(source).find("btc")


async def test_suggestions_begin_with_what_is_typed() -> None:
    markets = Markets(market(*EVERYTHING))
    assert (await markets.suggest("bt"))[0] == "BTC"
    assert await markets.suggest("") == ["BTC", "1000PEPE", "ETH"]
    assert await markets.suggest("<script>") == []


BINANCE_BTC_USDC = Instrument("binance", "BTC", "USDC", "USDC")
COINM_BTC = Instrument("binancecoinm", "BTC", "USD", "BTC", Contract.INVERSE)
DYDX_BTC = Instrument("dydx", "BTC", "USD", "USD")
OKX_PEPE = Instrument("okx", "PEPE", "USDT", "USDT")
BYBIT_DOGE = Instrument("bybit", "1MBABYDOGE", "USDT", "USDT")
BYBIT_BTT = Instrument("bybit", "BTT", "USDT", "USDT")
MANY = (*EVERYTHING, BINANCE_BTC_USDC, COINM_BTC, DYDX_BTC, OKX_PEPE, BYBIT_DOGE, BYBIT_BTT)


class Traded(Market):
    """A market that tells how much is traded, and at what price."""

    def __init__(self, turnover: dict[Instrument, float], **priced: float) -> None:
        super().__init__(*(replace(history(bars=5), instrument=item) for item in MANY))
        self.turnover, self.priced = turnover, priced
        self.overviews = 0
        self.silent = False

    async def summaries(self) -> Mapping[Instrument, Summary]:
        self.overviews += 1
        if self.silent:
            raise MarketUnavailable("binance", "it gives no overview of its markets")
        return {
            item: Summary(self.time, self.priced.get(item.base, 1.0), usd)
            for item, usd in self.turnover.items()
        }


async def test_of_two_markets_on_a_venue_the_deeper_one_is_meant() -> None:
    source = Traded({BYBIT_BTC: 1e9, BYBIT_BTC_USDC: 2e9, BINANCE_BTC: 3e9, BINANCE_BTC_USDC: 1e8})
    found = await Markets(source).find("btc")
    assert set(found.instruments) == {BYBIT_BTC_USDC, BINANCE_BTC, COINM_BTC, DYDX_BTC}


async def test_without_turnover_the_usual_dollar_is_meant_and_the_venues_are_left_alone() -> None:
    source = Traded({})
    source.silent = True
    markets = Markets(source)
    for _ in range(3):
        found = await markets.find("btc")
        assert {BYBIT_BTC, BINANCE_BTC} <= set(found.instruments)
    assert source.overviews == 1


@pytest.mark.parametrize(
    ("word", "listed"),
    [
        ("btcusdc", {BINANCE_BTC_USDC, BYBIT_BTC_USDC}),
        ("BTC/USDC:USDC", {BINANCE_BTC_USDC, BYBIT_BTC_USDC}),
        ("btc usdc perp", {BINANCE_BTC_USDC, BYBIT_BTC_USDC}),
        ("btcusd", {COINM_BTC}),
        ("xbtusd", {COINM_BTC}),
        ("BTCUSD_PERP", {COINM_BTC}),
        ("btc coin-m", {COINM_BTC}),
        ("PF_XBTUSD", {DYDX_BTC}),
        ("BTC-USD", {COINM_BTC, DYDX_BTC}),
        ("btc usdt", {BINANCE_BTC, BYBIT_BTC}),
    ],
)
async def test_a_quote_and_a_kind_of_contract_are_honoured(
    word: str, listed: set[Instrument]
) -> None:
    markets = Markets(Traded({BINANCE_BTC: 1e9}))
    found = await markets.find(word)
    assert set(found.instruments) == listed
    assert found.failures == ()
    again = await markets.find(found.symbol)  # what a button carries
    assert again == found


async def test_a_kind_that_is_not_listed_is_said_and_the_others_are_shown() -> None:
    found = await Markets(Traded({})).find("ETHUSD")
    assert found.instruments == (BINANCE_ETH,)
    assert found.symbol == "ETH"
    (said,) = found.failures
    assert said == "No coin-margined market of ETH is listed here; these are the others."


async def test_the_coin_margined_half_of_a_venue_goes_by_the_name_of_the_whole() -> None:
    found = await Markets(Traded({})).find("btc inverse", ["binance"])
    assert found.instruments == (COINM_BTC,)


@pytest.mark.parametrize("word", ["pepe", "PEPEUSDT", "kPEPE", "1000pepe", "pepe1000"])
async def test_a_coin_counted_by_the_thousand_is_the_same_coin(word: str) -> None:
    source = Traded({BINANCE_PEPE: 2e8, OKX_PEPE: 1e8}, **{"1000PEPE": 0.0101, "PEPE": 1e-5})
    found = await Markets(source).find(word)
    assert set(found.instruments) == {BINANCE_PEPE, OKX_PEPE}
    assert found.base == "1000PEPE"
    assert found.failures == ()


async def test_a_coin_is_counted_as_its_deepest_market_does_unless_asked_otherwise() -> None:
    source = Traded({BINANCE_PEPE: 1e8, OKX_PEPE: 2e8})
    assert (await Markets(source).find("pepe")).base == "PEPE"
    assert (await Markets(source).find("1000pepe")).base == "1000PEPE"


async def test_another_coin_of_the_same_name_is_left_out_and_said() -> None:
    source = Traded({BINANCE_PEPE: 2e8, OKX_PEPE: 1e8}, **{"1000PEPE": 0.01, "PEPE": 3.2})
    found = await Markets(source).find("pepe")
    assert found.instruments == (BINANCE_PEPE,)
    assert found.failures == ("OKX lists another coin as PEPE.",)


@pytest.mark.parametrize("word", ["babydoge", "1MBABYDOGE", "1mbabydogeusdt"])
async def test_a_coin_counted_by_the_million_is_found(word: str) -> None:
    assert (await Markets(Traded({})).find(word)).instruments == (BYBIT_DOGE,)


async def test_the_coin_that_is_traded_most_is_suggested_first() -> None:
    source = Traded({BYBIT_BTT: 1e6, BINANCE_BTC: 3e10, BINANCE_ETH: 2e10})
    markets = Markets(source)
    with pytest.raises(UnknownSymbol) as caught:
        await markets.find("BTX")
    assert caught.value.suggestions[:2] == ("BTC", "BTT")
    assert (await markets.suggest("b"))[0] == "BTC"
    assert (await markets.suggest(""))[:2] == ["BTC", "ETH"]
    assert "1MBABYDOGE" in await markets.suggest("baby")


def test_a_name_that_ends_like_a_quote_is_first_looked_up_whole() -> None:
    said = asked("SUSD")
    assert said is not None
    assert said.base == "S"  # without a listing; with one, the coin itself comes first


async def test_a_listed_coin_whose_name_ends_like_a_quote_is_found() -> None:
    susd = Instrument("binance", "SUSD", "USDT", "USDT")
    plain = Instrument("binance", "S", "USDT", "USDT")
    assert (await Markets(market(susd, plain)).find("susd")).instruments == (susd,)
    assert (await Markets(market(plain)).find("susd")).instruments == (plain,)


@pytest.mark.parametrize(
    ("word", "venue"),
    [
        ("binance", "binance"),
        ("OKX", "okx"),
        ("okex", "okx"),
        ("gate.io", "gate"),
        ("Huobi", "htx"),
        ("hl", "hyperliquid"),
        ("coinm", "binancecoinm"),
        ("binance-coinm", "binancecoinm"),
        ("bybit_inverse", "bybitinverse"),
        ("sim-a", "sim-a"),
        ("SIMA", "sim-a"),
    ],
)
def test_a_venue_is_known_by_its_usual_names(word: str, venue: str) -> None:
    names = ("binance", "binancecoinm", "okx", "gate", "htx", "hyperliquid", "bybitinverse")
    assert named(word, [*names, "sim-a"]) == venue


def test_a_misspelt_venue_is_suggested() -> None:
    with pytest.raises(UnknownVenue, match=r"“bibyt” is not a venue here. Did you mean bybit?"):
        named("bibyt", ["binance", "bybit"])
