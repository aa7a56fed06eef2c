"""Any JournalStore: people's own trades, each known to its owner alone."""

import asyncio
from dataclasses import replace

import pytest

from bot.core.journal.trade import Mistake, Trade
from bot.core.market.liquidations import PositionSide
from storage.journal import Journal
from storage.memory import Memory, open_memory

pytest_plugins = ("tests.support.stores",)

NOW = 1_760_000_000_000
ME, OTHER = "telegram:7", "telegram:8"
TRADE = Trade(
    "",
    ME,
    "BTC",
    PositionSide.SHORT,
    61_000.0,
    NOW,
    stop=62_000.0,
    target=58_000.0,
    usd=5_000.0,
    leverage=10.0,
    signal="sweep",
    source="w1/BTC/3",
    note="schön gewartet – “fast” <b>",
    mistakes=(Mistake.CHASED, Mistake.LARGE),
)


async def test_a_trade_comes_back_as_it_was_told(memory: Memory) -> None:
    kept = await memory.journal.add(TRADE)
    assert kept == replace(TRADE, id=kept.id)
    assert await memory.journal.trade(ME, kept.id) == kept
    bare = await memory.journal.add(Trade("", ME, "ETH", PositionSide.LONG, 1.0, NOW - 1))
    assert await memory.journal.trades(ME) == [bare, kept]


async def test_a_trade_is_nobody_elses(memory: Memory) -> None:
    kept = await memory.journal.add(TRADE)
    assert await memory.journal.trade(OTHER, kept.id) is None
    assert not await memory.journal.remove(OTHER, kept.id)
    assert not await memory.journal.change(replace(kept, owner=OTHER, note="mine now"))
    assert await memory.journal.trades(OTHER) == []
    assert await memory.journal.trade(ME, kept.id) == kept


async def test_one_tap_that_arrives_twice_logs_one_trade(memory: Memory) -> None:
    added = await asyncio.gather(*(memory.journal.add(TRADE) for _ in range(4)))
    assert len({each.id for each in added}) == 1
    assert (await memory.journal.add(replace(TRADE, owner=OTHER))).id != added[0].id
    alone = replace(TRADE, source="")
    assert (await memory.journal.add(alone)).id != (await memory.journal.add(alone)).id


async def test_a_trade_is_changed_and_removed(memory: Memory) -> None:
    kept = await memory.journal.add(TRADE)
    closed = replace(kept, exit=59_000.0, closed=NOW + 1, mistakes=())
    assert await memory.journal.change(closed)
    assert await memory.journal.trade(ME, kept.id) == closed
    assert await memory.journal.remove(ME, kept.id)
    assert not await memory.journal.remove(ME, kept.id)
    assert not await memory.journal.change(closed)
    assert (await memory.journal.add(TRADE)).id != kept.id


@pytest.mark.parametrize("name", ["", "t", "w1", "t-1", "t1 OR 1", "t" + "9" * 40])
async def test_what_is_no_id_names_no_trade(memory: Memory, name: str) -> None:
    await memory.journal.add(TRADE)
    assert await memory.journal.trade(ME, name) is None


async def test_trades_of_invented_markets_are_kept_apart_and_forgotten_with_the_others(
    memory: Memory,
) -> None:
    invented = Journal(memory.database, "sim")
    await memory.journal.add(TRADE)
    await invented.add(TRADE)
    await memory.journal.add(replace(TRADE, owner=OTHER))
    assert len(await memory.journal.trades(ME)) == len(await invented.trades(ME)) == 1
    assert await memory.journal.forget(ME) == 2
    assert await memory.journal.trades(ME) == await invented.trades(ME) == []
    assert len(await memory.journal.trades(OTHER)) == 1


async def test_trades_outlive_the_process(url: str) -> None:
    before = await open_memory(url)
    kept = await before.journal.add(TRADE)
    await before.close()
    after = await open_memory(url)
    assert await after.journal.trades(ME) == [kept]
    await after.close()
