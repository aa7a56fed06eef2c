"""All watches judged at once: one comparison over all clauses, then one fold for each level.

Conditions are compiled into flat arrays. Every clause of every watch is one place in them, so that
a tick costs a handful of numpy calls however many watches there are and whatever they say.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats
from bot.core.watches.columns import REGIMES, Columns, Key
from bot.core.watches.figures import TRAITS, Measure, Side
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
)

Truths: TypeAlias = NDArray[np.int8]  # values of Truth
Places: TypeAlias = NDArray[np.int64]

_SIDE = {Side.EITHER: -1, Side.BELOW: 0, Side.ABOVE: 1}
_CROSS = {Comparison.CROSSES: 0, Comparison.CROSSES_UP: 1, Comparison.CROSSES_DOWN: -1}


@dataclass(slots=True)
class _Leaves:
    """Clauses as they are read; of each list, one entry for each clause."""

    place: list[int] = field(default_factory=list)  # among all values of the program
    market: list[int] = field(default_factory=list)
    sign: list[int] = field(default_factory=list)  # +1 more, -1 less
    strict: list[bool] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    negated: list[bool] = field(default_factory=list)
    key: list[int] = field(default_factory=list)
    moves: list[bool] = field(default_factory=list)
    measure: list[int] = field(default_factory=list)  # of clusters: 0 size, 1 nearest, 2 distance
    side: list[int] = field(default_factory=list)
    reach: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """Nodes whose children are all known by now."""

    child: Places  # of all nodes, one after another
    start: Places  # first child of each node
    sign: Truths  # of each child: +1 under And, -1 under Or
    out: Places
    out_sign: Truths


_OF_MAP = {Measure.CLUSTER: 0, Measure.NEAREST: 1, Measure.DISTANCE: 2}


class Program:
    """Conditions on markets, ready to be judged any number of times."""

    def __init__(self, rows: Sequence[tuple[int, Condition]]) -> None:
        """Compile conditions, each with the place of its market among the columns' rows."""
        self._plain, self._mapped, self._crossing = _Leaves(), _Leaves(), _Leaves()
        self._keys: dict[Key, int] = {}
        self._size = 0
        nodes: dict[int, list[tuple[list[int], int, int]]] = defaultdict(list)
        self._roots = np.array(
            [self._read(condition, market, nodes, 1)[0] for market, condition in rows],
            dtype=np.int64,
        )
        self._levels = [_level(nodes[height]) for height in sorted(nodes)]
        self._arrays = {
            name: {each: np.array(getattr(leaves, each)) for each in _Leaves.__slots__}
            for name, leaves in (
                ("plain", self._plain),
                ("map", self._mapped),
                ("cross", self._crossing),
            )
        }

    def __len__(self) -> int:
        return len(self._roots)

    def truths(self, columns: Columns, before: Columns | None = None) -> Truths:
        """Judge every row, shape (rows,); `before` are the columns of the tick before this one.

        Without them nothing is known to have crossed.
        """
        values = np.zeros(self._size, dtype=np.int8)
        seen = self._matrix(columns)
        self._judge_plain(values, seen)
        if self._mapped.place:
            self._judge_map(values, columns)
        if self._crossing.place and before is not None:
            self._judge_crossing(values, seen, self._matrix(before))
        for level in self._levels:
            least = np.minimum.reduceat(values[level.child] * level.sign, level.start)
            values[level.out] = least * level.out_sign
        return np.asarray(values[self._roots], dtype=np.int8)

    def _matrix(self, columns: Columns) -> Floats:
        """Return all figures asked for, shape (keys, N); nan where unknown."""
        if not self._keys:
            return np.full((1, len(columns)), np.nan)
        return np.stack([columns.values(key) for key in self._keys])

    def _judge_plain(self, values: Truths, seen: Floats) -> None:
        each = self._arrays["plain"]
        if not len(each["place"]):
            return
        found = seen[each["key"], each["market"]]
        if any(self._plain.moves):
            found = np.where(each["moves"], np.abs(found), found)
        values[each["place"]] = _compared(found, each)

    def _judge_map(self, values: Truths, columns: Columns) -> None:
        each, clusters = self._arrays["map"], columns.clusters
        market = each["market"]
        usd, distance = clusters.usd[market], clusters.distance[market]
        there = (distance <= each["reach"][:, None]) & (usd > 0)
        side = each["side"][:, None]
        there &= (side < 0) | (clusters.above[market] == (side > 0))
        usd, distance = np.where(there, usd, 0.0), np.where(there, distance, np.inf)
        nearest = np.argmin(distance, axis=1)
        found = np.choose(
            each["measure"],
            [usd.max(axis=1), usd[np.arange(len(usd)), nearest], distance.min(axis=1)],
        )
        found = np.where(columns.mapped()[market], found, np.nan)
        values[each["place"]] = _compared(found, each)

    def _judge_crossing(self, values: Truths, seen: Floats, earlier: Floats) -> None:
        each = self._arrays["cross"]
        now, then = seen[each["key"], each["market"]], earlier[each["key"], each["market"]]
        limit, way = each["value"], each["sign"]
        up = (then <= limit) & (now > limit) & (way >= 0)
        down = (then >= limit) & (now < limit) & (way <= 0)
        told = np.where(up | down, 1, -1) * np.where(each["negated"], -1, 1)
        values[each["place"]] = np.where(np.isnan(now) | np.isnan(then), 0, told)

    def _read(
        self,
        condition: Condition,
        market: int,
        nodes: dict[int, list[tuple[list[int], int, int]]],
        sign: int,
    ) -> tuple[int, int]:
        """Take a condition in; return its place among all values, and its height over clauses.

        Negation is carried down to the clauses, where it costs nothing.
        """
        match condition:
            case Not(part):
                return self._read(part, market, nodes, -sign)
            case NoRegime():
                return self._read(Not(Or(REGIMES)), market, nodes, sign)
            case And(parts) | Or(parts):
                found = [self._read(part, market, nodes, sign) for part in parts]
                height = 1 + max(level for _, level in found)
                fold = sign if isinstance(condition, And) else -sign
                nodes[height].append(([child for child, _ in found], fold, self._size))
                self._size += 1
                return self._size - 1, height
            case _:
                return self._leaf(condition, market, negated=sign < 0), 0

    def _leaf(self, leaf: Leaf, market: int, *, negated: bool) -> int:
        comparison = leaf.comparison if isinstance(leaf, Clause) else Comparison.AT_LEAST
        rises = comparison in {Comparison.RISES, Comparison.FALLS}
        of_map = isinstance(leaf, Clause) and leaf.figure.measure.of_map
        into = self._mapped if of_map else self._crossing if comparison.crosses else self._plain
        into.place.append(self._size)
        into.market.append(market)
        into.negated.append(negated)
        less = comparison in {Comparison.LESS, Comparison.AT_MOST, Comparison.FALLS}
        into.sign.append(_CROSS[comparison] if comparison.crosses else -1 if less else 1)
        into.strict.append(comparison in {Comparison.MORE, Comparison.LESS})
        into.moves.append(comparison is Comparison.MOVES)
        if isinstance(leaf, Clause):
            figure, value = leaf.figure, leaf.value
            if rises:
                value = TRAITS[figure.measure].rises * (-1 if less else 1)
            into.value.append(value)
            into.measure.append(_OF_MAP.get(figure.measure, 0))
            into.side.append(_SIDE.get(figure.side, -1))
            into.reach.append(figure.within or np.inf)
            into.key.append(0 if of_map else self._keys.setdefault(figure, len(self._keys)))
        elif isinstance(leaf, Signal):
            into.value.append(leaf.rank)
            key = Signal(leaf.sign, leaf.way)
            into.key.append(self._keys.setdefault(key, len(self._keys)))
        self._size += 1
        return self._size - 1


def _compared(found: Floats, each: dict[str, NDArray[Any]]) -> Truths:
    """Compare figures with values; unknown where a figure is nan."""
    sign = each["sign"]
    left, right = found * sign, each["value"] * sign
    held = (left > right) | ((left == right) & ~each["strict"])
    told = np.where(held ^ each["negated"], 1, -1)
    return np.asarray(np.where(np.isnan(found), 0, told), dtype=np.int8)


def _level(nodes: list[tuple[list[int], int, int]]) -> _Level:
    counts = [len(children) for children, _, _ in nodes]
    fold = np.array([sign for _, sign, _ in nodes], dtype=np.int8)
    return _Level(
        np.array([child for children, _, _ in nodes for child in children], dtype=np.int64),
        np.concatenate(([0], np.cumsum(counts[:-1]))).astype(np.int64),
        np.repeat(fold, counts),
        np.array([out for _, _, out in nodes], dtype=np.int64),
        fold,
    )
