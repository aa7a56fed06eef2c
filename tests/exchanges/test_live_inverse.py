"""Contracts that count in dollars or fractions of a coin, through the production client: base coin.

Binance COIN-M counts contracts of 100 dollars, Bybit inverse single dollars, BitMEX single dollars
or millionths of a bitcoin.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.instruments import Contract, Instrument
from bot.core.margin.rules import rule_for
from bot.exchanges.live import VenueSource, venue_source
from tests.support import (
    loopback_binancecoinm,
    loopback_bitmex,
    loopback_bybitinverse,
    loopback_now,
)
from tests.support.loopback_common import funding_rate, long_short
from tests.support.loopback_markets import MARKETS
from tests.support.venues import LoopbackVenues, loopback_venues


@dataclass(frozen=True)
class Told:
    """One market, and how its venue tells of it."""

    instrument: Instrument
    share: float  # of the open interest
    interest: int | None  # [ms] between rows, None: only what stands now
    ratio: bool
    taker: bool = False
    rounding: float = 1e-6  # of amounts, where contracts come in whole numbers


def _inverse(exchange: str) -> Instrument:
    return Instrument(exchange, "BTC", "USD", "BTC", Contract.INVERSE)


COINM = Told(
    _inverse("binancecoinm"), loopback_binancecoinm.SHARE, 5 * MINUTE, ratio=True, taker=True
)
BYBIT = Told(_inverse("bybitinverse"), loopback_bybitinverse.SHARE, 15 * MINUTE, ratio=True)
XBTUSD = Told(_inverse("bitmex"), loopback_bitmex.SHARE, None, ratio=False, rounding=1e-3)
XBTUSDT = Told(
    Instrument("bitmex", "BTC", "USDT", "USDT"),
    loopback_bitmex.SHARE,
    None,
    ratio=False,
    rounding=1e-3,
)
TOLD = {"coin-m": COINM, "bybit": BYBIT, "bitmex inverse": XBTUSD, "bitmex linear": XBTUSDT}


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture(params=TOLD)
def told(request: pytest.FixtureRequest) -> Told:
    return TOLD[request.param]


@pytest.fixture
async def source(venues: LoopbackVenues, told: Told) -> AsyncIterator[VenueSource]:
    source = venue_source(told.instrument.exchange, venues.base)
    yield source
    await source.close()


async def test_perpetuals_are_listed_and_nothing_that_is_dated_gone_or_a_quanto(
    told: Told, source: VenueSource
) -> None:
    listed = await source.instruments()
    assert told.instrument in listed
    assert {one.base for one in listed} == set(MARKETS)
    if told.instrument.exchange == "bitmex":
        assert [one.symbol for one in listed if one.base == "ETH"] == ["ETH/USDT:USDT"]
        assert {one.symbol for one in listed if one.base == "BTC"} == {
            "BTC/USD:BTC",
            "BTC/USDT:USDT",
        }
    else:
        assert {one.contract for one in listed} == {Contract.INVERSE}
        assert len(listed) == len(MARKETS)


async def test_a_day_comes_whole_and_in_base_coin(told: Told, source: VenueSource) -> None:
    now, market = source.now(), MARKETS["BTC"]
    history = await source.history(told.instrument, now - DAY)
    candles = history.candles
    assert len(candles) in {288, 289}
    assert np.all(np.diff(candles.open_time) == 5 * MINUTE)
    bars = market.bars(candles.open_time, candles.interval, source.now(), told.share)[:-1]
    closed = candles.sliced(slice(0, -1))  # the last bar is still forming
    for column, name in enumerate(("open", "high", "low", "close", "volume")):
        assert getattr(closed, name) == pytest.approx(bars[:, column], rel=1e-6), name
    if told.taker:
        assert closed.taker_buy_volume is not None
        assert closed.taker_buy_volume == pytest.approx(bars[:, 5])
    else:
        assert candles.taker_buy_volume is None

    interest = history.open_interest
    assert interest is not None
    if told.interest is None:
        assert interest.quantity == pytest.approx(
            market.interest(interest.time, told.share), rel=1e-4
        )
    else:
        assert len(interest.time) >= DAY // told.interest - 2
        assert np.all(np.diff(interest.time) == told.interest)
        # Valued when it is told, and turned into coin at the price at which its bar opened.
        assert interest.quantity == pytest.approx(market.interest(interest.time, told.share))
    assert history.funding is not None
    assert history.funding.rate == pytest.approx(
        [float(funding_rate(at)) for at in history.funding.time.tolist()], abs=1e-8
    )
    if told.ratio:
        ratio = history.long_short_ratio
        assert ratio is not None
        expected = [long_short(at) for at in ratio.time.tolist()]
        assert ratio.ratio == pytest.approx(expected, rel=1e-3)
    lacking = set() if told.ratio else {"long/short ratio"}
    assert set(source.gaps(told.instrument)) == lacking
    assert source.failures() == {}


async def test_thirty_days_come_without_a_hole(told: Told, source: VenueSource) -> None:
    history = await source.history(told.instrument, source.now() - 30 * DAY)
    assert len(history.candles) in {8640, 8641}
    assert np.all(np.diff(history.candles.open_time) == 5 * MINUTE)
    assert history.funding is not None
    assert len(history.funding.time) in {89, 90}
    assert np.all(np.diff(history.funding.time) == 8 * HOUR)


async def test_the_overview_is_in_base_coin_and_dollars(told: Told, source: VenueSource) -> None:
    summaries = await source.summaries()
    assert set(summaries) == set(await source.instruments())
    summary, market = summaries[told.instrument], MARKETS["BTC"]
    assert summary.price == pytest.approx(float(market.price(summary.time)), rel=1e-3)
    traded = loopback_now.day(market, summary.time, told.share).turnover
    assert summary.turnover == pytest.approx(traded, rel=1e-3)
    if told is COINM:
        assert summary.open_interest is None  # not told of all markets at once
    else:
        stands = market.interest(np.array([summary.time]), told.share)[0]
        assert summary.open_interest == pytest.approx(stands, rel=1e-3)
    assert summary.funding == pytest.approx(float(funding_rate(summary.time)), rel=1e-3)
    assert summary.funding_interval == 8 * HOUR
    change = float(market.price(summary.time) / market.price(summary.time - DAY)) - 1
    assert summary.change == pytest.approx(change, abs=1e-4)


async def test_the_book_and_the_latest_trades_are_in_base_coin(
    told: Told, source: VenueSource
) -> None:
    book = await source.book(told.instrument)
    assert book.bids.price[0] < float(MARKETS["BTC"].price(book.time)) < book.asks.price[0]
    assert book.bids.quantity == pytest.approx(np.arange(1, 41), rel=told.rounding)
    assert book.asks.quantity == pytest.approx(np.arange(1, 41), rel=told.rounding)
    trades = await source.trades(told.instrument)
    assert len(trades) > 900
    seconds = trades.time // 1000
    assert trades.side.tolist() == np.where(seconds % 3, 1, -1).tolist()
    sizes = (seconds % 7 + 1) * 0.1
    assert trades.quantity == pytest.approx(sizes, rel=10 * told.rounding)


async def test_margin_rules_are_known(told: Told) -> None:
    rule = rule_for(told.instrument.exchange, told.instrument.contract)
    assert rule.known
    house = {"binancecoinm": "binance", "bybitinverse": "bybit"}
    exchange = told.instrument.exchange
    assert rule == rule_for(house.get(exchange, exchange), told.instrument.contract)


async def test_bybit_tells_the_caps_of_inverse_brackets_in_coin(venues: LoopbackVenues) -> None:
    source = venue_source("bybitinverse", venues.base)
    history = await source.history(BYBIT.instrument, source.now() - 6 * HOUR)
    await source.close()
    price = history.candles.close[-1]
    assert history.brackets is not None
    assert history.brackets.value_cap == pytest.approx([150 * price, 300 * price])
    assert history.brackets.deduction == pytest.approx([0, 0.75 * price])
    assert history.brackets.maintenance_margin_rate.tolist() == [0.005, 0.01]


async def test_bitmex_is_never_asked_oftener_than_it_allows(venues: LoopbackVenues) -> None:
    source = venue_source("bitmex", venues.base)
    await source.history(XBTUSD.instrument, source.now() - 30 * DAY)
    await source.close()
    asked = venues.asked("bitmex")
    assert len(asked) <= 12
    assert {one.params.get("partial") for one in asked if "bucketed" in one.path} == {"true"}
