"""Evidence in words: what followed, how often, and beside what."""

import math
from collections.abc import Sequence

from bot.core import figures
from bot.core.evidence.base import FEWEST, Followed
from bot.core.signals.episode import Kind

# The horizon that is spoken of where there is room for one only.
SPOKEN = "4h"

TOO_FEW = "too few to say"

# What a range says of the horizons beside which its own was chosen.
SURE = "90 % for all four horizons"


def before(
    kind: Kind, found: Sequence[Followed], horizon: str = SPOKEN, *, wide: bool = False
) -> str:
    """Say in a sentence what followed past occurrences, beside random times.

    `wide` are those of the market as a whole.

    "After 23 of them price moved 0.8 % that way within 4h, 0.1 % at random times; the difference is
    0.7 % (0.2 % to 1.1 %; 90 % for all four horizons)."
    """
    one = next((each for each in found if each.horizon == horizon), None)
    count = 0 if one is None else one.count
    if one is None or not one.enough:
        one_of = f"{'an' if kind.value[0] in 'aeiou' else 'a'} {kind.value}"
        one_of, here = ("a market-wide cascade", "") if wide else (one_of, " here")
        if one is not None and not one.past and math.isfinite(one.days) and not count:
            days = max(round(one.days), 1)
            return f"No past occurrence of {one_of} in the {days} day{'s' * (days != 1)} we hold."
        seen = f"{count} seen" if count else "none seen"
        return f"What follows {one_of}{here}: too few to say ({seen}, {FEWEST} needed)."
    way = "price moved" if kind is Kind.EXHAUSTION else "price went that way by"
    way = "its coins went that way by" if wide else way
    edge = one.edge
    sure = ""
    if math.isfinite(edge.low):
        signed = (figures.percent(each, signed=True) for each in (edge.low, edge.high))
        sure = f" ({' to '.join(signed)}; {SURE})"
    return (
        f"After {count} of these {way} {figures.percent(one.move, signed=True)} within "
        f"{horizon} on average, {figures.percent(one.base, signed=True)} after random times as "
        f"volatile: a difference of {figures.percent(edge.value, signed=True)}{sure}."
    )


def verdict(found: Sequence[Followed], horizon: str = SPOKEN) -> str:
    """Say in a word or two whether there is an edge."""
    one = next((each for each in found if each.horizon == horizon), None)
    if one is None or not one.enough or not math.isfinite(one.edge.low):
        return TOO_FEW
    if one.edge.low > 0:
        return "more than chance"
    return "less than chance" if one.edge.high < 0 else "no more than chance"


def reached(found: Sequence[Followed], horizon: str = "24h") -> str:
    """Say how often the target was reached; nothing if there was none, or too few."""
    one = next((each for each in found if each.horizon == horizon), None)
    if one is None or not one.enough or not math.isfinite(one.reached):
        return ""
    return (
        f"The target was reached within {horizon} by {figures.percent(one.reached)} of them, "
        f"by {figures.percent(one.reached_base)} of random times."
    )
