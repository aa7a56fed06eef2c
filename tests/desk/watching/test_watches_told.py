"""Watches that are kept: told once, brought up to date, over, whatever happens in between."""

import random
from itertools import pairwise

import pytest

from bot.core.arrays import HOUR
from bot.core.watches.gate import Act, State
from bot.messages import Address, FollowUp, News, Urgency
from bot.watching import Manners
from storage.memory import Memory, open_memory
from tests.support.watched import CHAT, MINUTE, NOW, Watching, shown, watching


async def test_an_episode_is_one_message_from_its_beginning_to_its_end(desk: Watching) -> None:
    name = await desk.add("BTC price > 100")
    desk.set("BTC", price=99)
    await desk.tick(2)
    assert await desk.shown() == []
    desk.set("BTC", price=101)
    await desk.tick()
    assert await desk.shown() == [(f"{name}/BTC/1", "open BTC")]
    await desk.tick(10)
    assert await desk.shown() == [(f"{name}/BTC/1", "edit BTC")]
    desk.set("BTC", price=99.9)  # within its margin
    await desk.tick()
    assert await desk.shown() == [(f"{name}/BTC/1", "edit BTC")]
    desk.set("BTC", price=90)
    await desk.tick()
    assert await desk.shown() == [(f"{name}/BTC/1", "close BTC")]


async def test_what_became_of_a_watch_is_in_its_ledger(desk: Watching) -> None:
    name = await desk.add("BTC price > 100")
    desk.set("BTC", price=101)
    await desk.tick(2)
    told = await desk.memory.watches.entry(f"{name}/BTC/1")
    assert told is not None
    assert (told.began, told.told, told.ended, told.price) == (
        NOW + MINUTE,
        NOW + MINUTE,
        None,
        101.0,
    )
    desk.set("BTC", price=90)
    await desk.tick()
    over = await desk.memory.watches.entry(f"{name}/BTC/1")
    assert over is not None
    assert (over.told, over.ended, over.price) == (NOW + MINUTE, NOW + 3 * MINUTE, 101.0)
    assert desk.teller.told[-1].first == told


async def test_an_episode_is_followed_up_by_the_markets_time(desk: Watching) -> None:
    name = await desk.add("BTC price > 100")
    desk.set("BTC", price=101)
    await desk.tick()
    due = await desk.memory.outbox.due_follow_ups(NOW + MINUTE + HOUR, 10)
    assert due == [FollowUp(f"{name}/BTC/1", HOUR)]
    assert await desk.memory.outbox.due_follow_ups(NOW + 15 * MINUTE, 10) == []
    await desk.desk.outbox._follow_up()
    assert len(await desk.shown()) == 1
    desk.source.time = NOW + 16 * MINUTE
    await desk.desk.outbox._follow_up()
    assert (await desk.shown())[1:] == [(f"{name}/BTC/1", f"after 15m of {name}/BTC/1")]


async def test_a_condition_that_must_last_is_told_when_it_has(desk: Watching) -> None:
    await desk.add("BTC price > 100 for 5m")
    desk.set("BTC", price=101)
    await desk.tick(5)
    assert await desk.shown() == []
    await desk.tick()
    assert [said for _, said in await desk.shown()] == ["open BTC"]


async def test_a_price_that_crosses_is_seen_from_tick_to_tick(desk: Watching) -> None:
    await desk.add("BTC price crosses above 100")
    desk.set("BTC", price=99)
    await desk.tick(2)
    desk.set("BTC", price=101)
    await desk.tick()
    assert [said for _, said in await desk.shown()] == ["open BTC"]


async def test_a_chat_that_is_muted_or_quiet_is_told_when_it_is_over(desk: Watching) -> None:
    await desk.memory.watches.set_manners(CHAT, Manners(muted_until=NOW + 5 * MINUTE))
    await desk.add("BTC price > 100")
    await desk.add("ETH price > 100")
    desk.set("BTC", price=101)
    desk.set("ETH", price=101)
    await desk.tick(2)
    desk.set("ETH", price=1)
    await desk.tick(2)
    assert await desk.shown() == []
    assert desk.desk.held_back(CHAT) == {"muted": 1}
    await desk.tick(2)
    assert [said for _, said in await desk.shown()] == ["open BTC"]
    assert desk.teller.told[-1].effect.why == "muted"


