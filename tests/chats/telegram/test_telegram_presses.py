"""What a press of a button does, whoever presses and whatever comes back with it."""

import asyncio
from typing import Any

import pytest

from bot.reply import Button, Reply
from tests.support.fault_proxy import Fault, FaultProxy, Kind
from tests.support.telegram_desk import SmallDesk, png
from tests.support.telegram_server import TelegramServer
from tests.support.telegram_shapes import Shown

GROUP = -100500
pytestmark = pytest.mark.usefixtures("bot")


async def heatmap(telegram: TelegramServer, chat: int = 77) -> Shown:
    await telegram.write("/heatmap BTC", chat)
    return (await telegram.shown(1, chat))[0]


async def test_a_press_changes_the_picture_in_place_and_is_answered(
    telegram: TelegramServer,
) -> None:
    shown = await heatmap(telegram)
    await telegram.press(shown, "7d")
    await telegram.called("answerCallbackQuery")

    assert telegram.in_chat() == [shown]
    assert shown.photo == png("BTC-7d")
    assert [b["text"] for b in shown.keyboard[0]] == ["12h", "24h", "✓ 7d"]


async def test_a_button_for_a_new_message_leaves_the_old_one_as_it_was(
    telegram: TelegramServer,
) -> None:
    shown = await heatmap(telegram, GROUP)
    await telegram.press(shown, "New")
    old, new = await telegram.shown(2, GROUP)

    assert old.photo == new.photo == png("BTC-24h")
    assert new.reply_to == old.number


async def test_a_refresh_that_finds_nothing_newer_says_so(telegram: TelegramServer) -> None:
    shown = await heatmap(telegram)
    await telegram.press(shown, "24h")
    (answer,) = await telegram.called("answerCallbackQuery")

    assert answer.fields["text"] == "Nothing newer yet."


async def test_a_problem_after_a_press_is_an_alert_and_the_picture_stays(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    shown = await heatmap(telegram)
    desk.replies["heatmap BTC 7d"] = Reply("No venue answered. " + "x" * 300, kind="problem")
    await telegram.press(shown, "7d")
    (answer,) = await telegram.called("answerCallbackQuery")

    assert answer.fields["show_alert"] == "true"
    assert answer.fields["text"].startswith("No venue answered.")
    assert len(answer.fields["text"]) <= 200
    assert shown.photo == png("BTC-24h")
    assert telegram.in_chat() == [shown]


async def test_a_note_after_a_press_is_shown_beside_the_message_which_stays(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    shown = await heatmap(telegram)
    desk.replies["heatmap BTC 7d"] = Reply("w1 is muted until 17:00", ("BTC squeeze",), kind="note")
    await telegram.press(shown, "7d")
    (answer,) = await telegram.called("answerCallbackQuery")

    assert answer.fields["text"] == "w1 is muted until 17:00\nBTC squeeze"
    assert "show_alert" not in answer.fields
    assert shown.photo == png("BTC-24h")
    assert telegram.in_chat() == [shown]


async def test_a_text_becomes_a_picture_in_place_and_a_picture_never_becomes_a_text(
    telegram: TelegramServer,
) -> None:
    await telegram.write("/status")
    (shown,) = await telegram.shown(1)
    await telegram.press_words(shown, "heatmap BTC")
    await telegram.called("editMessageMedia")
    assert shown.photo == png("BTC-24h")

    await telegram.press_words(shown, "status")
    first, second = await telegram.shown(2)
    assert first.photo == png("BTC-24h")
    assert second.text.startswith("Emberline")


async def test_a_message_that_telegram_no_longer_lets_us_change_is_answered_anew(
    telegram: TelegramServer,
) -> None:
    gone = Shown(77, 900, photo=png("old"))
    await telegram.press_words(gone, "heatmap BTC 12h")
    (shown,) = await telegram.shown(1)

    assert shown.photo == png("BTC-12h")


async def test_a_press_on_a_message_too_old_to_be_told_is_answered_anew(
    telegram: TelegramServer,
) -> None:
    message = {"chat": {"id": 77, "type": "private"}, "message_id": 3, "date": 0}
    query: dict[str, Any] = {
        "id": "9",
        "from": {"id": 77, "is_bot": False, "first_name": "Ada"},
        "chat_instance": "1",
        "data": "heatmap BTC 12h",
        "message": message,
    }
    await telegram.update({"callback_query": query})
    (shown,) = await telegram.shown(1)
    await telegram.called("answerCallbackQuery")

    assert shown.photo == png("BTC-12h")


@pytest.mark.parametrize(
    "data", ["", "+", "'; DROP TABLE chats; --", "\ud800", "heatmap " + "A" * 500, "\x00" * 64]
)
async def test_forged_buttons_are_only_words_that_are_not_understood(
    telegram: TelegramServer, data: str
) -> None:
    shown = await heatmap(telegram)
    await telegram.press_words(shown, data)
    await telegram.called("answerCallbackQuery")
    await telegram.write("/heatmap ETH")
    await telegram.until(lambda: png("ETH-24h") in [m.photo for m in telegram.in_chat()])

    assert shown.photo in {png("BTC-24h"), png(f"{'A' * 30}-24h")}


async def test_of_two_quick_presses_only_the_last_changes_the_picture(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    shown = await heatmap(telegram)
    slow = desk.gates["heatmap BTC 12h"] = asyncio.Event()
    await telegram.press(shown, "12h")
    await telegram.until(lambda: len(desk.asked) == 2)
    await telegram.press(shown, "7d")
    await telegram.called("editMessageMedia")
    slow.set()
    await telegram.called("answerCallbackQuery", 2)

    assert shown.photo == png("BTC-7d")
    assert len(telegram.of("editMessageMedia")) == 1


async def test_a_press_is_answered_in_time_even_if_the_desk_is_slow(
    telegram: TelegramServer, desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chats.telegram.press._PATIENCE", 0.1)
    shown = await heatmap(telegram)
    gate = desk.gates["heatmap BTC 7d"] = asyncio.Event()
    await telegram.press(shown, "7d")
    await telegram.called("answerCallbackQuery")
    assert shown.photo == png("BTC-24h")
    gate.set()
    await telegram.called("editMessageMedia")

    assert shown.photo == png("BTC-7d")
    assert len(telegram.of("answerCallbackQuery")) == 1


async def test_buttons_of_an_answer_in_words_are_offered(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    desk.replies["start"] = Reply("Hello", buttons=((Button("BTC", "heatmap BTC", fresh=True),),))
    await telegram.write("/start")
    (hello,) = await telegram.shown(1)
    await telegram.press(hello, "BTC")
    hello, picture = await telegram.shown(2)

    assert hello.text == "Hello"
    assert picture.photo == png("BTC-24h")


async def test_where_telegram_cannot_change_a_picture_a_new_one_is_sent(
    telegram: TelegramServer, line: FaultProxy
) -> None:
    shown = await heatmap(telegram)
    body = b'{"ok":false,"error_code":501,"description":"Method not implemented"}'
    line.faults.append(Fault("editMessageMedia", Kind.ANSWER, status=501, body=body))
    await telegram.press(shown, "7d")
    old, new = await telegram.shown(2)

    assert old.photo == png("BTC-24h")
    assert new.photo == png("BTC-7d")
    assert line.count("editMessageMedia") == 1
