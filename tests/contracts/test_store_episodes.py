"""Any EpisodeStore: an episode comes back as it was seen, once, with what followed."""

import asyncio
import itertools
import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from bot.core.arrays import DAY, HOUR
from bot.core.evidence.occurrences import After, Occurrence
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.events import Look, Zone
from bot.ports import GoneThrough
from storage.memory import Memory, open_memory

pytest_plugins = ("tests.support.stores",)

BTC = "binance BTC/USDT:USDT"
PAIR = "binance BTC/USDT:USDT + okx BTC/USDT:USDT"
MODEL = "signals 1"
NOON = 1_764_547_200_000
FIRST = After("15m", 0.0031, -0.0004, reached=False, base=math.nan, base_reached=math.nan)
NEXT = After("1h", 0.02, 0.0, reached=True, base=0.0, base_reached=0.3)
ZONE = Zone(PositionSide.SHORT, 95_000.0, 95_500.5, 4e8)


def magnet(began: int = NOON, market: str = BTC) -> Episode:
    return Episode(
        Kind.MAGNET,
        market,
        "draws",
        began,
        began,
        93_000.1,
        93_000.1,
        Way.UP,
        zone=ZONE,
        target=ZONE,
        stop=91_000.25,
        facts=(Fact("trend", math.nan, "1", -0.3), Fact("cluster", 4e8, "USD", 3e8, 0.9)),
    )


def occurrence(began: int = NOON, market: str = BTC) -> Occurrence:
    seen = magnet(began, market)
    return Occurrence(seen, seen, (FIRST,))


def gone(since: int = NOON - DAY, until: int = NOON + DAY, market: str = BTC) -> GoneThrough:
    return GoneThrough(market, MODEL, since, until, "a1b2")


def look(time: int = NOON) -> Look:
    return Look(time, 93_000.1, (ZONE, replace(ZONE, side=PositionSide.LONG)), 1e7 / 3, 2e7, 9e8)


async def test_an_episode_comes_back_as_it_was_seen_with_what_followed(memory: Memory) -> None:
    await memory.episodes.keep(gone(), [occurrence()])
    found = await memory.episodes.of_market(BTC, MODEL)
    assert repr(found) == repr([occurrence()])  # what is no number equals nothing


async def test_an_episode_is_one_however_often_it_is_kept_and_its_newest_state_stands(
    memory: Memory,
) -> None:
    await memory.episodes.keep(gone(), [occurrence()])
    over = replace(magnet(), phase="reached", ended=NOON + HOUR, why_ended="it came")
    later = Occurrence(over, magnet(), (*occurrence().after, NEXT))
    await memory.episodes.keep(gone(), [later])
    assert repr(await memory.episodes.of_market(BTC, MODEL)) == repr([later])


async def test_episodes_come_in_the_order_in_which_they_began_by_market_model_or_kind(
    memory: Memory,
) -> None:
    sweep = Occurrence(replace(magnet(NOON + 1), kind=Kind.SWEEP, phase="swept"), None)
    await memory.episodes.keep(gone(), [occurrence(NOON + 5), sweep, occurrence()])
    await memory.episodes.keep(gone(market=PAIR), [occurrence(NOON + 2, PAIR)])
    other = replace(gone(), model="signals 0")
    await memory.episodes.keep(other, [occurrence(NOON + 3)])
    own = await memory.episodes.of_market(BTC, MODEL)
    assert [each.episode.began - NOON for each in own] == [0, 1, 5]
    kind = await memory.episodes.of_kind(Kind.MAGNET, MODEL)
    assert [(each.episode.market, each.episode.began - NOON) for each in kind] == [
        (BTC, 0),
        (PAIR, 2),
        (BTC, 5),
    ]
    assert len(await memory.episodes.of_market(BTC, "signals 0")) == 1
    assert list(await memory.episodes.of_market("okx BTC/USDT:USDT", MODEL)) == []


async def test_a_stretch_stands_for_those_it_overlaps_and_others_stay(memory: Memory) -> None:
    for since, until in ((0, 10), (20, 30), (40, 50)):
        await memory.episodes.keep(gone(since, until), [])
    await memory.episodes.keep(gone(20, 45), [])
    await memory.episodes.keep(gone(5, 7, PAIR), [])
    found = await memory.episodes.gone_through(BTC, MODEL)
    assert [(each.since, each.until, each.data) for each in found] == [
        (0, 10, "a1b2"),
        (20, 45, "a1b2"),
    ]
    assert [each.since for each in await memory.episodes.gone_through(PAIR, MODEL)] == [5]
    assert list(await memory.episodes.gone_through(BTC, "signals 0")) == []


