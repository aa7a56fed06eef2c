"""A person with a phone, alike on every platform: what is typed and pressed, and what is seen."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from discord import Permissions
from simcord.backend.models import Message

from tests.support.discord_server import TOKEN as DISCORD_TOKEN
from tests.support.discord_server import DiscordServer, discord_server
from tests.support.discord_world import Person, buttons, follow_ups, in_server, words_of
from tests.support.platform_limits import Limits, telegram_limits
from tests.support.strict_discord import StrictDiscord, strict
from tests.support.strict_telegram import StrictTelegram
from tests.support.telegram_server import TOKEN as TELEGRAM_TOKEN

_GROUP = -100500
_NOBODY = 404  # a person of the group who does not moderate it


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of the bot as its chat shows it now."""

    number: int
    text: str
    pictured: bool
    labels: tuple[str, ...]  # of its buttons
    answers: int | None  # the message that it stands under


class Phone(ABC):
    """One person in one chat. Whatever is awaited for too long is a TimeoutError."""

    platform: str
    settings: Mapping[str, str]  # of the bot, so that it calls this platform
    repeats: int  # how often a kill may show a message again

    def __init__(self) -> None:
        self._held: tuple[str, asyncio.Event] | None = None

    async def connected(self, starts: int) -> None:  # noqa: B027 - most platforms keep what is typed
        """Wait until the bot hears, after so many starts."""

    @abstractmethod
    async def types(self, command: str, words: str = "") -> None:
        """Send a command."""

    @abstractmethod
    async def presses(self, seen: Seen, label: str) -> None:
        """Press a button."""

    @abstractmethod
    def shows(self) -> list[Seen]:
        """Return the bot's messages, oldest first."""

    @abstractmethod
    async def refused(self, command: str, words: str) -> str:
        """Have somebody without rights send a command where several are; returns the answer."""

    @property
    @abstractmethod
    def violations(self) -> int:
        """How many requests there were that the platform's limits do not allow."""

    async def sees(self, what: Callable[[Seen], bool], seconds: float = 90.0) -> Seen:
        """Wait for a message of which something is true, and return the newest one."""
        async with asyncio.timeout(seconds):
            while not (  # noqa: ASYNC110 - what is looked at has no events
                found := [each for each in self.shows() if what(each)]
            ):
                await asyncio.sleep(0.05)
        return found[-1]

    def hold(self, words: str) -> asyncio.Event:
        """Keep back the answer to the message that shows these words.

        The event is set when the message is there, and the bot does not know.
        """
        self._held = words, asyncio.Event()
        return self._held[1]

    async def _answer_kept_back(self) -> None:
        if self._held is not None and any(self._held[0] in each.text for each in self.shows()):
            (_, held), self._held = self._held, None
            held.set()
            await asyncio.Event().wait()


class _HoldingTelegram(StrictTelegram):
    """Telegram, where the line may go dead once a message is there."""

    def __init__(self, limits: Limits, sent: Callable[[], Any]) -> None:
        super().__init__(limits)
        self._sent = sent

    async def _handle(self, request: web.Request) -> web.Response:
        answer = await super()._handle(request)
        if request.match_info["method"] in ("sendPhoto", "sendMessage"):
            await self._sent()
        return answer


class TelegramPhone(Phone):
    """In a private chat."""

    platform = "telegram"
    repeats = 1  # there is no way to say that two requests are the same message

    def __init__(self) -> None:
        super().__init__()
        self._limits = telegram_limits()
        self._limits.indulge(77)
        self.server = _HoldingTelegram(self._limits, self._answer_kept_back)
        self.server.members[_GROUP, _NOBODY] = "member"

    @property
    def settings(self) -> Mapping[str, str]:  # type: ignore[override]
        return {"TELEGRAM_TOKEN": TELEGRAM_TOKEN, "TELEGRAM_API_BASE": self.server.origin}

    @property
    def violations(self) -> int:
        return len(self._limits.violations) + len(self._limits.inside_a_wait)

    async def types(self, command: str, words: str = "") -> None:
        await self.server.write(f"/{command} {words}".strip())

    async def presses(self, seen: Seen, label: str) -> None:
        await self.server.press(self.server.messages[77, seen.number], label)

    def shows(self) -> list[Seen]:
        return [
            Seen(
                each.number,
                each.text,
                each.photo is not None,
                tuple(button["text"] for row in each.keyboard for button in row),
                each.reply_to,
            )
            for each in self.server.in_chat()
        ]

    async def refused(self, command: str, words: str) -> str:
        await self.server.write(f"/{command} {words}", _GROUP, person=_NOBODY)
        # What is wrong with somebody's words need not be read by the whole group.
        shown = await self.server.until(
            lambda: [each for at in (_GROUP, _NOBODY) for each in self.server.in_chat(at)], 30
        )
        return str(shown[0].text)


