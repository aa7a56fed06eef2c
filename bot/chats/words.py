"""What a person typed, understood the same way on every chat.

heatmap btc 24h bybit      ->  HeatmapRequest("btc", 24 hours, ("bybit",))
map ETH                    ->  HeatmapRequest("ETH", profile=True)
accuracy btc 7d            ->  AccuracyRequest("btc", days=7)
model btc                  ->  ModelRequest("btc")
liqs btc okx               ->  PanelRequest("liqs", "btc", ("okx",))
markets okx 2              ->  MarketsRequest(("okx",), page=2)
whatif btc -4%             ->  WhatIfRequest("btc", -0.04)
backtest sweep btc 90d     ->  BacktestRequest("sweep", "btc", days=90)
position btc long 60k 20x   ->  PositionRequest("btc", LONG, 20, 60000); position_words.py
journal add btc long 60k   ->  journal_words.py reads whatever is about one's own trades
settings theme light       ->  settings_words.py reads this, and export, forget and privacy
watch btc funding > 0.03%  ->  watch_words.py reads whatever is about watches
btc funding > 0.03%        ->  the same: nothing else compares
file heatmap BTC           ->  the same as without "file"; the chat sends the picture unpressed
"""

import re
from collections.abc import Callable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.chats.held_words import coin as _coin
from bot.chats.held_words import shown as _shown
from bot.chats.journal_words import JOURNAL_READERS, journal_request
from bot.chats.moves import move
from bot.chats.position_words import FITS, position_request
from bot.chats.settings_words import OWN_COMMANDS, own_request
from bot.chats.watch_words import WATCH_READERS, watch_request
from bot.core.errors import MissingWord, UnknownWord
from bot.core.evidence.strategies import STRATEGIES
from bot.core.instruments import base_of, qualifies
from bot.core.language import say
from bot.core.windows import DEFAULT_WINDOW, Window, window
from bot.desk.commands import COMMANDS
from bot.desk.requests import (
    MOST_DAYS,
    USUAL_DAYS,
    AccuracyRequest,
    BacktestRequest,
    HeatmapRequest,
    HelpRequest,
    MarketsRequest,
    ModelRequest,
    PanelRequest,
    PositionRequest,
    Request,
    StartRequest,
    StatusRequest,
    WatchRequest,
    WhatIfRequest,
)

# Longer than any request there is; what is longer is not one.
LONGEST = 200
_THEMES = ("dark", "light")
_VENUE = r"[a-z][a-z0-9._-]{1,19}"
_REFRESH = "refresh"
_WHOLE = "whole"
_FILE = "file"
# Panels beside the map, and whether they need a coin.
_PANELS = {
    "liqs": False,
    "book": True,
    "funding": False,
    "oi": False,
    "ratio": False,
    "squeeze": False,
    "explain": True,
    "setups": False,
}
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
    "liq": "liqs",
    "liquidations": "liqs",
    "ob": "book",
    "orderbook": "book",
    "squeezes": "squeeze",
    "regime": "squeeze",
    "why": "explain",
    "setup": "setups",
    "bt": "backtest",
    "pos": "position",
    "liqprice": "position",
    "j": "journal",
    "trades": "journal",
    "w": "watch",
    "alert": "watch",
    "alerts": "watches",
}
# Without a slash a coin resembles the others sooner than a person mistypes them.
_GUESSED = [name for name in _NAMES if name not in {"mute", "test", "export", "forget"}]


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
    if len(words) == 1 and re.fullmatch(r"w\d{1,9}", words[0]):
        words, text = ["watches", *words], f"watches {words[0]}"  # its name where it is listed
    slash = text.lstrip().startswith("/")
    command, rest = _command(words[0], _NAMES if slash else _GUESSED), words[1:]
    if command is None:
        if slash or not base_of(words[0]):
            raise UnknownWord(_shown(words[0]), say("/help lists the commands."))
        if ">" in text or "<" in text:
            return WatchRequest(text.strip())
        command, rest = "heatmap", words  # "btc 7d" can mean nothing else
    if command in WATCH_READERS:
        return watch_request(command, text)
    if command in JOURNAL_READERS:
        return journal_request(command, text)
    if command in OWN_COMMANDS:
        return own_request(command, text, default_window)
    return _READERS[command](command, rest, default_window)


