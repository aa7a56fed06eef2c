"""Carry what nobody waits for: one attempt at a message, and what became of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from telegram import Message
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from bot.chats.telegram import wire
from bot.chats.telegram.limits import Limits, asked_wait, rest
from bot.chats.telegram.send import Place, Sender
from bot.core.language import mark, say
from bot.languages import spoken
from bot.messages import (
    Address,
    Done,
    Errand,
    Gone,
    Later,
    Moved,
    Outcome,
    Refused,
    Unknown,
    Urgency,
)
from bot.reply import Reply

# Telegram has no way to say that two requests are the same message.
REPEAT = mark("Possible repeat: this may have been sent before.")

# What a message is called by says what an edit has to know: whether it is a picture, and whether
# it says that it may be a repeat, which stays true.
_PICTURED, _REPEATED = "p", "r"

# Part of a refusal that is about the chat and not about the message.
_CHAT_CLOSED = (
    "chat not found",
    "chat_write_forbidden",
    "peer_id_invalid",
    "user is deactivated",
    "group chat was deactivated",
    "not enough rights",
    "have no rights to send",
    "bot is not a member",
)


class TelegramPost:
    """Telegram as the outbox knows it."""

    platform = "telegram"
    ahead = 3

    def __init__(self, bot: ExtBot[int], sender: Sender, limits: Limits) -> None:
        self._bot = bot
        self.sender = sender
        self._limits = limits

    async def rested(self, address: Address) -> float:
        """Wait until a chat has had no message for a while; see bot.messages.Chat."""
        return await self._limits.rested(address.number)

    @asynccontextmanager
    async def turn(self, address: Address, urgency: Urgency) -> AsyncIterator[None]:  # noqa: ARG002 - all chats share it
        """Hold a place below Telegram's limit for the bot."""
        async with self._limits.turn(urgency):
            yield

    async def send(self, errand: Errand, reply: Reply) -> Outcome:
        """Send a new message, said to be a possible repeat if it may have arrived before."""
        address = errand.address
        answered = None if errand.answers is None else _number(errand.answers)
        place = Place(address.number, int(address.topic) if address.topic else None, answered)
        if errand.doubts:
            reply = _repeated(reply)

        async def speak() -> Outcome:
            message = await self.sender.deliver(place, reply)
            if message is None:
                return Unknown("Telegram did not say which message it became")
            moved = f"telegram:{message.chat_id}" if message.chat_id != address.number else None
            name = _name(message, repeated=errand.doubts > 0)
            return Done(name, rest(message.chat_id), moved)

        return await _outcome(speak)

    async def edit(self, errand: Errand, reply: Reply) -> Outcome:
        """Change a message."""
        remote, chat = errand.remote or "", errand.address.number
        pictured = remote.endswith(_PICTURED)
        if _REPEATED in remote:
            reply = _repeated(reply)

        async def speak() -> Outcome:
            await self.sender.change(chat, _number(remote), reply, pictured=pictured)
            turned = reply.image is not None and not pictured
            return Done(f"{remote}{_PICTURED}" if turned else remote, rest(chat))

        outcome = await _outcome(speak)
        if isinstance(outcome, Refused) and "not modified" in outcome.why.lower():
            return Done(remote, rest(chat))
        return outcome

    async def delete(self, errand: Errand) -> Outcome:
        """Take a message back."""
        remote, chat = errand.remote or "", errand.address.number

        async def speak() -> Outcome:
            await self._bot.delete_message(chat, _number(remote))
            return Done(remote, rest(chat))

        return await _outcome(speak)


def _name(message: Message, *, repeated: bool) -> str:
    mark = _REPEATED if repeated else ""
    return f"{message.message_id}{mark}{_PICTURED if message.photo or message.document else ''}"


def _number(remote: str) -> int:
    return int(remote.rstrip(f"{_PICTURED}{_REPEATED}"))


def _repeated(reply: Reply) -> Reply:
    with spoken(reply.language):
        return replace(reply, lines=(say(REPEAT), *reply.lines))


async def _outcome(speak: Callable[[], Awaitable[Outcome]]) -> Outcome:
    try:
        return await speak()
    except TelegramError as error:
        return _meaning(error)


def _meaning(error: TelegramError) -> Outcome:
    """Say what a request that went wrong means for its message."""
    why = str(error)
    outcome: Outcome
    match error:
        case RetryAfter():
            outcome = Later("asked to wait", asked_wait(error))
        case ChatMigrated():
            outcome = Moved(f"telegram:{error.new_chat_id}")
        case Forbidden():
            outcome = Gone(why)
        case InvalidToken():
            outcome = Later("Telegram refuses the token")
        case BadRequest() if any(part in why.lower() for part in _CHAT_CLOSED):
            outcome = Gone(why)
        case BadRequest():
            outcome = Refused(why)
        case _ if wire.never_left(error):
            outcome = Later(type(error.__cause__).__name__)
        case _:
            outcome = Unknown(why)
    return outcome
