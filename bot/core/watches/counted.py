"""What a tick has only counted on in a state, and what it has turned.

A length that is counted, minute by minute, need not be written down as often: whoever begins again
from an older one counts a little short, and says nothing twice for it.
"""

from dataclasses import fields
from operator import attrgetter

from bot.core.watches.gate import State
from bot.core.watches.lifecycle import Course, Phase

_COUNTED = {"time", "quiet_for", "unchanged_for", "unseen", "clear_for"}
_COURSE = attrgetter(
    "rests_on", *(each.name for each in fields(Course) if each.name not in _COUNTED | {"phase"})
)
_STATE = attrgetter(*(each.name for each in fields(State) if each.name != "courses"))


def only_counted(before: State, after: State) -> bool:
    """Say whether a tick changed nothing but lengths of time.

    What a watch waits for before it begins (`for 30m`) is no such length: that is what it is about.

    >>> courses = {"BTC": Course(Phase.FIRING, quiet_for=60_000)}
    >>> only_counted(State({"BTC": Course(Phase.FIRING)}), State(courses))
    True
    """
    if before.courses.keys() != after.courses.keys() or _STATE(before) != _STATE(after):
        return False
    return all(_counted(before.courses[name], course) for name, course in after.courses.items())


def _counted(before: Course, after: Course) -> bool:
    if before is after:
        return True
    # Whether one that lasts would also begin now is seen anew at each tick.
    if before.phase is not after.phase and not (before.phase.lasts and after.phase.lasts):
        return False
    return after.phase is not Phase.PENDING and _COURSE(before) == _COURSE(after)
