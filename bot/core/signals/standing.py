"""Clusters from one look at the map to the next: they shift, hide, come back, and hold stops."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.arrays import HOUR
from bot.core.signals.episode import Way
from bot.core.signals.events import Zone

# A cluster that is named again with its edges this far off is the same one [fraction]: half a
# percent is the least that a look tells apart, and neighbours take turns in being the densest.
SHIFT = 0.005

# One that a look does not name may only be hidden behind denser ones: of those that a month of
# bitcoin's maps ceased to name before price was near, 58 % were named again within six hours, and
# more on other recordings. After so long it is gone [ms].
GONE = 6 * HOUR

# A cluster that price has come into is gone through within so long, or it is not being swept [ms].
PASSING = 4 * HOUR

# A stop stands beyond what it shelters behind by this much [fraction]: about the spread and the
# noise of a minute on a large market.
BEYOND = 0.002


@dataclass(slots=True, eq=False)
class Standing:
    """A dense cluster as it stood when price had not come to it."""

    zone: Zone
    least: float  # [USD] that made it dense then
    named: int  # [ms] by the newest look that found it untouched
    touched: int | None = None  # [ms]

    def stands(self, time: int) -> bool:
        """Say whether it may still be there, or is being gone through."""
        if self.touched is not None:
            return time - self.touched <= PASSING
        return time - self.named < GONE


def overlap(one: Zone, other: Zone) -> bool:
    """Say whether two zones of a side have prices in common."""
    return one.side is other.side and one.low < other.high and one.high > other.low


def alike(zone: Zone, zones: Iterable[Zone]) -> list[Zone]:
    """Return those of a later look that lie where a zone was, or next to it."""
    low, high = zone.low * (1 - SHIFT), zone.high * (1 + SHIFT)
    return [
        each for each in zones if each.side is zone.side and each.low < high and each.high > low
    ]


def still(zone: Zone, zones: Iterable[Zone]) -> float:
    """Return what a later look names where a zone was [USD]; 0 if it names nothing there.

    >>> from bot.core.market.liquidations import PositionSide
    >>> first = Zone(PositionSide.LONG, 98.0, 98.5, 3e8)
    >>> still(first, [Zone(PositionSide.LONG, 98.6, 99.2, 2e8)])
    200000000.0
    """
    return sum(each.usd for each in alike(zone, zones))


def sheltered(price: float, way: Way, zones: Iterable[Zone]) -> float:
    """Return a stop for a trade that goes `way`: at `price`, or beyond a cluster it would stand in.

    Stops at a cluster are taken together with it. Clusters of both sides count: what is in them is
    bought or sold at any price.
    """
    sign = way.sign
    for _ in range(2):  # beyond the first there may be a second
        for zone in zones:
            if zone.low * (1 - BEYOND) < price < zone.high * (1 + BEYOND):
                price = (zone.low if sign > 0 else zone.high) * (1 - sign * BEYOND)
    return price
