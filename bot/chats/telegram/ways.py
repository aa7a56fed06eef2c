"""Which way a reply goes: what Telegram takes as a photo, what only as a file, and what not."""

from dataclasses import replace
from enum import Enum

from bot.chats.telegram.dress import CAPTION, TEXT, Dressed, dress
from bot.core.language import mark, say
from bot.languages import spoken
from bot.reply import Image, Reply

# Limits of the Bot API for what is uploaded.
_PHOTO, _FILE = 10_000_000, 50_000_000  # bytes
_SIDES, _RATIO = 10_000, 20  # [px] width and height together; the longer by the shorter

_NO_PICTURE = mark("The picture could not be sent here.")
_NO_FILE = mark("The file could not be sent here.")


class Way(Enum):
    """How a reply goes out."""

    PHOTO = "photo"  # shown at once, recompressed by Telegram
    FILE = "file"  # as it was drawn
    DOCUMENT = "document"  # a file that is no picture
    TEXT = "text"


def way_of(reply: Reply, *, as_file: bool = False) -> Way:
    """Return the way that shows most of a reply."""
    if reply.document is not None:
        return Way.DOCUMENT
    if reply.image is None or len(reply.image.png) > _FILE:
        return Way.TEXT
    return Way.FILE if as_file or not is_photo(reply.image) else Way.PHOTO


def is_photo(image: Image) -> bool:
    """Whether a picture may be shown as a photo."""
    width, height = (int.from_bytes(image.png[at : at + 4], "big") for at in (16, 20))
    narrow = min(width, height) * _RATIO < max(width, height)
    return len(image.png) <= _PHOTO and width + height <= _SIDES and not narrow


def dressed_for(reply: Reply, way: Way) -> Dressed:
    """Dress a reply for its way; says so if its picture or its file cannot go along."""
    if reply.document is not None:
        if way is not Way.TEXT:
            return dress(reply, CAPTION)
        return dress(replace(reply, lines=(*reply.lines, _said(_NO_FILE, reply))), TEXT)
    if reply.image is None:
        return dress(reply, TEXT)
    if way is Way.TEXT:
        return dress(
            replace(reply, lines=(*reply.lines, _said(_NO_PICTURE, reply)), image=None), TEXT
        )
    return dress(reply, CAPTION)


def _said(template: str, reply: Reply) -> str:
    with spoken(reply.language):
        return say(template)
