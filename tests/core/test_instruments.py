"""What people call a coin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.instruments import QUOTES, Asked, Coin, Contract, asked, base_of, readings
from tests.support.listed_bases import LISTED

_ALIASES = {"XBT", "BITCOIN", "ETHEREUM", "SOLANA"}
_COINS = st.sampled_from([base for base in LISTED if base not in _ALIASES])
# How venues write a perpetual: Binance and Bybit, TradingView, OKX, Gate, HTX, ccxt, Deribit.
_SHAPES = st.sampled_from(
    [
        "{}{}",
        "{}{}.P",
        "{}-{}-SWAP",
        "{}_{}",
        "{}-{}",
        "{}/{}",
        "{0}/{1}:{1}",
        "{}_{}-PERPETUAL",
        "{}{}PERP",
        "{} {} perp",
        "PF_{}{}",
    ]
)


@given(st.text(max_size=60))
def test_any_word_names_a_plain_base_or_nothing(word: str) -> None:
    base = base_of(word)
    assert base == "" or (base.isalnum() and base.isascii() and len(base) <= 20)


@given(_COINS, st.sampled_from(QUOTES), _SHAPES)
def test_every_listed_coin_is_found_in_its_own_symbols(base: str, quote: str, shape: str) -> None:
    written = shape.format(base, quote)
    for typed in (written, written.lower()):
        found = asked(typed)
        assert found is not None
        assert (found.base, found.quote) == (base, quote)


def test_every_listed_coin_alone_is_first_taken_for_itself() -> None:
    for base in LISTED:
        if base not in _ALIASES:
            assert readings(base.lower())[0] == Asked(base), base


@pytest.mark.parametrize(
    ("word", "base", "quote", "contract"),
    [
        ("btc", "BTC", None, None),
        ("$sol", "SOL", None, None),
        ("xbt", "BTC", None, None),
        ("btcusdt.p", "BTC", "USDT", None),
        ("btcusdc", "BTC", "USDC", None),
        ("BTC/USDC:USDC", "BTC", "USDC", Contract.LINEAR),
        ("btc perp", "BTC", None, None),
        ("BTC-PERPETUAL", "BTC", None, None),
        ("btcusd", "BTC", "USD", Contract.INVERSE),
        ("xbtusd", "BTC", "USD", Contract.INVERSE),
        ("ETHUSD_PERP", "ETH", "USD", Contract.INVERSE),
        ("BTC/USD:BTC", "BTC", "USD", Contract.INVERSE),
        ("PI_XBTUSD", "BTC", "USD", Contract.INVERSE),
        ("PF_XBTUSD", "BTC", "USD", Contract.LINEAR),
        ("XBTUSDTM", "BTC", "USDT", Contract.LINEAR),
        ("XBTUSDM", "BTC", "USD", Contract.INVERSE),
        ("BTC-USD", "BTC", "USD", None),
        ("bnbusd", "BNB", "USD", Contract.INVERSE),
        ("eth inverse", "ETH", None, Contract.INVERSE),
        ("eth coin-m", "ETH", None, Contract.INVERSE),
        ("btc usdc perp", "BTC", "USDC", None),
        ("btcusd linear", "BTC", "USD", Contract.LINEAR),
        ("USDP", "USDP", None, None),
        ("usdpusdt", "USDP", "USDT", None),
        ("PERP", "PERP", None, None),
        ("JUP", "JUP", None, None),
        ("1MBABYDOGE", "1MBABYDOGE", None, None),
    ],
)
def test_a_word_says_which_market_is_meant(
    word: str, base: str, quote: str | None, contract: Contract | None
) -> None:
    assert asked(word) == Asked(base, quote, contract)


@pytest.mark.parametrize("word", ["", " ", "<b>", "btc bybit", "…", "-btc", "a" * 60])
def test_what_names_no_coin_is_read_as_nothing(word: str) -> None:
    assert asked(word) is None


@pytest.mark.parametrize(
    ("base", "name", "multiple"),
    [
        ("PEPE", "PEPE", 1),
        ("1000PEPE", "PEPE", 1e3),
        ("10000SATS", "SATS", 1e4),
        ("1000000MOG", "MOG", 1e6),
        ("1MBABYDOGE", "BABYDOGE", 1e6),
        ("10000000AIDOGE", "AIDOGE", 1e7),
        ("SHIB1000", "SHIB", 1e3),
        ("1INCH", "1INCH", 1),
        ("0G", "0G", 1),
        ("100X", "100X", 1),
    ],
)
def test_a_coin_may_be_counted_by_the_thousand(base: str, name: str, multiple: float) -> None:
    assert Coin.of(base) == Coin(name, multiple)
