"""From a trader's command in Telegram to the picture on the phone, over real sockets.

Everything is the product's own, from the simulated market to the requests it sends; the far end is
a Bot API server (see tests/support/telegram_server.py).
"""

import socket
from collections.abc import AsyncIterator

import pytest

from bot.chats.hears import Desk
from bot.chats.telegram import TelegramChat
from bot.settings import Settings
from bot.wiring import house
from tests.support.telegram_server import TOKEN, TelegramServer

PNG = b"\x89PNG\r\n\x1a\n"
SECRET = "only-telegram-knows"
GROUP = -100500


@pytest.fixture
async def telegram_desk() -> AsyncIterator[Desk]:
    """The real desk over a simulated market with a short history."""
    async with house(Settings(_env_file=None, history_days=2), "sim") as standing:
        yield standing.listener


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture(params=["polling", "webhook"])
async def bot(
    request: pytest.FixtureRequest, telegram: TelegramServer, telegram_desk: Desk
) -> AsyncIterator[TelegramChat]:
    """A running bot that hears in one of the two ways."""
    if request.param == "polling":
        chat = TelegramChat(telegram_desk, TOKEN, api_base=telegram.origin)
    else:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        chat = TelegramChat(
            telegram_desk,
            TOKEN,
            api_base=telegram.origin,
            webhook_url=f"http://127.0.0.1:{port}/telegram",
            webhook_secret=SECRET,
            webhook_port=port,
        )
    await chat.start()
    yield chat
    await chat.stop()


@pytest.mark.usefixtures("bot")
async def test_a_trader_sends_a_command_holds_a_picture_and_changes_it_with_a_tap(
    telegram: TelegramServer,
) -> None:
    # A command in a private chat: one picture, marked as what it is.
    await telegram.write("/heatmap BTC")
    (shown,) = await telegram.until(telegram.in_chat, 60)
    first = shown.photo
    assert first is not None
    assert first.startswith(PNG)
    assert (int.from_bytes(first[16:20], "big"), int.from_bytes(first[20:24], "big")) == (
        1280,
        1600,
    )
    assert shown.text.startswith("SIMULATED")
    assert "BTC liquidation heatmap · 24h" in shown.text
    assert telegram.of("sendChatAction")[0].fields["action"] == "upload_photo"
    # The phone fetches what was uploaded, byte for byte.
    assert telegram.of("sendPhoto")[0].files["photo"] == first

    # A tap on another window: the same message, another picture, the press answered.
    await telegram.press(shown, "7d")
    await telegram.called("answerCallbackQuery")
    assert telegram.in_chat() == [shown]
    assert shown.photo is not None
    assert shown.photo.startswith(PNG)
    assert shown.photo != first
    assert "BTC liquidation heatmap · 7d" in shown.text
    chosen = [b["text"] for row in shown.keyboard for b in row if b["text"].startswith("✓")]
    assert "✓ 7d" in chosen

    # A tap on "File": the picture as it was drawn, as a new message.
    await telegram.press(shown, "File")
    shown, file = await telegram.shown(2)
    assert file.file is not None
    assert file.file.startswith(PNG)

    # A coin that is not there: an answer in words.
    await telegram.write("/heatmap NOPE")
    problem = (await telegram.shown(3))[-1]
    assert "NOPE" in problem.text
    assert problem.photo is None

    # A group's forum: the answer comes into the topic, as a reply to the command.
    number = await telegram.write("/status@ember_test_bot", GROUP, topic=12)
    (status,) = await telegram.shown(1, GROUP)
    assert (status.thread, status.reply_to) == (12, number)
    assert "Emberline" in status.text
