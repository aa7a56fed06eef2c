"""Alerts on Telegram: each arrives, in order, within limits, and is one message as it develops."""

import asyncio
from itertools import pairwise

import pytest

from bot.chats.telegram.post import REPEAT
from bot.messages import Address, Alert, Chat, Judged, Message, News
from bot.reply import Image
from storage.memory import Memory
from tests.support.delivery import (
    SetClock,
    alert,
    fill,
    judged,
    sending,
    telegram_post,
    until_empty,
)
from tests.support.fault_proxy import Fault, FaultProxy, Kind
from tests.support.platform_limits import Limits, Trouble
from tests.support.strict_telegram import StrictTelegram
from tests.support.telegram_desk import png

HOUR = 3_600_000


async def test_an_alert_arrives_with_its_picture_in_its_topic(
    telegram: StrictTelegram, memory: Memory, post: Chat
) -> None:
    picture = Image(png("a"), "a map", "btc.png", "a")
    async with sending(memory.outbox, post) as outbox:
        await outbox.put(judged(alert("BTC squeeze", "telegram:-100/7", image=picture)))
        (shown,) = await telegram.shown(1, -100)
    assert shown.text.startswith("BTC squeeze")
    assert shown.photo == picture.png
    assert shown.thread == 7


async def test_an_episode_is_one_message_that_changes_to_its_newest_state(
    telegram: StrictTelegram, memory: Memory, post: Chat
) -> None:
    async with sending(memory.outbox, post) as outbox:
        await outbox.put(judged(alert("e", "telegram:77", words="begins")))
        await telegram.shown(1)
        for tick in range(2, 12):
            await outbox.put(
                judged(alert("e", "telegram:77", words=f"{tick}", time=tick), tick=tick)
            )
        await telegram.until(lambda: telegram.in_chat()[0].text.startswith("11"))
        await until_empty(memory.outbox, "telegram")
    assert len(telegram.in_chat()) == 1
    assert len(telegram.of("editMessageText")) <= 3  # the states between were never sent


async def test_a_picture_may_come_later_and_stays_when_only_the_words_change(
    telegram: StrictTelegram, memory: Memory, post: Chat
) -> None:
    picture = Image(png("a"), "a map", "btc.png", "a")
    async with sending(memory.outbox, post) as outbox:
        await outbox.put(judged(alert("e", "telegram:77", words="one", image=picture)))
        await telegram.shown(1)
        await outbox.put(judged(alert("e", "telegram:77", words="two", time=2), tick=2))
        await telegram.until(lambda: telegram.in_chat()[0].text.startswith("two"))
    assert telegram.in_chat()[0].photo == picture.png


async def test_a_chat_gets_its_alerts_in_order_and_no_faster_than_one_a_second(
    telegram: StrictTelegram, memory: Memory, post: Chat, limits: Limits
) -> None:
    await fill(memory.outbox, [alert(f"{n}", "telegram:77", "telegram:78") for n in range(4)])
    async with sending(memory.outbox, post):
        for chat in (77, 78):
            shown = await telegram.shown(4, chat)
            assert [each.text[0] for each in shown] == ["0", "1", "2", "3"]
    assert not limits.violations


async def test_many_chats_are_served_at_the_rate_that_is_allowed_and_no_faster(
    telegram: StrictTelegram, memory: Memory, post: Chat, limits: Limits
) -> None:
    await fill(memory.outbox, [alert("e", *(f"telegram:{n}" for n in range(1, 121)))])
    async with sending(memory.outbox, post):
        await until_empty(memory.outbox, "telegram")
    assert len(telegram.messages) == 120
    assert not limits.violations


async def test_whoever_asks_is_answered_while_alerts_go_out(
    telegram: StrictTelegram, memory: Memory, post: Chat, limits: Limits
) -> None:
    await fill(memory.outbox, [alert("e", *(f"telegram:{n}" for n in range(1, 201)))])
    bot = post._bot  # type: ignore[attr-defined]
    overtaken = []
    async with sending(memory.outbox, post):
        await telegram.until(lambda: len(telegram.messages) > 40)
        for person in range(1000, 1010):
            before = len(telegram.messages)
            await bot.send_message(person, "an answer")
            overtaken.append(len(telegram.messages) - before)
            await asyncio.sleep(0.1)
    assert max(overtaken) < 45  # what goes out in a second and a half
    assert not limits.violations


