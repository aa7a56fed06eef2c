"""A picture that is no photo to Telegram goes as a file; one that is too large is said to be."""

import struct

import pytest

from bot.chats.telegram.ways import Way, dressed_for, is_photo, way_of
from bot.reply import Image, Reply
from tests.support.telegram_desk import SmallDesk
from tests.support.telegram_server import TelegramServer


def image(width: int, height: int, size: int = 64) -> Image:
    """Something of these dimensions [px] and so many bytes."""
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return Image(head.ljust(size, b"\0"), "alt", "x.png", f"{width}x{height}x{size}")


@pytest.mark.parametrize(
    ("picture", "way"),
    [
        (image(1280, 1600), Way.PHOTO),
        (image(5000, 5000), Way.PHOTO),
        (image(5000, 5001), Way.FILE),
        (image(100, 2001), Way.FILE),
        (image(1280, 1600, 10_000_001), Way.FILE),
        (image(1280, 1600, 50_000_001), Way.TEXT),
    ],
)
def test_each_size_has_its_way(picture: Image, way: Way) -> None:
    assert way_of(Reply("BTC", image=picture)) is way


def test_who_cannot_have_a_picture_is_told_so() -> None:
    reply = Reply("BTC", ("97k",), image(1280, 1600, 50_000_001))
    dressed = dressed_for(reply, way_of(reply))
    assert "The picture could not be sent here." in dressed.text


@pytest.mark.usefixtures("bot")
async def test_a_large_picture_arrives_as_a_file_and_never_in_place_of_another(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    large = image(4000, 9000)
    assert not is_photo(large)
    desk.replies["heatmap BTC 7d"] = Reply("BTC over 7d", image=large)
    await telegram.write("/heatmap BTC 7d", 77)
    (alone,) = await telegram.shown(1, 77)
    assert alone.file == large.png
    await telegram.write("/heatmap BTC", 77)
    before = (await telegram.shown(2, 77))[1]
    text = before.text
    await telegram.press(before, "7d")
    *_, first, second = await telegram.shown(3, 77)
    assert (first.text, second.file) == (text, large.png)
