"""What every chat needs of the house: words in, a reply out."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from bot.chats.completing import completed, is_completed, parted
from bot.chats.harmless import seen, whole
from bot.chats.shares import Shares
from bot.chats.words import is_own, understood
from bot.core.errors import BotError
from bot.core.language import ENGLISH, Tongue, speaking
from bot.core.windows import DEFAULT_WINDOW, Window
from bot.desk.commands import COMMANDS, Command
from bot.desk.front import Front, problem
from bot.desk.requests import Asker
from bot.desk.speech import Speech
from bot.patience import waiting
from bot.reply import Reply

__all__ = ["COMMANDS", "Asker", "Command", "Desk", "Listener"]


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


class Listener:
    """Understands words and asks the front; what the chats are given as their desk."""

    def __init__(
        self,
        front: Front,
        default_window: Window = DEFAULT_WINDOW,
        shares: Shares | None = None,
        speech: Speech | None = None,
    ) -> None:
        """Without `shares` everybody may ask as often as they like, without `speech` in English."""
        self._front = front
        self._shares = shares
        self._speech = speech
        self._default_window = default_window
        # Told of each answer: its words, its kind, and how long it was worked on [s].
        self.told: Callable[[str, str, float], None] | None = None

    async def answer(self, words: str, asker: Asker) -> Reply:
        """Answer what was typed after the slash, or a button's words."""
        begun = time.perf_counter()
        tongue = await self.tongue(asker)
        with speaking(tongue):
            reply = seen(await self._answer(whole(words), asker))
        # A choice of language is answered in it, and is known only now.
        reply = replace(reply, language=reply.language or tongue.code)
        if self.told is not None:
            self.told(words, reply.kind, time.perf_counter() - begun)
        return reply

    async def tongue(self, asker: Asker) -> Tongue:
        """Return the language somebody is answered in."""
        return ENGLISH if self._speech is None else await self._speech.of(asker)

    async def _answer(self, words: str, asker: Asker) -> Reply:
        refusal = None if self._shares is None else self._shares.refusal(words, asker)
        if refusal is not None:
            return refusal
        said, rest = parted(words)
        try:
            request = understood(said, self._default_window)
            if rest and not is_completed(request):
                request = understood(words, self._default_window)
        except BotError as error:
            return replace(problem(error), private=is_own(words))
        if not is_completed(request):
            return await self._front.answer(request, asker)
        with waiting(whole=rest) as patience:
            reply = await self._front.answer(request, asker)
        return completed(reply, said, patience)

    async def suggest(self, typed: str) -> Sequence[str]:
        """Name up to 25 coins that `typed` may be the beginning of."""
        return await self._front.suggest(typed)
