"""What figures, sides and promises are called, by language: what no rephrasing may add."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# What figures are counted in, in every language. Commas are those of thousands in each, as all
# facts are written: "1,2" is two figures that nobody told.
_SIGNS = {"%": "%", "k": "k", "m": "m", "b": "b", "t": "t", "h": "h", "d": "d", "min": "min"}
_FIGURE = r"((?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?)"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    figure: re.Pattern[str]  # a number and what it counts
    units: Mapping[str, str]  # "percent" -> "%"
    untold: re.Pattern[str]  # figures in letters, and promises
    sided: re.Pattern[str]
    sides: Mapping[str, str]  # words that take the same side, such as "unterhalb" -> "unter"
    letters: frozenset[str]  # that its own words have beyond ASCII


def _words(
    units: Mapping[str, str],
    untold: Iterable[str],
    sided: Iterable[str],
    sides: Mapping[str, str] | None = None,
    letters: str = "",
) -> Words:
    known, same = {**_SIGNS, **units}, sides or {}
    longest = sorted(known, key=len, reverse=True)
    unit = "|".join(re.escape(each) + (r"\b" if each[-1].isalpha() else "") for each in longest)
    return Words(
        re.compile(rf"{_FIGURE}[\s\u00a0]*({unit})?", re.IGNORECASE),
        known,
        re.compile(rf"\b({'|'.join(untold)})\b", re.IGNORECASE),
        re.compile(rf"\b({'|'.join((*sided, *same))})s?\b", re.IGNORECASE),
        same,
        frozenset(letters),
    )


_UNTOLD = (
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *(r"dozens?", r"hundreds?", r"(?<!\d )thousands?", r"(?<!\d )millions?", r"(?<!\d )billions?"),
    *("half", r"halv\w+", r"thirds?", r"quarters?", r"doubl\w+", "twice", r"tripl\w+"),
    *(r"guarante\w+", "risk-free", "certain", "certainly", "surely", "always", "never"),
)
_SIDED = ("long", "short", "up", "down", "above", "below", "bullish", "bearish")

_BY_LANGUAGE = {
    "en": _words(
        {
            **dict.fromkeys(("percent", "per cent"), "%"),
            "thousand": "k",
            "million": "m",
            "billion": "b",
            "trillion": "t",
            **dict.fromkeys(("hour", "hours"), "h"),
            **dict.fromkeys(("day", "days"), "d"),
            **dict.fromkeys(("minute", "minutes"), "min"),
        },
        _UNTOLD,
        _SIDED,
    ),
    # A German Billion is a trillion.
    "de": _words(
        {
            "prozent": "%",
            "tausend": "k",
            **dict.fromkeys(("million", "millionen", "mio"), "m"),
            **dict.fromkeys(("milliarde", "milliarden", "mrd"), "b"),
            **dict.fromkeys(("billion", "billionen"), "t"),
            **dict.fromkeys(("stunde", "stunden"), "h"),
            **dict.fromkeys(("tag", "tage", "tagen"), "d"),
            **dict.fromkeys(("minute", "minuten"), "min"),
        },
        (
            *_UNTOLD,
            *(r"zwei\w*", r"zwan\w*", r"drei\w*", r"vier\w*", r"fünf\w*", r"sech\w*", r"sieb\w*"),
            *("acht", r"achtz\w*", "neun", r"neunz\w*", r"zehn\w*", "elf", "zwölf", r"dutzend\w*"),
            *(r"hundert\w*", r"(?<!\d )tausend\w*", r"(?<!\d )million\w*", r"(?<!\d )milliarde\w*"),
            *(r"(?<!\d )billion\w*", r"halb\w*", r"hälfte\w*", r"drittel\w*", r"\w*doppel\w*"),
            *(r"garant\w+", r"risikolos\w*", r"risikofrei\w*", r"sicher(lich|e|es|er|en)?"),
            *("gewiss", "bestimmt", "zweifellos", "immer", "nie", "niemals"),
        ),
        (*_SIDED, "über", "unter", "aufwärt", "abwärt", r"bullisch\w*", r"bärisch\w*"),
        {
            **dict.fromkeys(("oberhalb", "darüber", "oben", "above"), "über"),
            **dict.fromkeys(("unterhalb", "darunter", "unten", "below"), "unter"),
            **dict.fromkeys(("hoch", "hinauf", "up"), "aufwärt"),
            **dict.fromkeys(("runter", "hinab", "down"), "abwärt"),
        },
        "äöüÄÖÜß„",
    ),
}


def words_of(language: str) -> Words:
    """Return the words of a language: "en" or "de"; those of English for any other."""
    return _BY_LANGUAGE.get(language, _BY_LANGUAGE["en"])
