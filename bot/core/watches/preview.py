"""What a watch would have done on stored history, before it is saved.

The very same judging and lifecycle run over the past as run live, so that what is promised is what
will happen.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from bot.core.arrays import HOUR, Floats, Times
from bot.core.figures import span
from bot.core.watches.columns import Clusters, Column, Columns
from bot.core.watches.gate import Act, State, Tick, advance
from bot.core.watches.judge import about
from bot.core.watches.lifecycle import Seen, due
from bot.core.watches.margin import kept
from bot.core.watches.presets import Rules
from bot.core.watches.program import Program
from bot.core.watches.tree import Digest, HeatmapEvery, Watch
from bot.core.watches.truth import Truth

_FEW = {1: "once", 2: "twice"}


@dataclass(frozen=True, slots=True)
class Once:
    """One episode that there would have been."""

    began: int  # [ms] UTC
    told: int | None  # [ms] UTC; None: held back until it was over
    ended: int | None  # [ms] UTC; None: it went on to the end of what is stored
    why: str = ""  # why it was held back, or told late


@dataclass(frozen=True, slots=True)
class Preview:
    """What a watch would have said of one market."""

    episodes: tuple[Once, ...]  # oldest first
    length: int  # [ms] of history that was gone through
    unknown: float  # [fraction] of it in which the watch could not be judged

    @property
    def told(self) -> tuple[Once, ...]:
        """Those that somebody would have been told of."""
        return tuple(each for each in self.episodes if each.told is not None)

    @property
    def within_an_hour(self) -> int:
        """How many messages would have come within an hour of the one before."""
        at = [each.told for each in self.episodes if each.told is not None]
        return sum(b - a < HOUR for a, b in pairwise(at))

    @property
    def usual_length(self) -> int | None:
        """Median length of the episodes that came to an end [ms]; None if none did."""
        lasted = [each.ended - each.began for each in self.episodes if each.ended is not None]
        return int(np.median(lasted)) if lasted else None

    def __str__(self) -> str:
        over = f"in {span(self.length)}"
        known = ""
        if self.unknown > 0.01:  # noqa: PLR2004 - less than a hundredth is not worth a word
            known = f"; {self.unknown:.0%} of that time is not known"
        told = self.told
        if not told:
            return f"never {over}{known}"
        parts = [f"{_times(len(told))} {over}"]
        if self.within_an_hour:
            parts.append(f"{_times(self.within_an_hour)} within an hour of another")
        if self.usual_length is not None:
            parts.append(f"{span(self.usual_length)}{' each' * (len(told) > 1)}")
        if held := len(self.episodes) - len(told):
            parts.append(f"{held} more held back")
        return ", ".join(parts) + known


def _times(count: int) -> str:
    """Write a count.

    >>> _times(1), _times(6)
    ('once', '6 times')
    """
    return _FEW.get(count, f"{count} times")


def preview(watch: Watch, past: Columns, rules: Rules) -> Preview:
    """Run a watch over one market's past: each row of `past` is one time, oldest first.

    Rows are equally far apart; how far is taken for the interval of ticks. ValueError for a watch
    that is a time and not a condition.
    """
    condition = watch.what
    if isinstance(condition, Digest | HeatmapEvery):
        raise ValueError("a schedule has nothing to be previewed")  # noqa: TRY004 - of its kind
    if len(past) < 2:  # noqa: PLR2004 - there is no past
        return Preview((), 0, 1.0)
    interval = int(np.median(np.diff(past.time)))
    going_on = kept(condition, watch.options)
    starts = Program([(row, condition) for row in range(len(past))])
    keeps = Program([(row, going_on) for row in range(len(past))])
    before = shifted(past)
    start, keep = starts.truths(past, before), keeps.truths(past, before)
    market = watch.markets[0] if watch.markets else ""
    state, found = State(), dict[str, Once]()
    row, changes = 0, due(start, np.full(len(start), Truth.FALSE, dtype=np.int8))
    while row < len(past):
        time = int(past.time[row])
        cluster = about(condition, past, row) if start[row] == Truth.TRUE else None
        seen = Seen(market, time, Truth(start[row]), Truth(keep[row]), cluster)
        state, effects = advance(state, Tick((seen,), interval=interval), rules)
        for effect in effects:
            _note(found, effect.act, effect.message, effect.began, effect.time, effect.why)
        row += 1
        if state.courses[market].rests_on == Truth.FALSE:  # nothing happens until it changes
            row = next(iter(changes[np.searchsorted(changes, row) :]), len(past))
            row = int(row)
    course = state.courses[market]
    if course.phase.lasts and not course.told:
        found[str(course.number)] = Once(course.began, None, None, course.waits)
    episodes = sorted(found.values(), key=lambda each: each.began)
    length = int(past.time[-1] - past.time[0]) + interval
    return Preview(tuple(episodes), length, float(np.mean(start == Truth.UNKNOWN)))


def _note(found: dict[str, Once], act: Act, message: str, began: int, time: int, why: str) -> None:
    if act is Act.OPEN:
        found[message] = Once(began, time, None, why)
    elif act is Act.CLOSE:
        found[message] = replace(found[message], ended=time)
    elif act is Act.HELD:
        found[message] = Once(began, None, time, why)


def shifted(past: Columns) -> Columns:
    """Return each row's columns as they were a row before; of the first nothing is known."""
    clusters = past.clusters
    figures = {
        key: Column(_later(each.value, np.nan), _later_times(each.known_at))
        for key, each in past.figures.items()
    }
    known_at = _later_times(clusters.known_at)
    moved = Clusters(
        _later(clusters.usd, 0.0),
        _later(clusters.distance, np.inf),
        np.roll(clusters.above, 1, axis=0),
        _later(clusters.low, 0.0),
        _later(clusters.high, 0.0),
        known_at,
    )
    return Columns(np.concatenate((past.time[:1], past.time[:-1])), figures, moved)


def _later(array: Floats, first: float) -> Floats:
    later = np.roll(array, 1, axis=0)
    later[0] = first
    return later


def _later_times(array: Times) -> Times:
    later = np.roll(array, 1)
    later[0] = 0
    return later
