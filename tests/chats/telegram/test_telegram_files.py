"""A file goes out as a message of its own, to whom it belongs, and no id of it is remembered."""

import pytest

from bot.reply import Button, Document, Reply
from tests.support.telegram_desk import SmallDesk, UploadMemory
from tests.support.telegram_server import TelegramServer

GROUP = -100500
FILE = Document(b"PK\x03\x04all that is kept", "emberline.zip", "application/zip")
pytestmark = pytest.mark.usefixtures("bot")


async def test_a_file_is_sent_with_its_words_and_buttons(
    telegram: TelegramServer, desk: SmallDesk, uploads: UploadMemory
) -> None:
    row = ((Button("Privacy", "privacy"),),)
    desk.replies["export"] = Reply("All that is kept of you", buttons=row, document=FILE)
    await telegram.write("/export", 77)
    (shown,) = await telegram.shown(1, 77)

    assert shown.file == FILE.body
    assert shown.text == "All that is kept of you"
    assert shown.keyboard[0][0]["text"] == "Privacy"
    assert not uploads.known, "an id of somebody's own file is remembered"


async def test_a_private_file_asked_for_in_a_group_goes_to_who_asked(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    desk.replies["export"] = Reply("All that is kept of you", private=True, document=FILE)
    await telegram.write("/export", GROUP)
    (shown,) = await telegram.shown(1, 77)

    assert shown.file == FILE.body
    assert not telegram.in_chat(GROUP)


async def test_a_pressed_button_that_brings_a_file_leaves_the_message_as_it_was(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    await telegram.write("/heatmap BTC", 77)
    (before,) = await telegram.shown(1, 77)
    text = before.text
    desk.replies["heatmap BTC 7d"] = Reply("The same data", document=FILE)
    await telegram.press(before, "7d")
    first, second = await telegram.shown(2, 77)

    assert (first.text, second.file) == (text, FILE.body)
