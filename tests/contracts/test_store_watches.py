"""Any WatchStore: watches, drafts, ledgers, manners."""

import asyncio
from dataclasses import replace

import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.errors import TooManyWatches
from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.ledger import After, Entry
from bot.messages import Address, Alert, Judged, Message
from bot.reply import Reply
from bot.watching import DRAFT_LASTS, Draft, KeptWatch, Manners, Quota, WatchStore
from storage.memory import Memory, open_memory
from storage.watches import Watches

pytest_plugins = ("tests.support.stores",)

NOW = 1_760_000_000_000
MANY = Quota(20, 50)
BTC = KeptWatch(
    "", Address("telegram:7"), "telegram:7", shared=False, words="BTC squeeze", made=NOW
)
ENTRY = Entry(
    "w1/BTC/1",
    "w1",
    "BTC",
    NOW,
    NOW + 1,
    price=61_000.0,
    about=About(Side.BELOW, 60_000.0, 60_300.0),
    usd=6.1e7,
    way="down",
    markets=("binance:BTC/USDT:USDT", "bybit:BTC/USDT:USDT"),
)


async def added(store: WatchStore, words: str = "BTC squeeze", **changes: object) -> KeptWatch:
    """Keep a watch."""
    return await store.add(replace(BTC, words=words, **changes), MANY)  # type: ignore[arg-type]


async def told(memory: Memory, entry: Entry, tick: int = 1) -> None:
    """Put an episode out as a tick does."""
    await memory.outbox.put([Judged(entry.watch, tick, b"{}", (), (entry,))], NOW)


async def test_a_watch_comes_back_as_it_was_kept(memory: Memory) -> None:
    store = memory.watches
    kept = await added(store, address=Address("telegram:-100", "5"), shared=True, snoozed_until=9)
    assert kept.id.startswith("w")
    assert await store.watch(kept.id) == kept
    assert await store.watches() == await store.of_chat("telegram:-100") == [kept]
    assert await store.of_user("telegram:7") == [kept]
    assert await store.of_chat("telegram:7") == []


@pytest.mark.parametrize("name", ["", "w", "w-1", "w٣", "12", "w1 OR 1", "w" + "9" * 40])
async def test_what_is_no_id_names_no_watch(memory: Memory, name: str) -> None:
    await added(memory.watches)
    assert await memory.watches.watch(name) is None
    assert not await memory.watches.remove(name)


async def test_the_same_words_in_the_same_place_are_kept_once(memory: Memory) -> None:
    store = memory.watches
    kept = await asyncio.gather(*(added(store) for _ in range(5)))
    assert len({each.id for each in kept}) == 1
    other = await added(store, address=Address("telegram:7", "3"))
    assert other.id != kept[0].id


async def test_one_watch_of_a_chat_is_retired_alone(memory: Memory) -> None:
    first, second = await added(memory.watches), await added(memory.watches, "BTC magnet")
    assert await memory.watches.retire("telegram:7", "its words are not read", watch=first.id) == 1
    assert [each.id for each in await memory.watches.watches()] == [second.id]
    there = await memory.watches.of_chat("telegram:7", retired=True)
    assert [each.retired for each in there] == ["its words are not read", ""]


async def test_a_draft_that_is_saved_twice_makes_one_watch(memory: Memory) -> None:
    first = await memory.watches.add(BTC, MANY, only_once="d3")
    await memory.watches.reword(first.id, "BTC magnet")
    assert (await memory.watches.add(BTC, MANY, only_once="d3")).id == first.id


async def test_an_id_is_never_given_again(memory: Memory) -> None:
    first = await added(memory.watches)
    assert await memory.watches.remove(first.id)
    assert (await added(memory.watches)).id != first.id


async def test_nobody_keeps_more_watches_than_he_may(memory: Memory) -> None:
    store, few = memory.watches, Quota(of_user=2, of_chat=3)
    for words in ("BTC squeeze", "ETH squeeze"):
        await store.add(replace(BTC, words=words), few)
    with pytest.raises(TooManyWatches, match="One person keeps 2"):
        await store.add(replace(BTC, words="SOL squeeze"), few)
    friend = replace(BTC, owner="telegram:8", words="SOL squeeze")
    await store.add(friend, few)
    with pytest.raises(TooManyWatches, match="This chat keeps 3"):
        await store.add(replace(friend, words="XRP squeeze"), few)
    assert (await store.add(BTC, few)).words == "BTC squeeze"  # it is there already


