"""A desk that knows a few coins and draws a small, honest PNG of what it was asked."""

import struct
import zlib
from asyncio import Event
from collections import defaultdict
from collections.abc import Sequence

from bot.chats.words import understood
from bot.core.errors import BotError
from bot.desk.requests import Asker, HeatmapRequest
from bot.reply import Button, Image, Reply

WINDOWS = ("12h", "24h", "7d")


def png(words: str) -> bytes:
    """Draw 32 x 40 pixels whose colour follows from `words`."""
    colour = zlib.crc32(words.encode()).to_bytes(4, "big")[:3]
    rows = b"".join(b"\0" + colour * 32 for _ in range(40))
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 40, 8, 2, 0, 0, 0))
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _open() -> Event:
    gate = Event()
    gate.set()
    return gate


class SmallDesk:
    """Answers at once unless told to wait; remembers who asked what."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Asker]] = []
        self.gates: defaultdict[str, Event] = defaultdict(_open)  # an answer waits for its gate
        self.replies: dict[str, Reply] = {}  # words whose answer is given

    async def answer(self, words: str, asker: Asker) -> Reply:
        """Answer `heatmap COIN [window]` with a picture, anything else in words."""
        self.asked.append((words, asker))
        await self.gates[words].wait()
        if (reply := self.replies.get(words)) is not None:
            return reply
        try:
            request = understood(words)
        except BotError as error:
            return Reply(str(error), kind="problem")
        if not isinstance(request, HeatmapRequest):
            return Reply("Emberline", ("All is well.",), buttons=((Button("Refresh", words),),))
        coin, window = request.symbol.upper(), request.window.name
        row = tuple(Button(w, f"heatmap {coin} {w}", chosen=w == window) for w in WINDOWS)
        more = (
            Button("Refresh", f"heatmap {coin} {window} refresh"),
            Button("New", f"heatmap {coin} {window}", fresh=True),
            Button("File", f"file heatmap {coin} {window}", fresh=True),
        )
        key = f"{coin}-{window}"
        image = Image(png(key), f"{coin} over {window}", f"{key.lower()}.png", key)
        return Reply(f"{coin} liquidation heatmap · {window}", ("Estimated.",), image, (row, more))

    async def suggest(self, typed: str) -> Sequence[str]:  # noqa: ARG002 - the desk's signature
        """Name nothing: Telegram has no suggestions while typing."""
        return ()


class UploadMemory:
    """Remembers file ids, and nothing else."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], str] = {}

    async def uploaded(self, platform: str, key: str) -> str | None:
        """Return a file id."""
        return self.known.get((platform, key))

    async def remember_upload(self, platform: str, key: str, file_id: str) -> None:
        """Remember a file id."""
        self.known[platform, key] = file_id
