"""What happens to an answer when the line, or Telegram, fails."""

import asyncio
import json
import traceback

import pytest

from bot.chats.telegram import TelegramChat
from bot.core.errors import BadSetting, ChatUnavailable
from tests.support.fault_proxy import Fault, FaultProxy, Kind, flood
from tests.support.telegram_desk import SmallDesk, png
from tests.support.telegram_server import TOKEN, TelegramServer


@pytest.mark.usefixtures("bot")
async def test_a_line_that_breaks_after_the_picture_arrived_shows_it_once(
    telegram: TelegramServer, line: FaultProxy
) -> None:
    line.faults.append(Fault("sendPhoto", Kind.RESET_AFTER))
    await telegram.write("/heatmap BTC")
    picture, note = await telegram.shown(2)

    assert line.count("sendPhoto") == 1
    assert picture.photo == png("BTC-24h")
    assert "ask again" in note.text


@pytest.mark.usefixtures("bot")
async def test_a_line_that_breaks_before_the_picture_left_offers_it_again(
    telegram: TelegramServer, line: FaultProxy
) -> None:
    line.faults.append(Fault("sendPhoto", Kind.RESET_BEFORE))
    await telegram.write("/heatmap BTC")
    (note,) = await telegram.shown(1)
    assert line.count("sendPhoto") == 1
    assert note.photo is None

    await telegram.press(note, "Send again")
    await telegram.called("editMessageMedia")
    assert note.photo == png("BTC-24h")


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("kind", [Kind.ANSWER, Kind.TRUNCATED])
async def test_an_answer_that_says_nothing_is_not_a_reason_to_send_twice(
    telegram: TelegramServer, line: FaultProxy, kind: Kind
) -> None:
    line.faults.append(Fault("sendPhoto", kind))
    await telegram.write("/heatmap BTC")
    await telegram.until(lambda: any("ask again" in m.text for m in telegram.in_chat()))

    assert line.count("sendPhoto") == 1


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("kind", [Kind.RESET_BEFORE, Kind.RESET_AFTER, Kind.ANSWER, Kind.TRUNCATED])
async def test_a_press_survives_a_bad_line_for_an_edit_can_be_made_twice(
    telegram: TelegramServer, line: FaultProxy, kind: Kind
) -> None:
    await telegram.write("/heatmap BTC")
    (shown,) = await telegram.shown(1)
    line.faults.append(Fault("editMessageMedia", kind))
    await telegram.press(shown, "7d")
    await telegram.called("answerCallbackQuery")

    assert shown.photo == png("BTC-7d")
    assert telegram.in_chat() == [shown]
    assert line.count("editMessageMedia") == 2


@pytest.mark.usefixtures("bot")
async def test_a_flood_wait_is_kept_and_the_picture_arrives_once(
    telegram: TelegramServer, line: FaultProxy
) -> None:
    loop = asyncio.get_running_loop()
    line.faults.append(flood("sendPhoto", 1))
    start = loop.time()
    await telegram.write("/heatmap BTC")
    (shown,) = await telegram.shown(1)

    assert loop.time() - start >= 1
    assert shown.photo == png("BTC-24h")
    assert line.count("sendPhoto") == 2


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("kind", [Kind.RESET_BEFORE, Kind.ANSWER, Kind.SILENCE])
async def test_a_picture_does_not_wait_for_the_sign_that_it_is_coming(
    telegram: TelegramServer, line: FaultProxy, kind: Kind
) -> None:
    line.faults.append(Fault("sendChatAction", kind, times=None))
    await telegram.write("/heatmap BTC")
    (shown,) = await telegram.shown(1)

    assert shown.photo == png("BTC-24h")


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b'{"ok":false,"error_code":404,"description":"Not Found"}'),
        (404, b"<html>no such page</html>"),
        (502, b"<html><h1>502 Bad Gateway</h1></html>"),
        (200, b"neither JSON nor anything"),
        (200, b'{"ok":true}'),
        (200, b'{"ok":true,"result":"what?"}'),
        (200, b"[]"),
    ],
)
async def test_hearing_goes_on_after_any_answer_to_a_poll(
    telegram: TelegramServer, line: FaultProxy, status: int, body: bytes
) -> None:
    await telegram.write("/status")
    line.faults.append(Fault("getUpdates", Kind.ANSWER, times=1, status=status, body=body))
    await telegram.shown(1)  # a poll is under way; the next one meets the fault
    await telegram.write("/heatmap BTC")
    shown = (await telegram.shown(2))[-1]

    assert shown.photo == png("BTC-24h")
    assert line.faults[0].times == 0
    assert line.count("getUpdates") < 20


