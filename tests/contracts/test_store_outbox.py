"""Any OutboxStore: what was put is kept once, in order, until it is shown."""

import asyncio
from collections.abc import Sequence

import pytest
import pytest_asyncio

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.messages import (
    Address,
    Alert,
    Done,
    Due,
    Errand,
    FollowUp,
    Gone,
    Judged,
    Later,
    Message,
    Moved,
    OutboxStore,
    Outcome,
    Refused,
    Settled,
    Unknown,
    Urgency,
)
from bot.reply import Button, Image, Reply
from storage.memory import Memory, open_memory

pytest_plugins = ("tests.support.stores",)

NOW = 1_764_547_200_000
ANN, BOB, CLUB = Address("telegram:1"), Address("telegram:2"), Address("telegram:-100", "7")
WIDE = Reply(
    "BTC squeeze",
    ("Funding 0.05 %",),
    Image(b"\x89PNG", "a map", "btc.png", "key"),
    ((Button("Mute 1h", "mute 1h"),),),
    as_of=NOW,
)


@pytest_asyncio.fixture
async def outbox(memory: Memory) -> OutboxStore:
    return memory.outbox


def said(
    words: str | Reply | None,
    *addresses: Address,
    episode: str = "e1",
    time: int = NOW,
    urgency: Urgency = Urgency.SOON,
    began: int | None = None,
) -> Alert:
    reply = Reply(words) if isinstance(words, str) else words
    return Alert(episode, time, tuple(Message(each, reply) for each in addresses), urgency, began)


async def put(outbox: OutboxStore, *alerts: Alert, tick: int = NOW, watch: str = "w") -> bool:
    return watch in await outbox.put([Judged(watch, tick, b"state", alerts)], NOW)


async def due(outbox: OutboxStore, now: int = NOW) -> Sequence[Due]:
    return await outbox.due("telegram", now, 100)


async def take(outbox: OutboxStore, now: int = NOW) -> list[Errand]:
    heads = [each.id for each in await due(outbox, now)]
    claimed = await outbox.claim(heads, now)
    return [claimed[each] for each in heads]


async def end(outbox: OutboxStore, errand: Errand, outcome: Outcome, opens: int = NOW) -> None:
    await outbox.settle([Settled(errand, outcome, opens)], NOW)


async def test_what_was_put_is_taken_as_it_was(outbox: OutboxStore) -> None:
    assert await put(outbox, said(WIDE, CLUB))

    (errand,) = await take(outbox)

    assert errand.reply == WIDE
    assert errand.address == CLUB
    assert (errand.remote, errand.doubts, errand.attempts) == (None, 0, 0)
    assert await due(outbox) == []


async def test_a_tick_that_runs_twice_has_its_effect_once(outbox: OutboxStore) -> None:
    assert await put(outbox, said("first", ANN))
    assert not await put(outbox, said("again", ANN, episode="e2"))
    assert not await put(outbox, said("older", ANN, episode="e3"), tick=NOW - 1)
    assert len(await due(outbox)) == 1
    assert dict(await outbox.states()) == {"w": b"state"}
    await outbox.drop(["w"])
    assert dict(await outbox.states()) == {}


async def test_the_same_tick_in_two_places_at_once_has_its_effect_once(url: str) -> None:
    houses = [await open_memory(url) for _ in range(3)]
    judged = [Judged("w", NOW, b"s", (said("once", ANN),))]
    effects = await asyncio.gather(*(house.outbox.put(judged, NOW) for house in houses))
    assert sorted(map(len, effects)) == [0, 0, 1]
    for house in houses:
        await house.close()


async def test_a_state_and_its_messages_are_kept_together_or_not_at_all(
    outbox: OutboxStore,
) -> None:
    broken = Alert("e1", NOW, (Message(Address("telegram:1", None), Reply("x")),))  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"(?i)not.null"):
        await put(outbox, broken)
    assert dict(await outbox.states()) == {}
    assert await put(outbox, said("whole", ANN))


async def test_a_chat_gets_its_messages_in_the_order_in_which_they_were_put(
    outbox: OutboxStore,
) -> None:
    later = said("b", ANN, episode="b", urgency=Urgency.NOW)
    await put(outbox, said("a", ANN, episode="a"), later, said("c", ANN, episode="c"))
    order = []
    while errands := await take(outbox):
        (errand,) = errands
        assert errand.reply is not None
        order.append(errand.reply.headline)
        assert await due(outbox) == []  # while one is under way the next has to wait
        await end(outbox, errand, Done("1"))
    assert order == ["a", "b", "c"]


