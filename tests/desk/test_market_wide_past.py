"""Cascades of the market are remembered with what followed, built from pasts or told live."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.cli.evidence_tables import episodes_table, evidence_table, told_of
from bot.core.arrays import HOUR
from bot.core.evidence.occurrences import model
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.signals.episode import Kind
from bot.core.signals.wide import MARKET, coins_of
from bot.core.simulation.simulate import simulate
from bot.desk.building import Built, built
from bot.desk.cascade_words import cascade
from bot.desk.cascades import Cascade
from bot.desk.evidence import EvidenceDesk
from bot.desk.markets import Markets
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.desk.wide import WidePast, built_wide
from storage.memory import Memory, open_memory
from tests.support.markets import Market

COINS = ("ADA", "SOL", "XRP")


@pytest.fixture(scope="module")
def histories() -> list[MarketHistory]:
    """The same storm on three coins."""
    made = replace(simulate("crash", 5, 10 * 288).history, simulated=False)
    named = [Instrument("binance", coin, "USDT", "USDT") for coin in COINS]
    return [replace(made, instrument=each) for each in named]


@pytest_asyncio.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Memory]:
    opened = await open_memory(f"sqlite:///{tmp_path / 'memory.sqlite3'}")
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def pasts(histories: list[MarketHistory], memory: Memory) -> dict[str, Built]:
    return {each.instrument.base: await built([each], memory.episodes) for each in histories}


async def test_the_pasts_of_three_coins_hold_those_of_the_market_and_they_are_stored_once(
    pasts: dict[str, Built], memory: Memory
) -> None:
    wide = await built_wide(pasts, memory.episodes)
    assert wide is not None
    assert wide.found
    for each in wide.found:
        assert coins_of(each.episode) == COINS
        assert each.episode.ended is not None
    # Coins that move alike move as their mean does.
    first, (alone,) = (
        wide.found[0],
        (
            each
            for each in pasts["SOL"].found
            if each.moment is not None
            and each.episode.kind is Kind.CASCADE
            and each.episode.began == wide.found[0].episode.began
        ),
    )
    assert [each.horizon for each in first.after] == ["15m", "1h", "4h", "24h"]
    longest = [one.after[3] for one in (first, alone)]
    assert longest[0].move == pytest.approx(longest[1].move, abs=0.02)
    stored = await memory.episodes.of_market(MARKET, model())
    assert [repr(each) for each in stored] == [repr(each) for each in wide.found]
    again = await built_wide(pasts, memory.episodes)
    assert again is not None
    assert repr(again.found) == repr(wide.found)
    assert len(await memory.episodes.of_market(MARKET, model())) == len(wide.found)
    assert await built_wide({"SOL": pasts["SOL"]}, memory.episodes) is None


async def test_they_are_listed_with_what_followed(pasts: dict[str, Built]) -> None:
    wide = await built_wide(pasts, None)
    assert wide is not None
    assert told_of(MARKET, wide).startswith(f"market-wide: 10 days, {len(wide.found)} of ")
    assert "none of" not in told_of(MARKET, wide)
    assert episodes_table(MARKET, wide).row_count == len(wide.found)
    table = evidence_table({**pasts, MARKET: wide})
    assert "market-wide" in list(table.columns[1].cells)
    assert "over 3 coins" in list(table.columns[1].cells)


async def test_what_is_simulated_is_counted_but_never_stored(
    histories: list[MarketHistory], memory: Memory
) -> None:
    made = {
        each.instrument.base: await built([replace(each, simulated=True)], memory.episodes)
        for each in histories
    }
    wide = await built_wide(made, memory.episodes)
    assert wide is not None
    assert wide.simulated
    assert wide.found
    assert not await memory.episodes.of_market(MARKET, model())


async def test_one_that_is_told_live_is_noted_and_what_followed_is_told_with_the_next(
    histories: list[MarketHistory], pasts: dict[str, Built], memory: Memory
) -> None:
    wide = await built_wide(pasts, None)
    assert wide is not None
    market = Market(*histories)
    snapshots = Snapshots(market, None)
    first = wide.found[0]
    assert first.moment is not None
    market.time = first.episode.time + HOUR
    await snapshots.of([each.instrument for each in histories])
    past = WidePast(snapshots, memory.episodes)
    for state in (first.moment, first.episode):
        past.note(state)
        await _done()
    [noted] = await memory.episodes.of_market(MARKET, model())
    assert repr(noted.episode) == repr(first.episode)
    assert [each.horizon for each in noted.after] == ["15m", "1h"]
    market.time = int(histories[0].candles.close_time[-1])
    await snapshots.of([each.instrument for each in histories], newer=True)
    past.look_again()
    await _done()
    [noted] = await memory.episodes.of_market(MARKET, model())
    assert [each.move for each in noted.after] == pytest.approx([each.move for each in first.after])
    assert [each.count for each in past.followed] == [1, 1, 1, 1]
    told = Cascade("", "", (), first.moment, simulated=False, followed=past.followed)
    assert cascade(told).endswith(
        "What follows a market-wide cascade: too few to say (1 seen, 10 needed)."
    )
    await past.close()


async def test_those_of_the_market_are_not_counted_among_those_of_coins(
    histories: list[MarketHistory], pasts: dict[str, Built], memory: Memory
) -> None:
    await built_wide(pasts, memory.episodes)
    market = Market(histories[0])
    desk = SignalDesk(Snapshots(market, None))
    seeing = await desk.of(await Markets(market).find("ADA"))
    own = EvidenceDesk(memory.episodes)
    evidence = await own.of(Kind.CASCADE, seeing)
    counted = {each.count for each in evidence.followed}
    assert max(counted) <= sum(len(each.found) for each in pasts.values())
    assert evidence.markets in (1, 3)
    await own.close()
    await desk.close()


async def _done() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others)
