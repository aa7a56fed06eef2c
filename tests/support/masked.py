"""A language for tests that hides each word it is given: what can still be read never was."""

import re
from collections.abc import Iterable

import pytest

from bot.chats.hears import Listener
from bot.core.language import Tongue
from bot.desk.requests import Asker
from bot.reply import Reply

_LETTER = re.compile(r"\{\w+\}|[^\W\d_]")  # fields stay, and what they are filled with
_WORD = re.compile(r"[^\W\d_]{2,}")
# The same in every language.
_FIGURES = {"min", "UTC", "USDT", "BTC", "ETH", "PEPE", "sim"}
_VENUES = {"Binance", "Bybit", "OKX", "Gate"}


def _hidden(message: str) -> str:
    return _LETTER.sub(lambda found: found[0] if found[0][0] == "{" else "¤", message)


class Masked:
    """A catalogue that puts signs in the place of letters."""

    def gettext(self, message: str) -> str:
        return _hidden(message)

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002 - gettext's
        return _hidden(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _hidden(msgid1 if n == 1 else msgid2)


MASKED = Tongue("xx", Masked())


def whole(reply: Reply) -> str:
    """Return all that an answer says, its buttons and its picture's description too."""
    labels = [button.label for row in reply.buttons for button in row]
    alt = [] if reply.image is None else [reply.image.alt]
    return "\n".join((reply.text(), *labels, *alt))


def legible(text: str, *names: str) -> list[str]:
    """Return the words that can still be read, without `names` and those of every language."""
    return [word for word in _WORD.findall(text) if word not in {*_FIGURES, *_VENUES, *names}]


def spoken(monkeypatch: pytest.MonkeyPatch, tongues: Iterable[Tongue]) -> None:
    """Have each answer be in the next of these languages."""
    left = iter(tongues)

    async def tongue(_: Listener, __: Asker) -> Tongue:
        return next(left)

    monkeypatch.setattr(Listener, "tongue", tongue)
