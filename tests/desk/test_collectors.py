"""Markets that people ask for are kept current; whoever fails is left alone, and alone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import MarketUnavailable, UnknownSymbol
from bot.core.estimate.market import MarketEstimate
from bot.core.instruments import Instrument
from bot.core.market.gaps import gaps
from bot.core.market.history import MarketHistory
from bot.core.market.series import OpenInterest
from bot.desk.backfill import Backfill
from bot.desk.collectors import Collectors
from bot.desk.markets import Markets
from bot.desk.snapshot import Snapshots
from storage.memory import Memory, open_memory
from tests.support.histories import BTC, START, history
from tests.support.pasts import PastMarket

OKX = Instrument("okx", "BTC", "USDT", "USDT")
ETH = Instrument("binance", "ETH", "USDT", "USDT")
BARS = 3 * 288
BAR = 5 * MINUTE
LATE = 12_000


def market(instrument: Instrument = BTC) -> MarketHistory:
    whole = history(instrument, bars=BARS, seed=len(instrument.key))
    return replace(whole, liquidations=None, liquidation_feed="")


class House:
    """What collects, over markets in memory, two days old and moved by hand."""

    def __init__(self, memory: Memory, *markets: MarketHistory, **more: object) -> None:
        self.source = PastMarket(*(markets or (market(), market(OKX), market(ETH))))
        self.source.time = START + 2 * DAY
        self.memory = memory
        self.build(**more)

    def build(self, **more: object) -> None:
        """Make all parts anew, as after a restart."""
        self.markets = Markets(self.source)
        self.snapshots = Snapshots(self.source, self.memory.history, 2)
        backfill = Backfill(self.source, self.memory.history, self.memory.collections, 2)
        self.collectors = Collectors(
            self.source,
            self.snapshots,
            self.markets,
            self.memory.collections,
            backfill,
            **more,  # type: ignore[arg-type]  # as the test says
        )
        self.markets.asked = self.collectors.asked

    async def ask(self, word: str, *venues: str) -> None:
        """Do as a question does."""
        found = await self.markets.find(word, venues)
        await self.snapshots.of(found.instruments)

    async def tick(self, without: str = "") -> None:
        """Let one tick's work come to its end, but for that of a venue that hangs."""
        await self.collectors.tick()
        async with asyncio.timeout(60):
            while set(self.collectors._tasks._under_way) - {without}:  # noqa: ASYNC110 - a test may poll
                await asyncio.sleep(0.001)

    async def bar(self, count: int = 1) -> None:
        """Let so many bars close, with a tick a little after each."""
        for _ in range(count):
            self.pass_a_bar()
            await self.tick()

    def pass_a_bar(self) -> None:
        """Let the time be a little after the next bar's close."""
        self.source.time = self.closed + BAR + LATE

    @property
    def closed(self) -> int:
        """Close of the newest bar [ms]."""
        return self.source.time // BAR * BAR

    def newest(self, instrument: Instrument) -> int:
        """Close of the newest bar that is held [ms]."""
        return self.snapshots.kept[instrument.key].estimate.time


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Memory]:
    opened = await open_memory(f"sqlite:///{tmp_path}/memory.sqlite3")
    yield opened
    await opened.close()


@pytest.fixture
async def house(memory: Memory) -> AsyncIterator[House]:
    made = House(memory)
    yield made
    await made.collectors.close()
    await made.snapshots.close()


async def test_a_market_somebody_has_asked_for_is_gathered_once_for_each_bar(house: House) -> None:
    await house.ask("BTC", "binance")
    await house.tick()
    house.source.asked.clear()
    for _ in range(6):
        house.source.time += BAR // 4  # looked at more often than bars close
        await house.tick()
    assert [instrument for instrument, _ in house.source.asked].count(BTC) == 1
    assert {instrument for instrument, _ in house.source.asked} == {BTC}
    assert house.newest(BTC) == START + 2 * DAY + BAR


async def test_every_gathering_is_stored_with_open_interest_funding_and_ratio(
    house: House, memory: Memory
) -> None:
    await house.ask("BTC", "binance")
    await house.bar(3)
    found = await memory.history.load(BTC, house.source.time - HOUR)
    assert found is not None
    assert found.candles.open_time[-1] == house.closed - BAR
    for series in (found.open_interest, found.long_short_ratio):
        assert series is not None
        assert series.time[-1] >= house.closed - 2 * BAR


