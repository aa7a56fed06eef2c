"""One watch on one market: whether it holds, and by which figures, for the words of its message.

It says the same as program.py does for all watches together; being plain it is also the measure
that the fast way is tested against.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.watches.columns import About, Columns, keys_of, within
from bot.core.watches.figures import TRAITS, Side
from bot.core.watches.tree import (
    And,
    Clause,
    Comparison,
    Condition,
    Leaf,
    NoRegime,
    Not,
    Or,
    Signal,
    leaves,
)
from bot.core.watches.truth import Truth


@dataclass(frozen=True, slots=True)
class Found:
    """One clause with the figure it was judged by."""

    leaf: Leaf
    value: float  # in the figure's unit, of a signal how far it has come; nan: not known
    truth: Truth
    about: About | None = None  # the cluster that the figure is of


def found(
    condition: Condition, columns: Columns, row: int, before: Columns | None = None
) -> tuple[Found, ...]:
    """Judge every clause of a condition on one market, in the order in which they were typed."""
    return tuple(_found(leaf, columns, row, before) for leaf in leaves(condition))


def truth(condition: Condition, columns: Columns, row: int, before: Columns | None = None) -> Truth:
    """Judge a condition on one market."""
    match condition:
        case And(parts):
            return min(truth(part, columns, row, before) for part in parts)
        case Or(parts):
            return max(truth(part, columns, row, before) for part in parts)
        case Not(part):
            return Truth(-truth(part, columns, row, before))
    return _found(condition, columns, row, before).truth


def about(condition: Condition, columns: Columns, row: int) -> About | None:
    """Return the cluster that an episode is about: that of the first clause which has one."""
    told = (each.about for each in found(condition, columns, row))
    return next((each for each in told if each is not None), None)


def unknown(condition: Condition, columns: Columns, row: int) -> tuple[str, ...]:
    """Name the figures of a condition that are not known on one market, as words."""
    return tuple(dict.fromkeys(_unknown(condition, columns, row)))


def _unknown(condition: Condition, columns: Columns, row: int) -> Iterator[str]:
    for each in found(condition, columns, row):
        if math.isnan(each.value):
            leaf = each.leaf
            yield leaf.figure.measure.value if isinstance(leaf, Clause) else str(leaf)


def _found(leaf: Leaf, columns: Columns, row: int, before: Columns | None) -> Found:
    value, place = _value(leaf, columns, row)
    if isinstance(leaf, NoRegime):
        return Found(leaf, value, _truth(value, held=value == 0))
    if isinstance(leaf, Signal):
        of = columns.about.get(Signal(leaf.sign, leaf.way))
        return Found(leaf, value, _truth(value, held=value >= leaf.rank), of[row] if of else None)
    clusters = columns.clusters
    cluster = None
    if place is not None:
        side = Side.ABOVE if clusters.above[row, place] else Side.BELOW
        cluster = About(side, float(clusters.low[row, place]), float(clusters.high[row, place]))
    if leaf.comparison.crosses:
        then = math.nan if before is None else _value(leaf, before, row)[0]
        known = then if math.isnan(then) else value
        return Found(leaf, value, _truth(known, held=_crossed(leaf, then, value)), cluster)
    return Found(leaf, value, _truth(value, held=_held(leaf, value)), cluster)


def _truth(value: float, *, held: bool) -> Truth:
    if math.isnan(value):
        return Truth.UNKNOWN
    return Truth.TRUE if held else Truth.FALSE


def _value(leaf: Leaf, columns: Columns, row: int) -> tuple[float, int | None]:
    if isinstance(leaf, Clause) and leaf.figure.measure.of_map:
        return within(leaf.figure, columns, row)
    told = [float(columns.values(key)[row]) for key in keys_of(leaf)]
    if isinstance(leaf, NoRegime):  # a regime that holds is known to, whatever the others are
        return max((each for each in told if each > 0), default=sum(told)), None
    return told[0], None


def _held(clause: Clause, value: float) -> bool:
    rises = TRAITS[clause.figure.measure].rises
    return {
        Comparison.MORE: value > clause.value,
        Comparison.AT_LEAST: value >= clause.value,
        Comparison.LESS: value < clause.value,
        Comparison.AT_MOST: value <= clause.value,
        Comparison.MOVES: abs(value) >= clause.value,
        Comparison.RISES: value >= rises,
        Comparison.FALLS: value <= -rises,
    }[clause.comparison]


def _crossed(clause: Clause, then: float, now: float) -> bool:
    up, down = then <= clause.value < now, then >= clause.value > now
    return {
        Comparison.CROSSES: up or down,
        Comparison.CROSSES_UP: up,
        Comparison.CROSSES_DOWN: down,
    }[clause.comparison]
