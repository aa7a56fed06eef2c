"""What a person typed about settings and about what is kept of him.

settings                       ->  SettingsRequest()
settings theme light           ->  SettingsRequest("theme", "light")
settings venues binance,bybit  ->  SettingsRequest("venues", "binance,bybit")
settings panels oi             ->  SettingsRequest("panels", "oi")
settings zone new york         ->  SettingsRequest("zone", "new york")
settings quiet 22-7            ->  SettingsRequest("quiet", "22:00-07:00")
export                         ->  ExportRequest()
export BTC 24h csv             ->  MapExportRequest("BTC", 24 hours, form="csv")
forget chat                    ->  ForgetRequest(chat=True)
"""

import re
from collections.abc import Callable

from bot.chats.held_words import coin, shown
from bot.core.errors import MissingWord, UnknownWord
from bot.core.estimate.strips import BELOW
from bot.core.language import mark, say
from bot.core.windows import Window, window
from bot.desk.own_requests import (
    DEFAULT,
    NO_PANELS,
    ExportRequest,
    ForgetRequest,
    MapExportRequest,
    OwnRequests,
    PrivacyRequest,
    SettingsRequest,
)

_LONGEST = 200
_LONGEST_ZONE = 40
_MOST_VENUES = 20
_AFTER = re.compile(r"[/\s]*(?:file\s+)?\S+\s*")
_VENUE = re.compile(r"[a-z][a-z0-9._-]{1,19}")
_STEP = re.compile(r"[+-][a-z][a-z0-9._-]{1,19}")
_CLOCK = r"([0-9]{1,2})(?::([0-9]{2}))?"
_QUIET = re.compile(rf"{_CLOCK}\s*(?:-|–|to)\s*{_CLOCK}")
_TOKEN = re.compile(r"[0-9a-f]{8,32}")
_DEFAULTS = {DEFAULT, "usual", "auto"}
_OFF = {"off", "none", "no", "0", *_DEFAULTS}
_NAMES = {
    "theme": "theme",
    "themes": "theme",
    "window": "window",
    "windows": "window",
    "venue": "venues",
    "venues": "venues",
    "exchanges": "venues",
    "panel": "panels",
    "panels": "panels",
    "strips": "panels",
    "zone": "zone",
    "timezone": "zone",
    "tz": "zone",
    "time": "zone",
    "quiet": "quiet",
    "language": "language",
    "lang": "language",
    "reset": "reset",
}
LANGUAGES = ("en", "de")
_KNOWN = mark(
    "Settings are theme, window, venues, panels, zone, quiet and language; reset undoes them."
)
_HOURS = mark("Name hours such as 22:00-07:00, or off.")
_OF_MAP = mark("After the coin: a window, venues, json or csv.")


def own_request(command: str, text: str, default_window: Window) -> OwnRequests | MapExportRequest:
    """Read everything after `/settings`, `/export`, `/forget` or `/privacy`.

    MissingWord, UnknownWord, UnknownWindow.
    """
    said = text[:_LONGEST]
    edge = _AFTER.match(said)
    rest = " ".join(said[edge.end() :].split()) if edge else ""
    if command == "export":
        return _export(rest, default_window)
    return OWN_READERS[command](rest)


def _settings(said: str) -> SettingsRequest:
    first, _, rest = said.partition(" ")
    if not first:
        return SettingsRequest()
    what = _NAMES.get(first.lower().rstrip(":"))
    if what is None:
        raise UnknownWord(shown(first), say(_KNOWN))
    value = rest.strip().lower().removeprefix("zone ").removeprefix("hours ").strip()
    return SettingsRequest(what, _VALUES[what](value) if value else "")


def _theme(value: str) -> str:
    if value in _DEFAULTS:
        return DEFAULT
    if value not in {"dark", "light"}:
        raise UnknownWord(shown(value), say("Themes are dark and light."))
    return value


def _window(value: str) -> str:
    return DEFAULT if value in _DEFAULTS else window(shown(value)).name


def _venues(value: str) -> str:
    if value in {"all", *_DEFAULTS}:
        return DEFAULT
    words = value.replace(",", " ").split()
    if len(words) == 1 and _STEP.fullmatch(words[0]):
        return words[0]
    for word in words:
        if not _VENUE.fullmatch(word):
            raise UnknownWord(shown(word), say("Name venues, such as binance,bybit, or all."))
    if len(words) > _MOST_VENUES:
        raise UnknownWord(shown(words[_MOST_VENUES]), say("These are more venues than there are."))
    return ",".join(dict.fromkeys(words))


