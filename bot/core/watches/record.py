"""A watch's ledger summed up: how often it spoke, whether it was of use, and what followed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.core.arrays import HOUR, floats, times
from bot.core.evidence.base import FEWEST, Followed, Moments, Paired, followed, paired
from bot.core.market.series import Candles
from bot.core.watches.followed import sign_of
from bot.core.watches.ledger import After, Entry, Told

# What followed is told of this horizon; zones count as reached if they were within the longest.
SPOKEN = HOUR


@dataclass(frozen=True, slots=True)
class Record:
    """What became of a watch's episodes."""

    told: int  # episodes somebody was told of
    held: Mapping[str, int] = field(default_factory=dict)  # those held back, by reason
    useful: int = 0  # of those told, that more people called useful than not
    judged: int = 0  # of those told, that anybody said something of
    count: int = 0  # whose price an hour later is known
    move: float = 0.0  # [signed fraction] their median move, the way it was headed; else its size
    headed: bool = False  # whether all of them were headed a way
    reached: int = 0  # clusters that price came to, as far as they were followed
    zones: int = 0  # clusters of which that is known
    longest: int = 0  # [ms] that these were followed at most

    @property
    def enough(self) -> bool:
        """Whether there are enough to say anything of what followed."""
        return self.count >= FEWEST


def record(ledger: Sequence[Told]) -> Record:
    """Sum up a ledger."""
    told = [each for each in ledger if each.entry.told is not None]
    held: dict[str, int] = {}
    for each in ledger:
        if each.entry.told is None and each.entry.held:
            held[each.entry.held] = held.get(each.entry.held, 0) + 1
    moved = [
        (sign_of(each.entry.way), after.move)
        for each in told
        for after in each.after
        if after.after == SPOKEN
    ]
    headed = bool(moved) and all(sign for sign, _ in moved)
    moves = [sign * move if headed else abs(move) for sign, move in moved]
    zones = [after for each in told if (after := _furthest(each.after)) is not None]
    return Record(
        len(told),
        held,
        sum(each.useful > each.useless for each in told),
        sum(bool(each.useful or each.useless) for each in told),
        len(moves),
        float(np.median(moves)) if moves else 0.0,
        headed,
        sum(bool(after.reached) for after in zones),
        len(zones),
        max((after.after for after in zones), default=0),
    )


def _furthest(after: Sequence[After]) -> After | None:
    """Return the longest follow-up that knows whether a cluster was reached."""
    known = [each for each in after if each.reached is not None]
    return max(known, key=lambda each: each.after, default=None)


def beside(candles: Candles, entries: Sequence[Entry], *, headed: bool) -> Paired | None:
    """Set a watch's episodes on one coin beside random times; None if none can be.

    None of the candles may be forming. Their prices count the coin as the entries do. What is not
    all `headed` a way counts by the size of its moves.
    """
    counted = [
        each
        for each in entries
        if each.told is not None and each.price is not None and len(candles)
        if each.told >= int(candles.open_time[0])
    ]
    if not counted:
        return None
    at = [each.told for each in counted if each.told is not None]
    price = [each.price for each in counted if each.price is not None]
    sign = [float(sign_of(each.way)) if headed else 0.0 for each in counted]
    moments = Moments(times(at), floats(price), floats(sign), np.full(len(at), np.nan))
    return paired(candles, moments)


def random_times(coins: Sequence[Paired], horizon: str = "1h") -> Followed | None:
    """Return what followed over all coins within a horizon, beside random times; None: too few."""
    found = next((each for each in followed(coins) if each.horizon == horizon), None)
    return found if found is not None and found.enough else None