async def test_a_watch_that_is_snoozed_is_silent_and_the_others_are_not(desk: Watching) -> None:
    snoozed, other = await desk.add("BTC price > 100"), await desk.add("BTC price > 99")
    await desk.memory.watches.snooze(snoozed, NOW + HOUR)
    desk.set("BTC", price=101)
    await desk.tick(3)
    assert [name for name, _ in await desk.shown()] == [f"{other}/BTC/1"]


async def test_one_cascade_over_many_coins_is_one_message(desk: Watching) -> None:
    name = await desk.add("BTC, ETH, SOL cascade")
    desk.set("BTC", cascade="down")
    desk.set("ETH", cascade="")
    desk.set("SOL", cascade="")
    await desk.tick()
    desk.set("ETH", cascade="down")
    desk.set("SOL", cascade="up")
    await desk.tick()
    down, up = f"{name}/BTC/1", f"{name}/SOL/1"
    assert dict(await desk.shown()) == {down: "join BTC+ETH", up: "open SOL"}
    desk.set("BTC", cascade="")
    await desk.tick()
    assert dict(await desk.shown())[down] == "edit BTC+ETH"
    desk.set("ETH", cascade="")
    await desk.tick()
    assert dict(await desk.shown())[down].startswith("close ")
    assert len(await desk.shown()) == 2
    assert [each.entry.market for each in await desk.memory.watches.ledger(name)]


async def test_a_cascade_that_falls_on_all_coins_at_once_is_sent_as_one(desk: Watching) -> None:
    name = await desk.add("BTC, ETH, SOL cascade")
    for coin in ("BTC", "ETH", "SOL"):
        desk.set(coin, cascade="down")
    await desk.tick()
    assert await desk.shown() == [(f"{name}/BTC/1", "open BTC+ETH+SOL")]


async def test_a_cascade_is_sent_before_all_else(desk: Watching) -> None:
    await desk.add("BTC cascade")
    await desk.add("BTC price > 100", chat="telegram:8")
    desk.set("BTC", cascade="down", price=101)
    await desk.tick()
    due = await desk.memory.outbox.due("telegram", 2**62, 10)
    assert [each.urgency for each in due] == [Urgency.NOW, Urgency.SOON]


async def test_a_cascade_stands_before_a_squeeze_on_the_same_coin(desk: Watching) -> None:
    await desk.add("1000PEPE squeeze")
    await desk.add("PEPE cascade")
    await desk.add("PEPE squeeze", chat="telegram:8")  # where nobody was told of a cascade
    desk.set("1000PEPE", squeeze=1)
    desk.set("PEPE", squeeze=1, cascade="down")
    await desk.tick(2)
    assert sorted(name for name, _ in await desk.shown()) == ["w2/PEPE/1", "w3/PEPE/1"]
    desk.set("PEPE", cascade="")
    await desk.tick()
    told = [each for each in desk.teller.told if each.effect.market == "1000PEPE"]
    assert [each.effect.why for each in told] == ["a cascade is under way"]


async def test_no_data_is_said_once_in_a_chat_and_where_it_comes_back(desk: Watching) -> None:
    await desk.add("BTC funding > 0.01%")
    await desk.add("ETH oi > 1M and price > 1")
    await desk.tick(10)
    assert await desk.shown() == []
    await desk.tick(60)
    said = await desk.shown()
    assert said == [("w1/BTC/sight1", "blind BTC+ETH")]
    assert desk.teller.told[0].effect.why == "funding, oi, price"
    desk.set("BTC", funding=0)
    await desk.tick()
    assert await desk.shown() == said  # one of them is blind still
    desk.set("ETH", oi=0, price=0)
    await desk.tick()
    assert [text for _, text in await desk.shown()] == ["sees BTC+ETH"]


async def test_who_sleeps_is_not_woken_by_a_feed_that_is_down(desk: Watching) -> None:
    await desk.memory.watches.set_manners(CHAT, Manners(muted_until=NOW + HOUR))
    await desk.add("BTC price > 100")
    await desk.tick(30)
    desk.set("BTC", price=1)
    await desk.tick(40)
    assert await desk.shown() == []


