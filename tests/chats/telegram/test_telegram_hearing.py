"""What people do in Telegram and what they see then."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from bot.chats.telegram import TelegramChat
from bot.chats.telegram.commands import asked
from bot.desk.requests import Asker
from bot.reply import Reply
from tests.support.fault_proxy import FaultProxy
from tests.support.telegram_desk import SmallDesk, UploadMemory, png
from tests.support.telegram_server import TelegramServer
from tests.support.telegram_shapes import Shown

GROUP = -100500
pytestmark = pytest.mark.usefixtures("bot")


async def heatmap(telegram: TelegramServer, chat: int = 77) -> Shown:
    await telegram.write("/heatmap BTC", chat)
    return (await telegram.shown(1, chat))[0]


async def test_the_desk_is_told_who_asks_and_from_where(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    await telegram.write("/status", GROUP, person=91)
    await telegram.shown(1, GROUP)

    assert desk.asked == [("status", Asker("telegram:-100500", "telegram:91", shared=True))]


async def test_a_private_chat_is_nobody_elses_and_says_its_persons_language(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    ann = {"id": 77, "is_bot": False, "first_name": "Ann", "language_code": "pt-br"}
    more: dict[str, Any] = {"from": ann}
    await telegram.write("/status", **more)
    await telegram.shown(1)

    assert desk.asked[0][1] == Asker("telegram:77", "telegram:77", language="pt-br")


async def test_a_topic_of_a_forum_is_part_of_where_somebody_asks_from(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    await telegram.write("/status", GROUP, person=91, topic=5)
    (shown,) = await telegram.shown(1, GROUP)
    await telegram.press(shown, "Refresh", person=92)
    await telegram.until(lambda: len(desk.asked) == 2)

    assert [asker.topic for _, asker in desk.asked] == ["5", "5"]


@pytest.mark.parametrize(
    ("status", "moderates"),
    [("creator", True), ("administrator", True), ("member", False), ("left", False)],
)
async def test_telegram_is_asked_who_moderates_a_group_when_it_matters(
    telegram: TelegramServer, desk: SmallDesk, status: str, *, moderates: bool
) -> None:
    telegram.members[GROUP, 91] = status
    await telegram.write("/status", GROUP, person=91)
    await telegram.shown(1, GROUP)
    assert not telegram.of("getChatMember")

    assert await desk.asked[0][1].moderates() is moderates
    (call,) = telegram.of("getChatMember")
    assert (int(call.fields["chat_id"]), int(call.fields["user_id"])) == (GROUP, 91)


async def test_who_was_made_a_moderator_meanwhile_is_one(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    telegram.members[GROUP, 91] = "member"
    await telegram.write("/status", GROUP, person=91)
    await telegram.shown(1, GROUP)
    asker = desk.asked[0][1]
    assert not await asker.moderates()
    telegram.members[GROUP, 91] = "administrator"
    assert await asker.moderates()


async def test_nobody_whom_telegram_knows_in_a_group_moderates_it(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    await telegram.write("/status", GROUP, person=93)
    await telegram.shown(1, GROUP)
    assert not await desk.asked[0][1].moderates()


async def test_a_post_in_a_channel_is_heard_and_only_who_moderates_it_can_write_one(
    telegram: TelegramServer, desk: SmallDesk, bot: TelegramChat
) -> None:
    channel = {"id": GROUP, "type": "channel", "title": "Calls"}
    post = {"message_id": 9, "date": 1_764_000_000, "chat": channel, "sender_chat": channel}
    application = bot._application  # the far end knows no channels
    update = Update.de_json(
        {"update_id": 1, "channel_post": {**post, "text": "/status"}}, application.bot
    )
    await application.process_update(update)
    await telegram.until(lambda: desk.asked)

    asker = desk.asked[0][1]
    assert asker.shared
    assert await asker.moderates()
    assert not telegram.of("getChatMember")


@pytest.mark.parametrize("command", ["/start", "/help", "/status"])
async def test_each_command_in_words_is_answered_in_words(
    telegram: TelegramServer, command: str
) -> None:
    await telegram.write(command)
    (shown,) = await telegram.shown(1)

    assert shown.text == "Emberline\nAll is well."
    assert shown.photo is None


@pytest.mark.parametrize("command", ["/heatmap ETH", "/map ETH", "/Heatmap eth", "heatmap ETH"])
async def test_each_command_for_a_picture_is_answered_with_one(
    telegram: TelegramServer, command: str
) -> None:
    await telegram.write(command)
    (shown,) = await telegram.shown(1)

    assert shown.photo == png("ETH-24h")


async def test_in_a_group_only_what_is_meant_for_this_bot_is_heard(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    for text in (
        "heatmap BTC",
        "what do you think of BTC?",
        "/heatmap@other_bot BTC",
        "/ban somebody",
        "/",
        "/heatmap@EMBER_test_bot BTC",
    ):
        await telegram.write(text, GROUP)
    await telegram.shown(1, GROUP)

    assert [words for words, _ in desk.asked] == ["heatmap BTC"]


async def test_an_unknown_coin_is_answered_with_a_sentence(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    desk.replies["heatmap NOPE"] = Reply("No perpetual called “@NOPE” is listed.", kind="problem")
    await telegram.write("/heatmap NOPE")
    (shown,) = await telegram.shown(1)

    assert shown.text == "No perpetual called “＠NOPE” is listed."


async def test_a_picture_already_uploaded_is_sent_by_its_id(
    telegram: TelegramServer, uploads: UploadMemory
) -> None:
    await heatmap(telegram)
    await telegram.until(lambda: uploads.known)
    await telegram.write("/heatmap BTC", GROUP)
    (again,) = await telegram.shown(1, GROUP)

    first, second = telegram.of("sendPhoto")
    assert first.files
    assert not second.files
    assert again.photo == png("BTC-24h")
    assert list(uploads.known) == [("telegram:7", "photo:BTC-24h")]


async def test_a_picture_that_telegram_has_forgotten_is_uploaded_again(
    telegram: TelegramServer, uploads: UploadMemory
) -> None:
    uploads.known["telegram:7", "photo:BTC-24h"] = "forgotten-long-ago"
    await heatmap(telegram)
    await telegram.until(lambda: "forgotten-long-ago" not in uploads.known.values())
    await telegram.write("/heatmap BTC", GROUP)
    (again,) = await telegram.shown(1, GROUP)

    assert again.photo == png("BTC-24h")
    assert [bool(call.files) for call in telegram.of("sendPhoto")] == [False, True, False]


async def test_a_file_is_not_confused_with_the_photo_of_the_same_picture(
    telegram: TelegramServer,
) -> None:
    await heatmap(telegram)
    for count in (2, 3):
        await telegram.write("/file heatmap BTC")
        shown = (await telegram.shown(count))[-1]
        assert shown.file == png("BTC-24h")
        assert shown.keyboard == []

    assert [bool(call.files) for call in telegram.of("sendDocument")] == [True, False]


async def test_what_is_private_goes_to_the_person_and_not_to_the_group(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    desk.replies["status"] = Reply("Your liquidation price: 54,200", private=True)
    await telegram.write("/status", GROUP, person=91)
    (shown,) = await telegram.shown(1, 91)

    assert "54,200" in shown.text
    assert telegram.in_chat(GROUP) == []


async def test_a_chat_in_a_hurry_is_told_once_and_does_not_stand_in_others_way(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    gate = desk.gates["heatmap BTC"] = asyncio.Event()
    for _ in range(12):
        await telegram.write("/heatmap BTC", GROUP)
    (told,) = await telegram.shown(1, GROUP)
    await telegram.write("/heatmap ETH")
    await telegram.shown(1)

    assert "One moment" in told.text
    assert len([words for words, _ in desk.asked if words == "heatmap BTC"]) == 8
    gate.set()
    await telegram.until(lambda: len(telegram.in_chat(GROUP)) > 1)


async def test_work_under_way_is_shown_until_the_answer_is_there(
    telegram: TelegramServer, desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chats.telegram.send._ACTION_EVERY", 0.05)
    gate = desk.gates["heatmap BTC"] = asyncio.Event()
    await telegram.write("/heatmap BTC", GROUP, topic=5)
    calls = await telegram.called("sendChatAction", 3)
    gate.set()
    await telegram.shown(1, GROUP)
    await asyncio.sleep(0.1)
    shown = len(telegram.of("sendChatAction"))
    await asyncio.sleep(0.2)

    assert len(telegram.of("sendChatAction")) == shown
    assert calls[0].fields == {
        "chat_id": str(GROUP),
        "action": "upload_photo",
        "message_thread_id": "5",
    }


async def test_an_update_that_makes_no_sense_does_not_end_the_hearing(
    telegram: TelegramServer, line: FaultProxy
) -> None:
    await telegram.update({"message": {"message_id": "?", "chat": [1, 2], "date": "never"}})
    await telegram.update({"message": {"message_id": 1}})
    await telegram.update({"callback_query": {}})
    shown = await heatmap(telegram)

    assert shown.photo == png("BTC-24h")
    assert line.count("getUpdates") < 10  # and is not fetched for ever


async def test_hostile_words_come_back_as_harmless_text(telegram: TelegramServer) -> None:
    await telegram.write("/<b> @everyone \u202e& \ud800 */")
    (shown,) = await telegram.shown(1)

    assert "@" not in shown.text
    assert "\u202e" not in shown.text


@given(st.text(), st.none() | st.text(), st.booleans())
def test_whatever_is_written_is_either_words_or_nothing(
    text: str,
    name: str | None,
    private: bool,  # noqa: FBT001 - hypothesis hands it in
) -> None:
    words = asked(text, name, private=private)

    assert words is None or words == " ".join(words.split())
    assert words is not None or not private or text.lstrip().startswith("/")
