"""Any HistoryStore: what was observed of a market is remembered, bit by bit, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE, floats, times
from bot.core.instruments import Contract
from bot.core.margin.tiers import brackets
from bot.core.market.history import MarketHistory
from bot.core.market.positions import Positions
from storage import liquidations
from storage.memory import Memory, open_memory
from tests.support.remembered import BTC, START, assert_same, candles, events, everything

pytest_plugins = ("tests.support.stores",)


async def test_of_a_market_never_seen_nothing_is_remembered(memory: Memory) -> None:
    assert await memory.history.load(BTC, 0) is None


async def test_a_history_comes_back_as_it_was(memory: Memory) -> None:
    await memory.history.save(everything())
    assert_same(await memory.history.load(BTC, 0), everything())


async def test_a_history_outlives_the_process(url: str) -> None:
    before = await open_memory(url)
    await before.history.save(everything())
    await before.close()
    after = await open_memory(url)
    assert_same(await after.history.load(BTC, 0), everything())
    await after.close()


async def test_only_what_is_not_before_the_time_asked_comes_back(memory: Memory) -> None:
    await memory.history.save(everything())
    found = await memory.history.load(BTC, START + MINUTE)
    assert found is not None
    assert found.open_interest is not None
    assert found.liquidations is not None
    assert found.candles.open_time[0] == START + MINUTE
    assert found.open_interest.time[0] == START + MINUTE
    assert found.liquidations.time.tolist() == [START + MINUTE]
    assert found.funding is None  # none was paid since then


async def test_after_the_last_candle_there_is_nothing(memory: Memory) -> None:
    await memory.history.save(everything())
    assert await memory.history.load(BTC, START + 4 * MINUTE) is None


async def test_newer_bars_replace_and_the_others_stay(memory: Memory) -> None:
    await memory.history.save(MarketHistory(BTC, candles(4)))
    later = candles(4, start=START + 2 * MINUTE, price=70_000.0)
    await memory.history.save(MarketHistory(BTC, later))
    found = await memory.history.load(BTC, 0)
    assert found is not None
    assert found.candles.open_time.tolist() == [START + n * MINUTE for n in range(6)]
    assert found.candles.close.tolist() == [90_000.0, 90_000.1, 70_000.0, 70_000.1, 70_000.2, 70_000.3]  # fmt: skip  # noqa: E501 - a row of the market


async def test_bars_older_than_those_known_are_added_before_them(memory: Memory) -> None:
    await memory.history.save(MarketHistory(BTC, candles(3)))
    await memory.history.save(MarketHistory(BTC, candles(3, start=START - 40 * DAY)))
    found = await memory.history.load(BTC, 0)
    assert found is not None
    assert len(found.candles) == 6
    assert found.candles.open_time[0] == START - 40 * DAY


async def test_a_gap_stays_a_gap(memory: Memory) -> None:
    bars = candles(600)
    for part in (bars.sliced(slice(100)), bars.sliced(slice(400, None))):
        await memory.history.save(MarketHistory(BTC, part))
    found = await memory.history.load(BTC, 0)
    assert found is not None
    expected = [*bars.open_time[:100].tolist(), *bars.open_time[400:].tolist()]
    assert found.candles.open_time.tolist() == expected


async def test_where_the_venue_does_not_say_who_bought_neither_does_memory(memory: Memory) -> None:
    silent = MarketHistory(BTC, replace(candles(), taker_buy_volume=None))
    await memory.history.save(silent)
    assert_same(await memory.history.load(BTC, 0), silent)


async def test_taker_volume_is_known_of_every_bar_or_not_said(memory: Memory) -> None:
    await memory.history.save(MarketHistory(BTC, candles(3)))
    silent = replace(candles(2, start=START + 3 * MINUTE), taker_buy_volume=None)
    await memory.history.save(MarketHistory(BTC, silent))
    whole = await memory.history.load(BTC, 0)
    assert whole is not None
    assert len(whole.candles) == 5
    assert whole.candles.taker_buy_volume is None


async def test_what_was_not_to_be_had_this_time_stays_as_it_was(memory: Memory) -> None:
    await memory.history.save(everything())
    await memory.history.save(MarketHistory(BTC, candles()))
    assert_same(await memory.history.load(BTC, 0), everything())


async def test_a_history_without_a_bar_adds_what_it_has(memory: Memory) -> None:
    await memory.history.save(everything())
    more = events((START + 2 * MINUTE, 1, 89_000.0, 3.0))
    await memory.history.save(MarketHistory(BTC, candles(0, interval=HOUR), liquidations=more))
    found = await memory.history.load(BTC, 0)
    assert found is not None
    assert found.liquidations is not None
    assert len(found.candles) == 4
    assert len(found.liquidations) == 3


async def test_liquidations_told_twice_happened_once(memory: Memory) -> None:
    first = events((START, 1, 90_000.0, 0.5), (START + 1, -1, 90_100.0, 2.0))
    overlap = events((START + 1, -1, 90_100.0, 2.0), (START + 2, 1, 90_000.0, 1.0))
    for told in (first, overlap, first):
        await memory.history.save(MarketHistory(BTC, candles(), liquidations=told))
    found = await memory.history.load(BTC, 0)
    assert found is not None
    assert found.liquidations is not None
    assert found.liquidations.time.tolist() == [START, START + 1, START + 2]


async def test_equal_liquidations_told_at_once_are_different_ones(memory: Memory) -> None:
    fills = MarketHistory(
        BTC, candles(), liquidations=events(*[(START, 1, 90_000.0, 0.5)] * 3, (START, 1, 9.0, 1.0))
    )
    await memory.history.save(fills)
    await memory.history.save(fills)
    found = await memory.history.load(BTC, 0)
    assert found is not None
    assert found.liquidations is not None
    assert found.liquidations.price.tolist() == [9.0, 90_000.0, 90_000.0, 90_000.0]


async def test_a_feed_in_which_nothing_happened_is_not_a_missing_feed(memory: Memory) -> None:
    quiet = MarketHistory(BTC, candles(), liquidations=events())
    await memory.history.save(quiet)
    assert_same(await memory.history.load(BTC, 0), quiet)


async def test_the_candles_of_the_interval_saved_last_come_back(memory: Memory) -> None:
    await memory.history.save(MarketHistory(BTC, candles(10)))
    coarse = MarketHistory(BTC, candles(5, interval=15 * MINUTE))
    await memory.history.save(coarse)
    assert_same(await memory.history.load(BTC, 0), coarse)
    await memory.history.save(MarketHistory(BTC, candles(1, start=START + 10 * MINUTE)))
    found = await memory.history.load(BTC, 0)
    assert found is not None
    assert (found.candles.interval, len(found.candles)) == (MINUTE, 11)


async def test_venues_contracts_and_quotes_are_kept_apart(memory: Memory) -> None:
    markets = [
        BTC,
        replace(BTC, exchange="okx"),
        replace(BTC, quote="USDC", settle="USDC"),
        replace(BTC, contract=Contract.INVERSE),
    ]
    for number, market in enumerate(markets):
        await memory.history.save(MarketHistory(market, candles(price=1000.0 * (number + 1))))
    for number, market in enumerate(markets):
        found = await memory.history.load(market, 0)
        assert found is not None
        assert found.instrument == market
        assert found.candles.close[0] == 1000.0 * (number + 1)


async def test_a_simulated_market_is_refused_and_leaves_nothing(memory: Memory) -> None:
    with pytest.raises(ValueError, match="simulated"):
        await memory.history.save(replace(everything(), simulated=True))
    assert await memory.history.load(BTC, 0) is None


async def test_what_a_venue_says_only_of_now_is_not_remembered(memory: Memory) -> None:
    one = floats([1.0])
    position = Positions(times([START]), np.array([1], np.int8), one, one, one, one, one > 0)
    table = brackets(floats([1e6]), floats([0.004]), floats([125]))
    await memory.history.save(replace(everything(), positions=position, brackets=table))
    found = await memory.history.load(BTC, 0)
    assert found is not None
    assert found.positions is None
    assert found.brackets is None


async def test_a_save_that_fails_half_way_leaves_nothing_of_itself(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await memory.history.save(everything())

    async def fail(*_: object) -> None:
        raise OSError("pulled the plug")

    with monkeypatch.context() as patch:
        patch.setattr(liquidations, "save", fail)
        changed = replace(everything(), candles=candles(9, price=1.5), liquidation_feed="other")
        with pytest.raises(OSError, match="pulled the plug"):
            await memory.history.save(changed)
    assert_same(await memory.history.load(BTC, 0), everything())