async def test_a_coin_that_is_not_listed_is_said_once(desk: Watching) -> None:
    await desk.add("XYZ price > 100")
    desk.figures.errors["XYZ"] = "No perpetual called “XYZ” is listed here."
    await desk.tick(20)
    assert [said for _, said in await desk.shown()] == ["broken XYZ"]
    saved = (await desk.memory.outbox.states())["w1"]
    await desk.tick(5)
    assert (await desk.memory.outbox.states())["w1"] == saved  # nothing is written for nothing


async def test_a_coin_that_is_on_its_way_is_not_judged_yet(desk: Watching) -> None:
    await desk.add("BTC price > 100")
    desk.figures.coming.add("BTC")
    await desk.tick(30)
    assert await desk.shown() == []
    assert desk.desk.state("w1") == State()


async def test_words_that_are_read_no_more_are_said_once_and_hold_up_nobody(
    desk: Watching,
) -> None:
    await desk.add("BTC prize > 100")
    await desk.add("BTC price > 100")
    desk.set("BTC", price=101)
    await desk.tick(5)
    said = await desk.shown()
    assert said[0] == ("w1/unread", "The watch “BTC prize > 100” can no longer be read")
    assert [name for name, _ in said[1:]] == ["w2/BTC/1"]
    (gone,) = [w for w in await desk.memory.watches.of_chat(CHAT, retired=True) if w.retired]
    assert gone.id == "w1"


async def test_a_teller_that_breaks_costs_the_words_and_not_the_alert(desk: Watching) -> None:
    await desk.add("BTC price > 100")
    desk.set("BTC", price=101)
    desk.teller.fails = [ZeroDivisionError()]
    await desk.tick()
    assert await desk.shown() == [("w1/BTC/1", "BTC: price > 100")]


async def test_a_watch_in_new_words_does_not_write_into_old_messages(
    desk: Watching, memory: Memory
) -> None:
    name = await desk.add("BTC price > 100")
    desk.set("BTC", price=101)
    await desk.tick(2)
    await memory.watches.reword(name, "BTC price > 50")
    desk.desk.changed()
    await desk.tick()
    assert [each for each, _ in await desk.shown()] == [f"{name}/BTC/1", f"{name}/BTC/2"]
    await memory.watches.reword(name, "BTC price > 60")
    async with watching(memory, desk.source.time) as again:  # and not after a restart
        again.set("BTC", price=101)
        await again.tick()
        assert [each for each, _ in await again.shown()][2:] == [f"{name}/BTC/3"]


async def test_a_state_that_cannot_be_read_is_begun_anew(
    memory: Memory,
) -> None:
    async with watching(memory) as first:
        await first.add("BTC price > 100")
        first.set("BTC", price=101)
        await first.tick()
    async with memory.database.writing() as connection:
        await connection.exec_driver_sql("UPDATE watch_state SET body = X'00'")
    async with watching(memory, NOW + MINUTE) as second:
        second.set("BTC", price=101)
        await second.tick()
        assert [each for each, _ in await second.shown()] == ["w1/BTC/1", "w1/BTC/2"]


async def test_a_chat_that_is_gone_is_told_of_nothing_and_welcome_when_it_writes(
    desk: Watching, memory: Memory
) -> None:
    await desk.add("BTC price > 100")
    await desk.add("BTC price > 100", chat="telegram:8")
    desk.set("BTC", price=101)
    await desk.desk.tell(News(1, CHAT, None, "the bot was blocked"))
    await desk.tick()
    assert [name for name, _ in await desk.shown()] == ["w2/BTC/1"]
    async with memory.database.writing() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO lane (chat, platform, opens_ms, gone) "
            "VALUES ('telegram:7', 'telegram', 9, 1)"
        )
    desk.desk.heard_from(CHAT)
    desk.desk.heard_from(CHAT)
    for task in list(desk.desk._tasks._under_way.values()):
        await task
    async with memory.database.reading() as connection:
        assert (await connection.exec_driver_sql("SELECT gone FROM lane")).scalar() == 0


async def test_the_watches_of_a_group_that_moved_speak_where_it_is_now(desk: Watching) -> None:
    await desk.add("BTC price > 100", chat="telegram:-7")
    desk.set("BTC", price=1)
    await desk.tick()
    await desk.desk.tell(News(1, "telegram:-7", "telegram:-1007", "it is a supergroup now"))
    desk.set("BTC", price=101)
    await desk.tick()
    async with desk.memory.database.reading() as connection:
        chats = await connection.exec_driver_sql("SELECT chat FROM delivery")
        assert chats.scalars().all() == ["telegram:-1007"]


