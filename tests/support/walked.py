"""Every command once, as a person would ask it on any platform; answers are kept to look at."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from rich.console import Console
from simcord.backend.models import Interaction

from bot.chats.hears import Desk
from bot.chats.terminal.chat import TerminalChat
from tests.support.discord_server import DiscordServer
from tests.support.discord_world import (
    answer,
    answered,
    buttons,
    follow_ups,
    in_private,
    words_of,
)
from tests.support.telegram_server import TelegramServer
from tests.support.telegram_shapes import Shown

_WAIT = 60.0  # [s]


@dataclass(frozen=True, slots=True)
class Step:
    """One question, as it is typed and as Discord's options say it."""

    words: str
    options: dict[str, str]
    pictured: bool = True
    file: bool = False


def _of(symbol: str = "BTC", **options: str) -> dict[str, str]:
    return {"symbol": symbol, **options}


STEPS = (
    Step("start", {}, pictured=False),
    Step("help", {}, pictured=False),
    Step("help heatmap", {"command": "heatmap"}, pictured=False),
    Step("heatmap BTC", _of()),
    Step("map BTC", _of()),
    Step("heatmap ETH 7d light", _of("ETH", window="7d", theme="light")),
    Step("liqs", {}),
    Step("liqs BTC", _of()),
    Step("book BTC", _of(), pictured=False),  # nobody waits with an order in a simulated market
    Step("funding BTC", _of()),
    Step("funding", {}, pictured=False),
    Step("oi BTC", _of()),
    Step("ratio BTC", _of()),
    Step("squeeze", {}),
    Step("squeeze BTC", _of()),
    Step("explain BTC", _of(), pictured=False),
    Step("setups", {}, pictured=False),
    Step("setups BTC", _of(), pictured=False),
    Step("backtest sweep BTC", _of(strategy="sweep")),
    Step("whatif BTC -4%", _of(move="-4%")),
    Step("position BTC long 20x", _of(side="long", leverage="20")),
    Step("accuracy BTC", _of()),
    Step("model BTC", _of(), pictured=False),
    Step("markets", {}, pictured=False),
    Step("watch BTC price moves 1% in 4h", {"condition": "BTC price moves 1% in 4h"}),
    Step("watch BTC squeeze", {"condition": "BTC squeeze"}, pictured=False),
    Step("watches", {}, pictured=False),
    Step("mute 1h", {"for": "1h"}, pictured=False),
    Step("mute off", {"for": "off"}, pictured=False),
    Step("test", {}, pictured=False),
    Step("journal add BTC long 20x $500", {"trade": "add BTC long 20x $500"}, pictured=False),
    Step("journal", {}, pictured=False),
    Step("coach", {}, pictured=False),
    Step("settings", {}, pictured=False),
    Step("status", {}, pictured=False),
    Step("privacy", {}, pictured=False),
    Step("export BTC 24h", _of(window="24h"), pictured=False, file=True),
    Step("forget", {}, pictured=False),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody sees."""

    text: str
    picture: bytes | None
    file: bytes | None
    labels: tuple[str, ...]


class Walker(ABC):
    """Asks on one platform, one question after the other, and keeps what is seen."""

    platform: str

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @abstractmethod
    async def ask(self, step: Step) -> Answer:
        """Ask one question and return its answer."""

    async def speaks(self, language: str) -> None:
        """Choose a language."""
        chosen = {"setting": "language", "value": language}
        await self.ask(Step(f"settings language {language}", chosen, pictured=False))

    async def sees(self, language: str, number: int, step: Step) -> Answer:
        """Ask one question, and keep what is seen."""
        answer = await self.ask(step)
        self._keep(language, f"{number:02d}", step, answer)
        return answer

    def _keep(self, language: str, number: str, step: Step, answer: Answer) -> None:
        folder = self._folder / self.platform / language
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{number}-{re.sub(r'[^a-z0-9]+', '-', step.words.lower()).strip('-')}"
        said = f"{answer.text}\n\n{' | '.join(answer.labels)}\n"
        (folder / f"{name}.txt").write_text(said)
        if answer.picture is not None:
            (folder / f"{name}.png").write_bytes(answer.picture)


class OnTelegram(Walker):
    """In a private chat."""

    platform = "telegram"

    def __init__(self, folder: Path, server: TelegramServer) -> None:
        super().__init__(folder)
        self._server = server

    async def ask(self, step: Step) -> Answer:
        before = len(self._server.in_chat())
        await self._server.write(f"/{step.words}")

        def newest() -> Shown | None:
            said = self._server.in_chat()
            return said[before] if len(said) > before else None

        shown = await self._server.until(newest, _WAIT)
        labels = (button["text"].removeprefix("✓ ") for row in shown.keyboard for button in row)
        return Answer(shown.text, shown.photo, shown.file, tuple(labels))


class OnDiscord(Walker):
    """In a private conversation."""

    platform = "discord"

    def __init__(self, folder: Path, server: DiscordServer) -> None:
        super().__init__(folder)
        self._server, self._world = server, server.world
        self._person = in_private(server.world)

    async def ask(self, step: Step) -> Answer:
        command, _, _ = step.words.partition(" ")
        asked = self._person.slash(command, **step.options)
        await self._server.until(lambda: self._is_answered(asked), _WAIT)
        message = follow_ups(self._world, asked)[0] if asked.followup_ids else None
        message = message or answer(self._world, asked)
        received = [self._world.cdn.get(each["url"]) for each in message.attachments]
        body = received[0] if received else None
        is_png = body is not None and body.startswith(b"\x89PNG")
        return Answer(
            "\n".join(words_of(message)).replace("\\", ""),
            body if is_png else None,
            None if is_png else body,
            tuple(each["label"] for each in buttons(message)),
        )

    def _is_answered(self, asked: Interaction) -> bool:
        """Say whether the whole answer is there: what is private stands in a message of its own."""
        if not answered(asked):
            return False
        if asked.message_id is None or asked.followup_ids:
            return bool(asked.followup_ids)
        said = self._world.get_message(asked.channel_id, asked.message_id)
        return not any(each in "\n".join(words_of(said)) for each in _ASIDE)


_ASIDE = ("The answer is for you alone.", "Die Antwort ist nur für dich.")


class OnTerminal(Walker):
    """At the machine itself."""

    platform = "terminal"

    def __init__(self, folder: Path, desk: Desk) -> None:
        super().__init__(folder)
        self._console = Console(file=StringIO(), width=100)
        self._chat = TerminalChat(desk, folder / "terminal" / "pictures", self._console)

    async def ask(self, step: Step) -> Answer:
        (reply,) = await self._chat.hear(f"/{step.words}")
        labels = tuple(button.label for row in reply.buttons for button in row)
        png = reply.image.png if reply.image is not None else None
        body = reply.document.body if reply.document is not None else None
        return Answer(reply.text(), png, body, labels)