@pytest.mark.parametrize("why", ["bot was blocked by the user", "bot was kicked from the group"])
async def test_a_chat_that_does_not_want_the_bot_is_told_of_and_left_alone(
    telegram: StrictTelegram, memory: Memory, post: Chat, why: str
) -> None:
    told: list[News] = []

    async def tell(news: News) -> None:
        told.append(news)

    telegram.closed[77] = why
    async with sending(memory.outbox, post, tell=tell) as outbox:
        await outbox.put(judged(alert("a", "telegram:77"), alert("b", "telegram:77")))
        await outbox.put(judged(alert("c", "telegram:78"), tick=2))
        await telegram.shown(1, 78)
        await telegram.until(lambda: told)
        del telegram.closed[77]
        await asyncio.sleep(0.5)
    assert [(news.chat, news.moved_to) for news in told] == [("telegram:77", None)]
    assert why in told[0].why
    assert telegram.in_chat(77) == []


async def test_a_group_that_became_a_supergroup_keeps_its_alerts(
    telegram: StrictTelegram, memory: Memory, post: Chat
) -> None:
    told: list[News] = []

    async def tell(news: News) -> None:
        told.append(news)

    telegram.moved[-5] = -1005
    async with sending(memory.outbox, post, tell=tell) as outbox:
        await outbox.put(judged(alert("a", "telegram:-5"), alert("b", "telegram:-5")))
        shown = await telegram.shown(2, -1005)
        await telegram.until(lambda: told)
    assert [each.text[0] for each in shown] == ["a", "b"]
    assert [(news.chat, news.moved_to) for news in told] == [("telegram:-5", "telegram:-1005")]


async def test_on_a_bad_day_nothing_is_lost_no_wait_is_broken_and_repeats_say_so(
    telegram: StrictTelegram, memory: Memory, post: Chat, limits: Limits
) -> None:
    telegram.weather.share = 0.2
    chats = [f"telegram:{n}" for n in range(1, 41)]
    await fill(memory.outbox, [alert(f"{n}", *chats) for n in range(3)])
    async with sending(memory.outbox, post):
        await until_empty(memory.outbox, "telegram")
    lost_answers = telegram.weather.met[Trouble.LOST_ANSWER]
    repeats = 0
    for chat in range(1, 41):
        said = [each.text for each in telegram.in_chat(chat)]
        first = [text[0] for text in said]
        assert sorted(set(first)) == ["0", "1", "2"]
        assert first == sorted(first)
        for before, text in pairwise(said):
            if before[0] == text[0]:
                repeats += 1
                assert REPEAT in text
    assert repeats <= lost_answers
    assert limits.inside_a_wait == []
    assert lost_answers > 0


async def test_a_clock_that_is_set_neither_repeats_nor_holds_back(
    telegram: StrictTelegram, memory: Memory, post: Chat, limits: Limits
) -> None:
    clock = SetClock()
    async with sending(memory.outbox, post, clock=clock) as outbox:
        for number, jump in enumerate((0, HOUR, -2 * HOUR, HOUR)):
            clock.set_by += jump
            await outbox.put(judged(alert(f"{number}", "telegram:77"), tick=number + 1))
            await telegram.shown(number + 1)
        await asyncio.sleep(1.5)
    assert [each.text[0] for each in telegram.in_chat()] == ["0", "1", "2", "3"]
    assert not limits.violations


async def test_an_alert_that_is_taken_back_disappears_and_one_not_yet_shown_never_appears(
    telegram: StrictTelegram, memory: Memory, post: Chat
) -> None:
    def taken_back(episode: str, tick: int) -> list[Judged]:
        messages = (Message(Address("telegram:77"), None),)
        return [Judged("w", tick, b"", (Alert(episode, tick, messages),))]

    async with sending(memory.outbox, post) as outbox:
        await outbox.put(judged(alert("a", "telegram:77")))
        (shown,) = await telegram.shown(1)
        await outbox.put(taken_back("a", 2))
        (call,) = await telegram.called("deleteMessage")
        assert int(call.fields["message_id"]) == shown.number
        await outbox.put(judged(alert("b", "telegram:77"), tick=3))
        await outbox.put(taken_back("b", 4))
        await until_empty(memory.outbox, "telegram")
    assert len(telegram.in_chat()) == 1


