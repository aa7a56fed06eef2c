"""What a person typed about watches; their own text is handed on whole and is not read here.

watch BTC funding > 0.03%  ->  WatchRequest("BTC funding > 0.03%")
watch now BTC squeeze      ->  WatchRequest("BTC squeeze", at_once=True)
watch keep d12             ->  DraftRequest("keep", "d12")
watch edit d12 3 funding   ->  DraftRequest("edit", "d12", 3, "funding")
watches w12                ->  WatchesRequest("w12")
watches mute w12 1h        ->  WatchesRequest("w12", "mute", one hour)
mute until 08:00           ->  MuteRequest(until=480)
"""

import re
from collections.abc import Callable

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import MissingWord, UnknownWord
from bot.core.language import mark, say
from bot.desk.requests import (
    AlertTestRequest,
    DraftRequest,
    MuteRequest,
    Request,
    VoteRequest,
    WatchesRequest,
    WatchRequest,
)

# A watch says of itself that it is too long; more than a chat can carry is not even looked at.
_LONGEST = 4096
_USUAL_MUTE = HOUR
_LONGEST_MUTE = 30 * DAY
_MOST_DIGITS = 5

_AFTER = re.compile(r"[/\s]*(?:file\s+)?\S+\s*")
_DRAFT = re.compile(r"(keep|drop)\s+(d[0-9]{1,12})", re.IGNORECASE)
_EDIT = re.compile(
    r"edit\s+(?:new(?:\s+([a-z0-9]{1,20}))?|([dw][0-9]{1,12})(?:\s+([0-9]{1,4})\s+(\S.*))?)",
    re.IGNORECASE | re.DOTALL,
)
_NOW = re.compile(r"now\s+(.*)", re.IGNORECASE | re.DOTALL)
_WATCH = re.compile(r"w[0-9]{1,12}")
_EPISODE = re.compile(r"w[0-9]{1,12}/\S{1,60}")
_SPAN = re.compile(rf"([0-9]{{1,{_MOST_DIGITS}}})(m|min|h|d)")
_UNITS = {"m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY}
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_ACTS = ("mute", "wake", "remove", "preview", "ledger")
_OFF = ("off", "none", "0")
_HOW_LONG = mark("Name how long, such as 1h, 8h or 2d; at most 30d.")


def watch_request(command: str, text: str) -> Request:
    """Read everything after a command about watches. MissingWord, UnknownWord."""
    said = text[:_LONGEST]
    edge = _AFTER.match(said)
    return WATCH_READERS[command](said[edge.end() :].strip() if edge else "")


def _watch(said: str) -> Request:
    if draft := _DRAFT.fullmatch(said):
        return DraftRequest(draft[1].lower(), draft[2].lower())
    if edit := _EDIT.fullmatch(said):
        at = -1 if edit[3] is None else int(edit[3])
        return DraftRequest("edit", (edit[2] or "").lower(), at, edit[4] or edit[1] or "")
    if now := _NOW.fullmatch(said):
        return WatchRequest(now[1].strip(), at_once=True)
    return WatchRequest(said)


def _watches(said: str) -> Request:
    """Read `[ID] [act] [how long]` in any order; nothing lists them all."""
    words = said.split()
    if len(words) == 2 and words[0].lower() in {"useful", "useless"}:  # noqa: PLR2004 - and which
        if not _EPISODE.fullmatch(words[1]):
            raise UnknownWord(_shown(words[1]), say("Press the button under a follow-up instead."))
        return VoteRequest(words[1], words[0].lower() == "useful")
    watch, act, lasts, sure, page, here = "", "", _USUAL_MUTE, False, 1, False
    for word in (word.lower() for word in words):
        if not watch and _WATCH.fullmatch(word):
            watch, here = word, not act
        elif not act and word in _ACTS:
            act = word
        elif act == "mute" and _SPAN.fullmatch(word):
            lasts = _span(word)
        elif act == "remove" and word == "yes":
            sure = True
        elif not watch and not act and re.fullmatch(r"[0-9]{1,3}", word) and int(word):
            page = int(word)
        else:
            expected = say("After /watches: a watch such as w12, or nothing.")
            raise UnknownWord(_shown(word), expected)
    if act and not watch:
        raise MissingWord(say("Which watch? Say /watches {act} w12; /watches lists them.", act=act))
    return WatchesRequest(watch, act, lasts if act == "mute" else 0, sure, here, page)


def _mute(said: str) -> Request:
    """Read `1h`, `until 08:00`, `off`, or a watch and how long it is to be silent."""
    words = said.lower().split()
    if not words:
        return MuteRequest()
    if _WATCH.fullmatch(words[0]):
        return _watches(" ".join(("mute", *words)))
    if words[0] in {"until", "for"}:
        words = words[1:]
    if not words:
        raise MissingWord(say(_HOW_LONG))
    if len(words) > 1:
        raise UnknownWord(_shown(words[1]), say(_HOW_LONG))
    if words[0] in _OFF:
        return MuteRequest(lasts=0)
    if clock := _CLOCK.fullmatch(words[0]):
        hour, minute = int(clock[1]), int(clock[2])
        if hour > 23 or minute > 59:  # noqa: PLR2004 - a day's last hour, an hour's last minute
            raise UnknownWord(_shown(words[0]), say("Name a time of day, such as until 08:00."))
        return MuteRequest(until=60 * hour + minute)
    return MuteRequest(lasts=_span(words[0]))


def _test(said: str) -> Request:
    if said:
        raise UnknownWord(_shown(said.split(maxsplit=1)[0]), say("/test stands alone."))
    return AlertTestRequest()


def _span(word: str) -> int:
    """Read a length of time [ms]."""
    found = _SPAN.fullmatch(word)
    length = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < length <= _LONGEST_MUTE:
        raise UnknownWord(_shown(word), say(_HOW_LONG))
    return length


def _shown(word: str) -> str:
    return word if len(word) <= 20 else f"{word[:19]}…"  # noqa: PLR2004 - enough to recognise it


WATCH_READERS: dict[str, Callable[[str], Request]] = {
    "watch": _watch,
    "watches": _watches,
    "mute": _mute,
    "test": _test,
}