def wants_file(text: str) -> bool:
    """Whether the picture is asked for as a file, so that the chat does not recompress it."""
    return _split(text)[:1] == [_FILE]


def is_own(text: str) -> bool:
    """Whether words are about what is somebody's own: even what is wrong in them is private."""
    first = next(iter(_split(text)), "")
    return _SHORT.get(first, first) in {"position", "export", "forget", *JOURNAL_READERS}


def _split(text: str) -> list[str]:
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text[:LONGEST])  # 60,000 is one number
    words = plain.replace(",", " ").lstrip("/ ").split()
    # Telegram adds the bot's name in groups: /heatmap@emberline_bot
    return [words[0].partition("@")[0].lower(), *words[1:]] if words else []


def _command(word: str, guessed: list[str]) -> str | None:
    """Return the command a word names, None if it resembles none. UnknownWord if it nearly does."""
    name = _SHORT.get(word, word)
    if name in _NAMES:
        return name
    near = process.extractOne(name, guessed, scorer=OSA.normalized_similarity, score_cutoff=0.5)
    if near:
        raise UnknownWord(_shown(word), say("Did you mean /{command}?", command=near[0]))
    return None


def _which_coin(command: str) -> str:
    return say("Which coin? Name one, such as /{command} BTC.", command=command)


def _heatmap(command: str, words: list[str], default_window: Window) -> HeatmapRequest:
    if not words:
        raise MissingWord(_which_coin(command))
    symbol, rest = _coin(words)
    span: Window | None = None
    theme, venues, refresh, whole = None, [], False, False
    for word in (word.lower() for word in rest):
        if word in _THEMES:
            theme = word
        elif word == _REFRESH:
            refresh = True
        elif word == _WHOLE:
            whole = True
        elif re.match(r"\d", word):
            span = window(_shown(word))
        elif re.fullmatch(_VENUE, word):
            venues.append(word)
        else:
            raise UnknownWord(_shown(word), say("After the coin: a window, venues, dark or light."))
    return HeatmapRequest(
        symbol=symbol,
        window=span or default_window,
        venues=tuple(dict.fromkeys(venues)),
        theme=theme,
        profile=command == "map",
        refresh=refresh,
        whole=whole,
        named=span is not None,
    )


def _accuracy(_command: str, words: list[str], _window: Window) -> AccuracyRequest:
    if not words:
        raise MissingWord(_which_coin("accuracy"))
    symbol, rest = _coin(words)
    days, theme, venues = USUAL_DAYS, None, []
    for word in (word.lower() for word in rest):
        if word in _THEMES:
            theme = word
        elif re.match(r"\d", word):
            days = _days(word)
        elif re.fullmatch(_VENUE, word):
            venues.append(word)
        else:
            raise UnknownWord(_shown(word), say("After the coin: days, venues, dark or light."))
    return AccuracyRequest(symbol, days, tuple(dict.fromkeys(venues)), theme)


def _panel(command: str, words: list[str], _window: Window) -> PanelRequest:
    """Read `[SYMBOL] [venues] [dark|light] [refresh] [live]`; a coin first, where one is named."""
    place = next((at for at, word in enumerate(words) if word.lower() not in _NO_COIN), len(words))
    symbol, rest = _coin(words[place:]) if words[place:] else ("", [])
    theme, venues, refresh, live = None, [], False, False
    for word in (*words[:place], *rest):
        plain = word.lower()
        if plain in _THEMES:
            theme = plain
        elif plain == _REFRESH:
            refresh = True
        elif plain == _LIVE and command in _LIVE_PANELS:
            live = True
        elif re.fullmatch(_VENUE, plain):
            venues.append(plain)
        else:
            raise UnknownWord(_shown(word), say("After the coin: venues, dark or light."))
    if not symbol and _PANELS[command]:
        raise MissingWord(_which_coin(command))
    return PanelRequest(command, symbol, tuple(dict.fromkeys(venues)), theme, refresh, live)


