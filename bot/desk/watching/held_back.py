"""Why something was held back, in words: counted, by itself, and of what is told late."""

from collections.abc import Mapping

from bot.core.language import mark, say
from bot.core.watches.gate import Why

_HELD = {
    Why.MUTED.value: mark("{count} while muted"),
    Why.SNOOZED.value: mark("{count} while the watch was muted"),
    Why.QUIET.value: mark("{count} in quiet hours"),
    Why.CASCADE.value: mark("{count} during a cascade"),
    Why.COOLDOWN.value: mark("{count} too soon after the same"),
    Why.CAP.value: mark("{count} over the daily limit"),
}
_WHY = {
    Why.MUTED.value: mark("muted"),
    Why.SNOOZED.value: mark("snoozed"),
    Why.QUIET.value: mark("quiet hours"),
    Why.CASCADE.value: mark("a cascade is under way"),
    Why.COOLDOWN.value: mark("told before"),
    Why.CAP.value: mark("daily limit"),
}
_LATE = {
    Why.MUTED.value: mark("the chat was muted"),
    Why.SNOOZED.value: mark("the watch was muted"),
    Why.QUIET.value: mark("quiet hours are over"),
    Why.CASCADE.value: mark("the cascade is over"),
    Why.COOLDOWN.value: mark("the same had been told shortly before"),
    Why.CAP.value: mark("the daily limit was reached"),
}


def held_words(held: Mapping[str, int]) -> str:
    """Count what was held back, by reason.

    >>> held_words({"quiet hours": 2, "daily limit": 1})
    '1 over the daily limit, 2 in quiet hours'
    """
    return ", ".join(
        say(_HELD[why], count=count) if why in _HELD else f"{count} {why}"
        for why, count in sorted(held.items())
    )


def why_words(why: str) -> str:
    """Say why something is held back, as watches keep it.

    >>> why_words("told before")
    'told before'
    """
    return say(_WHY[why]) if why in _WHY else why


def late_words(why: str) -> str:
    """Say why something is told only now.

    >>> late_words("daily limit")
    'the daily limit was reached'
    """
    return say(_LATE[why]) if why in _LATE else why
