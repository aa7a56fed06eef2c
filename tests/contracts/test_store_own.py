"""Any OwnStore: what is forgotten of somebody is nowhere any more, and what is others' stays."""

import asyncio

import pytest
from sqlalchemy import text

from bot.core.journal.trade import Trade
from bot.core.market.liquidations import PositionSide
from bot.core.watches.gate import State
from bot.core.watches.ledger import Entry
from bot.core.watches.saved import saved
from bot.messages import Address, Alert, Done, Gone, Judged, Message, Settled
from bot.ports import ChatSettings
from bot.reply import Reply
from bot.watching import Draft, Forgotten, KeptWatch, Manners, Quota
from storage.memory import Memory

pytest_plugins = ("tests.support.stores",)

# Numbers that nothing else in a database is.
ANN, BOB, GROUP, DIRECT = (
    "telegram:7700077",
    "telegram:8800088",
    "telegram:-100990099",
    "discord:5500055",
)


async def lived_in(memory: Memory) -> None:
    """Have two people and a group leave all traces that there are."""
    for person in (ANN, BOB):
        watch = KeptWatch("", Address(person), person, shared=False, words="BTC squeeze", made=1)
        kept = await memory.watches.add(watch, Quota())
        await told(memory, kept, f"{person} hears")
        await memory.watches.vote(f"{kept.id}/BTC/1", person, useful=True)
        await memory.watches.keep_draft(Draft("", GROUP, person, "ETH", touched=5))
        await memory.watches.set_manners(person, Manners("Europe/Berlin"))
        await memory.settings.change(person, ChatSettings("light", "7d", ("okx",)))
        trade = Trade("", person, "BTC", PositionSide.LONG, 60_000.0, 5, note=f"of {person}")
        await memory.journal.add(trade)
        await sent_a_test(memory, person)
    shared = KeptWatch("", Address(GROUP), ANN, shared=True, words="BTC cascade", made=1)
    kept = await memory.watches.add(shared, Quota())
    await told(memory, kept, "the group hears")
    await memory.watches.vote(f"{kept.id}/BTC/1", ANN, useful=False)
    await memory.settings.change(GROUP, ChatSettings("light"))
    direct = KeptWatch("", Address(DIRECT), ANN, shared=False, words="SOL squeeze", made=1)
    await told(memory, await memory.watches.add(direct, Quota()), "directly")


async def told(memory: Memory, kept: KeptWatch, words: str) -> None:
    """Have a watch speak once."""
    message = f"{kept.id}/BTC/1"
    alert = Alert(message, 10, (Message(kept.address, Reply(words)),))
    entry = Entry(message, kept.id, "BTC", 10, told=10)
    await memory.outbox.put([Judged(kept.id, 10, saved(State(), 10), (alert,), (entry,))], 10)


async def sent_a_test(memory: Memory, chat: str) -> None:
    """Send a test alert."""
    alert = Alert(f"test {chat}/11", 11, (Message(Address(chat), Reply("Test")),))
    await memory.outbox.put([Judged(f"test {chat}", 11, saved(State(), 11), (alert,))], 11)


async def traces(memory: Memory, who: str) -> dict[str, int]:
    """Count rows by table in whose columns somebody's number is found, whatever their kind."""
    number, found = who.partition(":")[2], dict[str, int]()
    async with memory.database.reading() as connection:
        sqlite = connection.dialect.name == "sqlite"
        listing = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if sqlite
            else "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        )
        tables = list((await connection.execute(text(listing))).scalars().all())
        assert {"watch", "chat", "trade", "delivery", "lane", "watch_vote"} <= set(tables)
        for table in tables:
            rows = (await connection.execute(text(f'SELECT * FROM "{table}"'))).all()  # noqa: S608 - of the database's own list
            hits = sum(any(number in _said(value) for value in row) for row in rows)
            found |= {table: hits} if hits else {}
    return found


