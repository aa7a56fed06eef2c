"""Watches that speak at a time: digests and pictures, each time once."""

from dataclasses import dataclass, replace

from bot.core.arrays import DAY
from bot.core.watches import hours
from bot.core.watches.presets import Rules
from bot.core.watches.tree import Digest, HeatmapEvery

# A clock that was further ahead than this when something was sent is not believed: else nothing
# would be sent until that time comes.
_AHEAD = 2 * DAY


@dataclass(frozen=True, slots=True)
class Scheduled:
    """Where a schedule stands."""

    last: int  # number of the newest time that was passed
    held: int = 0  # how many were left out in quiet hours or while muted


@dataclass(frozen=True, slots=True)
class Call:
    """A digest or a picture to be sent once."""

    key: str  # the same for the same time, however often it is asked
    at: int  # [ms] UTC when it was due


def begun(schedule: Digest | HeatmapEvery, now: int, zone: str) -> Scheduled:
    """Return the state of a schedule that was just made: its first time is yet to come."""
    return Scheduled(hours.newest(schedule, now, zone).number)


def called(
    state: Scheduled, schedule: Digest | HeatmapEvery, now: int, rules: Rules
) -> tuple[Scheduled, Call | None]:
    """Return what is due by `now` [ms], and the state after it.

    A picture is left out in quiet hours and counted; a digest is sent at the time it was asked for
    even then, unless the chat is muted.
    """
    newest = hours.newest(schedule, now, rules.zone).number
    step = schedule.every if isinstance(schedule, HeatmapEvery) else DAY
    if (state.last - newest) * step > _AHEAD:
        return replace(state, last=newest), None
    due = hours.due(schedule, state.last, now, rules.zone)
    if due is None:
        return replace(state, last=max(state.last, newest)), None
    state = replace(state, last=due.number)
    quiet = isinstance(schedule, HeatmapEvery) and hours.quiet(rules.quiet, now, rules.zone)
    if quiet or now < rules.muted_until:
        return replace(state, held=state.held + 1), None
    return state, Call(f"{rules.watch}/{due.number}", due.at)
