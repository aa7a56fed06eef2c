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

_LONGEST = 256  # letters of a description
_ALONE = {"start"}  # begins a private chat
# In a group these change what everybody there is told: offered to those who may. That is a
# courtesy; whether somebody may is seen to when he asks.
_MODERATORS = {"watch", "mute", "test"}


def menus() -> Iterator[tuple[BotCommandScope, list[BotCommand]]]:
    """Yield what is offered where; Telegram shows the narrowest scope that fits."""
    for scope, left_out in (
        (BotCommandScopeDefault(), set[str]()),
        (BotCommandScopeAllPrivateChats(), set[str]()),
        (BotCommandScopeAllGroupChats(), _ALONE | _MODERATORS),
        (BotCommandScopeAllChatAdministrators(), _ALONE),
    ):
        yield (
            scope,
            [BotCommand(c.name, c.summary[:_LONGEST]) for c in COMMANDS if c.name not in left_out],
        )