async def test_urgent_messages_of_other_chats_go_first(outbox: OutboxStore) -> None:
    await put(
        outbox,
        said("digest", ANN, episode="a", urgency=Urgency.LATER),
        said("cascade", BOB, episode="b", urgency=Urgency.NOW),
    )
    assert [each.address for each in await due(outbox)] == [BOB, ANN]


async def test_a_message_is_changed_to_the_newest_state_alone(outbox: OutboxStore) -> None:
    await put(outbox, said("one", ANN))
    (first,) = await take(outbox)
    for tick, words in enumerate(("two", "three", "four"), 1):
        await put(outbox, said(words, ANN, time=NOW + tick), tick=NOW + tick)
    await end(outbox, first, Done("m1"))

    (second,) = await take(outbox)

    assert second.reply == Reply("four")
    assert second.remote == "m1"
    await end(outbox, second, Done("m1"))
    assert await due(outbox) == []
    await put(outbox, said("four", ANN, time=NOW + 9), tick=NOW + 9)
    assert await due(outbox) == []  # it shows just this
    await put(outbox, said("old", ANN, time=NOW + 1), tick=NOW + 10)
    assert await due(outbox) == []  # an older state never takes the place of a newer one


async def test_a_change_waits_behind_what_the_chat_is_to_be_told_already(
    outbox: OutboxStore,
) -> None:
    await put(outbox, said("one", ANN))
    await end(outbox, (await take(outbox))[0], Done("m1"))
    await put(outbox, said("other", ANN, episode="e2"), tick=NOW + 1)
    await put(outbox, said("two", ANN, time=NOW + 2), tick=NOW + 2)
    (head,) = await take(outbox)
    assert head.reply == Reply("other")


async def test_what_surely_did_not_arrive_is_tried_again_without_a_doubt(
    outbox: OutboxStore,
) -> None:
    await put(outbox, said("one", ANN))
    await end(outbox, (await take(outbox))[0], Later("no line"), NOW + 5000)
    assert await due(outbox, NOW + 4999) == []
    (again,) = await take(outbox, NOW + 5000)
    assert (again.attempts, again.doubts) == (1, 0)
    await end(outbox, again, Unknown("reset"))
    (third,) = await take(outbox)
    assert (third.attempts, third.doubts) == (2, 1)
    assert third.key == again.key
    assert third.tried == NOW


async def test_after_a_crash_a_new_message_is_in_doubt_and_a_change_is_not(
    outbox: OutboxStore,
) -> None:
    await put(outbox, said("shown", BOB), said("one", ANN, episode="e2"))
    await end(outbox, (await take(outbox))[0], Done("m1"))
    await put(outbox, said("changed", BOB, time=NOW + 1), tick=NOW + 1)
    await take(outbox)
    assert await outbox.recover("discord", NOW) == 0
    assert await outbox.recover("telegram", NOW) == 2
    assert await due(outbox, NOW) == []  # the chat may have been written to just now
    errands = await take(outbox, NOW + 1000)
    assert {each.address: each.doubts for each in errands} == {ANN: 1, BOB: 0}


async def test_what_is_refused_for_good_does_not_hold_up_the_rest(outbox: OutboxStore) -> None:
    await put(outbox, said("bad", ANN), said("good", ANN, episode="e2"))
    await end(outbox, (await take(outbox))[0], Refused("too odd"))
    (errand,) = await take(outbox)
    assert errand.reply == Reply("good")


async def test_a_chat_that_is_gone_is_told_of_and_gets_nothing_more_until_it_comes_back(
    outbox: OutboxStore,
) -> None:
    await put(outbox, said("one", ANN), said("two", ANN, episode="e2"))
    await end(outbox, (await take(outbox))[0], Gone("blocked"))
    await put(outbox, said("three", ANN, episode="e3"), tick=NOW + 1)
    assert await due(outbox) == []
    (news,) = await outbox.news(10)
    assert (news.chat, news.moved_to, news.why) == ("telegram:1", None, "blocked")
    await outbox.told([news])
    assert await outbox.news(10) == []
    await outbox.welcome("telegram:1")
    await put(outbox, said("four", ANN, episode="e4"), tick=NOW + 2)
    (errand,) = await take(outbox)
    assert errand.reply == Reply("four")


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_group_that_became_another_keeps_its_alerts(
    outbox: OutboxStore, *, arrived: bool
) -> None:
    await put(outbox, said("one", CLUB), said("two", CLUB, episode="e2"))
    moved = "telegram:-1009"
    (first,) = await take(outbox)
    await end(outbox, first, Done("9", moved_to=moved) if arrived else Moved(moved))
    await put(outbox, said("three", CLUB, episode="e3"), tick=NOW + 1)
    rest = []
    while errands := await take(outbox):
        rest += errands
        await end(outbox, errands[0], Done("10"))
    assert {each.address for each in rest} == {Address(moved, "7")}
    words = [each.reply.headline for each in rest if each.reply]
    assert words == (["two", "three"] if arrived else ["one", "two", "three"])
    (news,) = await outbox.news(10)
    assert (news.chat, news.moved_to) == (CLUB.chat, moved)


