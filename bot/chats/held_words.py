"""What is held, as people tell of it: "long 60000 20x 0.5"; of a position and of a trade alike."""

import re

from bot.core.errors import UnknownWord
from bot.core.instruments import qualifies
from bot.core.language import mark, say
from bot.core.market.liquidations import PositionSide

SIDES = {
    "long": PositionSide.LONG,
    "buy": PositionSide.LONG,
    "short": PositionSide.SHORT,
    "sell": PositionSide.SHORT,
}
_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9}
_NUMBER = re.compile(
    r"(?P<at>@)?(?P<dollar>\$)?(?P<number>\d{1,12}(?:\.\d{1,12})?|\.\d{1,12})(?P<scale>[kmb])?"
    r"(?P<unit>x|\$|usd[tc]?|[a-z]{2,12})?",
    re.ASCII,
)
_TWICE = {
    "side": mark("The side was said before. {fits}"),
    "leverage": mark("The leverage was said before. {fits}"),
    "mode": mark("The mode was said before. {fits}"),
    "entry": mark("The entry was said before. {fits}"),
    "stop": mark("The stop was said before. {fits}"),
    "target": mark("The target was said before. {fits}"),
    "exit": mark("The exit was said before. {fits}"),
}
_LEVERAGE = re.compile(r"x(\d{1,3}(?:\.\d{1,2})?)", re.ASCII)


class Held:
    """Takes words in one by one; each number's place says what it is."""

    def __init__(self, symbol: str, fits: str) -> None:
        """`fits` says what could have been meant where something is not understood."""
        self._coin = re.split(r"[^a-z0-9]", symbol.lower())[0]
        self._fits = fits
        self.side: PositionSide | None = None
        self.leverage: float | None = None  # [1]
        self.entry: float | None = None  # [quote/base]
        self.coins: float | None = None  # [base]
        self.usd: float | None = None  # [quote]
        self.dollars = False  # the entry was written in dollars, and may be the size

    def take(self, word: str) -> bool:
        """Take one word in; says whether it is of this kind. UnknownWord."""
        plain = word.lower()
        if plain in SIDES:
            self.once("side", self.side, word)
            self.side = SIDES[plain]
        elif found := _LEVERAGE.fullmatch(plain):
            self.once("leverage", self.leverage, word)
            self.leverage = self._above_zero(float(found[1]), word)
        elif number := _NUMBER.fullmatch(plain):
            self._number(number, word)
        else:
            return False
        return True

    def price(self, word: str) -> float | None:
        """Read a number that its place has named already; None if it is none. UnknownWord."""
        found = _NUMBER.fullmatch(word.lower())
        if found is None or found["unit"] == "x":
            return None
        scale = _SCALES.get(found["scale"] or "", 1.0)
        return self._above_zero(float(found["number"]) * scale, word)

    def size(self, word: str) -> bool:
        """Read a size that its place has named; says whether it is one. UnknownWord."""
        found = _NUMBER.fullmatch(word.lower())
        if found is None or found["unit"] == "x":
            return False
        self._number(found, word, size=True)
        return True

    def once(self, what: str, known: object, word: str) -> None:
        """See to it that something is said but once. UnknownWord."""
        if known is not None:
            raise UnknownWord(shown(word), say(_TWICE[what], fits=self._fits))

    def _number(self, found: re.Match[str], word: str, *, size: bool = False) -> None:
        scale, unit = found["scale"] or "", found["unit"] or ""
        if scale + unit == self._coin:  # "0.5btc" is no billion of anything
            scale, unit = "", self._coin
        value = self._above_zero(float(found["number"]) * _SCALES.get(scale, 1.0), word)
        dollars = bool(found["dollar"]) or unit in {"$", "usd", "usdt", "usdc"}
        if unit == "x":
            self.once("leverage", self.leverage, word)
            self.leverage = value
        elif unit and not dollars:
            if unit != self._coin:
                raise UnknownWord(shown(word), self._fits)
            self._size(word)
            self.coins = value
        elif not size and (found["at"] or (self.entry is None and not dollars)):
            self.once("entry", self.entry, word)
            self.entry = value
        elif not size and found["dollar"] and self.entry is None and not scale:
            # "$30k" and "30000usd" are sizes; "$60000" may be a price, seen when that is known.
            self.entry, self.dollars = value, True
        else:
            self._size(word)
            if dollars:
                self.usd = value
            else:
                self.coins = value

    def _size(self, word: str) -> None:
        if self.coins is not None or self.usd is not None:
            raise UnknownWord(shown(word), say("One size is enough. {fits}", fits=self._fits))

    def _above_zero(self, value: float, word: str) -> float:
        if value <= 0:
            said = say("A number above zero is meant. {fits}", fits=self._fits)
            raise UnknownWord(shown(word), said)
        return value


def coin(words: list[str]) -> tuple[str, list[str]]:
    """Return the coin with what says which of its contracts is meant, and the other words.

    >>> coin(["btc", "binance", "inverse", "7d"])
    ('btc inverse', ['binance', '7d'])
    """
    first, *rest = words
    said = [word for word in rest if qualifies(word)]
    return " ".join((first[:30], *said[:2])), [word for word in rest if word not in said]


def shown(word: str) -> str:
    """Return a word as it is repeated to whoever typed it."""
    return word if len(word) <= 20 else f"{word[:19]}…"  # noqa: PLR2004 - enough to recognise it
