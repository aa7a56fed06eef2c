"""A language for tests: it says each sentence as it is written, between signs of its own.

What it says without them was never given to translators.
"""

import pytest

from bot import languages
from bot.core.language import ENGLISH, Tongue

OPEN, SHUT = "⟦", "⟧"


class Quoting:
    """A catalogue that puts each sentence between signs that nothing else has."""

    def gettext(self, message: str) -> str:
        return f"{OPEN}{message}{SHUT}"

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002 - gettext's
        return f"{OPEN}{message}{SHUT}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"{OPEN}{msgid1 if n == 1 else msgid2}{SHUT}"


def spoken_as_german(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have German be that language."""

    def tongue(code: str) -> Tongue:
        return ENGLISH if code == ENGLISH.code else Tongue(code, Quoting())

    monkeypatch.setattr(languages, "tongue", tongue)


def plain(text: str) -> str:
    """Leave out its signs."""
    return text.replace(OPEN, "").replace(SHUT, "")


def outside(text: str) -> str:
    """Return what is said outside of all sentences."""
    depth, found = 0, []
    for sign in text:
        depth += (sign == OPEN) - (sign == SHUT)
        if not depth and sign != SHUT:
            found.append(sign)
    return "".join(found)
