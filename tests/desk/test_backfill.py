"""What is missing of a market's past is asked for once, kept at once, and declared if not had."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.join import joined, trimmed
from bot.core.market.series import OpenInterest
from bot.desk.backfill import STRETCH, Backfill
from storage.memory import Memory, open_memory
from tests.support.histories import BTC, START, history
from tests.support.pasts import PastMarket

ETH = Instrument("okx", "ETH", "USDT", "USDT")
BARS = 10 * 288
NOW = START + BARS * 5 * MINUTE


def market(**gone: None) -> MarketHistory:
    whole = replace(history(bars=BARS), liquidations=None, liquidation_feed="")
    return replace(whole, **gone)  # type: ignore[arg-type]  # all are None


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Memory]:
    opened = await open_memory(f"sqlite:///{tmp_path}/memory.sqlite3")
    yield opened
    await opened.close()


def backfill(source: PastMarket, memory: Memory, days: int = 10) -> Backfill:
    return Backfill(source, memory.history, memory.collections, days)


async def stored(memory: Memory) -> MarketHistory:
    found = await memory.history.load(BTC, 0)
    assert found is not None
    return found


async def test_a_market_never_seen_is_filled_in_page_by_page_oldest_first(memory: Memory) -> None:
    source = PastMarket(market())
    assert await backfill(source, memory).fill(BTC)
    starts = [start for _, start, _ in source.stretches]
    assert starts == sorted(starts)
    assert all(end - start <= STRETCH for _, start, end in source.stretches)
    found, whole = await stored(memory), market()
    settled = whole.candles.open_time <= NOW - HOUR
    assert found.candles.open_time.tolist() == whole.candles.open_time[settled].tolist()
    assert found.open_interest is not None
    assert np.all(np.diff(found.open_interest.time) == 5 * MINUTE)


async def test_what_is_stored_is_not_asked_again(memory: Memory) -> None:
    source = PastMarket(market())
    await backfill(source, memory).fill(BTC)
    asked = len(source.stretches)
    assert not await backfill(source, memory).fill(BTC)
    assert len(source.stretches) == asked


async def test_a_fill_that_was_cut_short_goes_on_where_it_stopped(memory: Memory) -> None:
    source = PastMarket(market())
    source.dies_after = 2
    filling = backfill(source, memory)
    with pytest.raises(MarketUnavailable):
        await filling.fill(BTC)
    assert filling.under_way == {}
    known = await stored(memory)
    source.dies_after = None
    assert await backfill(source, memory).fill(BTC)
    assert len({start for _, start, _ in source.stretches}) == len(source.stretches)
    assert source.stretches[2][1] >= known.candles.open_time[-1]
    found = await stored(memory)
    assert np.all(np.diff(found.candles.open_time) == 5 * MINUTE)
    assert found.candles.open_time[0] == START


async def test_progress_is_told_while_it_goes_on_also_after_a_restart(memory: Memory) -> None:
    source = PastMarket(market())
    told: list[float] = []
    for last in (2, None):
        source.dies_after = last
        filling = backfill(source, memory)
        task = asyncio.ensure_future(filling.fill(BTC))
        while not task.done():
            told += filling.under_way.values()
            await asyncio.sleep(0.0005)
        await asyncio.gather(task, return_exceptions=True)
    assert told[0] < 0.1
    assert told[-1] > 0.7
    assert all(after >= before for before, after in pairwise(told))


async def test_a_hole_is_filled_and_the_rest_left_alone(memory: Memory) -> None:
    whole = market()
    hole = slice(1000, 1010)
    torn = joined(
        replace(whole, candles=whole.candles.sliced(slice(0, hole.start))),
        replace(whole, candles=whole.candles.sliced(slice(hole.stop, None))),
    )
    await memory.history.save(torn)
    source = PastMarket(whole)
    assert await backfill(source, memory).fill(BTC)
    times = whole.candles.open_time
    assert source.stretches == [(BTC, times[hole.start], times[hole.stop])]
    assert (await stored(memory)).candles.open_time.tolist() == times.tolist()


async def test_what_the_venue_has_no_more_of_is_declared_and_not_asked_for_again(
    memory: Memory,
) -> None:
    late = trimmed(market(long_short_ratio=None), START + 4 * DAY)
    source = PastMarket(replace(late, open_interest=None))
    filling = backfill(source, memory)
    assert await filling.fill(BTC)
    lacks = filling.not_had(BTC)
    assert set(lacks) == {"candles", "open interest", "funding", "long/short ratio"}
    assert lacks["candles"] == ((NOW - 10 * DAY, START + 4 * DAY),)
    assert lacks["open interest"] == ((NOW - 10 * DAY, NOW - HOUR),)
    asked = len(source.stretches)
    again = backfill(source, memory)
    assert not await again.fill(BTC)
    assert len(source.stretches) == asked
    assert again.not_had(BTC) == lacks


async def test_where_the_past_is_only_told_by_the_day_that_is_no_gap_to_speak_of(
    memory: Memory,
) -> None:
    whole = market()
    interest = whole.open_interest
    assert interest is not None
    old = interest.time < NOW - 3 * DAY
    told = ~old | (np.arange(len(old)) % 288 == 0)
    sparse = OpenInterest(interest.time[told], interest.quantity[told])
    filling = backfill(PastMarket(replace(whole, open_interest=sparse)), memory)
    await filling.fill(BTC)
    assert not filling.not_had(BTC).get("open interest")
    there = (interest.time < START + 2 * DAY) | (interest.time > START + 5 * DAY)
    torn = OpenInterest(interest.time[there], interest.quantity[there])
    other = replace(whole, instrument=ETH, open_interest=torn)
    filling = backfill(PastMarket(other), memory)
    await filling.fill(ETH)
    ((first, last),) = filling.not_had(ETH)["open interest"]
    assert last - first == pytest.approx(3 * DAY, abs=10 * MINUTE)


async def test_a_series_that_fails_is_asked_for_again_and_not_declared(memory: Memory) -> None:
    source = PastMarket(market())
    source.failing = ("open interest",)
    filling = backfill(source, memory)
    await filling.fill(BTC)
    assert not filling.not_had(BTC).get("open interest")
    source.failing = ()
    assert await filling.fill(BTC)
    assert (await stored(memory)).open_interest is not None
    assert not any(filling.not_had(BTC).values())


async def test_what_a_venue_never_tells_of_is_not_asked_for_stretch_by_stretch(
    memory: Memory,
) -> None:
    whole = market()
    since, until = NOW - 10 * DAY, NOW - HOUR
    await memory.history.save(replace(whole, open_interest=None))
    source = PastMarket(whole)
    source.never = ("open interest",)
    filling = backfill(source, memory)
    await filling.fill(BTC)
    assert len(source.stretches) == 1
    assert filling.not_had(BTC) == {"open interest": ((since, until),)}
    again = backfill(source, memory)
    await again.fill(BTC)
    assert len(source.stretches) == 1
    assert again.not_had(BTC) == filling.not_had(BTC)


async def test_people_have_half_of_what_a_venue_allows(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = PastMarket(market())
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    async def slow(*asked: object) -> object:
        await sleep(0.02)
        return await PastMarket.past(source, *asked)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(source, "past", slow)
    monkeypatch.setattr("bot.desk.backfill.asyncio.sleep", noted)
    await backfill(source, memory).fill(BTC)
    pauses = [seconds for seconds in slept if seconds]
    assert len(pauses) == len(source.stretches)
    assert min(pauses) >= 0.02
