"""The clauses of a watch with the figures they were judged by, as a headline says them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core import figures
from bot.core.language import mark, say, say_of
from bot.core.watches.figures import TRAITS, Measure, Side, Unit
from bot.core.watches.judge import Found
from bot.core.watches.tree import (
    And,
    Clause,
    Comparison,
    Condition,
    Leaf,
    NoRegime,
    Not,
    Or,
    Sign,
    Signal,
)
from bot.core.watches.truth import Truth
from bot.core.watches.written import written_span, written_value

_NAMES = {
    Measure.PRICE: mark("price"),
    Measure.PRICE_CHANGE: mark("price"),
    Measure.FUNDING: mark("funding"),
    Measure.FUNDING_CHANGE: mark("funding"),
    Measure.INTEREST: mark("open interest"),
    Measure.INTEREST_CHANGE: mark("open interest"),
    Measure.RATIO: mark("long/short ratio"),
    Measure.RATIO_CHANGE: mark("long/short ratio"),
    Measure.CLUSTER: mark("cluster"),
    Measure.NEAREST: mark("nearest cluster"),
    Measure.DISTANCE: mark("nearest cluster"),
    Measure.DELTA: mark("cumulative delta"),
    Measure.LIQUIDATED: mark("liquidated"),
    Measure.LIQUIDATED_TIMES: mark("liquidated"),
}
# The same of one side.
_SIDED = {
    (Measure.CLUSTER, Side.ABOVE): mark("cluster above"),
    (Measure.CLUSTER, Side.BELOW): mark("cluster below"),
    (Measure.NEAREST, Side.ABOVE): mark("nearest cluster above"),
    (Measure.NEAREST, Side.BELOW): mark("nearest cluster below"),
    (Measure.DISTANCE, Side.ABOVE): mark("nearest cluster above"),
    (Measure.DISTANCE, Side.BELOW): mark("nearest cluster below"),
    (Measure.LIQUIDATED, Side.LONGS): mark("longs liquidated"),
    (Measure.LIQUIDATED, Side.SHORTS): mark("shorts liquidated"),
    (Measure.LIQUIDATED_TIMES, Side.LONGS): mark("longs liquidated"),
    (Measure.LIQUIDATED_TIMES, Side.SHORTS): mark("shorts liquidated"),
}
_CROSSED = {
    Comparison.CROSSES: mark("crosses"),
    Comparison.CROSSES_UP: mark("crosses above"),
    Comparison.CROSSES_DOWN: mark("crosses below"),
}
_SIGNS = {
    Sign.SQUEEZE: mark("maximum squeeze"),
    Sign.FUEL: mark("fuel gauge"),
    Sign.EXHAUSTION: mark("exhaustion"),
    Sign.MAGNET: mark("magnet"),
    Sign.SWEEP: mark("sweep"),
    Sign.CASCADE: mark("cascade"),
}
_WAYS = {"up": mark("{signal} up"), "down": mark("{signal} down")}
_PHASES = {
    "swept": mark("{signal} swept"),
    "confirmed": mark("{signal} confirmed"),
    "setup": mark("{signal} setup"),
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
    name = say(_SIDED.get((measure, figure.side), _NAMES[measure]))
    said = f"{name} {_figure(value, measure)}"
    if measure is Measure.DISTANCE:
        said = say("{said} away", said=said)
    if measure.of_map and (not math.isfinite(value) or value == 0):
        none = math.isinf(value) or measure is not Measure.DISTANCE
        said = say_of("cluster", "no {name}", name=name) if none else said
    if figure.window:
        said = say("{said} in {span}", said=said, span=_span(figure.window))
    if figure.within:
        reach = written_value(figure.within, Unit.PART).replace("%", " %")
        said = say("{said} within {reach}", said=said, reach=reach)
    limit = _limit(leaf)
    if not limit:
        return said
    if without:
        return say("{said} (not {limit})", said=said, limit=limit)
    if found.truth is not Truth.TRUE:
        return say("{said} (watched for {limit})", said=said, limit=limit)
    return f"{said} {limit}"


def signal(leaf: Leaf) -> str:
    """Say a signal as the watch asks for it."""
    if isinstance(leaf, NoRegime):
        return say("regime none")
    if not isinstance(leaf, Signal):
        return str(leaf)
    said = say(_SIGNS[leaf.sign])
    if leaf.way:
        said = say(_WAYS[leaf.way], signal=said)
    return say(_PHASES[leaf.phase], signal=said) if leaf.phase else said


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
        return say("{times} normal", times=f"{value:.1f}x")
    return f"{value:.2f}"


def _limit(leaf: Clause) -> str:
    """Say what a figure was held against; nothing where its sign says it."""
    if leaf.comparison in _BY_SIGN:
        return ""
    value = _written(leaf.value, TRAITS[leaf.figure.measure].unit)
    crossed = _CROSSED.get(leaf.comparison)
    return f"{leaf.comparison.value if crossed is None else say(crossed)} {value}"


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
