"""The languages there are, each from its catalogue beside this file.

Catalogues are kept as text (.po) and read when somebody first speaks a language: there is nothing
to compile, and what is installed is what was reviewed.
"""

from contextlib import AbstractContextManager
from functools import lru_cache
from gettext import GNUTranslations
from importlib.resources import files
from io import BytesIO

from bot.core.language import ENGLISH, Tongue, speaking

NAMES = {"en": "English", "de": "Deutsch"}


def known(wish: str | None) -> str | None:
    """Return the language that is meant, if it is spoken here.

    >>> known("de"), known("de-AT"), known("pt-br"), known(""), known(None)
    ('de', 'de', None, None, None)
    """
    code = (wish or "").lower().replace("_", "-").partition("-")[0]
    return code if code in NAMES else None


@lru_cache(maxsize=len(NAMES))
def tongue(code: str) -> Tongue:
    """Return a language of NAMES with its sentences; what it lacks is said in English."""
    if code == ENGLISH.code:
        return ENGLISH
    # Reading a catalogue is a tenth of a second; whoever speaks English does not wait for it.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    text = files("bot").joinpath(f"locale/{code}/LC_MESSAGES/emberline.po").read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(text), locale=code))
    compiled.seek(0)
    return Tongue(code, GNUTranslations(compiled))


def spoken(code: str | None) -> AbstractContextManager[None]:
    """Say everything within in the language of a reply, or a phone; English if it is none of ours.

    >>> from bot.core.language import code
    >>> with spoken("de-CH"):
    ...     code()
    'de'
    """
    return speaking(tongue(known(code) or ENGLISH.code))
