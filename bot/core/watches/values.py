"""The values in a watch: numbers with their units, windows, hours of the day."""

import math
import re
from decimal import Decimal

from lark import Token

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.language import say
from bot.core.watches.figures import (
    LEAST_REACH,
    LONGEST,
    MOST_REACH,
    SHORTEST,
    TRAITS,
    Measure,
    Unit,
)
from bot.core.watches.refusal import at_token
from bot.core.watches.text import Typed
from bot.core.watches.tree import Hours
from bot.core.watches.written import written_span, written_value

_NUMBER = re.compile(r"([+-]?)\$?([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)")
_TIMES = {"t": 3, "k": 3, "m": 6, "b": 9}  # by first letter: thousand, million, billion
_SPANS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_MOST_DIGITS = 40  # longer numbers are no figure of any market
_BASIS_POINT, _PERCENT = 4, 2


def _number(said: Typed, token: Token, shift: int = 0) -> Decimal:
    sign, digits, _ = _parts(token)
    if len(digits) > _MOST_DIGITS:
        raise at_token(said, token, say("That number has more digits than any market."))
    return Decimal(sign + digits).scaleb(shift)


def _parts(token: Token) -> tuple[str, str, str]:
    found = _NUMBER.match(token)
    if found is None:
        raise ValueError(f"{token!r} is no number")
    return found[1], found[2], found[3]


def value(said: Typed, token: Token, measure: Measure) -> float:
    """Read a value in the unit of what it is compared with; WatchRefused if it is not sane."""
    letters = _parts(token)[2]
    if token.type == "PERCENT":
        shift = -_BASIS_POINT if letters.startswith("b") else -_PERCENT
    elif letters.startswith(("us", "do")) or token.type == "TIMES":
        shift = 0
    else:
        shift = _TIMES.get(letters[:1], 0)
    traits = TRAITS[measure]
    number = float(_number(said, token, shift))
    if not (math.isfinite(number) and traits.low <= number <= traits.high):
        low, high = (written_value(each, traits.unit) for each in (traits.low, traits.high))
        name = measure.value.removesuffix(" times normal")
        told = {"word": token, "name": name, "low": low, "high": high}
        why = say("“{word}” is no {name}: it goes from {low} to {high}.", **told)
        raise at_token(said, token, why)
    if traits.unit is Unit.BARE and letters:
        why = say("“{word}”: {name} is a bare number such as 2.5.", word=token, name=measure.value)
        raise at_token(said, token, why)
    return number + 0.0  # no minus zero


def reach(said: Typed, token: Token) -> float:
    """Read how far from the price something may be [fraction]."""
    letters = _parts(token)[2]
    number = float(_number(said, token, -_BASIS_POINT if letters.startswith("b") else -_PERCENT))
    if not LEAST_REACH <= number <= MOST_REACH:
        why = say("“{word}” is no reach: it goes from 0.1% to 50%.", word=token)
        raise at_token(said, token, why)
    return number


def span(said: Typed, token: Token, least: int = SHORTEST, most: int = LONGEST) -> int:
    """Read a length of time [ms], a whole number of minutes within bounds."""
    letters = _parts(token)[2]
    length = _number(said, token) * _SPANS[letters[0]]
    if length % MINUTE:
        raise at_token(said, token, say("“{word}” is not a whole number of minutes.", word=token))
    if not least <= length <= most:
        low, high = written_span(least), written_span(most)
        told = {"word": token, "low": low, "high": high}
        raise at_token(
            said, token, say("“{word}” does not fit: it goes from {low} to {high}.", **told)
        )
    return int(length)


def minute_of_day(said: Typed, token: Token, text: str | None = None) -> int:
    """Read a time of the day [minute]."""
    hour, minute = map(int, (text or token).split(":"))
    if hour > 23 or minute > 59:  # noqa: PLR2004 - a day's last hour, an hour's last minute
        raise at_token(said, token, say("“{word}” is no time of day.", word=text or token))
    return hour * 60 + minute


def hours(said: Typed, token: Token) -> Hours:
    """Read a part of the day."""
    start, end = re.split(r"\s*(?:-|to)\s*", token, maxsplit=1)
    found = Hours(minute_of_day(said, token, start), minute_of_day(said, token, end))
    if found.start == found.end:
        why = say("“{word}” has no hours in it, or all of them.", word=token)
        raise at_token(said, token, why)
    return found


def per_day(said: Typed, token: Token, most: int) -> int:
    """Read a number a day."""
    number = int(_number(said, token))
    if not 1 <= number <= most:
        told = {"word": token, "most": most}
        why = say("“{word}” does not fit: it goes from 1 to {most} a day.", **told)
        raise at_token(said, token, why)
    return number
