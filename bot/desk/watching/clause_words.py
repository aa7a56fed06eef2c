"""The clauses of a watch with the figures they were judged by, as a headline says them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core import figures
from bot.core.watches.figures import TRAITS, Measure, Side, Unit
from bot.core.watches.judge import Found
from bot.core.watches.tree import And, Clause, Comparison, Condition, Leaf, Not, Or, Signal
from bot.core.watches.truth import Truth
from bot.core.watches.written import written_span, written_value

_NAMES = {
    Measure.PRICE: "price",
    Measure.PRICE_CHANGE: "price",
    Measure.FUNDING: "funding",
    Measure.FUNDING_CHANGE: "funding",
    Measure.INTEREST: "open interest",
    Measure.INTEREST_CHANGE: "open interest",
    Measure.RATIO: "long/short ratio",
    Measure.RATIO_CHANGE: "long/short ratio",
    Measure.CLUSTER: "cluster",
    Measure.NEAREST: "nearest cluster",
    Measure.DISTANCE: "nearest cluster",
    Measure.DELTA: "cumulative delta",
    Measure.LIQUIDATED: "liquidated",
    Measure.LIQUIDATED_TIMES: "liquidated",
}
_SIGNED = {Measure.FUNDING_CHANGE, Measure.PRICE_CHANGE, Measure.INTEREST_CHANGE}
_SIGNED |= {Measure.RATIO_CHANGE, Measure.DELTA}
_LETTERS = {"m": "min", "h": "h", "d": "d"}
# What rises, falls or moves says so by its sign; against a value it is held up.
_BY_SIGN = {Comparison.RISES, Comparison.FALLS, Comparison.MOVES}


def seen(condition: Condition, judged: Sequence[Found]) -> tuple[str, ...]:
    """Say each clause that makes a condition hold, with its figure, in the order of typing.

    Where it holds no more, each clause is said that is known. `judged` has every clause once.
    """
    _, speaks = _speaking(condition, iter(judged))
    chosen = speaks or [_Speaks(each) for each in judged if not math.isnan(each.value)]
    return tuple(dict.fromkeys(clause(each.found, without=each.without) for each in chosen))


@dataclass(frozen=True, slots=True)
class _Speaks:
    """A clause that speaks for a condition, perhaps by not holding."""

    found: Found
    without: bool = False


def _speaking(condition: Condition, left: Iterator[Found]) -> tuple[Truth, list[_Speaks]]:
    """Return whether a condition holds, and the clauses that make it so."""
    match condition:
        case Not(part):
            value, speaks = _speaking(part, left)
            # What must not be seen is not worth a word, unless it has a figure of its own.
            alone = isinstance(part, Clause)
            return Truth(-value), [_Speaks(each.found, without=True) for each in speaks if alone]
        case And(parts):
            every = [_speaking(part, left) for part in parts]
            value = min(each for each, _ in every)
        case Or(parts):
            every = [_speaking(part, left) for part in parts]
            value = max(each for each, _ in every)
            every = [(each, speaks) for each, speaks in every if each is Truth.TRUE]
        case _:
            found = next(left)
            return found.truth, [] if math.isnan(found.value) else [_Speaks(found)]
    speaks = [one for _, some in every for one in some]
    return value, speaks if value is Truth.TRUE else []


def clause(found: Found, *, without: bool = False) -> str:
    """Say one clause with its figure; `without` it is one that must not hold.

    "funding 0.041 % > 0.03 %", "open interest +3.1 % in 4 h", "cluster above $520M > $500M"
    """
    leaf, value = found.leaf, found.value
    if not isinstance(leaf, Clause):
        return signal(leaf)
    figure, measure = leaf.figure, leaf.figure.measure
    name = _NAMES[measure]
    if figure.side in {Side.LONGS, Side.SHORTS}:
        name = f"{figure.side.value} {name}"
    elif figure.side is not Side.EITHER:
        name = f"{name} {figure.side.value}"
    said = f"{name} {_figure(value, measure)}"
    if measure is Measure.DISTANCE:
        said = f"{said} away"
    if measure.of_map and (not math.isfinite(value) or value == 0):
        said = f"no {name}" if math.isinf(value) or measure is not Measure.DISTANCE else said
    window = f" in {_span(figure.window)}" if figure.window else ""
    reach = (
        f" within {written_value(figure.within, Unit.PART)}".replace("%", " %")
        if figure.within
        else ""
    )
    limit = _limit(leaf)
    if limit and (without or found.truth is not Truth.TRUE):
        limit = f" (not{limit})" if without else f" (watched for{limit})"
    return f"{said}{window}{reach}{limit}"


def signal(leaf: Leaf) -> str:
    """Say a signal as the watch asks for it."""
    if isinstance(leaf, Signal) and leaf.sign.value == "squeeze":
        return " ".join(part for part in ("maximum squeeze", leaf.way) if part)
    return str(leaf)


def _figure(value: float, measure: Measure) -> str:
    unit = TRAITS[measure].unit
    signed = measure in _SIGNED
    if unit is Unit.PRICE:
        return figures.price(value)
    if unit is Unit.USD:
        return figures.usd(value, signed=signed)
    if unit in {Unit.RATE, Unit.PART}:
        return figures.percent(value, signed=signed)
    if unit is Unit.TIMES:
        return f"{value:.1f}x normal"
    return f"{value:.2f}"


def _limit(leaf: Clause) -> str:
    """Say what a figure was held against; nothing where its sign says it."""
    if leaf.comparison in _BY_SIGN:
        return ""
    return f" {leaf.comparison.value} {_written(leaf.value, TRAITS[leaf.figure.measure].unit)}"


def _written(value: float, unit: Unit) -> str:
    """Write a value as it was typed, in the signs of figures."""
    if unit is Unit.PRICE:
        return figures.price(value)
    told = f"${written_value(value, unit)}" if unit is Unit.USD else written_value(value, unit)
    return told.replace("$-", "-$").replace("%", " %").replace("-", "−")


def _span(length: int) -> str:
    """Write a window as prose.

    >>> _span(14_400_000), _span(5_400_000)
    ('4 h', '90 min')
    """
    told = written_span(length)
    return f"{told[:-1]} {_LETTERS[told[-1]]}"
