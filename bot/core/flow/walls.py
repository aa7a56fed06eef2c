"""Walls: orders at one price, or within a narrow zone, that stand out against those around."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.core.arrays import Floats, floats
from bot.core.estimate.maps import Cluster
from bot.core.flow.depth import Zones
from bot.core.flow.ladder import OrderSide
from bot.core.market.depth import OrderBook

# A zone is a wall if it holds so many times what is usual around it ...
_STANDS_OUT = 3.0
# ... and this part of all that is told on its side: a bump in a thin place stops nothing.
_WORTH = 0.02
_AROUND = 12  # zones each way that say what is usual
_FEWEST = 4  # of them, or nothing can be said
_WIDEST = 3  # zones that stand out side by side are one wall
_MOST = 6  # walls that are told of each side

# A wall so near to a cluster [fraction of the price] is met by what the cluster sets free.
NEAR = 0.0025


@dataclass(frozen=True, slots=True)
class Wall:
    """A narrow zone with many more orders than around it."""

    side: OrderSide
    low: float  # [quote/base]
    high: float  # [quote/base]
    price: float  # [quote/base] of the largest level in it
    usd: float  # [USD]
    times: float  # what is usual around it, so many times
    distance: float  # [fraction] of `price` from the middle, signed
    venues: tuple[tuple[str, float], ...]  # whose orders [USD], most first
    cluster: Cluster | None = None  # the largest estimated cluster in or near it


def walls_of(
    zones: Zones,
    books: Sequence[OrderBook],
    venues: Sequence[str],
    clusters: Sequence[Cluster] = (),
) -> tuple[Wall, ...]:
    """Find the walls of books on their common zones, both sides, largest first.

    A zone is held against those around it that the same venues tell of: where one venue's told
    levels end, less stands in the sum, and that is no wall.
    """
    found = []
    for side in OrderSide:
        usd, told = zones.side(side)
        usual = np.array([_usual(row, known) for row, known in zip(usd, told, strict=True)])
        judged = told & np.isfinite(usual)
        total = np.where(judged, usd, 0.0).sum(axis=0)
        expected = np.where(judged, usual, 0.0).sum(axis=0)
        worth = _WORTH * float(usd.sum())
        out = (total > 0) & (total >= _STANDS_OUT * expected) & (total >= worth)
        walls = [
            _wall(zones, books, venues, side, part, float(expected[part].sum()))
            for part in _runs(out)
        ]
        found += sorted(walls, key=lambda wall: -wall.usd)[:_MOST]
    return tuple(
        _beside(wall, clusters, zones.middle) for wall in sorted(found, key=lambda w: -w.usd)
    )


def _usual(usd: Floats, told: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> Floats:
    """What is usual around each zone of one venue [USD], nan if too little is told, shape (Z,).

    The median, so that a second wall nearby hides none; where most zones are empty, half the mean.
    """
    away = np.arange(-_AROUND, _AROUND + 1)
    away = away[np.abs(away) > 1]  # a wall may lean over its zone's edge
    place = np.arange(len(usd))[:, None] + away
    inside = (place >= 0) & (place < len(usd))
    place = np.clip(place, 0, len(usd) - 1)
    known = inside & told[place]
    count = known.sum(axis=1)
    enough = count >= _FEWEST
    around = np.where(known, usd[place], np.nan)
    usual = np.full(len(usd), np.nan)
    usual[enough] = np.maximum(
        np.nanmedian(around[enough], axis=1), np.nanmean(around[enough], axis=1) / 2
    )
    return floats(usual)


def _runs(out: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> list[slice]:
    """Join neighbours that stand out, at most so many at a time."""
    found: list[slice] = []
    for place in np.flatnonzero(out).tolist():
        last = found[-1] if found else slice(0, -1)
        if last.stop == place and place - last.start < _WIDEST:
            found[-1] = slice(last.start, place + 1)
        else:
            found.append(slice(place, place + 1))
    return found


def _wall(
    zones: Zones,
    books: Sequence[OrderBook],
    venues: Sequence[str],
    side: OrderSide,
    part: slice,
    usual: float,
) -> Wall:
    low, high = float(zones.edges[part.start]), float(zones.edges[part.stop])
    by_venue = zones.side(side)[0][:, part].sum(axis=1)
    usd = float(by_venue.sum())
    price, most = (low + high) / 2, 0.0
    for book in books:
        orders = book.bids if side is OrderSide.BID else book.asks
        inside = (orders.price >= low) & (orders.price <= high)
        if inside.any():
            level = int(np.argmax(np.where(inside, orders.value, 0.0)))
            if orders.value[level] > most:
                price, most = float(orders.price[level]), float(orders.value[level])
    shares = sorted(zip(venues, by_venue.tolist(), strict=True), key=lambda each: -each[1])
    return Wall(
        side,
        low,
        high,
        price,
        usd,
        usd / usual if usual > 0 else np.inf,
        price / zones.middle - 1,
        tuple((venue, share) for venue, share in shares if share > 0),
    )


def _beside(wall: Wall, clusters: Sequence[Cluster], middle: float) -> Wall:
    low, high = wall.low - NEAR * middle, wall.high + NEAR * middle
    near = [each for each in clusters if each.low <= high and each.high >= low]
    return replace(wall, cluster=max(near, key=lambda each: each.usd)) if near else wall
