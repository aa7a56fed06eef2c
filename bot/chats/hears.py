"""What every chat needs of the house: words in, a reply out."""

from collections.abc import Sequence
from typing import Protocol

from bot.desk.commands import COMMANDS, Command
from bot.desk.requests import Asker
from bot.reply import Reply

__all__ = ["COMMANDS", "Asker", "Command", "Desk"]


class Desk(Protocol):
    """Whoever answers; the same for Telegram, Discord and the terminal."""

    async def answer(self, words: str, asker: Asker) -> Reply:
        """Answer what was typed after the slash, or a button's words.

        Never raises: what was foreseen comes back as a reply of kind "problem", what was not is
        logged and answered with an apology.
        """
        ...

    async def suggest(self, typed: str) -> Sequence[str]:
        """Name up to 25 coins that `typed` may be the beginning of; never raises."""
        ...
