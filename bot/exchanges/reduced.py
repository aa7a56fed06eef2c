"""Which accounts may have been liquidated: positions that became smaller near where they would be.

Whether they were, only the account's fills say.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.exchanges.parse.common import OpenPosition

# Between two looks a price goes so far at most [fraction], and margins of other positions shift the
# price of liquidation: who was farther from it has closed the position of their own accord.
_NEAR = 0.2
_TRIES = 10  # to ask for one account's fills, the pauses between them growing: half an hour
_WAITING = 60  # accounts [1]: what can be asked in twenty minutes


@dataclass(frozen=True, slots=True)
class Reduced:
    """An account one of whose positions has become smaller."""

    address: str
    since: int  # [ms] when it was last seen before that
    distance: float  # [fraction] of that position from its liquidation
    tries: int = 0  # in vain


class ReducedAccounts:
    """The accounts whose fills are to be asked for, those that were nearest first."""

    def __init__(self) -> None:
        self._waiting: dict[str, Reduced] = {}

    def note(
        self,
        address: str,
        since: int,
        before: Mapping[str, OpenPosition],
        now: Mapping[str, OpenPosition],
    ) -> None:
        """Compare what an account held at `since` [ms] with what it holds."""
        distance = nearest(before, now)
        if distance > _NEAR:
            return
        self._put(Reduced(address, since, distance))

    def again(self, one: Reduced) -> None:
        """Put one back that was asked in vain, unless that has happened too often."""
        if one.tries + 1 < _TRIES:
            self._put(replace(one, tries=one.tries + 1))

    def _put(self, one: Reduced) -> None:
        if (waiting := self._waiting.get(one.address)) is not None:
            since, distance = min(one.since, waiting.since), min(one.distance, waiting.distance)
            one = replace(one, since=since, distance=distance)
        self._waiting[one.address] = one
        if len(self._waiting) > _WAITING:
            farthest = max(self._waiting.values(), key=_place)
            del self._waiting[farthest.address]

    def next(self) -> Reduced | None:
        """Take the one that was nearest of those asked least; None if there is none."""
        if not self._waiting:
            return None
        return self._waiting.pop(min(self._waiting.values(), key=_place).address)


def _place(one: Reduced) -> tuple[int, float]:
    return one.tries, one.distance


def nearest(before: Mapping[str, OpenPosition], now: Mapping[str, OpenPosition]) -> float:
    """How near to its liquidation [fraction of price] the nearest was that became smaller.

    inf if none did that could be liquidated at all; 0 where it cannot be told.

    >>> long = OpenPosition("BTC", 1, 2.0, 100.0, 10.0, 75.0, True, 100.0)
    >>> nearest({"BTC": long}, {"BTC": long}), nearest({"BTC": long}, {})
    (inf, 0.25)
    >>> nearest({"BTC": long}, {"BTC": long._replace(side=-1)})
    0.25
    """
    fell = (_from_liquidation(one) for one in before.values() if _fell(one, now))
    return min(fell, default=math.inf)


def _fell(one: OpenPosition, now: Mapping[str, OpenPosition]) -> bool:
    held = now.get(one.id)
    return held is None or held.side != one.side or held.quantity < one.quantity


def _from_liquidation(one: OpenPosition) -> float:
    if math.isnan(one.liquidation_price):
        return math.inf
    if math.isnan(one.mark_price):
        return 0.0
    return abs(one.liquidation_price / one.mark_price - 1)
