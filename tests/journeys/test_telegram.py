"""From a trader's command in Telegram to the picture on the phone, over real sockets."""

import socket
from collections.abc import AsyncIterator

import pytest

from bot.chats.hears import Desk
from bot.chats.telegram import TelegramChat
from tests.support.telegram_desk import SmallDesk
from tests.support.telegram_server import TOKEN, TelegramServer

PNG = b"\x89PNG\r\n\x1a\n"
SECRET = "only-telegram-knows"


@pytest.fixture
def telegram_desk() -> Desk:
    return SmallDesk()


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
    await telegram.write("/heatmap BTC")

    (shown,) = await telegram.shown(1)
    first = shown.photo
    assert first is not None
    assert first.startswith(PNG)
    assert "BTC liquidation heatmap" in shown.text
    assert telegram.of("sendChatAction")[0].fields["action"] == "upload_photo"

    await telegram.press(shown, "7d")
    await telegram.called("answerCallbackQuery")

    (shown,) = telegram.in_chat()
    assert shown.photo is not None
    assert shown.photo.startswith(PNG)
    assert shown.photo != first
    assert "7d" in shown.text
    assert shown.keyboard[0][-1]["text"].startswith("✓")


@pytest.mark.usefixtures("bot")
async def test_a_trader_asks_for_the_file_and_gets_the_picture_as_it_was_drawn(
    telegram: TelegramServer,
) -> None:
    await telegram.write("/heatmap BTC")
    (picture,) = await telegram.shown(1)
    await telegram.press(picture, "File")

    picture, file = await telegram.shown(2)
    assert file.file == picture.photo
    assert file.photo is None


@pytest.mark.usefixtures("bot")
async def test_in_a_forum_the_picture_comes_into_the_topic_it_was_asked_in(
    telegram: TelegramServer,
) -> None:
    number = await telegram.write("/heatmap@ember_test_bot ETH", -100500, topic=12)

    (shown,) = await telegram.shown(1, -100500)
    assert shown.photo is not None
    assert (shown.thread, shown.reply_to) == (12, number)
