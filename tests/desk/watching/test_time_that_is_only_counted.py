"""An episode that goes on is not written down each minute; a crash takes nothing that was told."""

import random
from itertools import pairwise

import pytest
from sqlalchemy import text

from bot.core.watches.gate import Act
from bot.core.watches.saved import read
from bot.desk.watching.tick import Judge
from storage.memory import Memory, open_memory
from tests.support.watched import MINUTE, NOW, Watching, shown, watching

_TURNS = {Act.OPEN, Act.CLOSE, Act.HELD}


async def _kept(memory: Memory) -> dict[str, int]:
    """Return the tick at which each state was kept last."""
    async with memory.database.reading() as connection:
        rows = await connection.execute(text("SELECT watch, body FROM watch_state"))
        return {row.watch: read(bytes(row.body)).tick for row in rows.all()}


async def test_an_episode_that_only_goes_on_is_kept_now_and_then(desk: Watching) -> None:
    for number in range(8):
        await desk.add(f"BTC price > {100 - number}")
    desk.set("BTC", price=101)
    ticks = dict[str, set[int]]()
    for _ in range(41):
        await desk.tick()
        for watch, tick in (await _kept(desk.memory)).items():
            ticks.setdefault(watch, set()).add(tick)
    assert len(ticks) == 8
    for kept in ticks.values():
        assert 4 <= len(kept) <= 10
        assert all(after - before <= 10 * MINUTE for before, after in pairwise(sorted(kept)))


async def test_what_must_hold_for_a_time_is_kept_at_every_tick(desk: Watching) -> None:
    await desk.add("BTC price > 100 for 30m")
    desk.set("BTC", price=101)
    for _ in range(20):
        await desk.tick()
        assert await _kept(desk.memory) == {"w1": desk.source.time}


async def test_who_ends_in_order_has_counted_everything(memory: Memory) -> None:
    async with watching(memory) as desk:
        await desk.add("BTC price > 100")
        desk.set("BTC", price=101)
        await desk.tick(5)
        state, time = desk.desk.state("w1"), desk.source.time
    async with watching(memory, time) as again:
        again.set("BTC", price=101)
        await again.desk._load()
        assert again.desk.state("w1") == state


async def _killed(memory: Memory, path: list[float | None], kills: set[int]) -> list[object]:
    """Play a walk in which the process dies at some ticks; returns what was told, and is shown."""
    at, told = NOW, list[object]()
    for first, last in pairwise([0, *sorted(kills), len(path)]):
        async with watching(memory, at) as desk:
            if not first:
                await desk.add("BTC price > 100 for 3m every 20m cap 90/day cooldown 5m")
                await desk.add("BTC price < 95 cap 90/day cooldown 10m")
            for value in path[first:last]:
                desk.lose("BTC")
                if value is not None:
                    desk.set("BTC", price=value)
                await desk.tick()
            at = desk.source.time
            effects = [each.effect for each in desk.teller.told]
            told += [(each.key, each.time) for each in effects if each.act in _TURNS]
    said = dict(await shown(memory))
    assert len(said) == len(await shown(memory))
    return [*told, sorted(name for name in said if "sight" not in name and "#" not in name)]


@pytest.mark.parametrize("seed", range(4))
async def test_a_process_that_is_killed_tells_of_each_episode_once_and_when_it_was(
    seed: int, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(_: Judge) -> None:
        """Keep nothing at the end."""

    monkeypatch.setattr(Judge, "close", dies)
    rng = random.Random(seed)  # noqa: S311 - no secret
    path: list[float | None] = []
    while len(path) < 160:
        path += [rng.choice([None, 90.0, 99.9, 101.0, 110.0])] * rng.randint(1, 25)
    results = []
    for number, kills in enumerate([set[int](), set(rng.sample(range(1, 160), 20))]):
        memory = await open_memory(f"sqlite:///{tmp_path}/{number}.sqlite3")
        results.append(await _killed(memory, path, kills))
        await memory.close()
    assert results[0] == results[1]
    assert any("#open" in str(each) for each in results[0])
