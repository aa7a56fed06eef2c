"""What is said of an episode, and what is held back; every effect has a key of its own.

An episode that may not be told now waits, and is told late if it lasts; if it is over before, it is
counted. An edit of a message that stands is never held back, since it makes no sound.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.language import Said
from bot.core.watches import hours
from bot.core.watches.columns import About
from bot.core.watches.lifecycle import Course, Seen, Turn, step
from bot.core.watches.presets import Rules

# When a message is followed up in its thread, after it was told [ms].
FOLLOW_UPS = (15 * MINUTE, HOUR, 4 * HOUR, DAY)
_MOST_RECENT = 64  # clusters remembered of a watch


class Why(StrEnum):
    """Why something is held back."""

    MUTED = "muted"
    SNOOZED = "snoozed"
    QUIET = "quiet hours"
    CASCADE = "a cascade is under way"
    COOLDOWN = "told before"
    CAP = "daily limit"


class Act(StrEnum):
    """What is to be done in the chat."""

    OPEN = "open"  # send the episode's message
    EDIT = "edit"  # bring it up to date
    REPEAT = "repeat"  # say in its thread that it goes on
    CLOSE = "close"  # edit it a last time
    JOIN = "join"  # add a market to the message of a cascade: grouping.py
    HELD = "held"  # nothing is sent; it is counted
    BLIND = "blind"  # say that there is no data
    BROKEN = "broken"  # say what fails
    SEES = "sees"  # say that there is data again


_OF_SIGHT = {Act.BLIND, Act.BROKEN, Act.SEES}


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing to be done once."""

    act: Act
    key: str  # unique; the same for the same tick however often it is judged
    message: str  # key of the message that it belongs to
    watch: str
    market: str
    time: int  # [ms] UTC of the tick
    began: int = 0  # [ms] UTC of the episode
    why: str | Said = ""  # one of Why, the figures that are not known, or a sentence
    held: Mapping[str, int] = field(default_factory=dict)  # what was held back since the last OPEN
    about: About | None = None
    way: str = ""
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of and is over; the same is not told again until a time."""

    market: str
    about: About | None
    until: int  # [ms] UTC

    def same(self, market: str, about: About | None) -> bool:
        """Say whether an episode is of the same cluster; without a cluster all are the same."""
        if market != self.market:
            return False
        return self.about is None or about is None or self.about.same(about)


@dataclass(frozen=True, slots=True)
class State:
    """Where one watch stands on all its markets; msgspec writes and reads it as it is."""

    courses: Mapping[str, Course] = field(default_factory=dict)
    recent: tuple[Told, ...] = ()
    day: int = 0  # number of the newest local day
    messages: int = 0  # on that day
    held: Mapping[str, int] = field(default_factory=dict)  # by reason, since the last OPEN
    held_in_all: Mapping[str, int] = field(default_factory=dict)
    snoozed_until: int = 0  # [ms] UTC
    last_told: int = 0  # [ms] UTC


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick brings to one watch."""

    seen: tuple[Seen, ...]
    cascading: frozenset[str] = frozenset()  # markets whose cascade this chat has been told of
    interval: int = MINUTE  # [ms] from one tick to the next


def advance(state: State, tick: Tick, rules: Rules) -> tuple[State, tuple[Effect, ...]]:
    """Take one tick in; return the new state and what is to be done.

    The same tick on the same state has the same effects with the same keys, and on the state that
    came of it none.
    """
    effects: list[Effect] = []
    for seen in tick.seen:
        before = state.courses.get(seen.market, Course())
        course, turn, elapsed = step(before, seen, rules.hold, tick.interval)
        if course is before:
            continue
        walk = _Walk(state, rules, tick, seen, course)
        state = walk.went(turn, elapsed)
        effects.extend(walk.effects)
    return state, tuple(effects)


def snoozed(state: State, until: int) -> State:
    """Return the state of a watch that is silent until a time [ms]."""
    return replace(state, snoozed_until=until)


