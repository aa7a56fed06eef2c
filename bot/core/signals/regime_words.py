"""What would end a regime, and what one lacks, in words."""

import math
from collections.abc import Sequence

from bot.core.language import mark, say
from bot.core.signals.episode import Fact, Kind

_ENDS = {
    Kind.SQUEEZE: mark(
        "it ends when funding leaves its extreme, or open interest stops rising, or the clusters "
        "on the crowded side are swept or dissolve"
    ),
    Kind.FUEL: mark(
        "it ends when funding goes back to neutral, or open interest stops rising, or the clusters "
        "on the crowded side thin out"
    ),
    Kind.EXHAUSTION: mark(
        "it ends when funding turns back to its extreme, or open interest rises again, or new "
        "clusters build up"
    ),
}
_LACKS = {
    Kind.SQUEEZE: (
        mark("funding is not extreme"),
        mark("open interest does not rise"),
        mark("clusters are thin"),
    ),
    Kind.FUEL: (
        mark("funding is near neutral"),
        mark("open interest does not rise"),
        mark("no clusters build up"),
    ),
    Kind.EXHAUSTION: (
        mark("funding has not fallen back from an extreme"),
        mark("open interest does not fall"),
        mark("the crowded side was not swept"),
    ),
}
_UNKNOWN = (
    mark("funding is not known"),
    mark("open interest of a day ago is not known"),
    mark("no map is there"),
)


def ends(kind: Kind) -> str:
    """Say what would end a regime."""
    return say(_ENDS[kind])


def lacking(nearest: Kind, facts: Sequence[Fact], passed: Sequence[bool]) -> str:
    """Say what is missing for the regime that is nearest; nothing if nothing is."""
    said = [
        say(unknown if math.isnan(fact.value) else lack)
        for fact, met, lack, unknown in zip(facts, passed, _LACKS[nearest], _UNKNOWN, strict=True)
        if not met
    ]
    if len(said) <= 1:
        return "".join(said)
    *others, last = said
    return say("{some} and {last}", some=", ".join(others), last=last)