async def test_a_quota_holds_for_watches_added_side_by_side(memory: Memory) -> None:
    few = Quota(of_user=3, of_chat=50)
    asked = [memory.watches.add(replace(BTC, words=f"C{n} squeeze"), few) for n in range(8)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, KeptWatch) for each in done) == 3
    assert sum(isinstance(each, TooManyWatches) for each in done) == 5


async def test_one_world_knows_nothing_of_another(memory: Memory) -> None:
    simulated = Watches(memory.database, "sim")
    kept = await added(memory.watches)
    assert await simulated.watches() == []
    assert await simulated.watch(kept.id) is None
    assert not await simulated.remove(kept.id)
    assert (await added(simulated)).id != kept.id
    draft = await simulated.keep_draft(Draft("", "telegram:7", "telegram:7", "BTC", touched=NOW))
    assert await memory.watches.draft(draft.id) is None


async def test_a_watch_is_snoozed_and_woken(memory: Memory) -> None:
    kept = await added(memory.watches)
    await memory.watches.snooze(kept.id, NOW + HOUR)
    assert await memory.watches.watch(kept.id) == replace(kept, snoozed_until=NOW + HOUR)
    await memory.watches.snooze(kept.id, 0)
    assert await memory.watches.watch(kept.id) == kept


async def test_other_words_make_it_begin_anew(memory: Memory) -> None:
    kept = await added(memory.watches)
    await told(memory, replace(ENTRY, watch=kept.id))
    await memory.watches.reword(kept.id, "BTC magnet")
    assert await memory.watches.watch(kept.id) == replace(kept, words="BTC magnet")
    assert kept.id not in await memory.outbox.states()


async def test_reworded_to_what_another_says_one_of_them_goes(memory: Memory) -> None:
    first, second = await added(memory.watches), await added(memory.watches, "BTC magnet")
    await memory.watches.reword(second.id, "BTC squeeze")
    assert await memory.watches.watches() == [first]


async def test_what_is_removed_leaves_nothing_behind(memory: Memory) -> None:
    kept, other = await added(memory.watches), await added(memory.watches, "ETH squeeze")
    message = f"{kept.id}/BTC/1"
    entry = replace(ENTRY, message=message, watch=kept.id)
    alert = Alert(message, NOW, (Message(kept.address, Reply("BTC")),), began=NOW)
    states = [Judged(kept.id, 1, b"{}", (alert,), (entry,)), Judged(other.id, 1, b"{}")]
    await memory.outbox.put(states, NOW)
    await memory.watches.vote(message, "telegram:7", useful=True)
    assert await memory.watches.remove(kept.id)
    assert not await memory.watches.remove(kept.id)
    assert await memory.watches.watch(kept.id) is None
    assert await memory.watches.ledger(kept.id) == []
    assert set(await memory.outbox.states()) == {other.id}
    assert await memory.outbox.due("telegram", NOW + HOUR, 9) == []
    assert await memory.outbox.due_follow_ups(NOW + 48 * HOUR, 9) == []


async def test_a_chat_that_is_gone_has_its_watches_retired_until_woken(memory: Memory) -> None:
    store = memory.watches
    kept = await added(store)
    assert await store.retire("telegram:7", "the bot was blocked") == 1
    assert await store.retire("telegram:7", "the bot was blocked") == 0
    assert await store.watches() == await store.of_chat("telegram:7") == []
    told_of = await store.of_chat("telegram:7", retired=True)
    assert told_of == [replace(kept, retired="the bot was blocked")]
    await store.snooze(kept.id, 0)
    assert await store.watches() == [kept]


async def test_a_retired_watch_that_was_made_anew_stays_retired(memory: Memory) -> None:
    store = memory.watches
    old = await added(store)
    await store.retire("telegram:7", "blocked")
    new = await added(store)
    await store.snooze(old.id, 0)
    assert await store.watches() == [new]


async def test_watches_and_manners_move_with_their_chat(memory: Memory) -> None:
    store = memory.watches
    group = Address("telegram:-5")
    kept = await added(store, address=group)
    await added(store, "ETH magnet", address=group)
    there = await added(store, "ETH magnet", address=Address("telegram:-1005"))
    await store.set_manners("telegram:-5", Manners("Europe/Berlin"))
    await store.move("telegram:-5", "telegram:-1005")
    moved = await store.of_chat("telegram:-1005")
    assert [each.id for each in moved] == [kept.id, there.id]
    assert (await store.manners(["telegram:-1005"]))["telegram:-1005"].zone == "Europe/Berlin"
    assert await store.manners(["telegram:-5"]) == {}