class _Walk:
    """One market of one watch at one tick."""

    def __init__(self, state: State, rules: Rules, tick: Tick, seen: Seen, course: Course) -> None:
        self.effects: list[Effect] = []
        self._state, self._rules, self._tick = state, rules, tick
        self._seen, self._course = seen, course

    def went(self, turn: Turn, elapsed: int) -> State:
        """Do what the turn asks for; return the watch's new state."""
        course = self._course
        self._course = replace(
            course,
            quiet_for=course.quiet_for + elapsed,
            unchanged_for=course.unchanged_for + elapsed,
        )
        self._new_day()
        self._blindness(turn)
        if turn is Turn.ENDED:
            self._ended()
        elif self._course.phase.lasts:
            self._goes_on()
        courses = {**self._state.courses, self._seen.market: self._course}
        return replace(self._state, courses=courses)

    def _new_day(self) -> None:
        today = hours.day(self._seen.time, self._rules.zone)
        # A clock set back over midnight begins no day anew; one that was years ahead must.
        if today > self._state.day or today < self._state.day - 1:
            self._state = replace(self._state, day=today, messages=0)

    def _effect(self, act: Act, suffix: str = "", why: str | Said = "") -> None:
        course = self._course
        message = f"{self._rules.watch}/{self._seen.market}/"
        if act in _OF_SIGHT:
            message += f"sight{course.blinds}"
        else:
            message += str(course.number)
        self.effects.append(
            Effect(
                act,
                f"{message}#{act.value}{suffix}",
                message,
                self._rules.watch,
                self._seen.market,
                self._seen.time,
                course.began,
                why,
                dict(self._state.held) if act is Act.OPEN else {},
                course.about,
                course.way,
                self._rules.cascade,
            )
        )

    def _blindness(self, turn: Turn) -> None:
        acts = {Turn.WENT_BLIND: Act.BLIND, Turn.BROKE: Act.BROKEN, Turn.SEES_AGAIN: Act.SEES}
        act = acts.get(turn)
        if act is not None:
            why = self._seen.error or ", ".join(self._seen.unknown)
            self._effect(act, why=why)

    def _reason(self, *, again: bool) -> Why | None:
        """Return why a message may not be sent now."""
        rules, state, now = self._rules, self._state, self._seen.time
        market, about = self._seen.market, self._course.about
        if now < rules.muted_until:
            return Why.MUTED
        if now < state.snoozed_until:
            return Why.SNOOZED
        if hours.quiet(rules.quiet, now, rules.zone):
            return Why.QUIET
        if rules.squeeze and market in self._tick.cascading:
            return Why.CASCADE
        if not again and any(
            now < told.until <= now + rules.cooldown and told.same(market, about)
            for told in state.recent
        ):
            return Why.COOLDOWN
        return Why.CAP if state.messages >= rules.cap else None

    def _goes_on(self) -> None:
        course, rules = self._course, self._rules
        if not course.told:
            why = self._reason(again=False)
            if why is not None:
                self._course = replace(course, waits=why.value)
                return
            self._effect(Act.OPEN, why=course.waits)
            self._course = replace(course, told=True, quiet_for=0, unchanged_for=0)
            self._said(told=True)
        elif (
            rules.every is not None
            and course.quiet_for >= rules.every
            and self._reason(again=True) is None
        ):
            self._course = replace(course, repeats=course.repeats + 1, quiet_for=0)
            self._effect(Act.REPEAT, str(self._course.repeats))
            self._said(told=False)
        elif course.unchanged_for >= rules.edit:
            self._course = replace(course, edits=course.edits + 1, unchanged_for=0)
            self._effect(Act.EDIT, str(self._course.edits))

    def _said(self, *, told: bool) -> None:
        state = replace(self._state, messages=self._state.messages + 1, last_told=self._seen.time)
        self._state = replace(state, held={}) if told else state

    def _ended(self) -> None:
        course, state, now = self._course, self._state, self._seen.time
        if course.told:
            self._effect(Act.CLOSE)
            until = now + self._rules.cooldown
            told = Told(self._seen.market, course.about, until)
            recent = (*(each for each in state.recent if each.until > now), told)
            self._state = replace(state, recent=recent[-_MOST_RECENT:])
        else:
            why = course.waits or Why.QUIET.value
            self._effect(Act.HELD, why=why)
            self._state = replace(
                state,
                held=_one_more(state.held, why),
                held_in_all=_one_more(state.held_in_all, why),
            )
        self._course = replace(course, told=False, waits="")


def _one_more(counts: Mapping[str, int], why: str) -> dict[str, int]:
    return {**counts, why: counts.get(why, 0) + 1}
