"""A move of the price as people write it: "-4%", "4% down", "+3", "to 60000"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.errors import MissingWord, UnknownWord
from bot.core.language import mark, say

FITS = mark("Write a move such as -4%, +3 or “4% down”, or a price such as “to 60000”.")
_NUMBER = r"(\d{1,12}(?:\.\d{1,10})?|\.\d{1,10})"
_END = r"(?=\s|$)"
_PRICE = re.compile(rf"(?:^|\s)(?:to|at|@)\s*(?:\$?{_NUMBER}(k)?{_END})?", re.IGNORECASE)
_MOVE = re.compile(rf"(?:^|\s)([+\-−–]?)\s*{_NUMBER}\s*(?:%|percent|pct)?{_END}", re.IGNORECASE)
_WAY = re.compile(
    rf"(?:^|\s)(?:by\s+)?(down|lower|drop|fall|dump|up|higher|rise|pump)s?(?:\s+by)?{_END}",
    re.IGNORECASE,
)
_UP = {"+", "up", "higher", "rise", "pump"}


@dataclass(frozen=True, slots=True)
class Move:
    """What was said of a move."""

    by: float = 0.0  # [signed fraction]
    to: float | None = None  # [quote/base] where the price goes, instead of `by`


def move(words: Sequence[str]) -> tuple[Move, list[str]]:
    """Read a move; returns it with the words that are not of it. MissingWord, UnknownWord.

    >>> move(["-4%", "okx"])
    (Move(by=-0.04, to=None), ['okx'])
    >>> move(["4", "%", "down"])[0], move(["to", "60k"])[0]
    (Move(by=-0.04, to=None), Move(by=0.0, to=60000.0))
    """
    text = " ".join(words)
    prices, text = _taken(_PRICE, text)
    sizes, text = _taken(_MOVE, text)
    ways, text = _taken(_WAY, text)
    signs = {
        sign.lower() in _UP for sign in (*(s[1] for s in sizes), *(w[1] for w in ways)) if sign
    }
    said = " ".join(found[0].strip() for found in (*prices, *sizes, *ways))[:20]
    if not prices and not sizes:
        raise MissingWord(say("Which move? {fits}", fits=say(FITS)))
    if len(prices) + len(sizes) > 1:
        raise UnknownWord(said, say("One move at a time. {fits}", fits=say(FITS)))
    if prices:
        value = float(prices[0][1] or 0) * (1000 if prices[0][2] else 1)
        if value <= 0:
            raise UnknownWord(said, say("After “to” comes a price. {fits}", fits=say(FITS)))
        return Move(to=value), text.split()
    if len(signs) != 1:
        raise UnknownWord(said, say("Up or down? {fits}", fits=say(FITS)))
    size = float(sizes[0][2]) / 100
    return Move(by=size if signs == {True} else -size), text.split()


def _taken(pattern: re.Pattern[str], text: str) -> tuple[list[re.Match[str]], str]:
    """Return all that a pattern finds, and the text without it."""
    return list(pattern.finditer(text)), pattern.sub(" ", text)