async def test_a_person_is_forgotten_and_the_group_keeps_its_watches(memory: Memory) -> None:
    store = memory.watches
    mine = await added(store)
    shared = await added(store, "ETH magnet", address=Address("telegram:-5"), shared=True)
    await told(memory, replace(ENTRY, watch=shared.id))
    await store.vote("w1/BTC/1", "telegram:7", useful=True)
    draft = await store.keep_draft(Draft("", "telegram:-5", "telegram:7", "BTC", touched=NOW))
    await store.set_manners("telegram:7", Manners(muted_until=NOW))
    await store.forget("telegram:7")
    assert await store.watch(mine.id) is None
    assert await store.watches() == [replace(shared, owner="")]
    assert (await store.ledger(shared.id))[0].useful == 0
    assert await store.draft(draft.id) is None
    assert await store.manners() == {}


async def test_manners_are_kept_beside_what_a_chat_prefers(memory: Memory) -> None:
    manners = Manners("Asia/Tokyo", (1320, 420), NOW, "light", "de")
    await memory.watches.set_manners("telegram:7", manners)
    await memory.watches.set_manners("telegram:8", Manners())
    assert await memory.watches.manners() == {"telegram:7": manners, "telegram:8": Manners()}
    assert await memory.watches.manners(["telegram:7", "x"]) == {"telegram:7": manners}
    settings = await memory.settings.settings("telegram:7")
    assert settings.theme == "light"
    await memory.settings.change("telegram:7", replace(settings, theme="dark", window="7d"))
    assert (await memory.watches.manners())["telegram:7"] == replace(manners, theme="dark")


async def test_a_draft_is_kept_step_by_step_and_let_go(memory: Memory) -> None:
    store = memory.watches
    first = await store.keep_draft(Draft("", "telegram:7", "telegram:7", "BTC", "figure", NOW))
    assert await store.draft(first.id) == first
    on = replace(first, words="BTC funding", step="value", touched=NOW + 1)
    assert await store.keep_draft(on) == on
    assert await store.draft(first.id) == on
    await store.drop_draft(first.id)
    assert await store.draft(first.id) is None


async def test_a_person_has_one_draft_in_a_chat(memory: Memory) -> None:
    store = memory.watches
    first = await store.keep_draft(Draft("", "telegram:-5", "telegram:7", "BTC", touched=NOW))
    other = await store.keep_draft(Draft("", "telegram:-5", "telegram:8", "BTC", touched=NOW))
    second = await store.keep_draft(Draft("", "telegram:-5", "telegram:7", "ETH", touched=NOW))
    assert await store.draft(first.id) is None
    assert await store.draft(other.id) == other
    assert await store.draft(second.id) == second


async def test_a_draft_of_another_is_not_changed(memory: Memory) -> None:
    store = memory.watches
    mine = await store.keep_draft(Draft("", "telegram:-5", "telegram:7", "BTC", touched=NOW))
    forged = await store.keep_draft(replace(mine, user="telegram:8", words="ETH"))
    assert forged.id != mine.id
    assert await store.draft(mine.id) == mine


async def test_a_draft_that_nobody_touches_is_let_go(memory: Memory) -> None:
    store = memory.watches
    old = await store.keep_draft(Draft("", "telegram:7", "telegram:7", "BTC", touched=NOW))
    later = NOW + DRAFT_LASTS + 1
    await store.keep_draft(Draft("", "telegram:8", "telegram:8", "BTC", touched=later))
    assert await store.draft(old.id) is None


async def test_an_episode_is_kept_with_the_state_of_its_watch(memory: Memory) -> None:
    kept = await added(memory.watches)
    entry = replace(ENTRY, watch=kept.id)
    await told(memory, entry, tick=5)
    assert await memory.watches.entry(ENTRY.message) == entry
    # A tick that was seen before changes nothing, and neither does what a later word leaves out.
    await told(memory, replace(entry, price=1.0), tick=5)
    assert await memory.watches.entry(ENTRY.message) == entry
    over = Entry(entry.message, kept.id, "BTC", NOW, ended=NOW + HOUR)
    await told(memory, over, tick=6)
    assert await memory.watches.entry(ENTRY.message) == replace(entry, ended=NOW + HOUR)