async def test_a_message_that_somebody_deleted_is_neither_sent_again_nor_in_the_way(
    telegram: StrictTelegram, memory: Memory, post: Chat
) -> None:
    async with sending(memory.outbox, post) as outbox:
        await outbox.put(judged(alert("a", "telegram:77")))
        (shown,) = await telegram.shown(1)
        del telegram.messages[77, shown.number]
        newer = alert("a", "telegram:77", words="newer", time=2)
        await outbox.put(judged(newer, alert("b", "telegram:77"), tick=2))
        (left,) = await telegram.shown(1)
        await until_empty(memory.outbox, "telegram")
    assert left.text.startswith("b")
    assert len(telegram.in_chat()) == 1


async def test_two_chats_refused_at_once_keep_the_whole_bot_waiting(
    telegram: StrictTelegram, memory: Memory, post: Chat, limits: Limits
) -> None:
    telegram.weather.coming += [Trouble.FLOOD, Trouble.FLOOD]
    await fill(memory.outbox, [alert("e", *(f"telegram:{n}" for n in range(1, 6)))])
    async with sending(memory.outbox, post):
        await until_empty(memory.outbox, "telegram")
    # The third may be on its way when the second is refused; then nothing goes out for a second.
    assert max(later - sooner for sooner, later in pairwise(limits.times[1:4])) >= 0.9
    assert len(telegram.messages) == 5


async def test_a_message_in_flight_when_the_bot_stops_is_not_in_doubt(
    telegram: StrictTelegram, memory: Memory, post: Chat
) -> None:
    await fill(memory.outbox, [alert("e", *(f"telegram:{n}" for n in range(1, 61)))])
    for _ in range(2):
        async with sending(memory.outbox, post):
            await asyncio.sleep(1.7)
    async with sending(memory.outbox, post):
        await until_empty(memory.outbox, "telegram")
    assert len(telegram.messages) == 60
    assert not any(REPEAT in each.text for each in telegram.messages.values())


async def test_a_line_that_is_down_is_tried_now_and_then_and_all_goes_out_once_it_is_back(
    telegram: StrictTelegram, memory: Memory
) -> None:
    async with FaultProxy(telegram.port) as line, telegram_post(line.origin) as post:
        await fill(memory.outbox, [alert("e", *(f"telegram:{n}" for n in range(1, 101)))])
        line.faults.append(Fault("sendMessage", Kind.ANSWER, None))
        async with sending(memory.outbox, post):
            await asyncio.sleep(8)
            tried = line.count("sendMessage")
            line.faults.clear()
            await until_empty(memory.outbox, "telegram")
    assert tried < 80
    assert len(telegram.messages) == 100


async def test_a_chat_that_is_closed_for_long_holds_up_no_other(
    telegram: StrictTelegram, memory: Memory, post: Chat
) -> None:
    closed = range(1, 121)
    for chat in closed:
        post._limits._closed_until[chat] = asyncio.get_running_loop().time() + 600  # type: ignore[attr-defined]
    await fill(memory.outbox, [alert("e", *(f"telegram:{n}" for n in (*closed, 777)))])
    async with sending(memory.outbox, post):
        await telegram.shown(1, 777)
    assert len(telegram.messages) == 1


async def test_what_may_be_a_repeat_says_so_for_as_long_as_it_is_edited(
    telegram: StrictTelegram, memory: Memory, post: Chat
) -> None:
    picture = Image(png("a"), "a map", "btc.png", "a")
    telegram.weather.coming = [Trouble.LOST_ANSWER]
    async with sending(memory.outbox, post) as outbox:
        await outbox.put(judged(alert("e", "telegram:77", words="begins")))
        _, repeat = await telegram.shown(2)
        for tick, image in ((2, picture), (3, None)):
            words = f"state {tick}"
            newer = alert("e", "telegram:77", words=words, time=tick, image=image)
            await outbox.put(judged(newer, tick=tick))
            await telegram.until(lambda: repeat.text.startswith(words))  # noqa: B023 - used at once
            assert REPEAT in repeat.text
            assert repeat.photo == picture.png
        await until_empty(memory.outbox, "telegram")
    assert len(telegram.in_chat()) == 2
