"""A desk that knows a few coins and draws a small, honest PNG of what it was asked."""

import asyncio
import struct
import zlib
from collections.abc import Sequence

from bot.desk.requests import Asker
from bot.reply import Button, Image, Reply

COINS = ("BTC", "BNB", "BCH", "ETH", "SOL")
WINDOWS = ("12h", "24h", "3d")


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


class SmallDesk:
    """Answers at once, unless told to wait; remembers who asked what."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Asker]] = []
        self.gate = asyncio.Event()  # closed: answers wait
        self.gate.set()
        self.next_reply: Reply | None = None
        self.fails: Exception | None = None

    async def answer(self, words: str, asker: Asker) -> Reply:
        """Answer `heatmap COIN [window]`; anything else is a problem."""
        self.asked.append((words, asker))
        await self.gate.wait()
        if self.fails is not None:
            raise self.fails
        if self.next_reply is not None:
            reply, self.next_reply = self.next_reply, None
            return reply
        command, *rest = words.split()
        coin = rest[0].upper() if rest else ""
        if command not in ("heatmap", "map") or coin not in COINS:
            return Reply(f"No perpetual called “{coin}” is listed here.", kind="problem")
        window = next((word for word in rest if word in WINDOWS), "24h")
        row = tuple(Button(w, f"heatmap {coin} {w}", chosen=w == window) for w in WINDOWS)
        more = (Button("ETH too", "heatmap ETH", fresh=True), Button("File", f"file {words}"))
        return Reply(
            f"{coin} {window} liquidation heatmap, estimated",
            ("Largest cluster above: 64,200",),
            Image(png(words), f"{coin} over {window}", f"{coin.lower()}-{window}.png", words),
            (row, more),
            simulated=True,
            as_of=1_764_000_000_000,
        )

    async def suggest(self, typed: str) -> Sequence[str]:
        """Name coins by their beginning."""
        await self.gate.wait()
        if self.fails is not None:
            raise self.fails
        return [coin for coin in COINS if coin.startswith(typed.upper())]
