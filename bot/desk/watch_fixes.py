"""What a refused watch could be instead: buttons that put right the wrong word."""

import re
from functools import lru_cache

from lark import UnexpectedInput

from bot.core.errors import WatchRefused
from bot.core.watches import parse
from bot.core.watches.text import LONGEST, typed

_MOST, _TRIED = 6, 24  # buttons; words tried for them at most
# Signs read for them at most: who mistypes a long watch waits no longer than for a short one.
_READ = 2_400
_SAMPLE = re.compile(r"\bsuch as (.+)$")
_FIRST_OF = re.compile(r"^a comparison: (.+)$")
_BETWEEN = re.compile(r", | or ")
_UNSAID = "…"
_WHOLE = 10_000  # further than any text goes


def fixes(text: str) -> tuple[str, ...]:
    """Return words that lead further in place of the wrong one, or before it; the best first.

    >>> fixes("BTC fundin > 0.03%")
    ('funding',)
    """
    refused = _refused(text)
    if refused is None or not refused.fits:
        return ()
    tried = min(_TRIED, _READ // max(len(text), 1))
    told = list(dict.fromkeys(word for fit in refused.fits for word in _words(fit)))[:tried]
    far = {word: _far(_put(refused, word)) for word in told}
    if whole := [word for word in told if far[word] == _WHOLE]:
        return tuple(whole[:_MOST])
    better = [word for word in told if far[word] > refused.at]
    return tuple(sorted(better, key=lambda word: -far[word])[:_MOST])


def fixed(text: str, word: str) -> str:
    """Return a refused watch with a word put where it was refused. ValueError if it does not help.

    >>> fixed("BTC fundin > 0.03%", "funding")
    'BTC funding > 0.03%'
    """
    refused = _refused(text)
    if refused is None or word not in fixes(text):
        raise ValueError(f"{word!r} does not help")
    return _put(refused, word)


def _put(refused: WatchRefused, word: str) -> str:
    """Put a word in place of the wrong one, or before it if that leads further."""
    text, at = refused.text, refused.at
    before, wrong, after = text[:at], text[at : at + refused.length], text[at + refused.length :]
    instead = " ".join(f"{before} {word} {after}".split())
    added = " ".join(f"{before} {word} {wrong}{after}".split())
    return instead if _far(instead) >= _far(added) else added


@lru_cache(maxsize=512)
def _far(text: str) -> int:
    """Return how far a text can be read."""
    said = typed(text)
    reading = parse.grammar().parse_interactive(said.text)
    try:
        for token in reading.lexer_thread.lex(reading.parser_state):  # type: ignore[no-untyped-call]  # lark's own
            reading.feed_token(token)
    except UnexpectedInput as error:
        return said.place(error.pos_in_stream or 0)
    refused = _refused(text)  # what is read may still be refused for what it says
    return _WHOLE if refused is None else refused.at


def _refused(text: str) -> WatchRefused | None:
    if len(text) > LONGEST:
        return None
    try:
        parse.watch(text)
    except WatchRefused as error:
        return error
    return None


def _words(fit: str) -> list[str]:
    """Return what a person could type of what fits: the words themselves, or its samples."""
    if _UNSAID in fit or fit == "nothing more":
        return []
    for pattern in (_SAMPLE, _FIRST_OF):
        if found := pattern.search(fit):
            return [word for word in _BETWEEN.split(found[1]) if word]
    return [] if fit.startswith(("a ", "on ")) or fit in {"(", ")"} else [fit]
