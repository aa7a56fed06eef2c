"""The language of an answer: sentences are written in English here, and said in the asker's.

    say("{count} of {all} venues", count=9, all=12)  ->  "9 von 12 Börsen" to who speaks German
    many("{count} venue", "{count} venues", 3)       ->  "3 Börsen"
    say_of("side", "longs")                          ->  a word that needs two translations
    LABELS = {DARK: mark("dark")}; say(LABELS[it])   ->  a table of words, said later
    later("{venue} is silent", venue="OKX")          ->  said whenever it is written: `str()`

The template is always a literal, so that translators are given it (`make words`), and each of its
braces names a field. Figures are the same in every language, as traders write them. What is shared
between chats, kept or stored holds no sentence, or holds it as `Said`.

Which language it is belongs to the task that answers (a context variable); tasks and threads that
it begins through asyncio inherit it. Without one it is English.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Catalogue(Protocol):
    """Translations by English template; gettext's classes are such."""

    def gettext(self, message: str) -> str:
        """Return the translation, or the template itself."""
        ...

    def pgettext(self, context: str, message: str) -> str:
        """Return the translation of a word as it is used in a context."""
        ...

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form that fits a number."""
        ...


class Tongue(NamedTuple):
    """A language and its sentences."""

    code: str  # "de"
    catalogue: Catalogue | None  # None: the templates themselves


ENGLISH = Tongue("en", None)
_tongue: ContextVar[Tongue] = ContextVar("tongue", default=ENGLISH)


@contextmanager
def speaking(tongue: Tongue) -> Iterator[None]:
    """Say everything within in this language."""
    before = _tongue.set(tongue)
    try:
        yield
    finally:
        _tongue.reset(before)


def code() -> str:
    """Return the language spoken now, as part of what a kept picture or text depends on: "en"."""
    return _tongue.get().code


def mark(template: str) -> str:
    """Return `template` itself: it is given to translators here, and said elsewhere."""
    return template


def say(template: str, **fields: object) -> str:
    """Say a sentence.

    >>> say("{count} of {all} venues", count=9, all=12)
    '9 of 12 venues'
    """
    catalogue = _tongue.get().catalogue
    told = template if catalogue is None or not template else catalogue.gettext(template)
    return told.format(**fields) if fields else told


def say_of(context: str, template: str, **fields: object) -> str:
    """Say a word whose translation depends on what it is said of.

    >>> say_of("side", "longs")
    'longs'
    """
    catalogue = _tongue.get().catalogue
    told = template if catalogue is None else catalogue.pgettext(context, template)
    return told.format(**fields) if fields else told


def many(one: str, more: str, count: int, **fields: object) -> str:
    """Say a sentence in the form that fits a number, which it may name as {count}.

    >>> many("{count} venue", "{count} venues", 1), many("{count} venue", "{count} venues", 1200)
    ('1 venue', '1,200 venues')
    """
    catalogue = _tongue.get().catalogue
    if catalogue is None:
        told = one if count == 1 else more
    else:
        told = catalogue.ngettext(one, more, count)
    return told.format(count=f"{count:,}", **fields)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that is put into words when it is written, in the language spoken then.

    Two are equal when they say the same, whatever the language; fields may be of this kind, too.
    """

    template: str
    fields: tuple[tuple[str, object], ...] = ()
    context: str = ""  # what it is said of, where its translation depends on that
    more: str = ""  # the template for another `count` than one; "": it depends on no number
    count: int = 1

    def __str__(self) -> str:
        """Say it now."""
        fields = dict(self.fields)
        if self.more:
            return many(self.template, self.more, self.count, **fields)
        if self.context:
            return say_of(self.context, self.template, **fields)
        return say(self.template, **fields)


def later(template: str, **fields: object) -> Said:
    """Keep a sentence to be said in the language of whoever reads it.

    >>> str(later("{venue} is silent", venue="OKX"))
    'OKX is silent'
    """
    return Said(template, tuple(fields.items()))


def later_of(context: str, template: str, **fields: object) -> Said:
    """Keep a word whose translation depends on what it is said of.

    >>> str(later_of("grade", "fair"))
    'fair'
    """
    return Said(template, tuple(fields.items()), context)


def later_many(one: str, more: str, count: int, **fields: object) -> Said:
    """Keep a sentence in the form that fits a number, which it may name as {count}.

    >>> str(later_many("{count} hour", "{count} hours", 412))
    '412 hours'
    """
    return Said(one, tuple(fields.items()), more=more, count=count)


def one_after_another(*sentences: object) -> Said:
    """Keep several sentences to be said as one.

    >>> str(one_after_another(later("Not here."), later("Did you mean {name}?", name="BTC")))
    'Not here. Did you mean BTC?'
    """
    fields = {f"sentence{place}": sentence for place, sentence in enumerate(sentences)}
    return Said(" ".join(f"{{{name}}}" for name in fields), tuple(fields.items()))


def one_of(words: Sequence[str]) -> str | Said:
    """Join words as prose.

    >>> str(one_of(["12h", "24h", "3d"]))
    '12h, 24h or 3d'
    """
    *head, last = words
    return later("{some} or {last}", some=", ".join(head), last=last) if head else last


def all_of(words: Sequence[str]) -> str | Said:
    """Join words as prose.

    >>> str(all_of(["Gate", "HTX", "OKX"]))
    'Gate, HTX and OKX'
    """
    *head, last = words
    return later("{some} and {last}", some=", ".join(head), last=last) if head else last
