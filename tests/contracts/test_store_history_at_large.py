"""Any HistoryStore, whatever is saved and by however many at once."""

import asyncio
import itertools
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.arrays import HOUR, MINUTE, floats, times
from bot.core.market.history import MarketHistory
from bot.core.market.series import OpenInterest
from storage.memory import Memory, open_memory
from tests.support.any_history import histories
from tests.support.remembered import BTC, START, assert_same, candles, events, everything

pytest_plugins = ("tests.support.stores",)


async def test_two_processes_saving_one_market_at_once_lose_nothing(url: str) -> None:
    one, other = await open_memory(url), await open_memory(url)

    async def save(memory: Memory, offset: int) -> None:
        for n in range(offset, 30, 2):
            happened = events((START + n, 1, 90_000.0, 1.0 + n))
            bar = candles(1, start=START + n * MINUTE, price=100.0 + n)
            await memory.history.save(MarketHistory(BTC, bar, liquidations=happened))

    await asyncio.gather(save(one, 0), save(other, 1), save(one, 1), save(other, 0))
    for memory in (one, other):
        found = await memory.history.load(BTC, 0)
        assert found is not None
        assert found.liquidations is not None
        assert found.candles.close.tolist() == [100.0 + n for n in range(30)]
        assert found.liquidations.quantity.tolist() == [1.0 + n for n in range(30)]
        await memory.close()


async def test_a_hundred_askers_read_while_a_market_is_being_saved(memory: Memory) -> None:
    """Every one sees a whole save: candles and open interest of the same round."""
    await memory.history.save(everything())

    async def save() -> None:
        for round_ in range(10):
            bar = candles(300, price=1000.0 + round_)
            figures = OpenInterest(bar.open_time, np.full(300, 1000.0 + round_))
            await memory.history.save(MarketHistory(BTC, bar, figures))

    async def ask() -> None:
        found = await memory.history.load(BTC, 0)
        assert found is not None
        assert found.open_interest is not None
        if len(found.candles) == 300:
            assert found.candles.close[0] == found.open_interest.quantity[0]

    await asyncio.gather(save(), *(ask() for _ in range(100)))


def test_any_history_comes_back_bit_by_bit(url: str) -> None:
    numbers = itertools.count()
    with asyncio.Runner() as runner:
        memory = runner.run(open_memory(url))

        @settings(deadline=None, max_examples=60)
        @given(histories())
        def same(history: MarketHistory) -> None:
            market = replace(BTC, base=f"COIN{next(numbers)}")
            history = replace(history, instrument=market)
            runner.run(memory.history.save(history))
            assert_same(runner.run(memory.history.load(market, 0)), history)
            runner.run(memory.history.save(history))
            assert_same(runner.run(memory.history.load(market, 0)), history)

        try:
            same()
        finally:
            runner.run(memory.close())


def test_any_saves_one_after_another_are_one_table_of_the_newest_rows(url: str) -> None:
    """A dict by time is all a series is; the store must agree with it after any saves."""
    numbers = itertools.count()
    row = st.tuples(st.integers(-2000, 2000), st.floats(0, 1e12))
    save = st.lists(row, min_size=1, max_size=30)
    with asyncio.Runner() as runner:
        memory = runner.run(open_memory(url))

        @settings(deadline=None, max_examples=60)
        @given(st.lists(save, min_size=1, max_size=4), st.integers(-2000, 2000))
        def agree(saves: list[list[tuple[int, float]]], since: int) -> None:
            market = replace(BTC, base=f"COIN{next(numbers)}")
            known: dict[int, float] = {}
            for rows in saves:
                table = dict(sorted(rows))
                known.update(table)
                time = HOUR * times(list(table)) + START
                figures = OpenInterest(time, floats(list(table.values())))
                bar = candles(1, start=START + 10_000 * HOUR)
                runner.run(memory.history.save(MarketHistory(market, bar, figures)))
            found = runner.run(memory.history.load(market, START + since * HOUR))
            expected = {at: value for at, value in sorted(known.items()) if at >= since}
            assert found is not None
            assert (found.open_interest is None) == (not expected)
            if found.open_interest:
                at = (found.open_interest.time - START) // HOUR
                assert (
                    dict(zip(at.tolist(), found.open_interest.quantity.tolist(), strict=True))
                    == expected
                )
                assert at.tolist() == list(expected)

        try:
            agree()
        finally:
            runner.run(memory.close())
