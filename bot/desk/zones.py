"""Which time zone a word means."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import fuzz, process

from bot.core.errors import UnknownZone

USUAL = "UTC"
# Offered before anybody has typed: one for each stretch of the day in which many trade.
OFFERED = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Singapore",
    "Asia/Tokyo",
)
_LIKE = 60  # [% of letters] names less alike than this are no suggestion
_SUGGESTIONS = 3
_OFFSET = re.compile(r"(?:utc|gmt)\s*([+-]|−|–)?\s*([0-9]{1,2})(?::?([0-9]{2}))?")
_SIGNED = re.compile(r"([+-]|−|–)\s*([0-9]{1,2})(?::?([0-9]{2}))?")
_FIXED = re.compile(r"Etc/GMT([+-])([0-9]{1,2})")
# What people call the time on their wall, where no zone is called so or one without summer time.
_CALLED = {
    "et": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "ct": "America/Chicago",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "bst": "Europe/London",
    "cest": "Europe/Berlin",
    "ist": "Asia/Kolkata",
    "sgt": "Asia/Singapore",
    "hkt": "Asia/Hong_Kong",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "aest": "Australia/Sydney",
}
_ZERO = {"utc", "gmt", "z", "zulu", "etc/utc", "etc/gmt", "utc+0", "utc-0", "gmt+0", "gmt-0"}


def zone_of(word: str, at: int) -> str:
    """Return the name of the zone a word means. UnknownZone, with suggestions.

    `at` [ms] is when offsets are looked at where an offset alone is named.

    >>> zone_of("berlin", 0), zone_of("utc+2", 0), zone_of("new york", 0)
    ('Europe/Berlin', 'Etc/GMT-2', 'America/New_York')
    """
    plain = " ".join(word.lower().replace("_", " ").split())
    if plain.replace(" ", "") in _ZERO:
        return USUAL
    names = _names()
    if plain in names:
        return names[plain]
    if offset := _OFFSET.fullmatch(plain) or _SIGNED.fullmatch(plain):
        return _of_offset(word, offset, at)
    near = process.extract(
        plain, list(names), scorer=fuzz.ratio, limit=2 * _SUGGESTIONS, score_cutoff=_LIKE
    )
    found = tuple(dict.fromkeys(names[name] for name, *_ in near))
    raise UnknownZone(word, found[:_SUGGESTIONS])


def known(zone: str) -> bool:
    """Say whether there is a zone of this name."""
    return zone in available_timezones()


def shown(zone: str) -> str:
    """Write a zone as people read it; the names of fixed offsets have the sign the other way round.

    >>> shown("Etc/GMT-2"), shown("Europe/Berlin")
    ('UTC+2', 'Europe/Berlin')
    """
    if fixed := _FIXED.fullmatch(zone):
        return f"UTC{'-' if fixed[1] == '+' else '+'}{fixed[2]}"
    return zone


def _of_offset(word: str, offset: re.Match[str], at: int) -> str:
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    sign = -1 if offset[1] in {"-", "−", "–"} else 1
    if hours == minutes == 0:
        return USUAL
    name = f"Etc/GMT{'-' if sign > 0 else '+'}{hours}"
    if not minutes and known(name):
        return name
    away = sign * timedelta(hours=hours, minutes=minutes)
    moment = datetime.fromtimestamp(at / 1000, UTC)
    there = [
        each
        for each in sorted(available_timezones())
        if "/" in each and moment.astimezone(ZoneInfo(each)).utcoffset() == away
    ]
    raise UnknownZone(word, there[:_SUGGESTIONS])


@cache
def _names() -> dict[str, str]:
    """Return zones by what people type: the whole name, or the city alone."""
    names: dict[str, str] = {}
    whole = sorted(available_timezones())
    for zone in whole:
        if not zone.startswith("Etc/"):
            names.setdefault(zone.rpartition("/")[2].lower().replace("_", " "), zone)
    for zone in whole:  # a whole name means itself, whatever city is called the same
        names[zone.lower().replace("_", " ")] = zone
    return names | {word: zone for word, zone in _CALLED.items() if zone in whole}
