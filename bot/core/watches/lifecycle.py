"""One episode on one market, over event time.

    inactive -> pending (`for`) -> firing <-> kept -> inactive
                                    kept: it would not begin now, but has not let go yet

Lengths are counted in time that was seen, tick by tick, and never as a difference of two clocks:
an hour that a clock jumps is not an hour that anything held. What cannot be seen is a state of its
own beside these, said once, and ends nothing.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from bot.core.arrays import HOUR, MINUTE
from bot.core.language import Said
from bot.core.watches.columns import About
from bot.core.watches.program import Places, Truths
from bot.core.watches.truth import Truth

# A figure that is too old has been silent for a while already; so much longer and it is said.
BLIND_AFTER = 10 * MINUTE
# A feed that comes and goes is not complained of again so soon.
BLIND_AGAIN = 6 * HOUR
# A tick this much older than the newest is one that was seen before; older still, and the clock
# has been set back.
_SEEN_BEFORE = 10 * MINUTE
_NEVER = 9  # no truth


class Phase(StrEnum):
    """Where an episode stands."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    KEPT = "kept"

    @property
    def lasts(self) -> bool:
        """Whether an episode is under way."""
        return self in {Phase.FIRING, Phase.KEPT}


class Sight(StrEnum):
    """Whether the market can be judged at all."""

    CLEAR = "clear"
    BLIND = "no data"
    BROKEN = "error"


class Turn(StrEnum):
    """What one tick changed."""

    NOTHING = ""
    BEGAN = "began"
    ENDED = "ended"
    WENT_BLIND = "no data"
    BROKE = "error"
    SEES_AGAIN = "data again"


@dataclass(frozen=True, slots=True)
class Seen:
    """One market at one tick, as a watch sees it."""

    market: str
    time: int  # [ms] UTC
    start: Truth  # whether the watch would begin
    keep: Truth  # whether it would go on: margin.py
    about: About | None = None
    way: str = ""  # "up", "down": where a cascade is headed
    unknown: tuple[str, ...] = ()  # figures that are not known, in words
    error: str | Said = ""  # a sentence; empty: none


@dataclass(frozen=True, slots=True)
class Course:
    """Where a watch stands on one market."""

    phase: Phase = Phase.INACTIVE
    time: int = 0  # [ms] UTC of the newest tick
    number: int = 0  # of the newest episode, counted from 1
    began: int = 0  # [ms] UTC
    held: int = 0  # [ms] it was seen to hold while pending
    about: About | None = None
    way: str = ""
    told: bool = False  # somebody was told of this episode
    waits: str = ""  # why nobody was told yet
    quiet_for: int = 0  # [ms] seen since the last message about it
    unchanged_for: int = 0  # [ms] seen since the message was last edited
    edits: int = 0
    repeats: int = 0
    sight: Sight = Sight.CLEAR
    unseen: int = 0  # [ms] that it could not be judged
    clear_for: int = BLIND_AGAIN  # [ms] seen since blindness was last told of
    blinds: int = 0  # how often that was told
    blind_told: bool = False

    @property
    def rests_on(self) -> int:
        """The truth by which the next tick changes nothing here; no truth while anything goes on.

        >>> Course().rests_on == Truth.FALSE
        True
        """
        if self.phase is Phase.INACTIVE and self.time:
            if self.sight is Sight.CLEAR and not self.unseen and self.clear_for >= BLIND_AGAIN:
                return Truth.FALSE
            if self.sight is Sight.BLIND:
                return Truth.UNKNOWN
        return Truth.FALSE if not self.time else _NEVER


def due(start: Truths, rests_on: Truths) -> Places:
    """Return the rows that a tick may change: few of all, so that only these are gone through."""
    return np.flatnonzero(start != rests_on)


def step(course: Course, seen: Seen, hold: int, interval: int) -> tuple[Course, Turn, int]:
    """Take in one tick; with the turn comes how much time was seen since the last one [ms].

    A tick that was taken in before gives the course as it is. Ticks are `interval` [ms] apart; a
    longer silence counts as two of them.
    """
    if course.time - _SEEN_BEFORE < seen.time <= course.time:
        return course, Turn.NOTHING, 0
    past = seen.time - course.time if course.time else 0
    elapsed = max(0, min(past, 2 * interval))
    course = replace(course, time=seen.time, clear_for=min(course.clear_for + elapsed, BLIND_AGAIN))
    course, turn = _sight(course, seen, elapsed)
    if seen.error:
        return course, turn, elapsed
    course, change = _phase(course, seen, hold, elapsed)
    return course, turn if change is Turn.NOTHING else change, elapsed


def _sight(course: Course, seen: Seen, elapsed: int) -> tuple[Course, Turn]:
    """Follow whether the market can be judged; each change is said once, and not too often."""
    if seen.error:
        if course.sight is Sight.BROKEN:
            return course, Turn.NOTHING
        return _blinded(course, Sight.BROKEN, Turn.BROKE)
    judged = seen.keep if course.phase.lasts else seen.start
    if judged is not Truth.UNKNOWN:
        told, was = course.blind_told, course.sight
        course = replace(course, sight=Sight.CLEAR, unseen=0, blind_told=False)
        return course, Turn.SEES_AGAIN if told and was is not Sight.CLEAR else Turn.NOTHING
    course = replace(course, unseen=course.unseen + elapsed)
    if course.sight is not Sight.CLEAR or course.unseen < BLIND_AFTER:
        return course, Turn.NOTHING
    return _blinded(course, Sight.BLIND, Turn.WENT_BLIND)


def _blinded(course: Course, sight: Sight, turn: Turn) -> tuple[Course, Turn]:
    if course.clear_for < BLIND_AGAIN:
        return replace(course, sight=sight), Turn.NOTHING
    blinded = replace(course, sight=sight, clear_for=0, blinds=course.blinds + 1, blind_told=True)
    return blinded, turn


def _phase(course: Course, seen: Seen, hold: int, elapsed: int) -> tuple[Course, Turn]:
    if course.phase.lasts:
        if seen.keep is Truth.FALSE:
            return replace(course, phase=Phase.INACTIVE, held=0), Turn.ENDED
        if seen.keep is Truth.UNKNOWN:
            return course, Turn.NOTHING
        phase = Phase.FIRING if seen.start is Truth.TRUE else Phase.KEPT
        return replace(course, phase=phase, about=course.about or seen.about), Turn.NOTHING
    return _toward(course, seen, hold, elapsed)


def _toward(course: Course, seen: Seen, hold: int, elapsed: int) -> tuple[Course, Turn]:
    """Follow what is no episode yet."""
    if seen.start is Truth.UNKNOWN:
        blind = course.sight is not Sight.CLEAR
        return (replace(course, phase=Phase.INACTIVE, held=0) if blind else course), Turn.NOTHING
    if seen.start is Truth.FALSE or seen.keep is Truth.FALSE:
        return replace(course, phase=Phase.INACTIVE, held=0), Turn.NOTHING
    held = course.held + elapsed if course.phase is Phase.PENDING else 0
    if held < hold:
        return replace(course, phase=Phase.PENDING, held=held), Turn.NOTHING
    began = replace(
        course,
        phase=Phase.FIRING,
        number=course.number + 1,
        began=seen.time,
        held=0,
        about=seen.about,
        way=seen.way,
        told=False,
        waits="",
        quiet_for=0,
        unchanged_for=0,
        edits=0,
        repeats=0,
    )
    return began, Turn.BEGAN