async def test_a_watch_of_all_coins_follows_those_that_are_held(
    desk: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.add("all price > 100")
    held = {"BTC": object()}
    monkeypatch.setattr(desk.desk._judge._wanted, "followed", lambda _: held)
    desk.set("BTC", price=101)
    desk.set("ETH", price=101)
    await desk.tick()
    held["ETH"] = object()
    await desk.tick()
    assert [name for name, _ in await desk.shown()] == ["w1/BTC/1", "w1/ETH/1"]
    del held["ETH"]  # and of one that is let go it does not lose sight before it is over
    desk.set("ETH", price=1)
    await desk.tick()
    assert dict(await desk.shown())["w1/ETH/1"] == "close ETH"


async def test_a_test_alert_goes_the_way_of_all_alerts(desk: Watching) -> None:
    await desk.desk.test(Address(CHAT))
    await desk.desk.test(Address(CHAT))
    assert [said for _, said in await desk.shown()] == ["Test alert", "Test alert"]


def _walk(rng: random.Random, ticks: int) -> list[float | None]:
    """A price that comes and goes about 100, and is not known for a while."""
    path: list[float | None] = []
    while len(path) < ticks:
        value = rng.choice([None, 90.0, 99.9, 101.0, 110.0])
        path += [value] * rng.randint(1, 25)
    return path[:ticks]


async def _played(memory: Memory, path: list[float | None], restarts: set[int]) -> list[object]:
    """Play a walk with restarts at some ticks; returns all that was said, in order."""
    at, told = NOW, list[object]()
    parts = [0, *sorted(restarts), len(path)]
    for first, last in pairwise(parts):
        async with watching(memory, at) as desk:
            if not first:
                await desk.add("BTC price > 100 for 3m every 20m cap 5/day")
                await desk.add("BTC price < 95 cooldown 10m")
            for value in path[first:last]:
                desk.lose("BTC")
                if value is not None:
                    desk.set("BTC", price=value)
                await desk.tick()
            at = desk.source.time
            told += [(each.effect.key, each.effect.time) for each in desk.teller.told]
    return [*told, await shown(memory)]


@pytest.mark.parametrize("seed", range(4))
async def test_restarts_in_any_state_change_nothing_that_is_told(
    seed: int, tmp_path: object
) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    path = _walk(rng, 120)
    results = []
    for number, restarts in enumerate([set[int](), set(rng.sample(range(1, 120), 25))]):
        memory = await open_memory(f"sqlite:///{tmp_path}/{number}.sqlite3")
        results.append(await _played(memory, path, restarts))
        await memory.close()
    assert results[0] == results[1]
    assert any("#open" in str(each) for each in results[0])


async def test_a_tick_in_two_processes_has_one_effect(memory: Memory) -> None:
    rng = random.Random(9)  # noqa: S311 - no secret
    path = _walk(rng, 80)
    async with watching(memory) as one, watching(memory) as other:
        await one.add("BTC price > 100 for 3m")
        await one.add("BTC price < 95")
        for value in path:
            for each in (one, other):
                each.lose("BTC")
                if value is not None:
                    each.set("BTC", price=value)
            first, second = (one, other) if rng.random() < 0.5 else (other, one)
            await first.tick()
            await second.tick()
        ledger = [*await memory.watches.ledger("w1"), *await memory.watches.ledger("w2")]
        opened = [
            t.effect.key for e in (one, other) for t in e.teller.told if t.effect.act is Act.OPEN
        ]
        said = [name for name, _ in await one.shown() if "sight" not in name]
    assert sorted(said) == sorted({each.entry.message for each in ledger})
    assert {f"{name}#open" for name in said} <= set(opened)
    alone = await open_memory("sqlite:///" + str(memory.database._engine.url.database) + "2")
    try:
        async with watching(alone) as single:
            await single.add("BTC price > 100 for 3m")
            await single.add("BTC price < 95")
            for value in path:
                single.lose("BTC")
                if value is not None:
                    single.set("BTC", price=value)
                await single.tick()
            assert dict(await single.shown()) == dict(await shown(memory))
    finally:
        await alone.close()
