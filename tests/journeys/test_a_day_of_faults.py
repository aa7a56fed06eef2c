"""A simulated day of collecting through every fault of every venue, in some seconds.

`make bench` plays it at full length.
"""

from pathlib import Path

import pytest

from bot.core.arrays import HOUR
from tests.support.long_run import COINS, FAULTS, LATER, NAMES, play


@pytest.mark.timeout(300)
async def test_a_day_of_faults_loses_nothing_stores_nothing_twice_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    day = await play(tmp_path, hours=24, fault=0.7, rest=0.4)
    assert day.faults == len(NAMES) * len(FAULTS)
    assert day.hours >= 24
    assert len(day.markets) == len(NAMES) * len({*COINS, LATER})
    assert day.wrong == {}
    for market in day.markets.values():
        told = len(market.told)
        assert told > 50
        # A cut and a deaf line, out of some twenty stretches of which it was told in each.
        assert told - len(market.stored) <= told * (0.2 if market.instrument.base in COINS else 0.4)
        assert market.hours >= 23, market
    assert day.holes == []
    assert day.tasks == set()
    assert day.growth(6 * HOUR) < 8  # [MB]