@pytest.mark.usefixtures("bot")
async def test_a_bot_that_was_blocked_stays_quiet(
    telegram: TelegramServer, line: FaultProxy
) -> None:
    body = b'{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}'
    line.faults.append(Fault("send", Kind.ANSWER, times=None, status=403, body=body))
    await telegram.write("/heatmap BTC")
    await telegram.until(lambda: line.count("sendPhoto"))
    line.faults.clear()
    await telegram.write("/heatmap ETH", 78)
    await telegram.shown(1, 78)

    assert line.count("sendPhoto") == 2
    assert telegram.in_chat(77) == []


@pytest.mark.usefixtures("bot")
async def test_a_group_that_became_a_supergroup_gets_its_answer(
    telegram: TelegramServer, line: FaultProxy
) -> None:
    body = (
        b'{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded",'
        b'"parameters":{"migrate_to_chat_id":-100999}}'
    )
    line.faults.append(Fault("sendPhoto", Kind.ANSWER, status=400, body=body))
    await telegram.write("/heatmap BTC", -55)
    (shown,) = await telegram.shown(1, -100999)

    assert shown.photo == png("BTC-24h")


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("why", "kind"),
    [
        (b"PHOTO_INVALID_DIMENSIONS", "file"),
        (b"can't parse entities: unknown type", "photo"),
        (b"message thread not found", "photo"),
    ],
)
async def test_what_telegram_refuses_is_left_out_and_the_picture_arrives(
    telegram: TelegramServer, line: FaultProxy, why: bytes, kind: str
) -> None:
    body = b'{"ok":false,"error_code":400,"description":"Bad Request: ' + why + b'"}'
    line.faults.append(Fault("sendPhoto", Kind.ANSWER, status=400, body=body))
    await telegram.write("/heatmap BTC", -100500, topic=3)
    (shown,) = await telegram.shown(1, -100500)

    assert getattr(shown, kind) == png("BTC-24h")


@pytest.mark.usefixtures("bot")
async def test_where_no_picture_may_be_sent_the_words_are(
    telegram: TelegramServer, line: FaultProxy
) -> None:
    body = b'{"ok":false,"error_code":400,"description":"Bad Request: not enough rights"}'
    for method in ("sendPhoto", "sendDocument"):
        line.faults.append(Fault(method, Kind.ANSWER, status=400, body=body))
    await telegram.write("/heatmap BTC")
    (shown,) = await telegram.shown(1)

    assert shown.text.startswith("BTC liquidation heatmap")
    assert "could not be sent" in shown.text


async def test_a_bot_started_before_telegram_can_be_reached_waits_for_it(
    telegram: TelegramServer, line: FaultProxy, desk: SmallDesk, caplog: pytest.LogCaptureFixture
) -> None:
    line.faults += [
        Fault("getMe", Kind.RESET_BEFORE, times=1),
        Fault("deleteWebhook", Kind.ANSWER, times=1),
    ]
    chat = TelegramChat(desk, TOKEN, api_base=line.origin)
    await chat.start()
    try:
        await telegram.write("/heatmap BTC")
        assert (await telegram.shown(1))[0].photo == png("BTC-24h")
        assert "telegram cannot be reached" in caplog.text
    finally:
        await chat.stop()


async def test_a_start_that_is_given_up_leaves_nothing_running(desk: SmallDesk) -> None:
    chat = TelegramChat(desk, TOKEN, api_base="http://127.0.0.1:9")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(chat.start(), 0.3)
    await chat.stop()

    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_refused_token_is_a_sentence_that_names_the_variable_and_not_the_token(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    wrong = "7000000002:AAwrong-token-that-no-message-may-show"
    chat = TelegramChat(desk, wrong, api_base=telegram.origin)
    for attempt in (chat.start, chat.check):
        with pytest.raises(BadSetting, match="TELEGRAM_TOKEN") as refusal:
            await attempt()
        assert wrong not in "".join(traceback.format_exception(refusal.value))
    await chat.stop()


async def test_a_check_of_a_telegram_that_is_down_says_so(desk: SmallDesk) -> None:
    chat = TelegramChat(desk, TOKEN, api_base="http://127.0.0.1:9")
    with pytest.raises(ChatUnavailable, match="Telegram is not answering"):
        await chat.check()


async def test_a_check_names_the_bot(telegram: TelegramServer, desk: SmallDesk) -> None:
    assert await TelegramChat(desk, TOKEN, api_base=telegram.origin).check() == "@ember_test_bot"


async def test_the_check_says_what_botfather_has_switched_off(
    telegram: TelegramServer, line: FaultProxy, desk: SmallDesk
) -> None:
    assert telegram
    me = {
        "id": 7,
        "is_bot": True,
        "first_name": "Ember",
        "username": "ember_test_bot",
        "can_join_groups": True,
        "supports_inline_queries": False,
    }
    body = json.dumps({"ok": True, "result": me}).encode()
    line.faults.append(Fault("getMe", Kind.ANSWER, times=None, status=200, body=body))
    said = await TelegramChat(desk, TOKEN, api_base=line.origin).check()

    off = "being asked from any chat (@BotFather: /setinline)"
    assert said == f"@ember_test_bot. Switched off: {off}"