def _panels(value: str) -> str:
    if value in _DEFAULTS:
        return DEFAULT
    if value == "all":
        return ",".join(BELOW)
    if value in {NO_PANELS, "no", "off", "0"}:
        return NO_PANELS
    words = value.replace(",", " ").split()
    if len(words) == 1 and words[0][0] in "+-" and words[0][1:] in BELOW:
        return words[0]
    for word in words:
        if word not in BELOW:
            raise UnknownWord(shown(word), say("Panels are oi, funding and liqs, all or none."))
    return ",".join(dict.fromkeys(words))


def _zone(value: str) -> str:
    return DEFAULT if value in _DEFAULTS else value[:_LONGEST_ZONE]


def _quiet(value: str) -> str:
    if value in _OFF:
        return DEFAULT
    found = _QUIET.fullmatch(value)
    if found is None:
        raise UnknownWord(shown(value), say(_HOURS))
    start, end = _minute(found[1], found[2]), _minute(found[3], found[4])
    if start is None or end is None or start == end:
        raise UnknownWord(shown(value), say(_HOURS))
    return f"{start}-{end}"


def _minute(hour: str, minute: str | None) -> str | None:
    """Write a time of day in full; None if there is no such time."""
    if int(hour) > 23 or int(minute or 0) > 59:  # noqa: PLR2004 - a day's last hour, an hour's last minute
        return None
    return f"{int(hour):02d}:{int(minute or 0):02d}"


def _language(value: str) -> str:
    if value in _DEFAULTS:
        return DEFAULT
    if value not in LANGUAGES:
        *codes, last = LANGUAGES
        fits = say("Languages are {codes} and {last}.", codes=", ".join(codes), last=last)
        raise UnknownWord(shown(value), fits)
    return value


def _reset(value: str) -> str:
    if value != "yes":
        raise UnknownWord(shown(value), say("/settings reset stands alone."))
    return value


def _export(said: str, default_window: Window) -> ExportRequest | MapExportRequest:
    words = said.replace(",", " ").split()
    if not words or said.lower() in {"me", "mine", "all"}:
        return ExportRequest()
    if said.lower() == "chat":
        return ExportRequest(chat=True)
    form = next((word.lower() for word in words if word.lower() in {"json", "csv"}), "json")
    words = [word for word in words if word.lower() not in {"json", "csv"}]
    if not words:
        raise MissingWord(say("Which coin? Name one, such as /export BTC 24h csv."))
    symbol, rest = coin(words)
    span: Window | None = None
    venues: list[str] = []
    for word in (word.lower() for word in rest):
        if re.match(r"[0-9]", word):
            span = window(shown(word))
        elif _VENUE.fullmatch(word):
            venues.append(word)
        else:
            raise UnknownWord(shown(word), say(_OF_MAP))
    return MapExportRequest(
        symbol,
        span or default_window,
        tuple(dict.fromkeys(venues)),
        "csv" if form == "csv" else "json",
        named=span is not None,
    )


def _forget(said: str) -> ForgetRequest:
    words = said.lower().split()
    if not words or words == ["me"]:
        return ForgetRequest()
    if words[0] == "chat":
        chat, words = True, words[1:]
    else:
        chat, words = False, words[1:] if words[0] == "me" else words
    if not words:
        return ForgetRequest(chat=chat)
    if len(words) > 1 or not _TOKEN.fullmatch(words[0]):
        raise UnknownWord(
            shown(words[0]), say("/forget asks once more before anything is deleted.")
        )
    return ForgetRequest(chat, words[0])


def _privacy(said: str) -> PrivacyRequest:
    if said:
        raise UnknownWord(shown(said.split(maxsplit=1)[0]), say("/privacy stands alone."))
    return PrivacyRequest()


_VALUES: dict[str, Callable[[str], str]] = {
    "theme": _theme,
    "window": _window,
    "venues": _venues,
    "panels": _panels,
    "zone": _zone,
    "quiet": _quiet,
    "language": _language,
    "reset": _reset,
}
OWN_READERS: dict[str, Callable[[str], OwnRequests]] = {
    "settings": _settings,
    "forget": _forget,
    "privacy": _privacy,
}
OWN_COMMANDS = frozenset({*OWN_READERS, "export"})
