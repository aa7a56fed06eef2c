"""A venue says when its liquidations were heard, and never counts a moment in which it was deaf."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.exchanges.feed import Pulse, wall_clock
from bot.exchanges.live import VenueSource
from bot.exchanges.registry import VENUES
from tests.support.loopback_streams import Forced
from tests.support.venues import LoopbackVenues, loopback_venues

QUICK = Pulse(ping=0.03, silence=0.25, first_pause=0.3, longest_pause=0.3)
BTC = Instrument("bybit", "BTC", "USDT", "USDT")
ETH = Instrument("bybit", "ETH", "USDT", "USDT")


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture
async def source(venues: LoopbackVenues) -> AsyncIterator[VenueSource]:
    made = VenueSource(VENUES["bybit"], venues.base, pulse=QUICK)
    yield made
    await made.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.005)


def follow(source: VenueSource, *instruments: Instrument) -> asyncio.Task[None]:
    async def listen() -> None:
        async for _ in source.liquidations(instruments):
            pass

    return asyncio.create_task(listen())


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_before_anybody_listens_nothing_is_heard(source: VenueSource) -> None:
    assert source.heard(BTC) == Heard()


async def test_a_quiet_market_is_heard_as_long_as_the_venue_answers(source: VenueSource) -> None:
    task = follow(source, BTC)
    await until(lambda: bool(source.heard(BTC).spans))
    ((start, first),) = source.heard(BTC).spans
    await until(lambda: source.heard(BTC).spans[0][1] >= first + 100)
    assert source.heard(BTC).spans[0][0] == start
    assert source.heard(ETH) == Heard()  # nobody follows it
    await stop(task)
    assert source.heard(BTC) == Heard()


async def test_after_a_cut_hearing_begins_anew(venues: LoopbackVenues, source: VenueSource) -> None:
    task = follow(source, BTC)
    await venues.subscribed("bybit")
    await until(lambda: bool(source.heard(BTC).spans))
    before = source.heard(BTC)
    await venues.cut("bybit")
    await until(lambda: not source.heard(BTC).spans)
    await venues.subscribed("bybit")
    await until(lambda: bool(source.heard(BTC).spans))
    after = source.heard(BTC)
    assert after.spans[0][0] > before.spans[0][1]
    await stop(task)


async def test_what_is_told_before_a_subscription_is_taken_was_not_heard(
    venues: LoopbackVenues, source: VenueSource
) -> None:
    venues.fault("bybit", "deaf")  # it takes the subscription, and does nothing with it
    before = wall_clock()
    task = follow(source, BTC)
    await until(lambda: source.feed.connected)
    while source.feed.connected:
        assert not source.heard(BTC).spans
        await asyncio.sleep(0.01)
    venues.heal("bybit")
    taken = wall_clock()
    await until(lambda: bool(source.heard(BTC).spans))
    ((start, _),) = source.heard(BTC).spans
    assert start >= taken > before
    await stop(task)


async def test_what_came_with_the_subscription_does_not_say_that_it_was_taken(
    venues: LoopbackVenues,
) -> None:
    slow = Pulse(ping=1.0, silence=5.0)
    source = VenueSource(VENUES["bybit"], venues.base, pulse=slow)
    task = follow(source, BTC)
    await venues.subscribed("bybit")
    connected = wall_clock()
    await venues.push("bybit", '{"topic": "a greeting"}')
    await until(lambda: bool(source.heard(BTC).spans))
    ((start, _),) = source.heard(BTC).spans
    assert start >= connected + 100  # it has answered to a ping
    await stop(task)
    await source.close()


async def test_of_two_feeds_at_once_each_is_heard_and_ending_one_leaves_the_other(
    venues: LoopbackVenues, source: VenueSource
) -> None:
    old = follow(source, BTC)
    await until(lambda: bool(source.heard(BTC).spans))
    ((start, _),) = source.heard(BTC).spans
    await asyncio.sleep(0.05)
    new = follow(source, BTC, ETH)
    await until(lambda: bool(source.heard(ETH).spans))
    since = source.heard(ETH).spans[0][0]
    await until(lambda: source.heard(BTC).covers(start, since))  # the old one is heard till then
    await stop(old)
    assert source.heard(BTC).spans[0][0] == since
    await venues.liquidate("bybit", Forced("ETH", 1, 3_000.0, 1))
    await stop(new)


async def test_it_is_by_the_clock_of_the_source_that_a_market_is_heard(
    venues: LoopbackVenues,
) -> None:
    now = 1_760_000_400_000
    source = VenueSource(VENUES["bybit"], venues.base, lambda: now, QUICK)
    task = follow(source, BTC)
    await until(lambda: source.feed.connected_at is not None)
    now += 60_000
    await until(lambda: source.heard(BTC).covers(1_760_000_400_000, now))
    assert source.heard(BTC).spans == ((1_760_000_400_000, now),)
    await stop(task)
    await source.close()
