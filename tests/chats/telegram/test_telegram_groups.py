"""Groups: hello once, and the topic in which somebody asked."""

from typing import Any

import pytest

from bot.chats.telegram import TelegramChat
from bot.reply import Reply
from tests.support.fault_proxy import Fault, FaultProxy, Kind
from tests.support.telegram_desk import SmallDesk
from tests.support.telegram_server import TelegramServer

ME = {"id": 7, "is_bot": True, "first_name": "Ember"}
ADA = {"id": 77, "is_bot": False, "first_name": "Ada"}
GROUP = -1001


def change(before: str, now: str, kind: str = "supergroup", chat: int = GROUP) -> dict[str, Any]:
    def member(status: str) -> dict[str, Any]:
        more: dict[str, Any] = {"until_date": 0} if status == "kicked" else {}
        if status == "administrator":
            rights = (
                "can_be_edited is_anonymous can_manage_chat can_delete_messages "
                "can_manage_video_chats can_restrict_members can_promote_members can_change_info "
                "can_invite_users can_post_stories can_edit_stories can_delete_stories"
            )
            more = dict.fromkeys(rights.split(), False)
        return {"status": status, "user": ME, **more}

    return {
        "chat": {"id": chat, "type": kind, "title": "Traders"},
        "from": ADA,
        "date": 1_764_000_000,
        "old_chat_member": member(before),
        "new_chat_member": member(now),
    }


async def told(bot: TelegramChat, number: int, update: dict[str, Any]) -> None:
    """Hand in an update of a kind that the emulator does not queue."""
    await bot._accept({"update_id": number, "my_chat_member": update})
    await bot._application.update_queue.join()


async def test_a_group_that_lets_the_bot_in_is_told_hello_once(
    bot: TelegramChat, telegram: TelegramServer, desk: SmallDesk
) -> None:
    desk.replies["start"] = Reply("Emberline is here", ("Moderators: /watch",))
    await told(bot, 1, change("left", "member"))
    await told(bot, 2, change("member", "administrator"))
    await telegram.write("/status", chat=GROUP)
    shown = await telegram.shown(2, chat=GROUP)

    assert [each.text.split("\n")[0] for each in shown] == ["Emberline is here", "Emberline"]
    words, asker = desk.asked[0]
    assert (words, asker.chat, asker.user) == ("start", f"telegram:{GROUP}", "telegram:77")
    assert asker.shared


@pytest.mark.parametrize(
    "update",
    [
        change("left", "administrator", kind="channel"),
        change("member", "left"),
        change("member", "kicked"),
        change("kicked", "member", kind="private", chat=77),
    ],
    ids=["a channel's readers", "put out", "banned", "somebody who comes back"],
)
async def test_nobody_else_is_told_anything(
    bot: TelegramChat, telegram: TelegramServer, desk: SmallDesk, update: dict[str, Any]
) -> None:
    await told(bot, 1, update)
    await telegram.write("/status", chat=78)
    await telegram.shown(1, chat=78)

    assert telegram.in_chat(GROUP) == []
    assert telegram.in_chat(77) == []
    assert [words for words, _ in desk.asked] == ["status"]


async def test_a_group_where_the_bot_may_not_write_does_no_harm(
    bot: TelegramChat, telegram: TelegramServer, line: FaultProxy, desk: SmallDesk
) -> None:
    refusal = b'{"ok":false,"error_code":400,"description":"Bad Request: not enough rights"}'
    line.faults.append(Fault("sendMessage", Kind.ANSWER, status=400, body=refusal))
    await told(bot, 1, change("left", "member"))
    await telegram.write("/status", chat=GROUP)
    await telegram.shown(1, chat=GROUP)

    assert [words for words, _ in desk.asked] == ["start", "status"]


async def test_an_answer_to_a_topic_that_was_closed_meanwhile_still_arrives(
    bot: TelegramChat, telegram: TelegramServer, line: FaultProxy
) -> None:
    assert bot
    refusal = b'{"ok":false,"error_code":400,"description":"Bad Request: TOPIC_CLOSED"}'
    line.faults.append(Fault("sendMessage", Kind.ANSWER, status=400, body=refusal))
    await telegram.write("/status", chat=GROUP, topic=9)
    (shown,) = await telegram.shown(1, chat=GROUP)

    assert shown.thread is None


async def test_whatever_is_said_in_a_topic_is_said_there(
    bot: TelegramChat, telegram: TelegramServer, desk: SmallDesk
) -> None:
    assert bot
    await telegram.write("/heatmap BTC", chat=GROUP, topic=9)
    (picture,) = await telegram.shown(1, chat=GROUP)
    for label in ("New", "File"):
        await telegram.press(picture, label)
    await telegram.write("/heatmap NOPE*", chat=GROUP, topic=9)
    await telegram.shown(4, chat=GROUP)
    action = telegram.of("sendChatAction")[0]

    assert {each.thread for each in telegram.in_chat(GROUP)} == {9}
    assert int(action.fields["message_thread_id"]) == 9
    assert {asker.topic for _, asker in desk.asked} == {"9"}
