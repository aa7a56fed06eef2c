"""Any ScoreStore: what a map said of an interval stands as it was first written."""

import asyncio

import numpy as np
import pytest

from bot.core.arrays import HOUR
from bot.core.judge.scored import Scored
from storage.memory import Memory, open_memory

pytest_plugins = ("tests.support.stores",)

BTC = "binance BTC/USDT:USDT"
MODEL = "inventory 1"


def hours(first: int, count: int, *, interval: int = HOUR, seed: int = 1) -> Scored:
    figures = np.random.default_rng(seed).lognormal(10, 3, (5, 2, count))
    return Scored(interval * np.arange(first, first + count, dtype=np.int64), interval, *figures)


def assert_same(found: Scored | None, given: Scored) -> None:
    assert found is not None
    assert found.interval == given.interval
    assert found.time.tolist() == given.time.tolist()
    for one, other in zip(found.rows, given.rows, strict=True):
        assert one.tolist() == other.tolist()  # to the last bit


async def test_rows_come_back_as_they_were_written_oldest_first(memory: Memory) -> None:
    whole = hours(10, 6)
    await memory.scores.add(BTC, MODEL, whole.part(slice(3, None)))
    await memory.scores.add(BTC, MODEL, whole.part(slice(0, 3)))
    assert_same(await memory.scores.scored(BTC, 0), whole)
    assert_same(await memory.scores.scored(BTC, 12 * HOUR), whole.part(slice(2, None)))


async def test_an_interval_is_written_once(memory: Memory) -> None:
    await memory.scores.add(BTC, MODEL, hours(10, 3))
    improved = hours(11, 4, seed=2)
    await memory.scores.add(BTC, MODEL, improved)
    expected = hours(10, 3).then(improved)
    assert_same(await memory.scores.scored(BTC, 0), expected)


async def test_a_new_model_is_not_graded_by_what_an_older_one_foretold(memory: Memory) -> None:
    await memory.scores.add(BTC, MODEL, hours(10, 3))
    newer = hours(11, 4, seed=2)
    await memory.scores.add(BTC, "inventory 2", newer)  # hours 11 and 12 are the older model's
    assert_same(await memory.scores.scored(BTC, 0), newer.part(slice(2, None)))


async def test_of_two_who_write_the_same_interval_one_does(memory: Memory) -> None:
    tries = [hours(10, 5, seed=seed) for seed in range(4)]
    await asyncio.gather(*(memory.scores.add(BTC, MODEL, each) for each in tries))
    found = await memory.scores.scored(BTC, 0)
    assert found is not None
    assert any(found.expected.tolist() == each.expected.tolist() for each in tries)
    assert len(found) == 5


async def test_another_market_has_its_own_rows(memory: Memory) -> None:
    await memory.scores.add(BTC, MODEL, hours(10, 3))
    await memory.scores.add("okx BTC/USDT:USDT", MODEL, hours(20, 1, seed=3))
    assert_same(await memory.scores.scored(BTC, 0), hours(10, 3))
    assert await memory.scores.scored("bybit BTC/USDT:USDT", 0) is None
    assert await memory.scores.scored(BTC, 13 * HOUR) is None


async def test_of_two_lengths_of_interval_the_newest_is_told(memory: Memory) -> None:
    await memory.scores.add(BTC, MODEL, hours(10, 3))
    longer = hours(4, 2, interval=4 * HOUR)
    await memory.scores.add(BTC, MODEL, longer)
    assert_same(await memory.scores.scored(BTC, 0), longer)


async def test_no_row_is_no_write(memory: Memory) -> None:
    await memory.scores.add(BTC, MODEL, hours(10, 0))
    assert await memory.scores.scored(BTC, 0) is None


async def test_scores_outlive_the_process(url: str) -> None:
    before = await open_memory(url)
    await before.scores.add(BTC, MODEL, hours(10, 3))
    await before.close()
    after = await open_memory(url)
    assert_same(await after.scores.scored(BTC, 0), hours(10, 3))
    await after.close()


@pytest.mark.parametrize("row", range(5))
async def test_a_figure_that_is_no_number_is_refused_not_kept(memory: Memory, row: int) -> None:
    given = hours(10, 2)
    figures = [part.copy() for part in given.rows]
    figures[row][1, 0] = np.nan
    holed = Scored(given.time, given.interval, *figures)
    with pytest.raises(ValueError, match="number"):
        await memory.scores.add(BTC, MODEL, holed)
    assert await memory.scores.scored(BTC, 0) is None
