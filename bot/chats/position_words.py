"""A position as people tell of it: "btc long 60000 20x 0.5 cross 5000 binance"."""

import re
from collections.abc import Sequence

from bot.core.errors import MissingWord, UnknownWord
from bot.core.margin.rules import MarginMode
from bot.core.market.liquidations import PositionSide
from bot.desk.requests import PositionRequest

FITS = "Such as /position BTC long 60000 20x, with a size such as 0.5 or $30k, and cross or not."
_SIDES = {
    "long": PositionSide.LONG,
    "buy": PositionSide.LONG,
    "short": PositionSide.SHORT,
    "sell": PositionSide.SHORT,
}
_MODES = {"isolated": MarginMode.ISOLATED, "iso": MarginMode.ISOLATED, "cross": MarginMode.CROSS}
_THEMES = {"dark", "light"}
_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9}
_NUMBER = re.compile(
    r"(?P<at>@)?(?P<dollar>\$)?(?P<number>\d{1,12}(?:\.\d{1,12})?|\.\d{1,12})(?P<scale>[kmb])?"
    r"(?P<unit>x|\$|usd[tc]?|[a-z]{2,12})?",
)
_LEVERAGE = re.compile(r"x(\d{1,3}(?:\.\d{1,2})?)")
_VENUE = re.compile(r"[a-z][a-z0-9._-]{1,19}")


def position_request(symbol: str, words: Sequence[str]) -> PositionRequest:
    """Read what follows the coin. MissingWord, UnknownWord."""
    read = _Reader(symbol)
    for word in words:
        read.take(word)
    return read.request()


class _Reader:
    """Takes words in one by one; each number's place says what it is."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._coin = re.split(r"[^a-z0-9]", symbol.lower())[0]
        self._side: PositionSide | None = None
        self._mode: MarginMode | None = None
        self._leverage: float | None = None
        self._entry: float | None = None
        self._coins: float | None = None
        self._usd: float | None = None
        self._wallet: float | None = None
        self._venues: list[str] = []
        self._theme: str | None = None
        self._cross_said = False  # the next number is the wallet

    def take(self, word: str) -> None:
        """Take one word in. UnknownWord."""
        plain = word.lower()
        awaited, self._cross_said = self._cross_said, False
        if plain in _SIDES:
            self._once("side", self._side, word)
            self._side = _SIDES[plain]
        elif plain in _MODES:
            self._once("mode", self._mode, word)
            self._mode = _MODES[plain]
            self._cross_said = self._mode is MarginMode.CROSS
        elif plain in _THEMES:
            self._theme = plain
        elif plain in {"at", "with", "margin", "size", "wallet"}:
            self._cross_said = awaited or plain == "wallet"
        elif found := _LEVERAGE.fullmatch(plain):
            self._once("leverage", self._leverage, word)
            self._leverage = float(found[1])
        elif number := _NUMBER.fullmatch(plain):
            self._number(number, word, awaited=awaited)
        elif _VENUE.fullmatch(plain):
            self._venues.append(plain)
        else:
            raise UnknownWord(_shown(word), FITS)

    def _number(self, found: re.Match[str], word: str, *, awaited: bool) -> None:
        scale, unit = found["scale"] or "", found["unit"] or ""
        if scale + unit == self._coin:  # "0.5btc" is no billion of anything
            scale, unit = "", self._coin
        value = float(found["number"]) * _SCALES.get(scale, 1.0)
        dollars = bool(found["dollar"]) or unit in {"$", "usd", "usdt", "usdc"}
        if value <= 0:
            raise UnknownWord(_shown(word), f"A number above zero is meant. {FITS}")
        if unit == "x":
            self._once("leverage", self._leverage, word)
            self._leverage = value
        elif awaited:
            self._wallet = value
        elif unit and not dollars:
            if unit != self._coin:
                raise UnknownWord(_shown(word), FITS)
            self._size(word)
            self._coins = value
        elif found["at"] or (self._entry is None and not dollars):
            self._once("entry", self._entry, word)
            self._entry = value
        elif dollars and self._entry is None and not scale:
            self._entry = value  # "$60000" is a price, "$30k" a size
        else:
            self._size(word)
            if dollars:
                self._usd = value
            else:
                self._coins = value

    @property
    def _sized(self) -> bool:
        return self._coins is not None or self._usd is not None

    def _size(self, word: str) -> None:
        if self._sized:
            raise UnknownWord(_shown(word), f"One size is enough. {FITS}")

    def _once(self, what: str, known: object, word: str) -> None:
        if known is not None:
            raise UnknownWord(_shown(word), f"The {what} was said before. {FITS}")

    def request(self) -> PositionRequest:
        """Return what was said. MissingWord."""
        if self._side is None:
            raise MissingWord(f"Long or short? {FITS}")
        if self._leverage is None:
            raise MissingWord(f"Which leverage? {FITS}")
        return PositionRequest(
            self._symbol,
            self._side,
            self._leverage,
            self._entry,
            self._coins,
            self._usd,
            self._mode or MarginMode.ISOLATED,
            self._wallet,
            tuple(dict.fromkeys(self._venues)),
            self._theme,
        )


def _shown(word: str) -> str:
    return word if len(word) <= 20 else f"{word[:19]}…"  # noqa: PLR2004 - enough to recognise it
