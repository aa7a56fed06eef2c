"""What `/whatif` shows, finished; pictures and words add nothing to it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.arrays import floats
from bot.core.estimate.maps import Cluster, LiquidationMap
from bot.core.flow.impact import impact
from bot.core.flow.ladder import OrderSide
from bot.core.language import Said, many
from bot.core.market.depth import OrderBook
from bot.core.signals.events import Zone
from bot.core.signals.whatif import MOST_LINKS, WhatIf, what_if

# Moves that can be asked for [fraction]: less is noise, more is beyond what a map holds.
LEAST, MOST = 0.001, 0.5

# Books are told for a few tenths of a percent to a few percent; taken to go on like that for more
# than this [fraction of the price], they say nothing any more.
FURTHEST = 0.10


@dataclass(frozen=True, slots=True, eq=False)
class WhatIfReading:
    """A move of a coin, what it sets off, and how far that can be said."""

    base: str
    quote: str
    as_of: int  # [ms] UTC
    found: WhatIf
    now: LiquidationMap
    zones: tuple[Zone, ...]  # of both sides, largest first
    books: tuple[str, ...]  # exchanges whose order book was had
    lacking: tuple[str, ...]  # exchanges in the map whose book was not
    told: float  # [fraction] of the orders pushed through that met a known part of the books
    lost: bool  # the last orders are far more than the books tell of: the chain goes on from there
    grade: str | Said
    venues: tuple[str, ...]  # exchanges in the map
    asked: tuple[str, ...]
    failures: tuple[str, ...]
    simulated: bool

    @property
    def move(self) -> float:
        """The move asked for [fraction of the price]."""
        return self.found.asked / self.found.price - 1

    @property
    def low(self) -> float:
        """Low end of what is forced out in all [USD], each link at its low end."""
        return self.found.first.low + sum(link.low for link in self.found.chain)

    @property
    def high(self) -> float:
        """High end of what is forced out in all [USD]."""
        return self.found.first.high + sum(link.high for link in self.found.chain)

    @property
    def runaway(self) -> bool:
        """Whether the chain was still going on when it was given up."""
        return len(self.found.chain) >= MOST_LINKS

    @property
    def freshness(self) -> str:
        """Partial answers say so.

        "3 of 3 venues"
        """
        told = len(self.venues)
        return many(
            "{told} of {count} venue", "{told} of {count} venues", len(self.asked), told=told
        )


def zones_of(clusters: Sequence[Cluster]) -> tuple[Zone, ...]:
    """Return clusters of a map as zones, largest first."""
    found = (Zone(each.side, each.low, each.high, each.usd) for each in clusters)
    return tuple(sorted(found, key=lambda zone: -zone.usd))


def followed(
    now: LiquidationMap, move: float, books: Sequence[OrderBook], zones: Sequence[Zone]
) -> tuple[WhatIf, float, bool]:
    """Follow a move [signed fraction] through the books as they stand.

    Returns it with the part [fraction] of what was pushed through that met orders the venues tell
    of, 1 without a chain; and whether it was given up because the books tell too little. Without a
    book the chain is not followed.
    """
    if not books:
        return what_if(now, move, None, zones), 1.0, False
    met = OrderSide.BID if move < 0 else OrderSide.ASK
    sent: list[tuple[float, float]] = []
    lost: list[float] = []

    def push(usd: float) -> float:
        found = impact(books, floats([usd]), met)
        further = float(found.move[0])
        if further > FURTHEST:
            lost.append(usd)
            return 0.0
        sent.append((usd, float(found.told[0])))
        return further

    result = what_if(now, move, push, zones)
    whole = math.fsum(usd for usd, _ in sent)
    met_usd = math.fsum(usd * part for usd, part in sent)
    return result, min(met_usd / whole, 1.0) if whole > 0 else 1.0, bool(lost)