async def test_a_ledger_tells_what_came_of_episodes(memory: Memory) -> None:
    store = memory.watches
    kept = await added(store)
    first = replace(ENTRY, watch=kept.id)
    held = Entry(f"{kept.id}/BTC/2", kept.id, "BTC", NOW + HOUR, held="quiet hours")
    await told(memory, first, 1)
    await told(memory, held, 2)
    after = After(first.message, HOUR, 60_200.0, -0.013, 0.002, reached=True, liquidated=4.8e7)
    blind = After(first.message, 4 * HOUR, 60_300.0, -0.011, 0.0, reached=None, liquidated=None)
    await store.note(after)
    await store.note(blind)
    await store.note(replace(after, price=1.0))
    for person, useful in (("telegram:7", False), ("telegram:8", True), ("telegram:7", True)):
        await store.vote(first.message, person, useful=useful)
    newest, oldest = await store.ledger(kept.id)
    assert newest.entry == held
    assert oldest.entry == first
    assert oldest.after == (after, blind)
    assert (oldest.useful, oldest.useless) == (2, 0)
    assert [each.entry for each in await store.ledger(kept.id, limit=1)] == [held]


async def test_episodes_of_many_watches_are_counted_on_from_the_highest(memory: Memory) -> None:
    store = memory.watches
    one, other = await added(store), await added(store, words="1000PEPE price > 1")
    told_of = [(one, "BTC", 9), (one, "BTC", 10), (one, "A/B", 2), (other, "1000PEPE", 101)]
    for tick, (kept, market, number) in enumerate(told_of, start=1):
        entry = Entry(f"{kept.id}/{market}/{number}", kept.id, market, NOW)
        await told(memory, entry, tick)
    many = [f"w{number}" for number in range(1_200)]
    assert await store.numbers(many) == {
        one.id: {"BTC": 10, "A/B": 2},
        other.id: {"1000PEPE": 101},
    }
    assert await store.numbers([]) == {}


async def test_what_has_not_changed_is_not_made_anew(memory: Memory) -> None:
    one, other = await added(memory.watches), await added(memory.watches, words="ETH price > 1")
    first = {each.id: each for each in await memory.watches.watches()}
    await memory.watches.snooze(other.id, NOW + HOUR)
    again = {each.id: each for each in await memory.watches.watches()}
    assert again[one.id] is first[one.id]
    assert again[other.id].snoozed_until == NOW + HOUR
    await memory.watches.remove(one.id)
    assert [each.id for each in await memory.watches.watches()] == [other.id]


async def test_of_an_episode_that_is_not_known_nothing_is_noted(memory: Memory) -> None:
    await memory.watches.vote("w9/BTC/1", "telegram:7", useful=True)
    await memory.watches.note(After("w9/BTC/1", HOUR, 1.0, 0.0, 0.0, None, None))
    assert await memory.watches.entry("w9/BTC/1") is None
    assert await memory.watches.ledger("w9") == []


async def test_watches_outlive_the_process(url: str) -> None:
    before = await open_memory(url)
    kept = await added(before.watches)
    await before.close()
    after = await open_memory(url)
    assert await after.watches.watches() == [kept]
    await after.close()


async def test_a_world_is_chosen_when_memory_is_opened(url: str) -> None:
    memory = await open_memory(url, world="sim")
    kept = await added(memory.watches)
    assert await Watches(memory.database, "sim").watches() == [kept]
    assert await Watches(memory.database, "live").watches() == []
    await memory.close()


async def test_a_ledger_is_kept_for_a_year_and_a_little_longer(memory: Memory) -> None:
    kept = await added(memory.watches)
    recent = replace(ENTRY, message=f"{kept.id}/BTC/2", watch=kept.id, began=NOW + 10 * DAY)
    await told(memory, replace(ENTRY, watch=kept.id), 1)
    await told(memory, recent, 2)
    for entry in (ENTRY, recent):
        await memory.watches.vote(entry.message, "telegram:7", useful=True)
    gone = await memory.prune(NOW + 405 * DAY)
    assert [gone[table] for table in ("watch_episode", "watch_outcome", "watch_vote")] == [1, 0, 1]
    assert [each.entry for each in await memory.watches.ledger(kept.id)] == [recent]
    assert await memory.watches.watches() == [kept]
