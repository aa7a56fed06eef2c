"""Values that make sense for a figure of a coin: those that its own past was seldom beyond."""

import math
from dataclasses import dataclass

import numpy as np

from bot.core import figures
from bot.core.language import say
from bot.core.watches.figures import TRAITS, Figure, Measure, Unit
from bot.core.watches.previewed import values_of
from bot.core.watches.tree import Clause, Comparison, Watch
from bot.core.watches.written import written_value
from bot.desk.watch_past import CoinPast

_SOME = 50  # values of a past that say what is much in it
_UPWARD, _DOWNWARD = (0.9, 0.95, 0.99), (0.1, 0.05, 0.01)
_FROM_PRICE = (0.01, 0.02, 0.05)
_DIGITS, _PRICE_DIGITS = 2, 4  # that a suggested value is written with
# Suggested where a coin's own past says nothing.
_PLAIN = {
    Unit.RATE: ("1%", "3%", "5%"),
    Unit.PART: ("1%", "2%", "3%"),
    Unit.USD: ("50M", "100M", "500M"),
    Unit.BARE: ("1", "2", "3"),
    Unit.TIMES: ("3x", "5x", "10x"),
    Unit.PRICE: (),
}
_FUNDING = ("0.01%", "0.03%", "0.05%")
_NORMAL = "5x normal"


@dataclass(frozen=True, slots=True)
class Levels:
    """What is shown of each value with its words, and a line about them."""

    choices: tuple[tuple[str, str], ...]
    about: str


def alone(figure: Figure) -> Clause:
    """Return a clause of a figure, by which its past is gathered."""
    return Clause(figure, Comparison.MORE, 0.0)


def levels(figure: Figure, past: CoinPast, *, upward: bool) -> Levels:
    """Suggest values of a figure by a coin's past; takes a thread's time."""
    unit, traits = TRAITS[figure.measure].unit, TRAITS[figure.measure]
    if unit is Unit.PRICE:
        return _prices(past)
    leaf = alone(figure)
    columns = past.columns(Watch((past.base,), leaf))
    values = values_of(leaf, columns) if len(columns) else np.empty(0)
    values = values[np.isfinite(values)]
    if len(values) < _SOME:
        return plain(figure)
    choices: dict[str, tuple[str, str]] = {}
    for part in _UPWARD if upward else _DOWNWARD:
        value = _rounded(float(np.quantile(values, part)), _DIGITS)
        if value and traits.low <= value <= traits.high:
            share = figures.share(1 - part if upward else part)
            text = written_value(value, unit)
            choices.setdefault(
                text, (say("{value} ({share} of the time)", value=text, share=share), text)
            )
    if figure.measure is Measure.LIQUIDATED:
        choices[_NORMAL] = (_NORMAL, _NORMAL)
    if not choices:
        return plain(figure)
    about = say("{coin} was below these for so much of its stored past.", coin=past.base)
    if upward:
        about = say("{coin} was above these for so much of its stored past.", coin=past.base)
    return Levels(tuple(choices.values()), about)


def plain(figure: Figure) -> Levels:
    """Suggest values where nothing is known of a coin's past."""
    unit = TRAITS[figure.measure].unit
    texts = _FUNDING if figure.measure is Measure.FUNDING else _PLAIN[unit]
    said = say("Its past is not known yet; any other value can be typed with /watch.")
    if not texts:
        said = say("Its price is not known yet: type it, such as /watch BTC price > 98000.")
    return Levels(tuple((text, text) for text in texts), said)


def _prices(past: CoinPast) -> Levels:
    choices = []
    for away in (*(-each for each in reversed(_FROM_PRICE)), *_FROM_PRICE):
        value = _rounded(past.price * (1 + away), _PRICE_DIGITS)
        label = f"{figures.price(value)} ({figures.share(away, signed=True)})"
        choices.append((label, written_value(value, Unit.PRICE)))
    price = figures.price(past.price)
    return Levels(tuple(choices), say("{coin} stands at {price}.", coin=past.base, price=price))


def _rounded(value: float, digits: int) -> float:
    """Round to significant digits.

    >>> _rounded(0.000312, 2), _rounded(97_412.0, 3)
    (0.00031, 97400.0)
    """
    if not value or not math.isfinite(value):
        return 0.0
    return float(f"{value:.{digits}g}")