async def test_what_is_collected_is_collected_after_a_restart(house: House, memory: Memory) -> None:
    await house.ask("BTC")
    await house.bar()
    await house.collectors.close()
    await house.snapshots.close()
    house.source.asked.clear()
    house.source.time += 2 * HOUR
    house.build()
    await house.tick()  # its past is looked through
    await house.tick()  # and then it is gathered
    assert set(house.snapshots.kept) == {BTC.key, OKX.key}
    # Nothing but what has come since is asked for.
    assert min(since for _, since in house.source.asked) >= house.source.time - 3 * HOUR
    assert {one.instrument for one in await memory.collections.collected()} == {BTC, OKX}


async def test_a_market_nobody_asks_for_is_let_go_after_some_days(
    house: House, memory: Memory
) -> None:
    house.build(idle_days=1)
    await house.ask("BTC", "binance")
    await house.ask("ETH", "binance")
    await house.tick()
    house.source.time += 20 * HOUR
    await house.ask("ETH", "binance")
    house.source.time += 3 * HOUR
    await house.tick()
    assert set(house.collectors.report.markets) == {BTC, ETH}
    house.source.time += 2 * HOUR
    await house.tick()
    assert set(house.collectors.report.markets) == {ETH}
    assert set(house.snapshots.kept) == {ETH.key}
    assert [one.instrument for one in await memory.collections.collected()] == [ETH]


async def test_configured_coins_are_collected_though_nobody_asks_and_never_let_go(
    house: House,
) -> None:
    house.build(always=("BTC",), idle_days=1)
    for _ in range(3):
        await house.tick()
    assert set(house.snapshots.kept) == {BTC.key, OKX.key}
    assert {instrument for instrument, *_ in house.source.stretches} == {BTC, OKX}
    house.source.time = START + 3 * DAY
    house.collectors._listing = Markets(house.source)  # which tells nobody that it was asked
    before = dict(house.collectors._markets)
    await house.bar(3)
    assert house.collectors._markets == before
    assert all(house.collectors._markets[one] is before[one] for one in before)


async def test_a_venue_that_fails_is_asked_less_and_less_and_the_others_as_before(
    house: House,
) -> None:
    await house.ask("BTC")
    await house.bar()
    house.source.down["okx"] = "it has been switched off"
    house.source.asked.clear()
    for _ in range(12 * 60):  # an hour in ticks of 5 seconds
        house.source.time += 5_000
        await house.tick()
    asked = [instrument.exchange for instrument, _ in house.source.asked]
    assert asked.count("binance") == 12
    assert 4 <= asked.count("okx") <= 9  # pauses of 15 s, 30 s, ... 15 minutes
    why, until = house.collectors.report.paused["okx"]
    assert str(why) == "it has been switched off"
    assert until > house.source.time
    assert house.newest(BTC) >= house.closed - BAR
    assert set(house.collectors.report.paused) == {"okx"}


async def test_a_venue_that_recovers_is_asked_at_each_bar_again(house: House) -> None:
    await house.ask("BTC")
    await house.bar()
    house.source.down["okx"] = "no"
    await house.bar(3)
    assert house.newest(OKX) < house.newest(BTC)
    del house.source.down["okx"]
    await house.bar(5)
    assert house.collectors.report.paused == {}
    assert house.newest(OKX) == house.newest(BTC)
    house.source.asked.clear()
    await house.bar(4)
    assert [one.exchange for one, _ in house.source.asked].count("okx") == 4
    house.source.down["okx"] = "again"
    await house.bar()
    _, until = house.collectors.report.paused["okx"]
    assert until - house.source.time <= 15_000  # as short as the first time


async def test_a_venue_that_hangs_makes_nobody_wait(house: House) -> None:
    await house.ask("BTC")
    await house.bar()
    house.source.hanging.add("okx")
    house.pass_a_bar()
    later = house.closed
    await house.tick(without="okx")
    assert house.newest(BTC) == later
    house.pass_a_bar()  # it hangs still, and Binance is gathered again
    await house.tick(without="okx")
    assert house.newest(BTC) == later + BAR
    assert house.newest(OKX) < later


async def test_one_market_that_is_delisted_does_not_stop_its_venue(house: House) -> None:
    await house.ask("BTC", "binance")
    await house.ask("ETH", "binance")
    await house.bar()
    del house.source.histories[ETH]
    whole = house.source.histories

    class Delisted(dict[Instrument, MarketHistory]):
        def __missing__(self, instrument: Instrument) -> MarketHistory:
            raise UnknownSymbol(instrument.symbol)

    house.source.histories = Delisted(whole)
    await house.bar(3)
    assert house.collectors.report.paused == {}
    assert house.newest(BTC) == house.closed


