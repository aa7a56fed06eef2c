"""Every word of a picture is one that translators were given: none is left in English."""

import re
from functools import cache

import pytest

from bot.core.instruments import venue_name
from bot.core.language import Tongue, say, speaking
from bot.settings import KNOWN_VENUES
from renderers.canvas import own
from tests.languages.gather import templates
from tests.support.scenes import SCENES

_FIELD = re.compile(r"(\{[^}]*\})")
_WORD = re.compile(r"[a-z]{2,}")
_UNIT = re.compile(r"\bmin\b")
_NAMES = re.compile("|".join(sorted(map(venue_name, KNOWN_VENUES), key=len, reverse=True)))
# What scenes hold as plain text, where readings hold what is said later; watches as typed; the
# beginning of a name that was cut.
_OF_SCENES = re.compile(
    r"unproven|good, 412 hours|it fades|\d+x to \d+x|above 50x"
    r"|\b(squeeze|funding)[, ].*|\b\w+ …$"
)


@cache
def _given() -> frozenset[tuple[str | None, str]]:
    """Return what translators are given, by context and sentence."""
    found = [message for message in templates() if message.id]
    return frozenset(
        (message.context, message.id if isinstance(message.id, str) else message.id[0])
        for message in found
    )


class _Loud:
    """A language that says in capitals what it knows; nothing else."""

    def gettext(self, message: str) -> str:
        return self._said(None, message)

    def pgettext(self, context: str, message: str) -> str:
        return self._said(context, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        known = (None, msgid1) in _given()
        told = msgid1 if n == 1 else msgid2
        return _loud(told) if known else told

    def _said(self, context: str | None, message: str) -> str:
        return _loud(message) if (context, message) in _given() else message


def _loud(template: str) -> str:
    parts = _FIELD.split(template)
    return "".join(part if part.startswith("{") else part.upper() for part in parts)


@pytest.mark.parametrize("name", SCENES)
def test_no_word_of_a_picture_is_left_in_english(name: str) -> None:
    with speaking(Tongue("loud", _Loud())):
        SCENES[name]()
    assert {word.text for word in own().words if _quiet(word.text)} == set()


def test_a_word_that_translators_were_not_given_is_found() -> None:
    with speaking(Tongue("loud", _Loud())):
        given, not_given = say("Verdict"), say("A word that nobody was given")
    assert not _quiet(given)
    assert _quiet(not_given)
    assert _quiet(f"{given} of Binance")


def _quiet(text: str) -> bool:
    """Say whether a text has words in small letters that are no names, units or typed."""
    named = _NAMES.sub("", _OF_SCENES.sub("", text))
    return bool(_WORD.search(_UNIT.sub("", named)))
