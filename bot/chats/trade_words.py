"""What is said of a trade: "long 60000 20x stop 59000 target 63000 signal sweep"."""

import re
from collections.abc import Iterator, Sequence

from bot.chats.held_words import Held, shown
from bot.core.errors import MissingWord, UnknownWord
from bot.core.language import mark, say
from bot.desk.journal_requests import Told

SIGNALS = ("sweep", "magnet", "cascade", "squeeze", "watch")
_OWN = {"own", "none", "idea"}  # a signal that is none
_PRICES = {
    "entry": "entry",
    "stop": "stop",
    "sl": "stop",
    "target": "target",
    "tp": "target",
    "exit": "exit",
}
_AT_WHICH = {
    "entry": mark("At which price is the entry? {fits}"),
    "stop": mark("At which price is the stop? {fits}"),
    "target": mark("At which price is the target? {fits}"),
    "exit": mark("At which price is the exit? {fits}"),
}
_CLEARED = {"none", "off", "no"}
_MAY_BE_CLEARED = {"stop", "target"}


def told(
    symbol: str, words: Sequence[str], note: str | None, fits: str, *, bare: bool = True
) -> Told:
    """Read what is said of a trade; `bare`: a number without a name may be its entry.

    MissingWord, UnknownWord.
    """
    read = _Reader(symbol, fits, bare=bare)
    left = iter(words)
    for word in left:
        read.take(word, left)
    return read.told(note)


class _Reader:
    """Takes words in one by one; those with a name take the next one with them."""

    def __init__(self, symbol: str, fits: str, *, bare: bool) -> None:
        self._held = Held(symbol, fits)
        self._fits = fits
        self._bare = bare
        self._prices: dict[str, float] = {}  # [quote/base]
        self._cleared: set[str] = set()
        self._signal: str | None = None

    def take(self, word: str, left: Iterator[str]) -> None:
        """Take one word in, and the next one where it says what that is."""
        name = word.lower()
        if name in _PRICES:
            self._price(_PRICES[name], word, plain(next(left, "")))
        elif name == "signal":
            self._signal_named(next(left, word))
        elif name == "size":
            if not self._held.size(plain(next(left, ""))):
                raise MissingWord(say("Which size? {fits}", fits=self._fits))
        elif name not in {"at", "with"}:
            self._held_word(plain(word))

    def _price(self, name: str, word: str, after: str) -> None:
        known = self._held.entry if name == "entry" else self._prices.get(name)
        self._held.once(name, known, word)
        if name in _MAY_BE_CLEARED and after.lower() in _CLEARED:
            self._cleared.add(name)
            return
        price = self._held.price(after)
        if price is None:
            raise MissingWord(say(_AT_WHICH[name], fits=self._fits))
        if name == "entry":
            self._held.entry = price
        else:
            self._prices[name] = price

    def _signal_named(self, word: str) -> None:
        name = word.lower()
        if name not in {*SIGNALS, *_OWN}:
            fits = say("Signals are {names} or own.", names=", ".join(SIGNALS))
            raise UnknownWord(shown(word), fits)
        self._signal = "" if name in _OWN else name

    def _held_word(self, word: str) -> None:
        before = self._held.entry
        if not self._held.take(word):
            raise UnknownWord(shown(word), self._fits)
        if not self._bare and self._held.entry != before:
            raise UnknownWord(shown(word), say("Name what it is. {fits}", fits=self._fits))

    def told(self, note: str | None) -> Told:
        """Return what was said."""
        held = self._held
        return Told(
            held.side,
            held.entry,
            self._prices.get("stop"),
            self._prices.get("target"),
            self._prices.get("exit"),
            held.coins,
            held.usd,
            held.leverage,
            self._signal,
            note,
            frozenset(self._cleared),
            held.dollars,
        )


def plain(word: str) -> str:
    """Take the commas out of a number, and one that ends a part of the sentence.

    >>> plain("60,000"), plain("59000,"), plain("btc")
    ('60000', '59000', 'btc')
    """
    return re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", "", word).rstrip(",;")
