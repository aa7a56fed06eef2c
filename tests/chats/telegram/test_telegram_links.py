"""Deep links ask, and never change anything; what is private is asked where it is answered."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chats.telegram import TelegramChat
from bot.chats.telegram.links import link, opened, payload
from bot.chats.words import understood
from bot.core.errors import BotError, UnknownWord
from bot.desk.commands import COMMANDS
from bot.desk.requests import (
    AlertTestRequest,
    DraftRequest,
    MuteRequest,
    VoteRequest,
    WatchesRequest,
    WatchRequest,
)
from bot.reply import Reply
from tests.support.strict_telegram import StrictTelegram
from tests.support.telegram_desk import SmallDesk
from tests.support.telegram_server import TOKEN, USERNAME, TelegramServer

CHANGING = (
    *("watch_now_BTC_squeeze", "watch_keep_d1", "watch_drop_d1", "watch_edit_d1_3_oi"),
    *("watches_remove_w1_yes", "watches_mute_w1_1h", "watches_useful_x", "mute_30d", "test"),
    *("journal_add_BTC_long", "journal_drop_t1", "forget", "forget_yes", "export", "nonsense"),
    *("file_heatmap_BTC", "w_BTC_squeeze", "alert_now_BTC_squeeze", "_", "__", "watch__now_BTC"),
)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("heatmap_BTC_24h", "heatmap BTC 24h"),
        ("watch_BTC", "watch BTC"),
        ("whatif_BTC_-4", "whatif BTC -4"),
        ("start", "start"),
    ],
)
async def test_a_link_opens_the_chat_with_its_question(
    bot: TelegramChat, telegram: TelegramServer, desk: SmallDesk, said: str, asked: str
) -> None:
    assert bot
    await telegram.write(f"/start {said}")
    await telegram.shown(1)

    assert [words for words, _ in desk.asked] == [asked]


@pytest.mark.parametrize("said", [*CHANGING, "heatmap BTC", "a b c", "<b>", "х" * 65, "a" * 65])
async def test_a_link_that_would_do_more_than_ask_is_refused(
    bot: TelegramChat, telegram: TelegramServer, desk: SmallDesk, said: str
) -> None:
    assert bot
    await telegram.write(f"/start {said}")
    (shown,) = await telegram.shown(1)

    assert "link leads to nothing" in shown.text
    assert desk.asked == []


acts = ["now", "keep", "remove", "yes", "w1", "d1", "BTC", "add"]
parts = st.sampled_from([command.name for command in COMMANDS] + acts)


@given(st.lists(parts | st.text("aw1-_", max_size=5), min_size=1, max_size=5).map("_".join))
def test_nothing_that_a_link_can_carry_is_understood_as_a_change(said: str) -> None:
    try:
        request = understood(opened(f"start {said}"))
    except BotError:
        return
    assert not isinstance(request, DraftRequest | VoteRequest | MuteRequest | AlertTestRequest)
    if isinstance(request, WatchRequest):
        assert not request.at_once
        assert " " not in request.words
    if isinstance(request, WatchesRequest):
        assert not request.act
    # One's own trades may be looked at; words that enter or change one are left out.
    assert type(request).__name__ not in {"TradeRequest", "EditRequest", "LogRequest"}


@given(st.text(max_size=80))
def test_whatever_follows_start_is_asked_or_refused_in_a_sentence(said: str) -> None:
    refused, asked = "", ""
    try:
        asked = opened(f"start {said}")
    except UnknownWord as error:
        refused = str(error)

    assert asked.split() or refused.endswith("/help lists what you can ask.")


@given(st.text(max_size=90))
def test_every_link_is_one_that_telegram_takes_and_that_we_understand(words: str) -> None:
    carried = payload(f"heatmap {words}")

    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", carried)
    assert opened(f"start {carried}").split() in (["start"], f"heatmap {words}".split())
    assert link("ember_bot", words or "x").startswith("https://t.me/ember_bot?start=")


async def test_who_has_no_private_chat_with_the_bot_is_shown_the_door_to_it(
    desk: SmallDesk,
) -> None:
    words = "position BTC long 60000 20x"
    desk.replies[words] = Reply("Your position is liquidated at 57,300", private=True)
    async with StrictTelegram() as telegram:
        telegram.closed[77] = "bot can't initiate conversation with a user"
        chat = TelegramChat(desk, TOKEN, api_base=telegram.origin)
        await chat.start()
        await telegram.write(f"/{words}", chat=-100, topic=5)
        (shown,) = await telegram.shown(1, chat=-100)
        await chat.stop()

    ((button,),) = shown.keyboard
    assert button["url"] == f"https://t.me/{USERNAME}?start=position_BTC_long_60000_20x"
    assert "57,300" not in shown.text
    assert shown.thread == 5


async def test_a_private_answer_to_a_press_in_a_group_goes_to_who_pressed_alone(
    bot: TelegramChat, telegram: TelegramServer, desk: SmallDesk
) -> None:
    assert bot
    await telegram.write("/heatmap BTC", chat=-100)
    (shown,) = await telegram.shown(1, chat=-100)
    desk.replies["journal add BTC long"] = Reply("Logged as t1", private=True)
    await telegram.press_words(shown, "journal add BTC long", person=78)
    (told,) = await telegram.shown(1, chat=78)
    (answer,) = await telegram.called("answerCallbackQuery")

    assert told.text == "Logged as t1"
    assert answer.fields["text"] == "I have sent it to you alone."
    assert len(telegram.in_chat(-100)) == 1
