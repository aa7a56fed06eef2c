"""One overview of all markets serves all who ask, and nobody waits long for a rank."""

import asyncio
from collections.abc import Mapping

import pytest

from bot.core.errors import MarketUnavailable
from bot.core.instruments import Instrument
from bot.core.market.summary import Summary
from bot.desk.overview import Overview
from tests.support.desks import Told, coin, line


class Slow(Told):
    """Tells of its markets when it is let to."""

    def __init__(self) -> None:
        super().__init__({coin("AAA"): line(1e-4)})
        self.gate = asyncio.Event()
        self.count = 0

    async def summaries(self) -> Mapping[Instrument, Summary]:
        self.count += 1
        await self.gate.wait()
        return await super().summaries()


async def test_all_who_ask_at_once_share_one_asking() -> None:
    source = Slow()
    overview = Overview(source)
    asking = [asyncio.create_task(overview.of()) for _ in range(5)]
    await asyncio.sleep(0)
    source.gate.set()
    assert [list(told) for told in await asyncio.gather(*asking)] == [[coin("AAA")]] * 5
    await overview.of()
    assert source.count == 1


async def test_a_rank_is_not_waited_for_and_is_there_for_the_next() -> None:
    source = Slow()
    overview = Overview(source)
    assert await overview.within(0.01) == {}
    source.gate.set()
    assert list(await overview.within(1.0)) == [coin("AAA")]
    assert source.count == 1
    await overview.close()


async def test_what_fails_is_said_to_who_needs_it_and_not_asked_again_for_ranks() -> None:
    source = Slow()
    source.gate.set()
    source.told = {}
    overview = Overview(source)
    assert await overview.within(1.0) == {}
    assert await overview.within(1.0) == {}
    assert source.count == 1
    with pytest.raises(MarketUnavailable):
        await overview.of()
    assert source.count == 2


async def test_a_rank_fails_nobody_whatever_the_source_does() -> None:
    class Broken(Slow):
        async def summaries(self) -> Mapping[Instrument, Summary]:
            raise ZeroDivisionError

    assert await Overview(Broken()).within(1.0) == {}
