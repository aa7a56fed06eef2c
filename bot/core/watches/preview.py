"""What a watch would have done on stored history, before it is saved.

The very same judging and lifecycle run over the past as run live, so that what is promised is what
will happen.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from bot.core.arrays import HOUR, Floats, Times
from bot.core.figures import share, span
from bot.core.language import many, say
from bot.core.watches.columns import Clusters, Column, Columns
from bot.core.watches.gate import Act, State, Tick, advance
from bot.core.watches.judge import about
from bot.core.watches.lifecycle import Seen, due
from bot.core.watches.margin import kept
from bot.core.watches.presets import Rules
from bot.core.watches.program import Program
from bot.core.watches.tree import Digest, HeatmapEvery, Watch
from bot.core.watches.truth import Truth


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

    @property
    def often(self) -> str:
        """Say how often it would have spoken: "6 times in 30 d", "never in 30 d"."""
        told, over = len(self.told), span(self.length)
        if not told:
            return say("never in {span}", span=over)
        return say("{times} in {span}", times=_times(told), span=over)

    @property
    def unseen(self) -> str:
        """Say how much of the past is not known, after a semicolon; "" if that is little."""
        if self.unknown <= 0.01:  # noqa: PLR2004 - less than a hundredth is not worth a word
            return ""
        return say("; {part} of that time is not known", part=share(round(self.unknown, 2)))

    def __str__(self) -> str:
        told = self.told
        if not told:
            return f"{self.often}{self.unseen}"
        parts = [self.often]
        if self.within_an_hour:
            parts.append(
                say("{times} within an hour of another", times=_times(self.within_an_hour))
            )
        if self.usual_length is not None:
            length = span(self.usual_length)
            parts.append(say("{span} each", span=length) if len(told) > 1 else length)
        if held := len(self.episodes) - len(told):
            parts.append(many("{count} more held back", "{count} more held back", held))
        return ", ".join(parts) + self.unseen


def _times(count: int) -> str:
    """Write a count.

    >>> _times(1), _times(6)
    ('once', '6 times')
    """
    if count == 1:
        return say("once")
    return say("twice") if count == 2 else say("{count} times", count=count)  # noqa: PLR2004 - both


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
            _note(found, effect.act, effect.message, effect.began, effect.time, str(effect.why))
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
