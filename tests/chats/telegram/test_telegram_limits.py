"""How fast the bot writes: never faster than Telegram allows, and never inside a wait."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import RetryAfter

from bot.chats.telegram.limits import LONGEST_WAIT, Limits, Pace, asked_wait
from bot.messages import Urgency


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sent: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def send(self) -> str:
        self.sent.append(self.now)
        return "sent"


async def write(limits: Limits, time: Time, chat: int, endpoint: str = "sendMessage") -> Any:
    return await limits.process_request(time.send, (), {}, endpoint, {"chat_id": chat}, None)


def most_within(sent: list[float], stretch: float) -> int:
    return max(sum(start <= at < start + stretch for at in sent) for start in sent)


@given(st.floats(0.01, 5), st.integers(1, 6), st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_stretch_of_time_holds_more_messages_than_promised(
    every: float, burst: int, pauses: list[float]
) -> None:
    pace, now, sent = Pace(every, burst), 0.0, []
    for pause in pauses:
        now += pause
        sent.append(now + pace.book(now))

    for stretch in (every, 10 * every):
        assert most_within(sent, stretch * 0.999) <= burst + stretch / every


async def test_a_private_chat_gets_a_short_burst_and_then_a_message_a_second() -> None:
    time = Time()
    limits = Limits(lambda: time.now, time.sleep)
    for _ in range(6):
        await write(limits, time, 77)

    assert time.sent == pytest.approx([100, 100, 100, 101, 102, 103])


async def test_a_group_never_gets_more_than_20_messages_in_a_minute() -> None:
    time = Time()
    limits = Limits(lambda: time.now, time.sleep)
    for _ in range(60):
        await write(limits, time, -100, "editMessageMedia")

    assert most_within(time.sent, 60) <= 20
    assert time.sent[-1] - time.sent[0] < 60 * 4  # and is not kept waiting beyond that


async def test_all_chats_together_get_at_most_30_messages_in_a_second() -> None:
    time = Time()
    limits = Limits(lambda: time.now, time.sleep)
    for chat in range(1, 200):
        await write(limits, time, chat)

    assert most_within(time.sent, 1) <= 30
    assert time.sent[-1] - time.sent[0] < 8


async def test_showing_that_work_is_under_way_takes_nothing_from_the_messages() -> None:
    time = Time()
    limits = Limits(lambda: time.now, time.sleep)
    for _ in range(20):
        await write(limits, time, 77, "sendChatAction")

    assert time.sent[-1] == 100


async def test_what_telegram_asks_to_wait_is_waited_and_the_message_sent_once() -> None:
    time = Time()
    limits = Limits(lambda: time.now, time.sleep)
    refusals = [RetryAfter(timedelta(seconds=7))]

    async def send() -> str:
        time.sent.append(time.now)
        if refusals:
            raise refusals.pop()
        return "sent"

    answer = await limits.process_request(send, (), {}, "sendPhoto", {"chat_id": 77}, None)

    assert answer == "sent"
    assert time.sent == [100, 107]


async def test_nothing_goes_to_a_chat_before_its_wait_is_over_but_other_chats_are_served() -> None:
    time = Time()
    limits = Limits(lambda: time.now, time.sleep)

    async def refuse() -> str:
        raise RetryAfter(timedelta(seconds=LONGEST_WAIT + 30))

    with pytest.raises(RetryAfter):
        await limits.process_request(refuse, (), {}, "sendPhoto", {"chat_id": -5}, None)
    await write(limits, time, 77)
    await write(limits, time, -5)

    assert time.sent == [100, 100 + LONGEST_WAIT + 30]


async def test_a_chat_that_refuses_twice_is_not_asked_a_third_time() -> None:
    time = Time()
    limits = Limits(lambda: time.now, time.sleep)
    asked: list[float] = []

    async def refuse() -> Awaitable[None]:
        asked.append(time.now)
        raise RetryAfter(timedelta(seconds=3))

    with pytest.raises(RetryAfter):
        await limits.process_request(refuse, (), {}, "sendPhoto", {"chat_id": 77}, None)

    assert asked == [100, 103]


async def test_chats_that_have_rested_are_forgotten() -> None:
    time = Time()
    limits = Limits(lambda: time.now, time.sleep)
    for chat in range(1, 10_000):
        await write(limits, time, chat)

    assert len(limits._chats) <= 4096


async def test_an_alert_waits_until_its_chat_has_rested_and_leaves_the_burst_to_who_asks() -> None:
    time = Time()
    limits = Limits(lambda: time.now, time.sleep)
    for _ in range(3):
        await write(limits, time, 77)
    await limits.rested(77)
    async with limits.turn(Urgency.SOON):
        await write(limits, time, 77)
    await write(limits, time, 77)

    assert time.sent == pytest.approx([100, 100, 100, 103, 103])


async def test_an_alert_gets_its_turn_in_a_group_that_asks_without_end() -> None:
    time = Time()
    limits = Limits(lambda: time.now, time.sleep)

    async def ask_meanwhile(seconds: float) -> None:
        time.now += seconds
        limits._pace(-5).book(time.now)

    limits._sleep = ask_meanwhile
    limits._pace(-5).book(time.now)
    await limits.rested(-5)

    assert time.now - 100 < 60


async def test_a_closed_chat_is_told_to_the_outbox_without_asking_telegram() -> None:
    time = Time()
    limits = Limits(lambda: time.now, time.sleep)

    async def refuse() -> None:
        time.sent.append(time.now)
        raise RetryAfter(timedelta(seconds=40))

    for _ in range(2):
        async with limits.turn(Urgency.SOON):
            with pytest.raises(RetryAfter) as refusal:
                await limits.process_request(refuse, (), {}, "sendPhoto", {"chat_id": 77}, None)

    assert time.sent == [100]
    assert asked_wait(refusal.value) == pytest.approx(40)
