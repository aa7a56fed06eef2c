"""Who asks, from where, and whether somebody moderates a chat."""

from collections.abc import Awaitable, Callable
from functools import partial

from telegram import Bot, Chat, User
from telegram.constants import ChatMemberStatus
from telegram.error import BadRequest, TelegramError

from bot.chats.hears import Asker
from bot.chats.telegram import wire
from bot.core.errors import ChatUnavailable

_MODERATORS = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)


def asker(bot: Bot, chat: Chat, person: User | Chat | None, thread: int | None = None) -> Asker:
    """Say who asks; `person` is a chat where somebody writes in a chat's name, or in a channel."""
    who = chat.id if person is None else person.id
    return Asker(
        f"telegram:{chat.id}",
        f"telegram:{who}",
        topic="" if thread is None else str(thread),
        shared=chat.type != Chat.PRIVATE,
        moderates=_moderates(bot, chat.id, who),
        language=(person.language_code or "") if isinstance(person, User) else "",
    )


def _moderates(bot: Bot, chat: int, who: int) -> Callable[[], Awaitable[bool]]:
    """Return what asks Telegram whether somebody moderates a chat. ChatUnavailable."""

    async def ask() -> bool:
        if who == chat:
            return True  # only who moderates a chat can write in its name
        try:
            member = await wire.repeated(partial(bot.get_chat_member, chat, who))
        except BadRequest:
            return False  # nobody whom Telegram knows there
        except TelegramError as error:
            raise ChatUnavailable("Telegram", str(error)) from error
        return member.status in _MODERATORS

    return ask
