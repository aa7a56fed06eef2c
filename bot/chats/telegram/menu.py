"""What Telegram offers where a person types a slash, for each kind of chat."""

from collections.abc import Iterator

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
)

from bot.chats.hears import COMMANDS
from bot.core.language import ENGLISH, say
from bot.languages import NAMES, spoken

_LONGEST = 256  # letters of a description
_ALONE = {"start"}  # begins a private chat
# In a group these change what everybody there is told: offered to those who may. That is a
# courtesy; whether somebody may is seen to when he asks.
_MODERATORS = {"watch", "mute", "test"}


def menus() -> Iterator[tuple[BotCommandScope, str | None, list[BotCommand]]]:
    """Yield what is offered where, and to phones of which language; None: to all others.

    Telegram shows the narrowest scope that fits, in the phone's language if it has that.
    """
    for scope, left_out in (
        (BotCommandScopeDefault(), set[str]()),
        (BotCommandScopeAllPrivateChats(), set[str]()),
        (BotCommandScopeAllGroupChats(), _ALONE | _MODERATORS),
        (BotCommandScopeAllChatAdministrators(), _ALONE),
    ):
        for language in NAMES:
            with spoken(language):
                offered = [
                    BotCommand(each.name, say(each.summary)[:_LONGEST])
                    for each in COMMANDS
                    if each.name not in left_out
                ]
            yield scope, None if language == ENGLISH.code else language, offered
