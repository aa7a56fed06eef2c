"""Any EstimateStore: one estimate a market to go on from, and a record of every day's learning."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import text

from bot.core.arrays import DAY
from bot.core.estimate.calibration import Calibration, calibration
from bot.core.estimate.market import MarketEstimate
from bot.core.instruments import Instrument
from bot.core.judge.scored import Scored
from bot.ports import KeptCalibration
from storage.memory import Memory, open_memory
from tests.contracts.test_store_maps import kept as a_kept_map
from tests.support.histories import BTC, history

pytest_plugins = ("tests.support.stores",)

OKX = Instrument("okx", "BTC", "USDT", "USDT")
DAY_ONE = 1_764_547_200_000  # 2025-12-01
BLOB = bytes(range(256)) * 40


def learnt(instrument: Instrument = BTC) -> Calibration:
    return calibration(MarketEstimate.of(history(instrument, bars=12 * 24 * 3)))


async def test_an_estimate_comes_back_to_the_last_byte(memory: Memory) -> None:
    await memory.estimates.save(BTC, 1_000, BLOB)
    assert await memory.estimates.load(BTC) == BLOB


async def test_a_market_has_one_estimate_the_one_saved_last(memory: Memory) -> None:
    for time, body in ((1_000, b"one"), (3_000, b"three"), (2_000, b"two")):
        await memory.estimates.save(BTC, time, body)
    assert await memory.estimates.load(BTC) == b"two"
    async with memory.database.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM estimate")) == 1


async def test_markets_never_saved_have_no_estimate(memory: Memory) -> None:
    await memory.estimates.save(BTC, 1_000, BLOB)
    assert await memory.estimates.load(OKX) is None


async def test_of_many_who_save_at_once_one_is_kept_whole(memory: Memory) -> None:
    tries = [bytes((number,)) * 100_000 for number in range(6)]
    await asyncio.gather(*(memory.estimates.save(BTC, 1_000, body) for body in tries))
    assert await memory.estimates.load(BTC) in tries


async def test_estimates_and_records_outlive_the_process(url: str) -> None:
    before = await open_memory(url)
    record = KeptCalibration("inventory 1 / prior 2", DAY_ONE, learnt())
    await before.estimates.save(BTC, 1_000, BLOB)
    await before.estimates.learn(record)
    await before.close()
    after = await open_memory(url)
    assert await after.estimates.load(BTC) == BLOB
    assert await after.estimates.learnt(BTC, 0) == [record]
    await after.close()


async def test_what_was_learnt_comes_back_figure_by_figure_oldest_first(memory: Memory) -> None:
    records = [KeptCalibration("m", DAY_ONE + n * DAY, learnt()) for n in (2, 0, 1)]
    for record in records:
        await memory.estimates.learn(record)
    found = await memory.estimates.learnt(BTC, 0)
    assert found == sorted(records, key=lambda record: record.day)
    assert [each.day for each in await memory.estimates.learnt(BTC, DAY_ONE + DAY)] == [
        DAY_ONE + DAY,
        DAY_ONE + 2 * DAY,
    ]
    assert await memory.estimates.learnt(OKX, 0) == []


async def test_the_first_record_of_a_day_stands_and_another_model_has_its_own(
    memory: Memory,
) -> None:
    first = KeptCalibration("m", DAY_ONE, learnt())
    later = replace(first, learnt=replace(first.learnt, intervals=9_999))
    await memory.estimates.learn(first)
    await memory.estimates.learn(later)
    await memory.estimates.learn(replace(later, model="n"))
    assert await memory.estimates.learnt(BTC, 0) == [first, replace(later, model="n")]


async def test_a_record_with_other_figures_than_now_is_left_out(memory: Memory) -> None:
    record = KeptCalibration("m", DAY_ONE, learnt())
    await memory.estimates.learn(record)
    await memory.estimates.learn(replace(record, day=DAY_ONE + DAY))
    async with memory.database.writing() as connection:
        changed = "UPDATE calibration SET body = '{\"venue\": 3}' WHERE day_ms = :day"
        await connection.execute(text(changed), {"day": DAY_ONE})
    assert [each.day for each in await memory.estimates.learnt(BTC, 0)] == [DAY_ONE + DAY]


@pytest.mark.parametrize("days", [399, 401])
async def test_after_four_hundred_days_maps_scores_and_records_are_forgotten(
    memory: Memory, days: int
) -> None:
    now = DAY_ONE + days * DAY
    await memory.maps.keep(a_kept_map(DAY_ONE))
    figures = np.ones((5, 2, 1))
    row = Scored(np.array([DAY_ONE], np.int64), 3_600_000, *figures)
    await memory.scores.add(BTC.key, "m", row)
    await memory.estimates.learn(KeptCalibration("m", DAY_ONE, learnt()))
    gone = await memory.prune(now)
    expected = int(days > 400)
    assert (gone["map"], gone["score"], gone["calibration"]) == (expected,) * 3
    assert gone["estimate"] == 0
    assert len(await memory.maps.kept(BTC.key, 0)) == 1 - expected
    assert (await memory.scores.scored(BTC.key, 0) is None) == bool(expected)
    assert len(await memory.estimates.learnt(BTC, 0)) == 1 - expected


async def test_an_estimate_nobody_can_go_on_from_is_forgotten(memory: Memory) -> None:
    await memory.estimates.save(BTC, DAY_ONE, b"old")
    await memory.estimates.save(OKX, DAY_ONE + 30 * DAY, b"newer")
    assert (await memory.prune(DAY_ONE + 40 * DAY))["estimate"] == 1
    assert await memory.estimates.load(BTC) is None
    assert await memory.estimates.load(OKX) == b"newer"
