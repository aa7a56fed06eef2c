"""Any HistoryStore: liquidations saved as they come, and when they were listened to."""

from dataclasses import replace

import pytest

from bot.core.arrays import HOUR
from bot.core.instruments import Contract, Instrument
from bot.core.market.heard import Heard
from storage.memory import Memory
from tests.support.remembered import BTC, START, assert_same, events, everything

pytest_plugins = ("tests.support.stores",)

ETH = Instrument("okx", "ETH", "USDT", "USDT")


async def test_liquidations_saved_as_they_come_are_in_the_history(memory: Memory) -> None:
    quiet = replace(everything(), liquidations=None, liquidation_totals=None)
    await memory.history.save(quiet)
    one = events((START, 1, 90_000.0, 0.5), (START + 9, -1, 90_010.0, 1.0))
    other = events((START + 9, -1, 90_010.0, 1.0), (START + 12, 1, 89_000.0, 2.0))
    await memory.history.save_liquidations(BTC, one, Heard(((START - 5, START + 10),)))
    await memory.history.save_liquidations(BTC, other, Heard(((START - 5, START + 60),)))
    found = await memory.history.load(BTC, 0)
    both = events(
        (START, 1, 90_000.0, 0.5), (START + 9, -1, 90_010.0, 1.0), (START + 12, 1, 89_000.0, 2.0)
    )
    assert_same(found, replace(quiet, liquidations=both))
    assert found is not None
    assert found.heard == Heard(((START - 5, START + 60),))


async def test_an_hour_without_liquidations_was_heard_all_the_same(memory: Memory) -> None:
    await memory.history.save(replace(everything(), liquidations=None))
    await memory.history.save_liquidations(BTC, events(), Heard(((START, START + HOUR),)))
    found = await memory.history.load(BTC, START)
    assert found is not None
    assert found.liquidations is not None
    assert len(found.liquidations) == 0
    assert found.heard == Heard(((START, START + HOUR),))


async def test_liquidations_of_a_feed_that_was_cut_at_once_were_heard_at_no_time(
    memory: Memory,
) -> None:
    await memory.history.save(replace(everything(), liquidations=None))
    await memory.history.save_liquidations(BTC, events((START, 1, 90_000.0, 0.5)), Heard())
    found = await memory.history.load(BTC, 0)
    assert found is not None
    assert found.liquidations is not None
    assert len(found.liquidations) == 1
    assert found.heard == Heard()  # and not None, which would be all the time


async def test_deaf_hours_stay_deaf_however_often_the_stretches_are_told(memory: Memory) -> None:
    await memory.history.save(everything())
    first, second = (START, START + 100), (START + 200, START + 300)
    for spans in ((first,), (first, second), ((START, START + 50),), (second,)):
        await memory.history.save_liquidations(BTC, events(), Heard(spans))
    found = await memory.history.load(BTC, START + 50)
    assert found is not None
    assert found.heard == Heard(((START + 50, START + 100), second))
    much_later = await memory.history.load(BTC, START - HOUR)
    assert much_later is not None
    assert much_later.heard == Heard((first, second))


async def test_a_history_of_which_nobody_said_when_it_was_heard_was_heard_always(
    memory: Memory,
) -> None:
    await memory.history.save(everything())
    found = await memory.history.load(BTC, 0)
    assert found is not None
    assert found.heard is None


async def test_a_history_that_says_when_it_was_heard_is_remembered_so(memory: Memory) -> None:
    heard = Heard(((START, START + 77),))
    await memory.history.save(replace(everything(), heard=heard))
    found = await memory.history.load(BTC, 0)
    assert found is not None
    assert found.heard == heard


async def test_markets_listened_to_lately_are_named(memory: Memory) -> None:
    inverse = Instrument("bybit", "BTC", "USD", "BTC", Contract.INVERSE)
    await memory.history.save(everything())  # never listened to
    await memory.history.save_liquidations(ETH, events(), Heard(((START, START + 10),)))
    await memory.history.save_liquidations(inverse, events(), Heard(((START, START + 20),)))
    assert list(await memory.history.followed(START)) == [ETH, inverse]
    assert list(await memory.history.followed(START + 15)) == [inverse]
    assert list(await memory.history.followed(START + 21)) == []


@pytest.mark.parametrize("first", ["candles", "liquidations"])
async def test_it_does_not_matter_which_of_a_market_is_remembered_first(
    memory: Memory, first: str
) -> None:
    heard, told = Heard(((START, START + 10),)), events((START + 3, 1, 90_000.0, 0.5))
    quiet = replace(everything(), liquidations=None)
    if first == "candles":
        await memory.history.save(quiet)
    await memory.history.save_liquidations(BTC, told, heard)
    if first == "liquidations":
        assert await memory.history.load(BTC, 0) is None  # no candle is known yet
        await memory.history.save(quiet)
    found = await memory.history.load(BTC, 0)
    assert_same(found, replace(quiet, liquidations=told))
    assert found is not None
    assert found.heard == heard
