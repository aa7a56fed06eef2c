"""What a person typed, understood the same way on every chat.

heatmap btc 24h bybit      ->  HeatmapRequest("btc", 24 hours, ("bybit",))
map ETH                    ->  HeatmapRequest("ETH", profile=True)
accuracy btc 7d            ->  AccuracyRequest("btc", days=7)
model btc                  ->  ModelRequest("btc")
liqs btc okx               ->  PanelRequest("liqs", "btc", ("okx",))
file heatmap BTC           ->  the same as without "file"; the chat sends the picture unpressed
"""

import re
from collections.abc import Callable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.core.errors import MissingWord, UnknownWord
from bot.core.instruments import base_of
from bot.core.windows import DEFAULT_WINDOW, Window, window
from bot.desk.commands import COMMANDS
from bot.desk.requests import (
    MOST_DAYS,
    USUAL_DAYS,
    AccuracyRequest,
    HeatmapRequest,
    HelpRequest,
    ModelRequest,
    PanelRequest,
    Request,
    StartRequest,
    StatusRequest,
)

# Longer than any request there is; what is longer is not one.
LONGEST = 200
_THEMES = ("dark", "light")
_VENUE = r"[a-z][a-z0-9._-]{1,19}"
_REFRESH = "refresh"
_FILE = "file"
# Panels beside the map, and whether they need a coin.
_PANELS = {"liqs": False, "book": True, "funding": False, "oi": False, "ratio": False}
_LIVE = "live"
_LIVE_PANELS = {"liqs"}  # that a chat can keep current in one message
_NAMES = [command.name for command in COMMANDS]
_SHORT = {
    "h": "heatmap",
    "hm": "heatmap",
    "heat": "heatmap",
    "m": "map",
    "?": "help",
    "acc": "accuracy",
}


def understood(text: str, default_window: Window = DEFAULT_WINDOW) -> Request:
    """Read what was typed after the slash. MissingWord, UnknownWord, UnknownWindow.

    Case does not matter, nor does the order of the words after the symbol; commas separate
    like spaces. A word that is no window, no theme and no command word is taken for a venue.
    """
    words = _split(text)
    if words and words[0] == _FILE:
        words = words[1:]
    if not words:
        return HelpRequest()
    command, rest = _command(words[0]), words[1:]
    if command is None:
        if text.lstrip().startswith("/") or not base_of(words[0]):
            raise UnknownWord(_shown(words[0]), "/help lists the commands.")
        command, rest = "heatmap", words  # "btc 7d" can mean nothing else
    return _READERS[command](command, rest, default_window)


def wants_file(text: str) -> bool:
    """Whether the picture is asked for as a file, so that the chat does not recompress it."""
    return _split(text)[:1] == [_FILE]


def _split(text: str) -> list[str]:
    words = text[:LONGEST].replace(",", " ").lstrip("/ ").split()
    # Telegram adds the bot's name in groups: /heatmap@emberline_bot
    return [words[0].partition("@")[0].lower(), *words[1:]] if words else []


def _command(word: str) -> str | None:
    """Return the command a word names, None if it resembles none. UnknownWord if it nearly does."""
    name = _SHORT.get(word, word)
    if name in _NAMES:
        return name
    near = process.extractOne(name, _NAMES, scorer=OSA.normalized_similarity, score_cutoff=0.5)
    if near:
        raise UnknownWord(_shown(word), f"Did you mean /{near[0]}?")
    return None


def _heatmap(command: str, words: list[str], default_window: Window) -> HeatmapRequest:
    if not words:
        raise MissingWord(f"Which coin? Name one, such as /{command} BTC.")
    symbol, *rest = words
    span, theme, venues, refresh = default_window, None, [], False
    for word in (word.lower() for word in rest):
        if word in _THEMES:
            theme = word
        elif word == _REFRESH:
            refresh = True
        elif re.match(r"\d", word):
            span = window(_shown(word))
        elif re.fullmatch(_VENUE, word):
            venues.append(word)
        else:
            raise UnknownWord(_shown(word), "After the coin: a window, venues, dark or light.")
    return HeatmapRequest(
        symbol=symbol[:30],
        window=span,
        venues=tuple(dict.fromkeys(venues)),
        theme=theme,
        profile=command == "map",
        refresh=refresh,
    )


def _accuracy(_command: str, words: list[str], _window: Window) -> AccuracyRequest:
    if not words:
        raise MissingWord("Which coin? Name one, such as /accuracy BTC.")
    symbol, *rest = words
    days, theme, venues = USUAL_DAYS, None, []
    for word in (word.lower() for word in rest):
        if word in _THEMES:
            theme = word
        elif re.match(r"\d", word):
            days = _days(word)
        elif re.fullmatch(_VENUE, word):
            venues.append(word)
        else:
            raise UnknownWord(_shown(word), "After the coin: days, venues, dark or light.")
    return AccuracyRequest(symbol[:30], days, tuple(dict.fromkeys(venues)), theme)


def _panel(command: str, words: list[str], _window: Window) -> PanelRequest:
    """Read `[SYMBOL] [venues] [dark|light] [refresh] [live]`; a coin first, where one is named."""
    symbol, theme, venues, refresh, live = "", None, [], False, False
    for word in words:
        plain = word.lower()
        if plain in _THEMES:
            theme = plain
        elif plain == _REFRESH:
            refresh = True
        elif plain == _LIVE and command in _LIVE_PANELS:
            live = True
        elif not symbol:
            symbol = word[:30]
        elif re.fullmatch(_VENUE, plain):
            venues.append(plain)
        else:
            raise UnknownWord(_shown(word), "After the coin: venues, dark or light.")
    if not symbol and _PANELS[command]:
        raise MissingWord(f"Which coin? Name one, such as /{command} BTC.")
    return PanelRequest(command, symbol, tuple(dict.fromkeys(venues)), theme, refresh, live)


def _model(_command: str, words: list[str], _window: Window) -> ModelRequest:
    if not words:
        raise MissingWord("Which coin? Name one, such as /model BTC.")
    symbol, *venues = words
    for word in venues:
        if not re.fullmatch(_VENUE, word.lower()):
            raise UnknownWord(_shown(word), "After the coin: venues.")
    return ModelRequest(symbol[:30], tuple(dict.fromkeys(venue.lower() for venue in venues)))


def _days(word: str) -> int:
    number = word.removesuffix("d")
    days = int(number) if re.fullmatch(r"[0-9]{1,3}", number) else 0
    if not 1 <= days <= MOST_DAYS:
        raise UnknownWord(_shown(word), f"Name 1 to {MOST_DAYS} days, such as 30d.")
    return days


def _shown(word: str) -> str:
    return word if len(word) <= 20 else f"{word[:19]}…"  # noqa: PLR2004 - enough to recognise it


def _help(_command: str, words: list[str], _window: Window) -> HelpRequest:
    return HelpRequest(words[0].lstrip("/").lower() if words else "")


_READERS: dict[str, Callable[[str, list[str], Window], Request]] = {
    "heatmap": _heatmap,
    "map": _heatmap,
    "accuracy": _accuracy,
    "model": _model,
    "help": _help,
    "status": lambda _command, _words, _window: StatusRequest(),
    "start": lambda _command, _words, _window: StartRequest(),
    **dict.fromkeys(_PANELS, _panel),
}
