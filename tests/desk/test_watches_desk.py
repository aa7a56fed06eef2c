"""What people type and press about watches is answered, and only who may changes anything."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import StoreUnavailable
from bot.core.watches import parse
from bot.core.watches.gate import State
from bot.core.watches.ledger import Entry
from bot.core.watches.lifecycle import Course, Phase, Sight
from bot.core.watches.presets import PRESETS
from bot.core.watches.schedule import Scheduled
from bot.messages import Address
from bot.reply import Reply
from bot.watching import KeptWatch, Manners, Quota
from storage.memory import open_memory
from tests.fakes.watch_store import FakeWatchStore
from tests.support.markets import Market
from tests.support.panels import END, told
from tests.support.watching_desk import (
    ANN,
    BOB,
    WatchingDesk,
    answering,
    button,
    labels,
    person,
    watching_desk,
)

FUNDING = "BTC funding > 0.03% and oi rising 4h"
MEMBER, MODERATOR = person("carl", "group"), person("mo", "group", moderates=True)


@pytest.fixture
async def desk() -> AsyncIterator[WatchingDesk]:
    source = Market(told("binance", days=6), told(base="ETH", price=3400.0, days=6))
    async with watching_desk(source, Quota(of_user=4, of_chat=6)) as made:
        yield made


async def watched(desk: WatchingDesk) -> list[str]:
    return [each.words for each in await desk.store.watches()]


# Said in words


async def test_a_watch_is_previewed_and_nothing_is_saved_before_it_is_pressed(
    desk: WatchingDesk,
) -> None:
    shown = await desk.say("/watch btc funding above 0,03 % and open interest rising in 4 hours")
    assert shown.headline == FUNDING
    assert any("would" in line and "in 6 d" in line for line in shown.lines)
    assert any("funding" in line and "now" in line for line in shown.lines)
    assert any("At most 20 messages a day" in line for line in shown.lines)
    assert shown.image is not None
    assert shown.image.alt.startswith(FUNDING)
    assert labels(shown) == ["Save", "Change", "Cancel"]
    assert await watched(desk) == []

    saved = await desk.press(shown, "Save")
    assert saved.headline == "Watching as w2"
    assert await watched(desk) == [FUNDING]
    assert desk.judge.changes


async def test_save_pressed_twice_saves_once_and_says_so(desk: WatchingDesk) -> None:
    shown = await desk.say(f"watch {FUNDING}")
    await desk.press(shown, "Save")
    again = await desk.press(shown, "Save")
    assert again.kind == "problem"
    assert "/watches shows what is kept" in again.headline
    assert await watched(desk) == [FUNDING]


async def test_the_same_words_are_watched_once_in_a_chat(desk: WatchingDesk) -> None:
    await desk.say("watch now BTC squeeze")
    again = await desk.say("watch now btc  SQUEEZE")
    assert again.headline.startswith("This is watched already")
    assert "Undo" not in labels(again)
    assert await watched(desk) == ["BTC squeeze"]


async def test_cancel_lets_go_of_it(desk: WatchingDesk) -> None:
    shown = await desk.say(f"watch {FUNDING}")
    await desk.press(shown, "Cancel")
    assert (await desk.press(shown, "Save")).kind == "problem"
    assert await watched(desk) == []


async def test_a_wrong_word_is_pointed_at_and_put_right_with_a_tap(desk: WatchingDesk) -> None:
    refused = await desk.say("watch BTC fundin > 0.03%")
    assert refused.kind == "problem"
    assert refused.table == ("BTC fundin > 0.03%", "    ^^^^^^")
    right = await desk.press(refused, "funding")
    assert right.headline == "BTC funding > 0.03%"
    assert "Save" in labels(right)


async def test_a_long_watch_is_put_right_too_and_its_caret_fits_a_phone(
    desk: WatchingDesk,
) -> None:
    words = "BTC funding > 0.03% and oi rising 4h and price moves 3% in 1h and clustrs above > 5M"
    refused = await desk.say(f"watch {words}")
    line, caret = refused.table
    assert max(len(line), len(caret)) <= 34
    assert line[caret.index("^") : caret.rindex("^") + 1] == "clustrs"
    right = await desk.press(refused, "clusters")
    assert right.headline == words.replace("clustrs", "clusters")


async def test_what_stops_too_early_is_gone_on_with_step_by_step(desk: WatchingDesk) -> None:
    reply = await desk.say("watch BTC oi rising")
    assert "stops too early" in reply.headline
    reply = await desk.press(reply, "4h")
    assert reply.headline == "BTC oi rising 4h"


async def test_an_unknown_coin_is_offered_its_like(desk: WatchingDesk) -> None:
    refused = await desk.say("watch BTV squeeze for 10m")
    assert "BTV" in refused.headline
    assert button(refused, "BTC").words == "watch BTC squeeze for 10m"


async def test_a_schedule_says_when_the_next_ones_come_by_the_chats_clock(
    desk: WatchingDesk,
) -> None:
    await desk.store.set_manners("test:ann", Manners(zone="America/New_York"))
    shown = await desk.say("watch BTC digest 08:00")
    assert "Next: 1 Jan 08:00, 2 Jan 08:00, 3 Jan 08:00 (America/New_York)." in shown.lines
    assert shown.image is None


async def test_a_coin_whose_history_is_missing_can_be_watched_all_the_same() -> None:
    source = Market(told("binance", days=6))
    source.down = {}
    source.pause = 0.0
    async with watching_desk(source) as desk:
        await desk.say("watch BTC")  # the listing is known
        source.down = {"binance": "timed out"}
        shown = await desk.say(f"watch {FUNDING}")
        assert any("cannot be said now" in line for line in shown.lines)
        assert shown.image is None
        assert (await desk.press(shown, "Save")).headline.startswith("Watching as")


async def test_what_is_still_gathered_comes_later_into_the_same_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.desk.watch_preview._PATIENCE", 0.0)
    source = Market(told("binance", days=6))
    async with watching_desk(source) as desk:
        shown = await desk.say(f"watch {FUNDING}")
        assert any("being gathered" in line for line in shown.lines)
        monkeypatch.setattr("bot.desk.watch_preview._PATIENCE", 30.0)
        later = await desk.say(shown.coming)
        assert later.headline == FUNDING
        assert later.image is not None
        assert not later.coming
        assert (await desk.press(later, "Save")).kind == "answer"


async def test_a_figure_without_a_stored_past_says_that_nothing_can_be_said(
    desk: WatchingDesk,
) -> None:
    shown = await desk.say("watch BTC liquidations longs 1h > 50M")
    assert any("its past is not stored" in line for line in shown.lines)


# Presets


@pytest.mark.parametrize("name", PRESETS)
async def test_a_preset_is_one_tap_from_its_coin_and_can_be_undone(
    desk: WatchingDesk, name: str
) -> None:
    menu = await desk.say("/watch ETH")
    saved = await desk.press(menu, name)
    assert saved.kind == "answer"
    assert await watched(desk) == [f"ETH {name}"]
    await desk.press(saved, "Undo")
    assert await watched(desk) == []


async def test_the_first_watch_is_three_taps_from_start(desk: WatchingDesk) -> None:
    start = await desk.say("/start")
    menu = await desk.press(start, "Watch BTC")
    await desk.press(menu, "squeeze")
    assert await watched(desk) == ["BTC squeeze"]


async def test_a_coin_that_is_not_listed_has_no_presets(desk: WatchingDesk) -> None:
    menu = await desk.say("watch BTV")
    assert menu.kind == "problem"
    assert button(menu, "BTC").words == "watch BTC"


# What is kept


async def test_watches_are_listed_with_how_they_stand(desk: WatchingDesk) -> None:
    words = (FUNDING, "BTC squeeze for 10m", "ETH cascade", "ETH magnet", "ETH heatmap every 4h")
    for each in words[:4]:
        await desk.say(f"watch now {each}")
    await desk.say(f"watch now {words[4]}", BOB)
    courses = {
        "w1": Course(Phase.FIRING, END, 3, END - HOUR, told=True),
        "w2": Course(Phase.PENDING, END, held=4 * MINUTE),
        "w3": Course(Phase.INACTIVE, END, sight=Sight.BLIND),
        "w4": Course(Phase.INACTIVE, END),
    }
    for key, course in courses.items():
        coin = "BTC" if key in {"w1", "w2"} else "ETH"
        told_at = END - HOUR if key == "w1" else 0
        desk.judge.states[key] = State({coin: course}, last_told=told_at)
    desk.judge.held = {"told before": 3, "quiet hours": 1}

    listed = await desk.say("/watches")
    assert listed.headline == "4 watches in this chat"
    assert listed.lines == (
        f"w1: {FUNDING}",
        "  BTC firing since 15:00 (UTC); last told 1 h ago",
        "w2: BTC squeeze for 10m",
        "  BTC pending 4 of 10 min; never told yet",
        "w3: ETH cascade",
        "  ETH no data; never told yet",
        "w4: ETH magnet",
        "  inactive; never told yet",
        "Held back: 1 in quiet hours, 3 too soon after the same.",
    )
    assert labels(listed)[:4] == ["w1", "w2", "w3", "w4"]


async def test_a_schedule_is_listed_with_its_next_time(desk: WatchingDesk) -> None:
    await desk.say("watch now BTC heatmap every 4h")
    desk.judge.states["w1"] = Scheduled(3)
    desk.judge.due["w1"] = END + 4 * HOUR
    listed = await desk.say("/watches")
    assert listed.lines[1] == "  next 20:00 (UTC)"


async def test_many_watches_are_turned_over_in_pages() -> None:
    source = Market(told("binance", days=2))
    async with watching_desk(source, Quota(20, 20)) as desk:
        for number in range(1, 8):
            await desk.say(f"watch now BTC price > {number}")
        first = await desk.say("/watches")
        assert first.headline == "7 watches in this chat, page 1 of 2"
        assert labels(first)[:6] == ["w1", "w2", "w3", "w4", "w5", "Page 2"]
        second = await desk.press(first, "Page 2")
        assert labels(second)[:3] == ["w6", "w7", "Page 1"]
        assert (await desk.say("/watches 99")).headline == second.headline


async def test_one_watch_is_shown_muted_woken_and_removed_in_its_own_message(
    desk: WatchingDesk,
) -> None:
    await desk.say("watch now ETH cascade")
    detail = await desk.say("watches w1")
    assert detail.lines[0] == "ETH cascade"
    muted = await desk.press(detail, "Mute 1h")
    assert muted.kind == "answer"
    assert "Muted until 17:00 (UTC); never told yet." in muted.lines
    assert (await desk.store.watches())[0].snoozed_until == END + HOUR
    woken = await desk.press(muted, "Wake")
    assert "Not judged yet; never told yet." in woken.lines
    asked = await desk.press(woken, "Remove")
    assert await watched(desk) == ["ETH cascade"]
    assert asked.headline == "Remove w1?"
    await desk.press(asked, "Remove w1")
    assert await watched(desk) == []


async def test_a_mute_under_an_alert_is_a_note_and_leaves_the_alert_as_it_is(
    desk: WatchingDesk,
) -> None:
    await desk.say("watch now ETH cascade")
    note = await desk.say("watches mute w1 8h")
    assert (note.kind, note.headline) == ("note", "w1 is muted until 1 Jan 00:00 (UTC)")


async def test_a_watch_that_is_kept_is_changed_by_buttons_and_keeps_its_name(
    desk: WatchingDesk,
) -> None:
    await desk.say("watch now ETH cascade")
    step = await desk.press(await desk.say("watches w1"), "Change")
    step = await desk.press(step, "at most")
    step = await desk.press(step, "5/day")
    saved = await desk.press(step, "Save")
    assert saved.headline == "Watching as w1"
    assert "Undo" not in labels(saved)
    assert await watched(desk) == ["ETH cascade cap 5/day"]


async def test_a_watch_is_previewed_again_from_its_detail(desk: WatchingDesk) -> None:
    await desk.say(f"watch now {FUNDING}")
    shown = await desk.press(await desk.say("watches w1"), "Preview")
    assert shown.image is not None
    assert shown.headline == FUNDING


async def test_a_chat_is_muted_until_a_time_of_its_own_day_and_speaks_again(
    desk: WatchingDesk,
) -> None:
    await desk.store.set_manners("test:ann", Manners(zone="Asia/Tokyo"))  # 01:00 there
    muted = await desk.say("/mute until 08:00")
    assert muted.headline == "Muted until 08:00 (Asia/Tokyo)"
    assert desk.store.chats["test:ann"].muted_until == END + 7 * HOUR
    assert "muted until 08:00" in (await desk.say("/mute")).headline
    await desk.press(muted, "Unmute")
    assert desk.store.chats["test:ann"] == Manners(zone="Asia/Tokyo")
    assert (await desk.say("/mute 8h")).headline == "Muted until 09:00 (Asia/Tokyo)"


async def test_a_test_alert_goes_to_where_it_was_asked_for(desk: WatchingDesk) -> None:
    where = person("mo", "group", moderates=True, topic="5")
    assert (await desk.say("/test", where)).headline == "A test alert is on its way"
    assert desk.judge.tested == [Address("test:group", "5")]


async def test_a_watch_speaks_in_the_topic_where_it_was_made(desk: WatchingDesk) -> None:
    await desk.say("watch now BTC squeeze", person("mo", "group", moderates=True, topic="5"))
    (kept,) = await desk.store.watches()
    assert (kept.address, kept.owner, kept.shared) == (
        Address("test:group", "5"),
        "test:mo",
        True,
    )


async def test_useful_and_useless_are_counted_for_each_person(desk: WatchingDesk) -> None:
    await desk.say("watch now BTC cascade")
    desk.store.entries["w1/BTC/3"] = Entry("w1/BTC/3", "w1", "BTC", END - HOUR)
    assert (await desk.say("watches useful w1/BTC/3")).kind == "note"
    await desk.say("watches useless w1/BTC/3")  # the newest word counts
    (line,) = await desk.store.ledger("w1")
    assert (line.useful, line.useless) == (0, 1)
    assert (await desk.say("watches useful w1/BTC/3", BOB)).kind == "problem"
    assert (await desk.say("watches useful w1/BTC/4")).kind == "problem"


# Rights


@pytest.mark.parametrize(
    "words",
    [
        f"watch {FUNDING}",
        "watch now BTC squeeze",
        "watch edit new BTC",
        "watch edit w1",
        "watches mute w1 1h",
        "watches w1 wake",
        "watches remove w1 yes",
        "mute 1h",
        "mute off",
        "test",
    ],
)
async def test_in_a_group_only_moderators_change_anything(desk: WatchingDesk, words: str) -> None:
    await desk.say("watch now ETH magnet", MODERATOR)
    before = dict(desk.store.kept), dict(desk.store.drafts), dict(desk.store.chats)
    refused = await desk.say(words, MEMBER)
    assert (refused.kind, refused.private) == ("problem", True)
    assert "Only moderators" in refused.headline
    assert "private chat" in refused.headline
    assert len(refused.headline) <= 200  # as much as an alert over a button shows
    assert before == (desk.store.kept, desk.store.drafts, desk.store.chats)
    assert (await desk.say(words, MODERATOR)).kind != "problem"


async def test_everybody_in_a_group_reads_and_sees_presets(desk: WatchingDesk) -> None:
    await desk.say("watch now ETH magnet", MODERATOR)
    for words in ("watches", "watches w1", "watches w1 preview", "watch", "watch BTC", "mute"):
        assert (await desk.say(words, MEMBER)).kind == "answer"


async def test_whoever_is_no_moderator_any_more_is_refused_at_the_press(
    desk: WatchingDesk,
) -> None:
    shown = await desk.say(f"watch {FUNDING}", MODERATOR)
    dismissed = replace(MEMBER, user=MODERATOR.user)
    assert (await desk.press(shown, "Save", dismissed)).private
    assert await watched(desk) == []


async def test_a_private_watch_is_seen_and_touched_in_its_own_chat_alone(
    desk: WatchingDesk,
) -> None:
    await desk.say("watch now BTC squeeze")
    for who in (BOB, MODERATOR, replace(MODERATOR, user="test:ann")):
        assert (await desk.say("watches", who)).headline == "Nothing is watched"
        for words in ("watches w1", "watches mute w1 1h", "watches remove w1 yes", "watch edit w1"):
            refused = await desk.say(words, who)
            unknown = await desk.say(words.replace("w1", "w77"), who)
            assert refused.kind == "problem"
            # That it is there is told to nobody.
            assert refused.headline.replace("w1", "w77") == unknown.headline
    assert await watched(desk) == ["BTC squeeze"]


async def test_anothers_draft_is_refused_privately(desk: WatchingDesk) -> None:
    shown = await desk.say(f"watch {FUNDING}", MODERATOR)
    other = person("max", "group", moderates=True)
    for label in labels(shown):
        refused = await desk.press(shown, label, other)
        assert (refused.kind, refused.private) == ("problem", True)
        assert "Somebody else" in refused.headline
    assert (await desk.press(shown, "Save", MODERATOR)).kind == "answer"


async def test_a_draft_is_nothing_in_another_chat(desk: WatchingDesk) -> None:
    shown = await desk.say(f"watch {FUNDING}")
    elsewhere = replace(MODERATOR, user="test:ann")
    assert (await desk.press(shown, "Save", elsewhere)).kind == "problem"
    assert await watched(desk) == []


async def test_what_a_group_drafts_in_its_own_name_its_moderators_press(
    desk: WatchingDesk,
) -> None:
    anonymous = replace(MODERATOR, user="test:group")
    shown = await desk.say(f"watch {FUNDING}", anonymous)
    assert (await desk.press(shown, "Save", MODERATOR)).kind == "answer"
    assert await watched(desk) == [FUNDING]


async def test_where_the_bot_cannot_speak_by_itself_nothing_is_watched(
    desk: WatchingDesk,
) -> None:
    refused = await desk.say("watch now BTC squeeze", replace(MODERATOR, unreachable=True))
    assert "cannot write here" in refused.headline


async def test_nobody_keeps_more_than_may_be_kept(desk: WatchingDesk) -> None:
    for number in range(1, 5):
        await desk.say(f"watch now BTC price > {number}")
    full = await desk.say("watch now BTC price > 5")
    assert full.kind == "problem"
    assert "4 watches" in full.headline
    shown = await desk.say("watch BTC price > 6")
    assert (await desk.press(shown, "Save")).kind == "problem"
    await desk.say("watches remove w1 yes")
    assert (await desk.press(shown, "Save")).kind == "answer"  # and the draft was not lost


def every_word(reply: Reply) -> list[str]:
    return [each.words for row in reply.buttons for each in row]


async def test_every_button_is_understood(desk: WatchingDesk) -> None:
    await desk.say(f"watch now {FUNDING}")
    seen = set[str]()
    queue = ["start", "watch", "watch BTC", f"watch {FUNDING}", "watch BTC fundin > 1%", "watches"]
    while queue and len(seen) < 60:
        words = queue.pop(0)
        if words in seen or words.startswith("heatmap") or " drop " in words:
            continue
        seen.add(words)
        answer = await desk.say(words)
        assert answer.headline
        if answer.kind == "problem":
            assert "/help lists" not in answer.headline, words
        queue += every_word(answer)
    assert len(seen) == 60


# With the real memory


async def test_what_is_said_here_is_kept_by_the_real_memory_over_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'watches.sqlite3'}"
    source = Market(told("binance", days=6))
    memory = await open_memory(url)
    async with answering(source, memory.watches, Quota(2, 2)) as (listener, _):
        shown = await listener.answer(f"watch {FUNDING}", ANN)
        step = await listener.answer(button(shown, "Change").words, ANN)
    await memory.close()

    memory = await open_memory(url)
    async with answering(source, memory.watches, Quota(2, 2)) as (listener, judge):

        async def press(reply: Reply, label: str) -> Reply:
            return await listener.answer(button(reply, label).words, ANN)

        step = await press(await press(step, "at most"), "5/day")
        assert (await press(step, "Save")).headline.startswith("Watching as w")
        assert (await press(step, "Save")).kind == "problem"
        await listener.answer("watch now BTC squeeze", ANN)
        assert (await listener.answer("watch now BTC magnet", ANN)).kind == "problem"
        listed = await listener.answer("watches", ANN)
        assert listed.headline == "2 watches in this chat"
        first = labels(listed)[0]
        change = await press(await press(listed, first), "Change")
        assert change.headline == f"{FUNDING} cap 5/day"
        muted = await press(await listener.answer(f"watches {first}", ANN), "Mute 8h")
        assert any("Muted until" in line for line in muted.lines)
        await listener.answer("mute until 23:00", ANN)
        assert "muted until 23:00" in (await listener.answer("mute", ANN)).headline
        asked = await press(await listener.answer(f"watches {first}", ANN), "Remove")
        await press(asked, f"Remove {first}")
        assert [each.words for each in await memory.watches.watches()] == ["BTC squeeze"]
        assert judge.changes >= 5
    await memory.close()


class FullDisk(FakeWatchStore):
    """A memory that cannot be written to for a while."""

    full = True

    async def add(self, watch: KeptWatch, quota: Quota, *, only_once: str = "") -> KeptWatch:
        if self.full:
            raise StoreUnavailable("the disk is full")
        return await super().add(watch, quota, only_once=only_once)


async def test_a_watch_that_cannot_be_kept_now_is_not_lost_to_who_presses_again() -> None:
    store = FullDisk()
    async with answering(Market(told("binance", days=2)), store) as (listener, _):
        shown = await listener.answer(f"watch {FUNDING}", ANN)
        save = button(shown, "Save").words
        refused = await listener.answer(save, ANN)
        assert (refused.kind, "the disk is full" in refused.headline) == ("problem", True)
        store.full = False
        assert (await listener.answer(save, ANN)).headline.startswith("Watching as")


async def test_changed_to_what_another_says_one_watch_is_left(desk: WatchingDesk) -> None:
    await desk.say("watch now BTC squeeze cap 5/day")
    await desk.say("watch now BTC squeeze")
    step = await desk.press(await desk.say("watches w2"), "Change")
    step = await desk.press(await desk.press(step, "at most"), "5/day")
    saved = await desk.press(step, "Save")
    assert saved.headline == "This is watched already, as w1"
    assert await watched(desk) == ["BTC squeeze cap 5/day"]


def test_presets_are_watches() -> None:
    for name in PRESETS:
        assert str(parse.watch(f"BTC {name}")) == f"BTC {name}"


async def test_where_the_bot_lacks_rights_it_names_them_to_who_can_give_them(
    desk: WatchingDesk,
) -> None:
    lacking = ("Embed Links", "Attach Files")
    refused = await desk.say("watch now BTC squeeze", replace(MODERATOR, lacking=lacking))
    assert "in this channel I lack Embed Links and Attach Files" in refused.headline
    assert refused.private
    assert "Only moderators" in (await desk.say("test", replace(MEMBER, lacking=lacking))).headline
    assert await watched(desk) == []
