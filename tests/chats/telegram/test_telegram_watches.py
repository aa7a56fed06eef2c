"""Watches on Telegram: typed, tapped, put together in one message, and guarded in groups."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from bot.chats.telegram import TelegramChat
from tests.fakes.watch_store import FakeWatchStore
from tests.support.markets import Market
from tests.support.panels import told
from tests.support.telegram_server import TOKEN, TelegramServer
from tests.support.telegram_shapes import Shown
from tests.support.watching_desk import answering

GROUP = -100500
WORDS = "BTC funding > 0.03% and oi rising 4h"


@pytest.fixture
def store() -> FakeWatchStore:
    return FakeWatchStore()


@pytest.fixture
async def watching(telegram: TelegramServer, store: FakeWatchStore) -> AsyncIterator[TelegramChat]:
    """Emberline as it answers about watches."""
    source = Market(told("binance", days=6), told(base="ETH", price=3400.0, days=6))
    async with answering(source, store) as (listener, _):
        chat = TelegramChat(listener, TOKEN, api_base=telegram.origin)
        await chat.start()
        yield chat
        await chat.stop()


def contains(shown: Shown, words: str) -> bool:
    return words in shown.text


pytestmark = pytest.mark.usefixtures("watching")


async def test_a_long_watch_is_typed_previewed_with_a_picture_and_saved_with_a_tap(
    telegram: TelegramServer, store: FakeWatchStore
) -> None:
    long = f"{WORDS} and price moves 3% in 1h or (squeeze and not price < 1,000) for 10m cap 5/day"
    long += " quiet 22:00-07:00 until funding < 0.001% and oi falling 4h cooldown 2h"
    await telegram.write(f"/watch {long}")
    (shown,) = await telegram.until(
        lambda: seen if (seen := telegram.in_chat()) and seen[0].photo else None, 30
    )
    assert shown.text.startswith(f"{WORDS} and price moves 3% in 1h or squeeze")
    await telegram.press(shown, "Save")
    await telegram.until(lambda: store.kept)
    (kept,) = await store.watches()
    assert kept.words.endswith("quiet 22:00-07:00 cap 5/day")
    assert (kept.address.chat, kept.shared) == ("telegram:77", False)


async def test_a_watch_is_put_together_in_one_message(
    telegram: TelegramServer, store: FakeWatchStore
) -> None:
    await telegram.write("/watch ETH")
    (shown,) = await telegram.shown(1)
    for label, says in (
        ("Make your own", "What is to be watched?"),
        ("funding", "How?"),
        ("rising", "Over how long?"),
        ("4h", "Save it, or add to it?"),
        ("and", "What is to be watched?"),
        ("cascade", "Save it, or add to it?"),
    ):
        await telegram.press(shown, label)
        await telegram.until(partial(contains, shown, says))
    assert telegram.in_chat() == [shown]
    await telegram.press(shown, "Save")
    await telegram.until(lambda: "Watching as" in shown.text)
    assert [each.words for each in await store.watches()] == ["ETH funding rising 4h and cascade"]


async def test_in_a_group_a_member_is_refused_in_an_alert_and_a_moderator_is_not(
    telegram: TelegramServer, store: FakeWatchStore
) -> None:
    telegram.members |= {(GROUP, 91): "member", (GROUP, 92): "administrator"}
    await telegram.write("/watch BTC", GROUP, person=91, topic=5)
    (menu,) = await telegram.shown(1, GROUP)
    await telegram.press(menu, "squeeze", person=91)
    (refused,) = await telegram.called("answerCallbackQuery")
    assert refused.fields["text"].startswith("Only moderators")
    assert refused.fields["show_alert"] == "true"
    assert not store.kept
    assert len(telegram.in_chat(GROUP)) == 1

    await telegram.press(menu, "squeeze", person=92)
    _, saved = await telegram.shown(2, GROUP)
    assert "Watching as w1" in saved.text
    (kept,) = await store.watches()
    assert (kept.address.topic, kept.shared, kept.owner) == ("5", True, "telegram:92")

    telegram.members[GROUP, 92] = "member"  # dismissed meanwhile
    await telegram.press(saved, "Undo", person=92)
    await telegram.called("answerCallbackQuery", 3)
    assert await store.watches() == [kept]


async def test_silence_asked_for_under_an_alert_leaves_the_alert_as_it_is(
    telegram: TelegramServer, store: FakeWatchStore
) -> None:
    await telegram.write("/watch now BTC cascade")
    (shown,) = await telegram.shown(1)
    before = shown.text
    await telegram.press_words(shown, "watches mute w1 1h")
    (note,) = await telegram.called("answerCallbackQuery")
    assert note.fields["text"].startswith("w1 is muted until")
    assert shown.text == before
    assert (await store.watches())[0].snoozed_until
