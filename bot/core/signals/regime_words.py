"""What would end a regime, and what one lacks, in words."""

import math
from collections.abc import Sequence

from bot.core.signals.episode import Fact, Kind

_TURNS = {
    Kind.SQUEEZE: (
        "funding leaves its extreme",
        "open interest stops rising",
        "the clusters on the crowded side are swept or dissolve",
    ),
    Kind.FUEL: (
        "funding goes back to neutral",
        "open interest stops rising",
        "the clusters on the crowded side thin out",
    ),
    Kind.EXHAUSTION: (
        "funding turns back to its extreme",
        "open interest rises again",
        "new clusters build up",
    ),
}
_LACKS = {
    Kind.SQUEEZE: ("funding is not extreme", "open interest does not rise", "clusters are thin"),
    Kind.FUEL: ("funding is near neutral", "open interest does not rise", "no clusters build up"),
    Kind.EXHAUSTION: (
        "funding has not fallen back from an extreme",
        "open interest does not fall",
        "the crowded side was not swept",
    ),
}
_UNKNOWN = ("funding is not known", "open interest of a day ago is not known", "no map is there")


def ends(kind: Kind) -> str:
    """Say what would end a regime."""
    return "it ends when " + ", or ".join(_TURNS[kind])


def lacking(nearest: Kind, facts: Sequence[Fact], passed: Sequence[bool]) -> str:
    """Say what is missing for the regime that is nearest."""
    said = [
        unknown if math.isnan(fact.value) else lack
        for fact, met, lack, unknown in zip(facts, passed, _LACKS[nearest], _UNKNOWN, strict=True)
        if not met
    ]
    return " and ".join(said) if len(said) < 3 else f"{', '.join(said[:-1])} and {said[-1]}"  # noqa: PLR2004 - commas from three on
