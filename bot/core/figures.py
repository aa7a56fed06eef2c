"""Figures as traders write them: $1.2B, 97,412, 0.031 %, 3 min ago.

Pictures and captions use the same words, so a number never reads differently in two places; nor in
two languages, but for the words around it.
"""

import math
from datetime import UTC, datetime

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.language import mark, say

NOTHING = "–"  # a figure that is not a number
_MINUS = "−"  # U+2212: as wide as a plus sign
_THOUSANDS = (("T", 1e12), ("B", 1e9), ("M", 1e6), ("K", 1e3))
_MONTHS = (
    mark("Jan"),
    mark("Feb"),
    mark("Mar"),
    mark("Apr"),
    mark("May"),
    mark("Jun"),
    mark("Jul"),
    mark("Aug"),
    mark("Sep"),
    mark("Oct"),
    mark("Nov"),
    mark("Dec"),
)
# Prices below 1 are long already; they keep a digit less.
_PRICE_DIGITS = 5
_SMALL_PRICE_DIGITS = 4
_MOST_DECIMALS = 14


def _sign(value: float, *, signed: bool) -> str:
    if value < 0:
        return _MINUS
    return "+" if signed and value > 0 else ""


def _short(size: float) -> str:
    """Two digits below 10, whole numbers above: an estimate deserves no more."""
    if size >= 9.95:  # noqa: PLR2004 - where one decimal would round to 10.0
        return f"{size:,.0f}"
    return f"{size:.1f}".removesuffix(".0")


def usd(value: float, *, signed: bool = False) -> str:
    """Write an amount of dollars.

    >>> usd(1.2e9), usd(12_340_000), usd(999_600), usd(-53), usd(0), usd(4e6, signed=True)
    ('$1.2B', '$12M', '$1M', '−$53', '$0', '+$4M')
    """
    if not math.isfinite(value):
        return NOTHING
    size = abs(value)
    for letter, unit in _THOUSANDS:
        if size >= 0.9995 * unit:
            return f"{_sign(value, signed=signed)}${_short(size / unit)}{letter}"
    written = _short(size)
    return "$0" if written == "0" else f"{_sign(value, signed=signed)}${written}"


def amount(value: float) -> str:
    """Write a number of coins.

    >>> amount(131_400), amount(12_340_000), amount(7.25), amount(0)
    ('131K', '12M', '7.2', '0')
    """
    return usd(value).replace("$", "")


def points(difference: float) -> str:
    """Write how far a rate moved, in percentage points.

    >>> points(0.00012), points(-0.0004), points(0)
    ('+0.012', '−0.040', '0')
    """
    return percent(difference, signed=True).removesuffix(" %")


def price_decimals(value: float) -> int:
    """Return how many decimals a price of this size is written with."""
    if not math.isfinite(value) or value <= 0:
        return 0
    digits = _PRICE_DIGITS if value >= 1 else _SMALL_PRICE_DIGITS
    return min(max(digits - 1 - math.floor(math.log10(value)), 0), _MOST_DECIMALS)


def price(value: float, *, decimals: int | None = None) -> str:
    """Write a price with as many digits as its size deserves, or with `decimals`.

    >>> price(97412.5), price(3412.52), price(0.34125), price(0.00001234), price(97000, decimals=0)
    ('97,412', '3,412.5', '0.3412', '0.00001234', '97,000')
    """
    if not math.isfinite(value):
        return NOTHING
    return f"{value:,.{price_decimals(value) if decimals is None else decimals}f}"


def percent(fraction: float, *, signed: bool = False) -> str:
    """Write a fraction as a percentage, with more decimals the smaller it is.

    >>> percent(0.00031), percent(0.0234, signed=True), percent(-0.113), percent(0), percent(2.5)
    ('0.031 %', '+2.3 %', '−11.3 %', '0 %', '250 %')
    """
    if not math.isfinite(fraction):
        return NOTHING
    size = abs(fraction) * 100
    limits = ((99.95, 0), (0.995, 1), (0.0995, 2), (0.00995, 3))
    decimals = next((places for limit, places in limits if size >= limit), 4)
    written = f"{size:,.{decimals}f}"
    if float(written.replace(",", "")) == 0:
        return "0 %"
    return f"{_sign(fraction, signed=signed)}{written} %"


def share(fraction: float, *, signed: bool = False) -> str:
    """Write a round fraction as a percentage, with no more decimals than it has.

    >>> share(0.05, signed=True), share(-0.002), share(0.1), share(0)
    ('+5 %', '−0.2 %', '10 %', '0 %')
    """
    return f"{_sign(fraction, signed=signed)}{round(abs(fraction) * 100, 6):,g} %"


def standing(rank: float) -> str:
    """Write where a figure stands in its own past, by the part of it that lies below.

    >>> standing(0.973), standing(0.02), standing(0.9999), standing(float("nan"))
    ('above 97 %', 'below 98 %', 'above 99 %', '–')
    """
    if not math.isfinite(rank):
        return NOTHING
    above = rank >= 0.5  # noqa: PLR2004 - half
    part = min(round(100 * (rank if above else 1 - rank)), 99)  # no figure is above itself
    return say("above {part} %", part=part) if above else say("below {part} %", part=part)


def span(length: int) -> str:
    """Write a length of time [ms] in its largest whole unit.

    >>> span(40_000), span(180_000), span(7_500_000), span(260_000_000)
    ('40 s', '3 min', '2 h', '3 d')
    """
    for unit, word in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if length >= unit:
            return f"{length // unit} {word}"
    return f"{max(length, 0) // 1000} s"


def ago(elapsed: int) -> str:
    """Write how long ago something was [ms].

    >>> ago(1_200), ago(180_000), ago(26 * 3_600_000)
    ('just now', '3 min ago', '1 d ago')
    """
    if elapsed < 5_000:  # noqa: PLR2004 - 5 s
        return say("just now")
    return say("{span} ago", span=span(elapsed))


def moment(at: int) -> str:
    """Write a time [ms] in full, in UTC.

    >>> moment(1_767_225_900_000)
    '1 Jan 2026, 00:05 UTC'
    """
    return f"{day(at)} {datetime.fromtimestamp(at / 1000, UTC).year}, {clock(at)} UTC"


def clock(at: int) -> str:
    """Write the time of the day [ms] in UTC.

    >>> clock(1_767_225_900_000)
    '00:05'
    """
    when = datetime.fromtimestamp(at / 1000, UTC)
    return f"{when.hour:02d}:{when.minute:02d}"


def day(at: int) -> str:
    """Write the day of a time [ms] in UTC.

    >>> day(1_767_225_900_000)
    '1 Jan'
    """
    when = datetime.fromtimestamp(at / 1000, UTC)
    return say("{day} {month}", day=when.day, month=say(_MONTHS[when.month - 1]))


def since(at: int, now: int) -> str:
    """Write a time [ms] by which something has changed: the hour, and the day if it is another.

    >>> since(1_767_225_900_000, 1_767_229_200_000), since(1_767_225_900_000, 1_767_399_999_000)
    ('00:05', '1 Jan 00:05')
    """
    return clock(at) if day(at) == day(now) else f"{day(at)} {clock(at)}"
