"""Hears typed lines, or a script's, and shows the replies."""

import asyncio
import re
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.chats.hears import Desk
from bot.chats.live import LiveCards
from bot.chats.terminal.dress import numbered, show
from bot.chats.terminal.post import TerminalPost
from bot.core.language import say
from bot.desk.requests import BY_ITSELF, Asker
from bot.reply import Button, Reply

# Whoever sits at the machine itself may ask as fast as it answers.
_WHO = Asker(chat="terminal", user="terminal", effort=BY_ITSELF)
_LEAVING = ("exit", "quit", "bye", "/exit", "/quit")
_PROMPT = "emberline> "
_LAST_WORDS = 20.0  # [s] that what is still coming has when a script ends


class TerminalChat:
    """One person at a terminal; pictures are written to a folder."""

    def __init__(self, desk: Desk, folder: Path, console: Console | None = None) -> None:
        self._desk = desk
        self._folder = folder
        self._console = console or Console()
        self._buttons: list[Button] = []
        self._cards = LiveCards(desk)
        self.pictures: list[Path] = []
        self.post = TerminalPost(self._tell)
        self._prompting = False

    async def converse(self) -> None:
        """Answer what is typed until the person leaves or the input ends."""
        self._console.print(
            Text("Type /heatmap BTC, a button's number, /help, or quit.", style="dim")
        )
        lines = _typed()
        while True:
            self._prompting = True
            line = await anext(lines, None)
            self._prompting = False
            if line is None or line.strip().lower() in _LEAVING:
                break
            await self.hear(line)
        await self._cards.close(0)

    async def play(self, script: Sequence[str]) -> list[Reply]:
        """Say the lines of a script one after the other, as if typed; return the replies."""
        replies = []
        for line in script:
            self._console.print(Text(f"{_PROMPT}{line}", style="bold green"))
            replies += await self.hear(line)
        await self._cards.completed(_LAST_WORDS)
        await self._cards.close(0)
        return replies

    async def hear(self, line: str) -> list[Reply]:
        """Answer one line: words, or the number of a button of the last reply."""
        words = line.strip()
        if not words:
            return []
        if words.isdecimal():
            if not 1 <= int(words) <= len(self._buttons):
                reply = Reply(_no_button(words, len(self._buttons)), kind="problem")
                show(self._console, reply, None)
                return [reply]
            words = self._buttons[int(words) - 1].words
        with self._console.status("looking …"):
            reply = await self._desk.answer(words, _WHO)
        self._show(reply)
        if reply.live is not None:
            self._cards.begin(_WHO.chat, reply.live.words, reply.live, _WHO, self._show_again)
        elif reply.coming:
            self._cards.complete(_WHO.chat, words, reply.coming, _WHO, self._show_again)
        return [reply]

    def _show(self, reply: Reply) -> None:
        written = None
        if reply.document is not None:
            written = self._write(reply.document.name, reply.document.body)
        elif reply.image is not None:
            written = self._write(reply.image.name, reply.image.png)
            if written not in self.pictures:
                self.pictures.append(written)
        show(self._console, reply, written)
        self._buttons = numbered(reply) or self._buttons

    def _tell(self, reply: Reply) -> None:
        """Show what nobody has asked for, and the prompt again with what is typed there."""
        waiting = self._prompting and sys.stdin.isatty()
        if waiting:
            self._console.print()
        self._show(reply)
        if waiting:
            self._console.print(Text(f"{_PROMPT}{_half_typed()}"), end="")

    async def _show_again(self, reply: Reply) -> bool:
        """Show a newer state of a live card below: what a terminal has printed stays there."""
        self._show(reply)
        return True

    def _write(self, name: str, body: bytes) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / (re.sub(r"[^a-z0-9.-]", "", name.lower()) or "picture.png")
        path.write_bytes(body)
        return path


def _no_button(number: str, buttons: int) -> str:
    if not buttons:
        return say("There is no button {number}; buttons are none yet.", number=number)
    return say("There is no button {number}; buttons are 1 to {last}.", number=number, last=buttons)


def _half_typed() -> str:
    import readline  # as what reads the line does

    return readline.get_line_buffer()


async def _typed() -> AsyncIterator[str]:
    """Yield lines as they are typed; the reading thread never holds up the end of the program."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    asked, over = threading.Semaphore(0), threading.Event()

    def hand_over(line: str | None) -> None:
        loop.call_soon_threadsafe(lines.put_nowait, line)

    def read() -> None:
        if sys.stdin.isatty():
            import readline  # noqa: F401 - gives input() its editing and history
        while asked.acquire() and not over.is_set():
            try:
                hand_over(input(_PROMPT if sys.stdin.isatty() else ""))
            except (EOFError, KeyboardInterrupt):
                hand_over(None)
                return

    threading.Thread(target=read, daemon=True, name="typing").start()
    try:
        while True:
            asked.release()
            line = await lines.get()
            if line is None:
                return
            yield line
    finally:
        over.set()
        asked.release()
