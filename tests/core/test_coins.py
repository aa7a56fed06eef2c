"""All markets of a coin are one line, whatever each venue calls it."""

from dataclasses import replace

import pytest

from bot.core.arrays import HOUR
from bot.core.instruments import Contract, Instrument
from bot.core.market.coins import coin_lines, untold
from bot.core.market.summary import Summary

NOW = 1_767_196_800_000
BINANCE = Instrument("binance", "1000PEPE", "USDT", "USDT")
OKX = Instrument("okx", "PEPE", "USDT", "USDT")
BTC = Instrument("binance", "BTC", "USDT", "USDT")
BTC_USDC = Instrument("binance", "BTC", "USDC", "USDC")
BTC_INVERSE = Instrument("binancecoinm", "BTC", "USD", "BTC", Contract.INVERSE)
PEPE = Summary(NOW, 0.01, 2e8, 5e9, 1e-4, 8 * HOUR, -0.03)
PEPE_OKX = Summary(NOW - 5, 1.01e-5, 1e8, 1e12, 2e-4, 4 * HOUR, -0.02)


def test_a_coin_is_summed_over_venues_and_multiples() -> None:
    (line,) = coin_lines({OKX: PEPE_OKX, BINANCE: PEPE})
    assert line.base == "1000PEPE"
    assert line.price == 0.01
    assert line.change == -0.03
    assert line.turnover == 3e8
    assert line.interest_usd == pytest.approx(5e7 + 1.01e7)
    assert line.funding == pytest.approx((1e-4 * 5e7 + 4e-4 * 1.01e7) / 6.01e7)
    assert line.venues == ("binance", "okx")
    assert line.time == NOW - 5


def test_another_coin_of_the_same_name_is_not_summed() -> None:
    (line,) = coin_lines({OKX: replace(PEPE_OKX, price=4.0), BINANCE: PEPE})
    assert line.turnover == 2e8
    assert line.venues == ("binance",)


def test_a_venue_with_several_quotes_is_one_venue() -> None:
    told = Summary(NOW, 90_000.0, 1e9, 1000.0)
    (line,) = coin_lines({BTC: told, BTC_USDC: told, BTC_INVERSE: told})
    assert line.venues == ("binance", "binancecoinm")
    assert line.interest_usd == pytest.approx(2.7e8)


def test_what_nobody_tells_is_nothing() -> None:
    (line,) = coin_lines({BTC: Summary(NOW, 90_000.0, 1e9)})
    assert line.interest_usd is None
    assert line.funding is None
    assert line.change is None


def test_funding_without_open_interest_is_weighted_by_turnover() -> None:
    one = Summary(NOW, 90_000.0, 3e9, funding=1e-4)
    two = Summary(NOW, 90_000.0, 1e9, funding=5e-4)
    (line,) = coin_lines({BTC: one, BTC_USDC: two})
    assert line.funding == pytest.approx(2e-4)


def test_a_venue_that_does_not_tell_open_interest_weighs_by_its_turnover() -> None:
    telling = Summary(NOW, 90_000.0, 1e9, 1000.0, 1e-4)
    silent = Summary(NOW, 90_000.0, 3e9, None, 5e-4)
    told = {BTC: silent, Instrument("okx", "BTC", "USDT", "USDT"): telling}
    (line,) = coin_lines(told)
    assert line.interest_usd == pytest.approx(9e7)
    assert line.funding == pytest.approx((1e-4 + 3 * 5e-4) / 4)
    assert untold(told) == ["binance"]


def test_the_most_traded_coin_stands_first() -> None:
    lines = coin_lines({BINANCE: PEPE, BTC: Summary(NOW, 90_000.0, 3e9)})
    assert [line.base for line in lines] == ["BTC", "1000PEPE"]
    assert coin_lines({}) == []
