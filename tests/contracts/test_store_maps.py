"""Any MapStore: what was shown can be drawn and judged again."""

import asyncio
import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bot.core.arrays import Floats
from bot.core.estimate.maps import LiquidationMap
from bot.ports import KeptMap
from storage.memory import Memory, open_memory

pytest_plugins = ("tests.support.stores",)

BTC = "binance BTC/USDT:USDT"


def a_map(time: int = 1_764_547_200_000, *, bins: int = 5, usd: float = 1e6) -> LiquidationMap:
    longs = usd * np.linspace(1, 0, bins)
    return LiquidationMap(
        time,
        90_000.5,
        11_000,
        longs,
        longs[::-1],
        np.stack([longs / 2, longs * 2]),
        np.stack([longs[::-1] / 2, longs[::-1] * 3]),
    )


def kept(time: int = 1_764_547_200_000, *, market: str = BTC, usd: float = 1e6) -> KeptMap:
    return KeptMap(market, a_map(time, usd=usd), model="inventory 1", data_hash="a1b2")


def assert_same(found: KeptMap, given: KeptMap) -> None:
    assert (found.market, found.model, found.data_hash) == (
        given.market,
        given.model,
        given.data_hash,
    )
    one, other = found.map, given.map
    assert (one.time, one.price, one.first_bin) == (other.time, other.price, other.first_bin)
    for name in ("long_usd", "short_usd", "long_range", "short_range"):
        np.testing.assert_array_equal(
            getattr(one, name), getattr(other, name).astype(np.float32), err_msg=name
        )


async def test_a_map_comes_back_as_it_was_shown(memory: Memory) -> None:
    await memory.maps.keep(kept())
    [found] = await memory.maps.kept(BTC, 0)
    assert_same(found, kept())


async def test_maps_come_oldest_first_and_only_from_the_time_asked(memory: Memory) -> None:
    for time in (3000, 1000, 2000):
        await memory.maps.keep(kept(time))
    assert [each.map.time for each in await memory.maps.kept(BTC, 2000)] == [2000, 3000]


async def test_keeping_the_same_market_time_and_model_twice_is_one(memory: Memory) -> None:
    first = await memory.maps.keep(kept())
    again = await memory.maps.keep(kept())
    assert first == again
    assert len(await memory.maps.kept(BTC, 0)) == 1


async def test_a_map_made_later_of_the_same_time_does_not_replace_what_was_shown(
    memory: Memory,
) -> None:
    await memory.maps.keep(kept())
    await memory.maps.keep(replace(kept(usd=9e6), data_hash="made with hindsight"))
    [found] = await memory.maps.kept(BTC, 0)
    assert_same(found, kept())


async def test_another_model_another_time_and_another_market_are_other_maps(
    memory: Memory,
) -> None:
    pair = "binance BTC/USDT:USDT + okx BTC/USDT:USDT"
    numbers = {
        await memory.maps.keep(kept()),
        await memory.maps.keep(replace(kept(), model="inventory 2")),
        await memory.maps.keep(kept(5000)),
        await memory.maps.keep(kept(market=pair)),
    }
    assert len(numbers) == 4
    assert len(await memory.maps.kept(BTC, 0)) == 3
    assert len(await memory.maps.kept(pair, 0)) == 1


async def test_a_market_never_shown_has_no_maps(memory: Memory) -> None:
    await memory.maps.keep(kept())
    assert list(await memory.maps.kept("okx BTC/USDT:USDT", 0)) == []


async def test_maps_outlive_the_process(url: str) -> None:
    before = await open_memory(url)
    number = await before.maps.keep(kept())
    await before.close()
    after = await open_memory(url)
    [found] = await after.maps.kept(BTC, 0)
    assert_same(found, kept())
    assert await after.maps.keep(kept()) == number
    await after.close()


# A cent is lost of a hundred thousand dollars; less than a billionth of a dollar may be lost whole.
dollars = st.floats(0, 1e15) | st.just(np.nan)
rows = st.integers(0, 40).flatmap(lambda bins: hnp.arrays(np.float64, (6, bins), elements=dollars))


def test_any_dollars_come_back_right_to_seven_digits(url: str) -> None:
    times = itertools.count()
    with asyncio.Runner() as runner:
        memory = runner.run(open_memory(url))

        @given(rows, st.floats(1e-9, 1e9), st.integers(-30_000, 30_000))
        def same(usd: Floats, price: float, first: int) -> None:
            time = next(times)
            shown = LiquidationMap(time, price, first, usd[0], usd[1], usd[2:4], usd[4:])
            runner.run(memory.maps.keep(KeptMap(BTC, shown, "m", "h")))
            [found] = [each.map for each in runner.run(memory.maps.kept(BTC, time))]
            assert (found.time, found.price, found.first_bin) == (time, price, first)
            for one, other in (
                (found.long_usd, usd[0]),
                (found.short_usd, usd[1]),
                (found.long_range, usd[2:4]),
                (found.short_range, usd[4:]),
            ):
                np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-9)

        try:
            same()
        finally:
            runner.run(memory.close())


@pytest.mark.parametrize("market", ["'; DROP TABLE map; --", "\u202eBTC", "", "💥" * 200])
async def test_a_market_named_by_a_stranger_is_only_a_name(memory: Memory, market: str) -> None:
    await memory.maps.keep(kept())
    await memory.maps.keep(kept(market=market))
    assert len(await memory.maps.kept(market, 0)) == 1
    assert len(await memory.maps.kept(BTC, 0)) == 1
