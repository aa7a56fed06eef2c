"""What a picture of a preview shows: price, episodes, and the first figure with its threshold."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, Times
from bot.core.market.series import Candles
from bot.core.watches.columns import Columns, keys_of, within
from bot.core.watches.figures import TRAITS, Unit
from bot.core.watches.preview import Preview
from bot.core.watches.tree import Clause, Comparison, Condition, Leaf, NoRegime, leaves


@dataclass(frozen=True, slots=True, eq=False)
class WatchReading:
    """A watch on a coin's stored past, finished; pictures and words add nothing to it."""

    base: str  # "BTC"
    words: str  # of the watch
    preview: Preview
    candles: Candles  # of the largest venue, those of the past that was gone through
    line: "FigureLine"
    as_of: int  # [ms] UTC
    asked: tuple[str, ...]  # venues
    told: tuple[str, ...]  # venues that are in it
    simulated: bool


@dataclass(frozen=True, slots=True, eq=False)
class FigureLine:
    """The first figure that a watch asks for, over its past; arrays have shape (T,)."""

    name: str  # "funding > 0.03%"
    time: Times  # [ms] UTC
    value: Floats  # in the figure's unit; of a signal how far it has come; nan: not known
    unit: Unit | None  # None: a signal
    thresholds: tuple[float, ...]  # in the same unit; two where a move counts either way
    others: int = 0  # clauses of the watch beside this one


def first_line(condition: Condition, past: Columns) -> FigureLine:
    """Read the first clause of a condition on a coin's past."""
    every = tuple(leaves(condition))
    leaf = every[0]
    return FigureLine(
        str(leaf),
        past.time,
        values_of(leaf, past),
        TRAITS[leaf.figure.measure].unit if isinstance(leaf, Clause) else None,
        _thresholds(leaf),
        len(every) - 1,
    )


def values_of(leaf: Leaf, past: Columns) -> Floats:
    """Return the figure of a clause at each time of a coin's past; infinite where no cluster is."""
    if isinstance(leaf, Clause) and leaf.figure.measure.of_map:
        return np.array([within(leaf.figure, past, row)[0] for row in range(len(past))])
    told = np.stack([past.values(key) for key in keys_of(leaf)])
    if isinstance(leaf, NoRegime):
        return np.where(
            np.isnan(told).any(axis=0), np.nan, np.where(told.max(axis=0) > 0, 0.0, 1.0)
        )
    return np.asarray(told[0])


def _thresholds(leaf: Leaf) -> tuple[float, ...]:
    if not isinstance(leaf, Clause):
        return ()
    rises = TRAITS[leaf.figure.measure].rises
    match leaf.comparison:
        case Comparison.RISES:
            return (rises,)
        case Comparison.FALLS:
            return (-rises,)
        case Comparison.MOVES:
            return (leaf.value, -leaf.value)
    return (leaf.value,)