class DiscordPhone(Phone):
    """In a channel of a server that the person moderates."""

    platform = "discord"
    repeats = 0

    def __init__(self, server: DiscordServer) -> None:
        super().__init__()
        self.server, self.world = server, server.world
        self._front: StrictDiscord = strict(server)
        self._answer = server._answer
        server._answer = self._answered  # type: ignore[method-assign]
        self._ann = in_server(self.world)
        assert self._ann.guild is not None
        rights = Permissions(manage_channels=True).value
        role = self.world.create_role(self._ann.guild, "mods", permissions=rights)
        members = self.world.get_guild(self._ann.guild).members
        members[self._ann.user].role_ids.append(role.id)
        bob = self.world.make_user("bob")
        self.world.add_member(self._ann.guild, bob.id)
        self._bob = Person(self.world, bob.id, self._ann.channel, self._ann.guild)

    @property
    def settings(self) -> Mapping[str, str]:  # type: ignore[override]
        return {
            "DISCORD_TOKEN": DISCORD_TOKEN,
            "DISCORD_API_BASE": self.server.api_base,
            "DISCORD_GATEWAY_URL": self.server.gateway_url,
        }

    @property
    def violations(self) -> int:
        return len(self._front.violations) + len(self._front.inside_a_wait)

    async def connected(self, starts: int) -> None:
        sessions = self.server.gateway.sessions
        await self.server.until(lambda: len(sessions) >= starts, 40)

    async def types(self, command: str, words: str = "") -> None:
        option = {"condition": words} if words else {}
        self._ann.slash(command, **option)

    async def presses(self, seen: Seen, label: str) -> None:
        self._ann.press(self.world.get_message(self._ann.channel, seen.number), label)

    def shows(self) -> list[Seen]:
        """Return what stands in the channel and in the threads under its messages."""
        channel = self._ann.channel
        told: list[tuple[int | None, Message]] = [(None, each) for each in self._in(channel)]
        for _, message in [*told]:
            told += [(message.id, each) for each in self._in(message.id)]
        return [_seen(under, each) for under, each in sorted(told, key=lambda one: one[1].id)]

    def _in(self, channel: int) -> list[Message]:
        messages = [*self.world.messages.get(channel, {}).values()]
        return [each for each in messages if each.author_id == self.world.bot_user.id]

    async def refused(self, command: str, words: str) -> str:
        asked = self._bob.slash(command, condition=words)
        # What is wrong with somebody's words is for him alone, after what all of the channel see.
        await self.server.until(lambda: bool(asked.followup_ids), 30)
        return "\n".join(line for each in follow_ups(self.world, asked) for line in words_of(each))

    async def _answered(
        self, request: web.Request, path: str, body: Any, files: Any
    ) -> web.StreamResponse:
        answer = await self._answer(request, path, body, files)
        if request.method == "POST" and path.endswith("/messages"):
            await self._answer_kept_back()
        return answer


def _seen(under: int | None, message: Message) -> Seen:
    answers = message.reference["message_id"] if message.reference else under
    return Seen(
        message.id,
        "\n".join(words_of(message)),
        bool(message.attachments),
        tuple(each["label"] for each in buttons(message)),
        None if answers is None else int(answers),
    )


@asynccontextmanager
async def telegram_phone() -> AsyncIterator[TelegramPhone]:
    """Put a person before Telegram, on loopback."""
    phone = TelegramPhone()
    async with phone.server:
        yield phone


@asynccontextmanager
async def discord_phone() -> AsyncIterator[DiscordPhone]:
    """Put a person before Discord, on loopback."""
    async with discord_server() as server:
        yield DiscordPhone(server)
