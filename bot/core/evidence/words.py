"""Evidence in words: what followed, how often, and beside what."""

import math
from collections.abc import Sequence

from bot.core import figures
from bot.core.evidence.base import FEWEST, Followed
from bot.core.language import many, mark, say, say_of
from bot.core.signals.episode import Kind
from bot.core.signals.names import one_of

# The horizon that is spoken of where there is room for one only.
SPOKEN = "4h"

TOO_FEW = mark("too few to say")

# What a range says of the horizons beside which its own was chosen.
SURE = mark("90 % for all four horizons")


def before(
    kind: Kind, found: Sequence[Followed], horizon: str = SPOKEN, *, wide: bool = False
) -> str:
    """Say in a sentence what followed past occurrences, beside random times.

    `wide` are those of the market as a whole.

    "After 23 of these price went that way by +0.8 % within 4h on average, +0.1 % after random times
    as volatile: a difference of +0.7 % (+0.2 % to +1.1 %; 90 % for all four horizons)."
    """
    one = _within(found, horizon)
    if one is None or not one.enough:
        return _too_few(kind, one, wide=wide)
    return f"{_after(kind, one, wide=wide)}."


def judged(kind: Kind, found: Sequence[Followed], horizon: str = SPOKEN) -> str:
    """Say the same, and whether it is more than chance where that can be said."""
    one = _within(found, horizon)
    if one is None or not one.enough or not math.isfinite(one.edge.low):
        return before(kind, found, horizon)
    return f"{_after(kind, one, wide=False)}: {verdict(found, horizon)}."


def _within(found: Sequence[Followed], horizon: str) -> Followed | None:
    return next((each for each in found if each.horizon == horizon), None)


def _after(kind: Kind, one: Followed, *, wide: bool) -> str:
    """Say what followed, in a clause."""
    told = {
        "count": one.count,
        "move": figures.percent(one.move, signed=True),
        "horizon": one.horizon,
        "base": figures.percent(one.base, signed=True),
        "edge": figures.percent(one.edge.value, signed=True),
        "sure": sure(one.edge.low, one.edge.high),
    }
    if wide:
        return say(
            "After {count} of these its coins went that way by {move} within {horizon} on average, "
            "{base} after random times as volatile: a difference of {edge}{sure}",
            **told,
        )
    if kind is Kind.EXHAUSTION:
        return say(
            "After {count} of these price moved {move} within {horizon} on average, {base} after "
            "random times as volatile: a difference of {edge}{sure}",
            **told,
        )
    return say(
        "After {count} of these price went that way by {move} within {horizon} on average, {base} "
        "after random times as volatile: a difference of {edge}{sure}",
        **told,
    )


def _too_few(kind: Kind, one: Followed | None, *, wide: bool) -> str:
    count = 0 if one is None else one.count
    what = say_of("what follows", "a market-wide cascade") if wide else one_of(kind)
    if one is not None and not one.past and math.isfinite(one.days) and not count:
        return many(
            "No past occurrence of {what} in the {count} day we hold.",
            "No past occurrence of {what} in the {count} days we hold.",
            max(round(one.days), 1),
            what=what,
        )
    seen = say("{count} seen", count=count) if count else say("none seen")
    if wide:
        return say(
            "What follows {what}: too few to say ({seen}, {needed} needed).",
            what=what,
            seen=seen,
            needed=FEWEST,
        )
    return say(
        "What follows {what} here: too few to say ({seen}, {needed} needed).",
        what=what,
        seen=seen,
        needed=FEWEST,
    )


def sure(low: float, high: float) -> str:
    """Say the range of a difference, to be written behind it; nothing where there is none."""
    if not math.isfinite(low):
        return ""
    least, most = figures.percent(low, signed=True), figures.percent(high, signed=True)
    span = say("{low} to {high}", low=least, high=most)
    return f" ({span}; {say(SURE)})"


def verdict(found: Sequence[Followed], horizon: str = SPOKEN) -> str:
    """Say in a word or two whether there is an edge."""
    one = _within(found, horizon)
    if one is None or not one.enough or not math.isfinite(one.edge.low):
        return say(TOO_FEW)
    if one.edge.low > 0:
        return say("more than chance")
    return say("less than chance") if one.edge.high < 0 else say("no more than chance")


def reached(found: Sequence[Followed], horizon: str = "24h") -> str:
    """Say how often the target was reached; nothing if there was none, or too few."""
    one = _within(found, horizon)
    if one is None or not one.enough or not math.isfinite(one.reached):
        return ""
    return say(
        "The target was reached within {horizon} by {part} of them, by {base} of random times.",
        horizon=horizon,
        part=figures.percent(one.reached),
        base=figures.percent(one.reached_base),
    )
