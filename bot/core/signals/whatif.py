"""What if the price went there: who would be forced out, and how far that would push it on.

The move itself liquidates what the map holds on its way. Those orders meet the other side of the
book; as deep as it was measured they move the price further, which liquidates more: one link of the
chain after another, until one moves nothing to speak of.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats
from bot.core.estimate.maps import LiquidationMap
from bot.core.market.liquidations import PositionSide
from bot.core.signals.events import Zone

# The chain has ended when a link moves the price by less than this [fraction].
LEAST_MOVE = 0.0005

# It is not followed for longer: by then the book is another one.
MOST_LINKS = 20

# How far [fraction] market orders of so many USD move the price, by the book as measured.
Push = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Link:
    """One stretch of the way, and who is forced out on it."""

    start: float  # [quote/base]
    end: float  # [quote/base]
    usd: float  # [USD] liquidated on it
    low: float  # [USD] low end of the credible range
    high: float  # [USD] high end


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A move and what it sets off."""

    side: PositionSide  # of the positions forced out
    price: float  # [quote/base] now
    asked: float  # [quote/base] where the move goes
    first: Link  # the move itself
    chain: tuple[Link, ...]  # what it sets off, in order; empty if nothing, or no book was measured
    measured: bool  # there is a book, so that the chain could be followed
    beyond: bool  # the way leads out of the map, so that all of this is a least
    next_zone: Zone | None  # the nearest cluster beyond the end

    @property
    def end(self) -> float:
        """Where the price would come to rest [quote/base]."""
        return self.chain[-1].end if self.chain else self.first.end

    @property
    def usd(self) -> float:
        """Liquidated in all [USD]."""
        return self.first.usd + sum(link.usd for link in self.chain)


def what_if(
    now: LiquidationMap, move: float, push: Push | None, zones: Sequence[Zone] = ()
) -> WhatIf:
    """Follow a move [signed fraction of the price] and what it sets off.

    `push` is that of orders on the side the forced ones go: sales for a fall, purchases for a rise.
    ValueError if the move is none, or goes to zero or below.
    """
    if move == 0 or move <= -1:
        raise ValueError("a move is a fraction above -1, and not 0")
    side = PositionSide.LONG if move < 0 else PositionSide.SHORT
    price, asked = now.price, now.price * (1 + move)
    first = _link(now, side, price, asked)
    chain: list[Link] = []
    edges, last = now.edges, first
    while push is not None and last.usd > 0 and len(chain) < MOST_LINKS:
        if not edges[0] <= last.end <= edges[-1]:
            break  # nothing is known of what stands further off
        further = push(last.usd)
        if further < LEAST_MOVE:
            break
        end = last.end * (1 - further if side is PositionSide.LONG else 1 + further)
        last = _link(now, side, last.end, end)
        chain.append(last)
    ahead = [zone for zone in zones if zone.side is side and zone.distance(last.end) > 0]
    return WhatIf(
        side,
        price,
        asked,
        first,
        tuple(chain),
        push is not None,
        not edges[0] <= last.end <= edges[-1],
        min(ahead, key=lambda zone: zone.distance(last.end), default=None),
    )


def _link(now: LiquidationMap, side: PositionSide, start: float, end: float) -> Link:
    low, high = min(start, end), max(start, end)
    is_long = side is PositionSide.LONG
    usd, ranges = (now.long_usd, now.long_range) if is_long else (now.short_usd, now.short_range)
    part = _part(now.edges, low, high)
    sums = [float(each @ part) for each in (usd, ranges[0], ranges[1])]
    return Link(start, end, *sums)


def _part(edges: Floats, low: float, high: float) -> Floats:
    """Which part of each bin lies within low..high, by log price, shape (B,)."""
    log = np.log(edges)
    inside = np.minimum(log[1:], np.log(high)) - np.maximum(log[:-1], np.log(low))
    return np.clip(inside / np.diff(log), 0.0, 1.0)