def _said(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


async def test_the_search_finds_people_where_they_are(memory: Memory) -> None:
    await lived_in(memory)
    found = await traces(memory, ANN)
    assert {"watch", "chat", "trade", "delivery", "watch_vote", "watch_draft"} <= set(found)


async def test_nothing_of_a_person_is_left_in_any_table(memory: Memory) -> None:
    await lived_in(memory)
    others = await traces(memory, BOB)
    gone = await memory.own.forget((), ANN)
    assert await traces(memory, ANN) == {}
    assert await traces(memory, DIRECT) == {}, "his other private chat is still known"
    assert await traces(memory, BOB) == others
    assert gone == Forgotten(
        watches=2, drafts=1, votes=2, trades=1, settings=1, messages=3, unnamed=1
    )


async def test_what_was_made_for_a_group_stays_with_it_without_a_name(memory: Memory) -> None:
    await lived_in(memory)
    await memory.own.forget((), ANN)
    (left,) = await memory.watches.of_chat(GROUP)
    assert (left.words, left.owner) == ("BTC cascade", "")
    assert await memory.watches.ledger(left.id)
    assert (await memory.settings.settings(GROUP)).theme == "light"


async def test_forgetting_twice_finds_nothing(memory: Memory) -> None:
    await lived_in(memory)
    await memory.own.forget((), ANN)
    assert (await memory.own.forget((), ANN)).nothing


async def test_nothing_of_a_group_is_left_and_its_members_keep_their_own(memory: Memory) -> None:
    await lived_in(memory)
    gone = await memory.own.forget((GROUP,))
    assert await traces(memory, GROUP) == {}
    assert (gone.watches, gone.settings, gone.messages, gone.trades) == (1, 1, 1, 0)
    assert [each.words for each in await memory.watches.of_user(ANN)] == [
        "BTC squeeze",
        "SOL squeeze",
    ]
    assert len(await memory.journal.trades(ANN)) == 1


async def test_a_watch_that_is_forgotten_is_not_told_any_more(memory: Memory) -> None:
    await lived_in(memory)
    await memory.own.forget((), ANN)
    due = await memory.outbox.due("telegram", 10**12, 100)
    assert {each.address.chat for each in due} == {BOB, GROUP}


async def test_what_is_kept_beside_is_shown_to_whom_it_belongs_alone(memory: Memory) -> None:
    await lived_in(memory)
    beside = await memory.own.beside(ANN, (ANN, DIRECT))
    assert [each.words for each in beside.drafts] == ["ETH"]
    assert sorted(beside.votes.values()) == [False, True]
    assert {each.text for each in beside.messages} == {f"{ANN} hears", "Test", "directly"}
    assert not any(BOB in each.text for each in beside.messages)


async def test_what_fails_half_way_has_deleted_nothing(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived_in(memory)
    before = await traces(memory, ANN)
    monkeypatch.setattr("storage.journal.Journal.FORGET", "DELETE FROM no_such_table WHERE :owner")
    with pytest.raises(Exception, match=r".+"):
        await memory.own.forget((), ANN)
    assert await traces(memory, ANN) == before


# While a tick is under way


def judged(kept: KeptWatch, tick: int = 20) -> list[Judged]:
    """Make what a tick says of a watch that it had read before, and of what its chat shares."""
    chat = kept.address.chat
    message = f"{kept.id}/BTC/2"
    alert = Alert(message, tick, (Message(kept.address, Reply("late")),), began=tick)
    entry = Entry(message, kept.id, "BTC", tick, told=tick)
    shared = Judged(f"groups {chat}", tick, chat.encode())
    return [Judged(kept.id, tick, saved(State(), tick), (alert,), (entry,)), shared]


async def watch_of(memory: Memory, person: str) -> KeptWatch:
    return next(each for each in await memory.watches.of_chat(person))


async def test_a_tick_that_was_under_way_leaves_nothing_of_who_is_forgotten(
    memory: Memory,
) -> None:
    await lived_in(memory)
    kept = await watch_of(memory, ANN)
    await memory.own.forget((), ANN)
    assert await memory.outbox.put(judged(kept), 20) == frozenset()
    assert await traces(memory, ANN) == {}
    assert not await memory.outbox.due_follow_ups(10**12, 100)


async def test_what_the_watches_of_a_chat_share_is_forgotten_with_it(memory: Memory) -> None:
    await lived_in(memory)
    kept = await watch_of(memory, ANN)
    assert await memory.outbox.put(judged(kept), 20) == {kept.id, f"groups {ANN}"}
    assert "watch_state" in await traces(memory, ANN)
    await memory.own.forget((), ANN)
    assert await traces(memory, ANN) == {}


async def test_whichever_comes_first_a_tick_or_the_wish_to_be_forgotten_nothing_is_left(
    memory: Memory,
) -> None:
    await lived_in(memory)
    kept = await watch_of(memory, ANN)
    other = await watch_of(memory, BOB)
    ticks = [memory.outbox.put([*judged(kept, at), *judged(other, at)], at) for at in range(20, 26)]
    await asyncio.gather(*ticks[:3], memory.own.forget((), ANN), *ticks[3:])
    assert await traces(memory, ANN) == {}
    told = await memory.watches.ledger(other.id)
    assert {each.entry.message for each in told} >= {f"{other.id}/BTC/2"}, "others' are told"


async def test_a_watch_that_is_removed_meanwhile_is_not_told(memory: Memory) -> None:
    await lived_in(memory)
    kept = await watch_of(memory, ANN)
    before = len((await memory.own.beside(ANN, (ANN,))).messages)
    assert await memory.watches.remove(kept.id)
    assert kept.id not in await memory.outbox.put(judged(kept), 20)
    assert len((await memory.own.beside(ANN, (ANN,))).messages) == before
    assert await memory.watches.entry(f"{kept.id}/BTC/2") is None


async def test_a_message_under_way_when_its_chat_is_forgotten_brings_nothing_back(
    memory: Memory,
) -> None:
    await lived_in(memory)
    due = await memory.outbox.due("telegram", 10**12, 100)
    mine = next(each for each in due if each.address.chat == ANN)
    errands = await memory.outbox.claim([mine.id], 30)
    await memory.own.forget((), ANN)
    settled = [Settled(errands[mine.id], outcome, 99) for outcome in (Done("12"), Gone("kicked"))]
    for each in settled:
        await memory.outbox.settle([each], 40)
    assert await traces(memory, ANN) == {}
    assert not await memory.outbox.news(10)
