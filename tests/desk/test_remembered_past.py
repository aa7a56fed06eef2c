"""What is remembered from before lengthens the past that the present is compared with."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.errors import StoreUnavailable
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.thin import hourly
from bot.core.panels.reading import Kind
from bot.desk.remembered import Remembered
from tests.support.histories import history
from tests.support.panels import END, panel_of, told


class Memory:
    """Remembers one history, or nothing, or is broken."""

    def __init__(self, whole: MarketHistory | None, *, broken: bool = False) -> None:
        self.whole, self.broken = whole, broken
        self.loads: list[int] = []
        self.saved: list[object] = []

    async def load(self, instrument: Instrument, since: int) -> MarketHistory | None:  # noqa: ARG002 - one market is remembered
        self.loads.append(since)
        if self.broken:
            raise StoreUnavailable("the disk is full")
        return self.whole

    async def save(self, history: MarketHistory) -> None:
        self.saved.append(history)

    async def save_liquidations(
        self, instrument: Instrument, events: Liquidations, heard: Heard
    ) -> None:
        self.saved.append((instrument, events, heard))

    async def followed(self, since: int) -> list[Instrument]:
        return [self.whole.instrument] if self.whole is not None and since <= END else []


async def test_a_percentile_rests_on_all_that_is_remembered() -> None:
    memory = Memory(told(days=80, seed=2))
    recent = told(days=30)
    longer = await Remembered(memory).longer(recent, END)
    for kind in Kind:
        before, after = (panel_of(kind, each).merged for each in (recent, longer))
        assert before is not None
        assert after is not None
        assert [each.rests_on for each in before.standings] == ["30 d"]
        assert [each.rests_on for each in after.standings] == ["30 d", "80 d"]
        assert after.standings[0] == before.standings[0]
        assert after.changes == before.changes
    assert memory.loads == [END - 90 * DAY]
    assert memory.saved == []


async def test_the_past_is_looked_up_once_a_day() -> None:
    memory = Memory(told(days=80))
    remembered = Remembered(memory)
    for now in (END, END + HOUR, END + DAY):
        await remembered.longer(told(), now)
    assert len(memory.loads) == 2
    await remembered.close()


@pytest.mark.parametrize(
    "memory",
    [
        None,
        Memory(None),
        Memory(None, broken=True),
        Memory(history(Instrument("binance", "BTC", "USDT", "USDT"))),  # other bars than these
    ],
)
async def test_without_a_memory_the_past_is_what_it_was(memory: Memory | None) -> None:
    recent = told()
    assert await Remembered(memory).longer(recent, END) is recent


async def test_what_is_simulated_has_no_past_of_its_own() -> None:
    memory = Memory(told(days=80))
    recent = told(simulated=True)
    assert await Remembered(memory).longer(recent, END) is recent
    assert memory.loads == []


def test_by_the_hour_the_last_of_each_stays() -> None:
    whole = replace(history(bars=600), heard=None)
    thin = hourly(whole)
    assert len(thin.candles) == 50
    assert set(thin.candles.close_time % HOUR) == {0}
    last = whole.candles.close_time % HOUR == 0
    np.testing.assert_array_equal(thin.candles.close, whole.candles.close[last])
    assert thin.open_interest is not None
    assert whole.open_interest is not None
    assert thin.open_interest.quantity[-1] == whole.open_interest.quantity[-1]
    assert thin.funding is whole.funding
    assert thin.liquidations is None
    nothing = replace(whole, open_interest=None, candles=whole.candles.sliced(slice(0, 0)))
    assert hourly(nothing).open_interest is None
    assert len(hourly(nothing).candles) == 0