def _whatif(_command: str, words: list[str], _window: Window) -> WhatIfRequest:
    """Read `SYMBOL -4% [venues] [dark|light]`."""
    if not words:
        raise MissingWord(say("Which coin, and which move? Such as /whatif BTC -4%."))
    symbol, rest = _coin(words)
    said, rest = move(rest)
    theme, venues = None, []
    for word in (word.lower() for word in rest):
        if word in _THEMES:
            theme = word
        elif re.fullmatch(_VENUE, word):
            venues.append(word)
        else:
            raise UnknownWord(_shown(word), say("After the coin: a move, venues, dark or light."))
    return WhatIfRequest(symbol, said.by, said.to, tuple(dict.fromkeys(venues)), theme)


def _position(_command: str, words: list[str], _window: Window) -> PositionRequest:
    if not words:
        raise MissingWord(say("Which position? {fits}", fits=say(FITS)))
    symbol, rest = _coin(words)
    return position_request(symbol, rest)


def _backtest(_command: str, words: list[str], _window: Window) -> BacktestRequest:
    """Read `STRATEGY SYMBOL [days] [venues] [dark|light]`; the strategy may come later, too."""
    strategy = next((word for word in words if word.lower() in STRATEGIES), None)
    if strategy is None:
        said = say(
            "Strategies are {names}, such as /backtest sweep BTC.", names=", ".join(STRATEGIES)
        )
        if len(words) > 1:
            raise UnknownWord(_shown(words[0]), said)
        raise MissingWord(say("Which strategy, and which coin? {fits}", fits=said))
    words = [word for word in words if word is not strategy]
    if not words:
        raise MissingWord(_which_coin(f"backtest {strategy.lower()}"))
    read = _accuracy("backtest", words, _window)
    return BacktestRequest(strategy.lower(), read.symbol, read.days, read.venues, read.theme)


def _markets(_command: str, words: list[str], _window: Window) -> MarketsRequest:
    """Read `[venues] [page]`; "binance coin-m" is one venue."""
    venues: list[str] = []
    page = 1
    for word in (word.lower() for word in words):
        if re.fullmatch(r"[0-9]{1,4}", word) and int(word):
            page = int(word)
        elif venues and qualifies(word):
            venues[-1] += re.sub(r"[^a-z]", "", word)
        elif re.fullmatch(_VENUE, word):
            venues.append(word)
        else:
            raise UnknownWord(_shown(word), say("After /markets: venues, or the number of a page."))
    return MarketsRequest(tuple(dict.fromkeys(venues)), page)


def _model(_command: str, words: list[str], _window: Window) -> ModelRequest:
    if not words:
        raise MissingWord(_which_coin("model"))
    symbol, venues = _coin(words)
    for word in venues:
        if not re.fullmatch(_VENUE, word.lower()):
            raise UnknownWord(_shown(word), say("After the coin: venues."))
    return ModelRequest(symbol, tuple(dict.fromkeys(venue.lower() for venue in venues)))


def _days(word: str) -> int:
    number = word.removesuffix("d")
    days = int(number) if re.fullmatch(r"[0-9]{1,3}", number) else 0
    if not 1 <= days <= MOST_DAYS:
        raise UnknownWord(_shown(word), say("Name 1 to {most} days, such as 30d.", most=MOST_DAYS))
    return days


def _help(_command: str, words: list[str], _window: Window) -> HelpRequest:
    return HelpRequest(words[0].lstrip("/").lower() if words else "")


_NO_COIN = (*_THEMES, _REFRESH, _LIVE, "all")
_READERS: dict[str, Callable[[str, list[str], Window], Request]] = {
    "heatmap": _heatmap,
    "map": _heatmap,
    "accuracy": _accuracy,
    "model": _model,
    "help": _help,
    "status": lambda _command, _words, _window: StatusRequest(),
    "start": lambda _command, _words, _window: StartRequest(),
    "markets": _markets,
    "whatif": _whatif,
    "position": _position,
    "backtest": _backtest,
    **dict.fromkeys(_PANELS, _panel),
}
