"""The simulated source runs by its own clock, and the same market comes of the same seed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import UnknownSymbol, UnknownVenue
from bot.core.instruments import Instrument
from bot.core.simulation.market import START
from bot.exchanges.simulated import VENUES, SimulatedSource

if TYPE_CHECKING:
    from bot.ports import LiveLiquidations, MarketSource

BTC = Instrument("sim-a", "BTC", "USDT", "USDT")


class Wall:
    """A wall clock that is moved by hand, or by whoever sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


def a_source(
    wall: Wall,
    seed: int = 1,
    speed: float = 60.0,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    progress: Callable[[float], None] | None = None,
) -> SimulatedSource:
    return SimulatedSource(
        seed, days=1, speed=speed, wall=wall, sleep=sleep or wall.sleep, progress=progress
    )


async def test_it_is_a_source_of_markets_that_are_called_simulated_everywhere() -> None:
    source: MarketSource = a_source(Wall())
    offered = await source.instruments()
    assert {i.base for i in offered} >= {"BTC", "ETH", "SOL", "1000PEPE"}
    assert {i.exchange for i in offered} == set(VENUES)
    assert source.simulated
    assert source.name == "sim"
    history = await source.history(BTC, START - DAY)
    assert history.simulated
    assert history.instrument in offered
    assert source.failures() == {}
    await source.close()


async def test_its_clock_runs_as_much_faster_as_is_wished() -> None:
    wall = Wall()
    source = a_source(wall, speed=120.0)
    assert source.now() == START
    wall.seconds += 30
    assert source.now() == START + HOUR


async def test_history_reaches_from_where_it_is_asked_to_now_with_the_last_candle_forming() -> None:
    wall = Wall()
    source = a_source(wall)
    wall.seconds += 12.5  # 12.5 minutes of the market
    history = await source.history(BTC, START - HOUR)
    assert history.candles.open_time[0] == START - HOUR
    assert history.candles.open_time[-1] == START + 10 * MINUTE
    assert history.open_interest is not None
    assert history.open_interest.time[-1] == START + 10 * MINUTE
    assert history.long_short_ratio is not None
    assert history.funding is not None
    assert history.funding.time[-1] == START
    assert history.brackets is not None
    assert len(history.candles.closed(source.now())) == len(history.candles) - 1


async def test_the_market_is_the_same_whenever_and_however_often_it_is_asked() -> None:
    often, once = Wall(), Wall()
    asked_often, asked_once = a_source(often), a_source(once)
    early = await asked_often.history(BTC, START - DAY)
    for _ in range(5):
        often.seconds += 7.0
        await asked_often.history(BTC, START)
        await asked_often.history(Instrument("sim-b", "BTC", "USDT", "USDT"), START)
    once.seconds += 35.0
    mine = await asked_often.history(BTC, START - DAY)
    theirs = await asked_once.history(BTC, START - DAY)
    assert np.array_equal(mine.candles.close, theirs.candles.close)
    assert np.array_equal(mine.candles.volume, theirs.candles.volume)
    assert mine.liquidations is not None
    assert theirs.liquidations is not None
    assert np.array_equal(mine.liquidations.time, theirs.liquidations.time)
    closed = early.candles.closed(START)
    assert np.array_equal(closed.high, mine.candles.high[: len(closed)])
    other = await a_source(Wall(), seed=2).history(BTC, START - DAY)
    assert not np.array_equal(other.candles.close, early.candles.close)


async def test_venues_share_a_price_but_not_their_crowds() -> None:
    source = a_source(Wall())
    first = await source.history(BTC, START - DAY)
    second = await source.history(Instrument("sim-b", "BTC", "USDT", "USDT"), START - DAY)
    assert first.candles.close == pytest.approx(second.candles.close, rel=0.005)
    assert first.open_interest is not None
    assert second.open_interest is not None
    assert second.open_interest.quantity[-1] < 0.8 * first.open_interest.quantity[-1]
    assert second.instrument.exchange == "sim-b"


async def test_small_coins_have_small_prices() -> None:
    history = await a_source(Wall()).history(Instrument("sim-a", "SHIB", "USDT", "USDT"), START)
    assert len(history.candles) == 0
    source = a_source(Wall())
    history = await source.history(Instrument("sim-a", "SHIB", "USDT", "USDT"), START - DAY)
    assert 3e-6 < history.candles.close[-1] < 5e-5


async def test_the_feed_tells_as_time_passes_what_history_then_holds() -> None:
    wall = Wall()
    source = a_source(wall, speed=2000.0)
    heard: list[LiveLiquidations] = []
    async for live in source.liquidations([BTC]):
        heard.append(live)
        assert live.events.time[-1] <= source.now()
        if sum(len(each.events) for each in heard) > 20:
            break
    last = int(heard[-1].events.time[-1])
    known = (await source.history(BTC, START)).liquidations
    assert known is not None
    told = np.concatenate([each.events.time for each in heard])
    assert np.array_equal(told, known.time[known.time <= last])
    assert all(each.instrument == BTC for each in heard)


async def test_a_coin_or_venue_that_is_not_there_is_named() -> None:
    source = a_source(Wall())
    with pytest.raises(UnknownSymbol, match="DOGE"):
        await source.history(Instrument("sim-a", "DOGE", "USDT", "USDT"), START)
    with pytest.raises(UnknownVenue, match="sim-b"):
        await source.history(Instrument("binance", "BTC", "USDT", "USDT"), START)


async def test_progress_is_heard_while_the_past_is_worked_out_and_not_after() -> None:
    heard: list[float] = []
    wall = Wall()
    source = a_source(wall, progress=heard.append)
    await source.history(BTC, START)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    count = len(heard)
    wall.seconds += 60
    await source.history(BTC, START)
    assert len(heard) == count


async def test_many_may_ask_at_once() -> None:
    wall = Wall()
    source = a_source(wall)
    wall.seconds += 20
    answers = await asyncio.gather(*(source.history(BTC, START - DAY) for _ in range(8)))
    assert len({answer.candles.close[-1] for answer in answers}) == 1