async def test_one_market_that_is_not_told_does_not_stop_its_venue(house: House) -> None:
    await house.ask("BTC", "binance")
    await house.ask("ETH", "binance")
    await house.bar()
    told = house.source.histories

    class Mute(dict[Instrument, MarketHistory]):
        def __missing__(self, instrument: Instrument) -> MarketHistory:
            raise MarketUnavailable(instrument.exchange, "it sent no candles")

    house.source.histories = Mute({market: told[market] for market in (BTC, OKX)})
    for _ in range(3):
        await house.bar()
        for _ in range(12):  # it alone is tried again meanwhile
            assert house.collectors.report.paused == {}
            house.source.time += 20_000
            await house.tick()
        assert house.newest(BTC) == house.closed
    assert house.newest(ETH) < house.closed


async def test_a_hundred_markets_of_a_venue_are_not_asked_for_at_once(memory: Memory) -> None:
    coins = [Instrument("binance", f"C{n}", "USDT", "USDT") for n in range(12)]
    house = House(memory, *(market(coin) for coin in coins))
    for coin in coins:
        await house.ask(coin.base)
    await house.tick()
    house.source.most_at_once.clear()
    house.source.pause = 0.002
    house.source.asked.clear()
    await house.bar()
    assert len(house.source.asked) == len(coins)
    assert house.source.most_at_once["binance"] <= 2
    await house.collectors.close()


async def test_a_hole_that_is_filled_is_in_the_next_picture(house: House) -> None:
    house.source.failing = ()
    whole = house.source.histories[BTC]
    house.source.histories[BTC] = replace(whole, open_interest=None)
    await house.ask("BTC", "binance")
    assert house.snapshots.kept[BTC.key].history.missing == ("open interest",)
    house.source.histories[BTC] = whole  # the venue has it after all
    await house.tick()
    await house.bar()
    kept = house.snapshots.kept[BTC.key]
    assert kept.history.open_interest is not None
    assert kept.history.open_interest.time[0] < START + HOUR
    assert kept.estimate.inventory.interest == pytest.approx(
        kept.history.open_interest.quantity[-1] * kept.history.candles.close[-1], rel=0.2
    )


async def test_what_a_question_is_about_to_bring_is_not_asked_for_beside_it(house: House) -> None:
    await house.markets.find("BTC", ["binance"])  # and its gathering is under way
    await house.tick()
    assert house.source.stretches == []
    house.source.time += 70_000  # it has brought nothing
    await house.tick()
    assert {instrument for instrument, *_ in house.source.stretches} == {BTC}


async def test_a_small_hole_is_filled_and_nothing_that_was_learnt_is_forgotten(
    house: House,
) -> None:
    whole = house.source.histories[BTC]
    interest = whole.open_interest
    assert interest is not None
    here = (interest.time < START + DAY) | (interest.time > START + DAY + 2 * HOUR)
    torn = replace(whole, open_interest=OpenInterest(interest.time[here], interest.quantity[here]))
    house.source.histories[BTC] = torn
    await house.ask("BTC", "binance")
    before = house.snapshots.kept[BTC.key]
    house.source.histories[BTC] = whole
    await house.tick()
    await house.bar()
    kept = house.snapshots.kept[BTC.key]
    assert kept.history.open_interest is not None
    assert [gap for gap in gaps(kept.history) if gap.series == "open interest"] == []
    expected = before.estimate.advanced(kept.history, kept.gathered)
    assert kept.estimate.map().long_usd.tolist() == expected.map().long_usd.tolist()
    anew = MarketEstimate.of(kept.history, as_of=kept.gathered)
    assert kept.estimate.map().long_usd.tolist() != anew.map().long_usd.tolist()


async def test_stopping_leaves_no_task_behind(house: House) -> None:
    house.source.hanging |= {"okx", "binance"}
    house.collectors.asked([BTC, OKX])
    house.source.time += 2 * MINUTE
    before = asyncio.all_tasks()
    await house.collectors.tick()
    await asyncio.sleep(0.02)
    assert len(asyncio.all_tasks()) > len(before)
    await house.collectors.close()
    assert asyncio.all_tasks() == before
