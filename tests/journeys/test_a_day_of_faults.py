"""A simulated day of collecting through every fault of every venue, in some seconds.

`make bench` plays it at full length.
"""

from pathlib import Path

import pytest

from bot.core.arrays import HOUR, MINUTE
from tests.support.long_run import COINS, FAULTS, NAMES, play


@pytest.mark.timeout(90)
async def test_a_day_of_faults_loses_nothing_stores_nothing_twice_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    day = await play(tmp_path, hours=24, fault=0.35, rest=0.25)
    assert day.faults == len(NAMES) * len(FAULTS)
    assert day.hours >= 24
    assert set(day.told) == set(day.stored)
    assert len(day.told) == len(NAMES) * len(COINS)
    for market, told in day.told.items():
        assert len(told) > 100
        assert day.lost(market) == 0, market
        assert day.made_up(market) == 0, market
        assert day.deaf(market) <= len(told) / 20, market
    assert day.holes == []
    bar = {"okx": 15 * MINUTE}
    for market, bars in day.bars.items():
        assert bars >= 23 * HOUR / bar.get(market.exchange, 5 * MINUTE), market
    assert day.tasks == set()
    assert day.growth < 8  # [MB]
