"""The names that trades are kept and grouped by, as they are said: what is kept is English."""

from bot.core.journal.trade import Mistake
from bot.core.language import mark, say

OWN_IDEA = "own idea"

_SAID = {
    "sweep": mark("sweep"),
    "magnet": mark("magnet"),
    "cascade": mark("cascade"),
    "squeeze": mark("squeeze"),
    "watch": mark("watch"),
    OWN_IDEA: mark("own idea"),
    Mistake.CHASED: mark("chased"),
    Mistake.EARLY: mark("too early"),
    Mistake.LATE: mark("too late"),
    Mistake.LARGE: mark("too large"),
    Mistake.REVENGE: mark("revenge"),
    Mistake.NO_PLAN: mark("no plan"),
    Mistake.HELD_THROUGH: mark("held through a zone"),
    Mistake.NO_STOP: mark("no stop"),
    Mistake.PAST_STOP: mark("past the stop"),
    Mistake.SHORT_OF_TARGET: mark("short of target"),
}


def said(name: str) -> str:
    """Say the name of a signal or of a mistake.

    >>> said("sweep"), said(Mistake.EARLY), said("of an older version")
    ('sweep', 'too early', 'of an older version')
    """
    known = _SAID.get(name)
    return name if known is None else say(known)
