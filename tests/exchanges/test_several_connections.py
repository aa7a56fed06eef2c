"""A venue that lets one connection follow a few markets only is listened to over several."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import pytest

from bot.core.instruments import Instrument
from bot.exchanges.feed import Pulse
from bot.exchanges.live import VenueSource
from bot.exchanges.together import together
from bot.exchanges.venues.dydx import DYDX
from tests.support.loopback_markets import MARKETS
from tests.support.loopback_streams import Forced
from tests.support.venues import loopback_venues

WANTED = [Instrument("dydx", base, "USDC", "USDC") for base in MARKETS]


async def test_each_market_is_followed_once_and_no_connection_follows_too_many() -> None:
    assert DYDX.stream is not None
    venue = replace(DYDX, stream=replace(DYDX.stream, most=2))
    async with loopback_venues() as venues, asyncio.timeout(60):
        source = VenueSource(venue, venues.base, pulse=Pulse(ping=0.1, first_pause=0.05))
        async with aclosing(source.liquidations(WANTED)) as live:
            coming = asyncio.ensure_future(anext(live))
            await venues.subscribed("dydx", 2)
            await asyncio.sleep(0.2)
            topics = [topic for topics in venues.sockets["dydx"].values() for topic in topics]
            assert sorted(topics) == ["BTC-USD", "ETH-USD", "SOL-USD"]
            assert {len(topics) for topics in venues.sockets["dydx"].values()} == {1, 2}
            await venues.liquidate("dydx", *(Forced(base, +1, 100.0, 1.0) for base in MARKETS))
            found = {(await coming).instrument}
            while len(found) < len(WANTED):
                found.add((await anext(live)).instrument)
            assert found == set(WANTED)
            assert all(source.heard(one).spans for one in WANTED)
        assert not any(source.heard(one).spans for one in WANTED)
        await source.close()


async def _counting(to: int, closed: list[int]) -> AsyncGenerator[int, None]:
    try:
        for number in range(to):
            await asyncio.sleep(0)
            yield number
    finally:
        closed.append(to)


async def test_streams_heard_together_end_when_all_have_ended() -> None:
    closed: list[int] = []
    heard = [one async for one in together([_counting(3, closed), _counting(5, closed)])]
    assert sorted(heard) == [0, 0, 1, 1, 2, 2, 3, 4]
    assert sorted(closed) == [3, 5]


async def test_what_one_stream_raises_is_raised_and_the_others_are_closed() -> None:
    closed: list[int] = []

    async def failing() -> AsyncGenerator[int, None]:
        yield 7
        raise ValueError("unforeseen")

    async with aclosing(together([_counting(10**9, closed), failing()])) as streams:
        with pytest.raises(ValueError, match="unforeseen"):
            async for _ in streams:
                pass
    assert closed == [10**9]