async def test_what_began_in_a_stretch_that_is_gone_through_again_is_found_anew(
    memory: Memory,
) -> None:
    before = [occurrence(time) for time in (NOON - HOUR, NOON, NOON + HOUR, NOON + 2 * HOUR)]
    await memory.episodes.keep(gone(), before)
    await memory.episodes.keep(gone(market=PAIR), [occurrence(NOON, PAIR)])
    again = occurrence(NOON + 60_000)
    await memory.episodes.keep(gone(), [again], instead=(NOON, NOON + HOUR))
    found = await memory.episodes.of_market(BTC, MODEL)
    assert repr(found) == repr([before[0], again, before[3]])
    assert len(await memory.episodes.of_market(PAIR, MODEL)) == 1


async def test_what_another_version_wrote_and_is_no_episode_now_is_left_out(
    memory: Memory,
) -> None:
    await memory.episodes.keep(gone(), [occurrence(), occurrence(NOON + 1)])
    async with memory.database.writing() as connection:
        changed = "UPDATE episode SET body = '{\"episode\": 3}' WHERE began_ms = :at"
        await connection.execute(text(changed), {"at": NOON})
    [found] = await memory.episodes.of_market(BTC, MODEL)
    assert found.episode.began == NOON + 1


async def test_looks_come_back_to_the_last_bit_oldest_first_and_the_first_stands(
    memory: Memory,
) -> None:
    bare = Look(NOON - HOUR, 1 / 3, (), 0.0, 0.0, math.inf)
    await memory.episodes.keep_looks(BTC, MODEL, [look(), bare])
    await memory.episodes.keep_looks(BTC, MODEL, [replace(look(), price=1.0), look(NOON + HOUR)])
    assert await memory.episodes.looks(BTC, MODEL, NOON - HOUR) == [bare, look(), look(NOON + HOUR)]
    assert await memory.episodes.looks(BTC, MODEL, NOON + 1) == [look(NOON + HOUR)]
    assert list(await memory.episodes.looks(PAIR, MODEL, 0)) == []


async def test_episodes_outlive_the_process(url: str) -> None:
    before = await open_memory(url)
    await before.episodes.keep(gone(), [occurrence()])
    await before.close()
    after = await open_memory(url)
    assert repr(await after.episodes.of_market(BTC, MODEL)) == repr([occurrence()])
    await after.close()


async def test_episodes_are_kept_for_three_years_and_looks_for_a_hundred_days(
    memory: Memory,
) -> None:
    await memory.episodes.keep(gone(NOON, NOON), [occurrence()])
    await memory.episodes.keep_looks(BTC, MODEL, [look()])
    gone_by = await memory.prune(NOON + 99 * DAY)
    assert (gone_by["episode"], gone_by["gone_through"], gone_by["look"]) == (0, 0, 0)
    assert (await memory.prune(NOON + 101 * DAY))["look"] == 1
    assert (await memory.prune(NOON + 1_099 * DAY))["episode"] == 0
    gone_by = await memory.prune(NOON + 1_101 * DAY)
    assert (gone_by["episode"], gone_by["gone_through"]) == (1, 1)
    assert list(await memory.episodes.of_market(BTC, MODEL)) == []


numbers = st.floats()
zones = st.builds(Zone, st.sampled_from(PositionSide), numbers, numbers, numbers)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
facts = st.builds(Fact, words, numbers, words, st.none() | numbers, st.none() | numbers)
times = st.integers(0, 2**53)


def test_any_figures_and_words_come_back(url: str) -> None:
    counted = itertools.count()
    with asyncio.Runner() as runner:
        memory = runner.run(open_memory(url))

        @given(st.lists(facts, max_size=3), st.none() | zones, st.none() | numbers, words, times)
        def same(
            told: list[Fact], zone: Zone | None, stop: float | None, why: str, ended: int
        ) -> None:
            began = next(counted)
            seen = replace(magnet(began), facts=tuple(told), zone=zone, stop=stop, why_ended=why)
            given_one = Occurrence(replace(seen, ended=ended), None)
            runner.run(memory.episodes.keep(gone(began, began), [given_one]))
            found = runner.run(memory.episodes.of_market(BTC, MODEL))[-1]
            assert repr(found) == repr(given_one)

        try:
            same()
        finally:
            runner.run(memory.close())
