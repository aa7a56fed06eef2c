"""Conditions of many watches on many markets, compiled once and judged together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.watches.columns import Clusters, Column, Columns, Key, needed
from bot.core.watches.figures import Measure
from bot.core.watches.gate import State
from bot.core.watches.lifecycle import Course, Sight
from bot.core.watches.margin import kept
from bot.core.watches.program import Places, Program, Truths
from bot.core.watches.tree import (
    ALL,
    Clause,
    Condition,
    Digest,
    HeatmapEvery,
    Sign,
    Signal,
    leaves,
)
from bot.core.watches.truth import Truth
from bot.desk.watching.kept import Watched
from bot.desk.watching.rows import View
from bot.desk.watching.wanted import Row

_OF_TAPE = {Measure.LIQUIDATED, Measure.LIQUIDATED_TIMES}


@dataclass(frozen=True, slots=True)
class On:
    """A watch on one of its markets."""

    watch: str  # id
    market: str  # as the watch names it; of all markets a coin's name
    row: Row


def condition_of(watched: Watched) -> Condition | None:
    """Return what a watch waits for; None if it speaks at a time."""
    what = watched.watch.what
    return None if isinstance(what, Digest | HeatmapEvery) else what


def at_once(condition: Condition | None) -> bool:
    """Whether a watch waits for what happens within seconds: a cascade, or liquidations."""
    for leaf in () if condition is None else leaves(condition):
        if isinstance(leaf, Signal) and leaf.sign is Sign.CASCADE:
            return True
        if isinstance(leaf, Clause) and leaf.figure.measure in _OF_TAPE:
            return True
    return False


def markets_of(watched: Watched, followed: Mapping[tuple[str, ...], Iterable[str]]) -> list[On]:
    """Name the markets that a watch is judged on; `followed` are the coins held, by venues."""
    watch, name = watched.watch, watched.kept.id
    if watch.markets != (ALL,):
        return [On(name, each, Row(each, watch.venues)) for each in watch.markets]
    courses = watched.state.courses if isinstance(watched.state, State) else {}
    going = [market for market, course in courses.items() if course.phase.lasts]
    coins = dict.fromkeys((*followed.get(watch.venues, ()), *going))
    return [On(name, coin, Row(coin, watch.venues, followed=True)) for coin in coins]


def keys_of_rows(
    judged: Iterable[tuple[Watched, Sequence[On]]],
) -> dict[Row, frozenset[Key]]:
    """Say which figures are needed of each row."""
    found: dict[Row, set[Key]] = {}
    keys_of: dict[str, frozenset[Key]] = {}  # by words
    for watched, markets in judged:
        words = watched.kept.words
        if words not in keys_of:
            condition = condition_of(watched)
            both = [] if condition is None else [condition, kept(condition, watched.watch.options)]
            keys_of[words] = needed(both)
        for on in markets:
            found.setdefault(on.row, set()).update(keys_of[words])
    return {row: frozenset(keys) for row, keys in found.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What one judging says of a block; P places."""

    start: Truths  # shape (P,)
    keep: Truths  # shape (P,)


class Block:
    """Watches compiled together, each on all of its markets one after another; P places."""

    def __init__(
        self, judged: Sequence[tuple[Watched, Sequence[On]]], rows: Mapping[Row, int]
    ) -> None:
        """Compile; `rows` says where each row stands among the columns."""
        self.stamp = stamp(judged)
        self.on = [each for _, markets in judged for each in markets]
        self.at: dict[str, int] = {}  # the first place of each watch
        starts: list[tuple[int, Condition]] = []
        keeps: list[tuple[int, Condition]] = []
        eased: dict[str, Condition] = {}  # by words
        for watched, markets in judged:
            condition, words = condition_of(watched), watched.kept.words
            if condition is None:
                continue
            if words not in eased:
                eased[words] = kept(condition, watched.watch.options)
            self.at[watched.kept.id] = len(starts)
            starts += [(rows[on.row], condition) for on in markets]
            keeps += [(rows[on.row], eased[words]) for on in markets]
        self.row = np.array([place for place, _ in starts], dtype=np.int64)
        self._starts, self._keeps = Program(starts), Program(keeps)
        # By which truth the next tick changes nothing, and where it is known that none can be had.
        self.rests_on = np.full(len(starts), Truth.FALSE, dtype=np.int8)
        self.broken = np.zeros(len(starts), dtype=np.bool_)
        for watched, _ in judged:
            self.took(watched)

    def took(self, watched: Watched) -> None:
        """Take note of where a watch stands now."""
        first = self.at.get(watched.kept.id)
        if first is None or not isinstance(watched.state, State):
            return
        for place in range(first, len(self.on)):
            on = self.on[place]
            if on.watch != watched.kept.id:
                break
            course = watched.state.courses.get(on.market, _FRESH)
            self.rests_on[place] = course.rests_on
            self.broken[place] = course.sight is Sight.BROKEN and not course.phase.lasts

    def judged(self, columns: Columns, before: Columns | None) -> Found:
        """Judge all watches, to begin and to go on."""
        if not len(self.row):
            nothing = np.empty(0, dtype=np.int8)
            return Found(nothing, nothing)
        return Found(self._starts.truths(columns, before), self._keeps.truths(columns, before))

    def due(self, found: Found, view: View) -> Places:
        """Return the places that may change by it."""
        failing, ready = view.failing[self.row], view.ready[self.row]
        changed = np.where(failing, ~self.broken, found.start != self.rests_on)
        return np.flatnonzero(changed & ready)


_FRESH = Course()


def stamp(judged: Sequence[tuple[Watched, Sequence[On]]]) -> tuple[object, ...]:
    """Name what a block is compiled of: the same watches in the same words on the same markets."""
    return tuple((watched.kept.id, watched.kept.words, *markets) for watched, markets in judged)


def aligned(before: View | None, view: View) -> Columns | None:
    """Return earlier columns with the rows and figures of later ones; None without any."""
    if before is None:
        return None
    places = before.places
    which = np.array([places.get(row, -1) for row in view.rows], dtype=np.int64)
    if not len(before.rows) or not len(which):
        return None
    there = which >= 0
    old, size = before.columns, len(which)
    unknown = Column(np.full(size, np.nan), np.zeros(size, dtype=np.int64))
    figures: dict[Key, Column] = {}
    for key in view.columns.figures:
        column = old.figures.get(key)
        figures[key] = (
            unknown
            if column is None
            else Column(
                np.where(there, column.value[which], np.nan),
                np.where(there, column.known_at[which], 0),
            )
        )
    clusters = Clusters(
        old.clusters.usd[which],
        old.clusters.distance[which],
        old.clusters.above[which],
        old.clusters.low[which],
        old.clusters.high[which],
        np.where(there, old.clusters.known_at[which], 0),
    )
    return Columns(np.where(there, old.time[which], view.columns.time), figures, clusters)