async def test_follow_ups_come_at_their_time_once_and_answer_the_living_message(
    outbox: OutboxStore,
) -> None:
    await put(outbox, said("one", ANN, BOB, began=NOW))
    for errand in await take(outbox):
        await end(outbox, errand, Done(f"m{errand.address.chat[-1]}"))
    assert await outbox.due_follow_ups(NOW + 15 * MINUTE - 1, 10) == []
    (after,) = await outbox.due_follow_ups(NOW + 15 * MINUTE, 10)
    assert after == FollowUp("e1", 15 * MINUTE)
    for _ in range(2):
        await outbox.follow(after, Reply("after 15m"), NOW)
    await put(outbox, said("two", ANN, BOB, time=NOW + 1, began=NOW), tick=NOW + 1)
    assert await outbox.due_follow_ups(NOW + 15 * MINUTE, 10) == []
    seen: list[tuple[str, str | None, str]] = []
    while errands := await take(outbox):
        for errand in errands:
            assert errand.reply is not None
            seen.append((errand.address.chat, errand.answers, errand.reply.headline))
            await end(outbox, errand, Done(errand.remote or "f"))
    assert [each for each in seen if each[2] == "after 15m"] == [
        ("telegram:1", "m1", "after 15m"),
        ("telegram:2", "m2", "after 15m"),
    ]
    assert len(seen) == 4


async def test_of_follow_ups_that_were_slept_through_only_the_latest_is_said(
    outbox: OutboxStore,
) -> None:
    await put(outbox, said("one", ANN, began=NOW))
    (after,) = await outbox.due_follow_ups(NOW + 5 * HOUR, 10)
    assert after.after == 4 * HOUR
    await outbox.follow(after, None, NOW)
    assert await outbox.due_follow_ups(NOW + 5 * HOUR, 10) == []
    (last,) = await outbox.due_follow_ups(NOW + 24 * HOUR, 10)
    assert last.after == 24 * HOUR


async def test_a_clock_that_is_set_moves_the_waits_with_it(outbox: OutboxStore) -> None:
    await put(outbox, said("one", ANN))
    await end(outbox, (await take(outbox))[0], Later("asked to wait"), NOW + 5000)
    await outbox.shift("telegram", -HOUR)
    assert await due(outbox, NOW + 4999 - HOUR) == []
    assert len(await due(outbox, NOW + 5000 - HOUR)) == 1


async def test_nothing_of_a_chat_that_asks_to_be_forgotten_stays(
    memory: Memory, outbox: OutboxStore
) -> None:
    await put(outbox, said("secret", ANN), said("one", ANN, BOB, episode="e2"))
    await end(outbox, (await take(outbox))[0], Gone("blocked"))
    await outbox.forget("telegram:1")
    assert await outbox.news(10) == []
    async with memory.database.reading() as connection:
        for table in ("delivery", "lane", "chat_news", "content"):
            rows = (await connection.exec_driver_sql(f"SELECT * FROM {table}")).all()  # noqa: S608 - our own names
            assert "telegram:1" not in str(rows)
            assert "secret" not in str(rows)
    assert (await outbox.backlog("telegram")).waiting == 1


async def test_what_was_sent_is_forgotten_in_time_and_what_waits_is_not(memory: Memory) -> None:
    await put(memory.outbox, said("sent", ANN), said("waits", BOB, episode="e2"))
    errands = await take(memory.outbox)
    await end(memory.outbox, errands[0], Done("1"))
    await end(memory.outbox, errands[1], Later("no line"))
    await memory.prune(NOW + 9 * DAY)
    (left,) = await take(memory.outbox, NOW + 9 * DAY)
    assert left.reply == Reply("waits")
