"""A position as people tell of it: "btc long 60000 20x 0.5 cross 5000 binance"."""

import re
from collections.abc import Sequence

from bot.chats.held_words import Held, shown
from bot.core.errors import MissingWord, UnknownWord
from bot.core.language import mark, say
from bot.core.margin.rules import MarginMode
from bot.desk.requests import PositionRequest

FITS = mark(
    "Such as /position BTC long 60000 20x, with a size such as 0.5 or $30k, and cross or not."
)
_MODES = {"isolated": MarginMode.ISOLATED, "iso": MarginMode.ISOLATED, "cross": MarginMode.CROSS}
_THEMES = {"dark", "light"}
_VENUE = re.compile(r"[a-z][a-z0-9._-]{1,19}")


def position_request(symbol: str, words: Sequence[str]) -> PositionRequest:
    """Read what follows the coin. MissingWord, UnknownWord."""
    read = _Reader(symbol)
    for word in words:
        read.take(word)
    return read.request()


class _Reader:
    """Takes words in one by one: what is held, and how."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._held = Held(symbol, say(FITS))
        self._mode: MarginMode | None = None
        self._wallet: float | None = None
        self._venues: list[str] = []
        self._theme: str | None = None
        self._cross_said = False  # the next number is the wallet

    def take(self, word: str) -> None:
        """Take one word in. UnknownWord."""
        plain = word.lower()
        awaited, self._cross_said = self._cross_said, False
        if plain in _MODES:
            self._held.once("mode", self._mode, word)
            self._mode = _MODES[plain]
            self._cross_said = self._mode is MarginMode.CROSS
        elif plain in _THEMES:
            self._theme = plain
        elif plain in {"at", "with", "margin", "size", "wallet"}:
            self._cross_said = awaited or plain == "wallet"
        elif awaited and (wallet := self._held.price(word)) is not None:
            self._wallet = wallet
        elif self._held.take(word):
            return
        elif _VENUE.fullmatch(plain):
            self._venues.append(plain)
        else:
            raise UnknownWord(shown(word), say(FITS))

    def request(self) -> PositionRequest:
        """Return what was said. MissingWord."""
        held = self._held
        if held.side is None:
            raise MissingWord(say("Long or short? {fits}", fits=say(FITS)))
        if held.leverage is None:
            raise MissingWord(say("Which leverage? {fits}", fits=say(FITS)))
        return PositionRequest(
            self._symbol,
            held.side,
            held.leverage,
            held.entry,
            held.coins,
            held.usd,
            self._mode or MarginMode.ISOLATED,
            self._wallet,
            tuple(dict.fromkeys(self._venues)),
            self._theme,
            held.dollars,
        )
