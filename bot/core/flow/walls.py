"""Walls: orders at one price, or within a narrow zone, that stand out against those around."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, floats
from bot.core.estimate.maps import Cluster
from bot.core.flow.depth import zones_of
from bot.core.flow.ladder import OrderSide
from bot.core.market.depth import OrderBook

# A zone is a wall if it holds so many times what is usual around it ...
_STANDS_OUT = 3.0
# ... and this part of all its venue tells: a bump in a thin place stops nothing.
_WORTH = 0.02
_AROUND = 12  # zones each way that say what is usual
_FEWEST = 4  # of them, or nothing can be said
_WIDEST = 3  # zones that stand out side by side are one wall
_MOST = 6  # walls that are told of each side

# A wall so near to a cluster [fraction of the price] is met by what the cluster sets free.
NEAR = 0.0025


@dataclass(frozen=True, slots=True)
class Wall:
    """A narrow zone with many more orders than around it, on one venue or several."""

    side: OrderSide
    low: float  # [quote/base]
    high: float  # [quote/base]
    price: float  # [quote/base] of the largest level in it
    usd: float  # [USD] of the venues on which it stands out
    usual: float  # [USD] what stands in as wide a zone around it, there
    distance: float  # [fraction] of `price` from the middle, signed
    venues: tuple[tuple[str, float], ...]  # whose orders [USD], most first
    cluster: Cluster | None = None  # the largest estimated cluster in or near it

    @property
    def times(self) -> float:
        """How many times what is usual around it; infinite where nothing else stands."""
        return self.usd / self.usual if self.usual > 0 else np.inf


def walls_of(
    books: Sequence[OrderBook],
    venues: Sequence[str],
    clusters: Sequence[Cluster] = (),
) -> tuple[Wall, ...]:
    """Find the walls of books, both sides, largest first; at most six of a side.

    Each book is held against itself, in zones as narrow as it is told closely: what one venue
    tells in cents another tells in percents, and where one's levels end less stands in the sum.
    Walls of several venues that overlap are one.
    """
    middle = float(np.median([book.mid for book in books]))
    found = []
    for side in OrderSide:
        alone = chain.from_iterable(
            _walls(book, venue, side) for book, venue in zip(books, venues, strict=True)
        )
        joined = sorted(_joined(list(alone)), key=lambda wall: -wall.usd)[:_MOST]
        found += [replace(wall, distance=wall.price / middle - 1) for wall in joined]
    near = [_beside(wall, clusters, middle) for wall in found]
    return tuple(sorted(near, key=lambda wall: -wall.usd))


def _walls(book: OrderBook, venue: str, side: OrderSide) -> Iterator[Wall]:
    """Find one book's walls on one side."""
    zones = zones_of([book])
    usd, told = (rows[0] for rows in zones.side(side))
    usual = _usual(usd, told)
    worth = _WORTH * float(zones.bids.sum() + zones.asks.sum())
    out = told & (usd >= _STANDS_OUT * usual) & (usd >= worth) & (usd > 0)  # nan is never enough
    orders = book.bids if side is OrderSide.BID else book.asks
    for part in _runs(out):
        low, high = float(zones.edges[part.start]), float(zones.edges[part.stop])
        inside = (orders.price >= low) & (orders.price <= high)
        largest = int(np.argmax(np.where(inside, orders.value, 0.0)))
        held = float(usd[part].sum())
        price = float(orders.price[largest])
        yield Wall(side, low, high, price, held, float(usual[part].sum()), 0.0, ((venue, held),))


def _usual(usd: Floats, told: NDArray[np.bool_]) -> Floats:
    """What is usual around each zone [USD], nan where too little is told, shape (Z,).

    The median, so that a second wall nearby hides none; where most zones are empty, half the mean.
    """
    away = np.arange(-_AROUND, _AROUND + 1)
    away = away[np.abs(away) > 1]  # a wall may lean over its zone's edge
    place = np.arange(len(usd))[:, None] + away
    inside = (place >= 0) & (place < len(usd))
    place = np.clip(place, 0, len(usd) - 1)
    known = inside & told[place]
    enough = known.sum(axis=1) >= _FEWEST
    around = np.where(known, usd[place], np.nan)[enough]
    usual = np.full(len(usd), np.nan)
    usual[enough] = np.maximum(np.nanmedian(around, axis=1), np.nanmean(around, axis=1) / 2)
    return floats(usual)


def _runs(out: NDArray[np.bool_]) -> list[slice]:
    """Join neighbours that stand out, at most so many at a time."""
    found: list[slice] = []
    for place in np.flatnonzero(out).tolist():
        last = found[-1] if found else slice(0, -1)
        if last.stop == place and place - last.start < _WIDEST:
            found[-1] = slice(last.start, place + 1)
        else:
            found.append(slice(place, place + 1))
    return found


def _joined(walls: list[Wall]) -> list[Wall]:
    """Make one wall of those of different venues that overlap."""
    found: list[Wall] = []
    for wall in sorted(walls, key=lambda each: each.low):
        names = {name for name, _ in wall.venues}
        last = found[-1] if found else None
        if last is None or wall.low >= last.high or names & {name for name, _ in last.venues}:
            found.append(wall)
            continue
        largest = max((last, wall), key=lambda each: each.usd)
        found[-1] = replace(
            largest,
            low=min(last.low, wall.low),
            high=max(last.high, wall.high),
            usd=last.usd + wall.usd,
            usual=last.usual + wall.usual,
            venues=tuple(sorted((*last.venues, *wall.venues), key=lambda each: -each[1])),
        )
    return found


def _beside(wall: Wall, clusters: Sequence[Cluster], middle: float) -> Wall:
    low, high = wall.low - NEAR * middle, wall.high + NEAR * middle
    near = [each for each in clusters if each.low <= high and each.high >= low]
    return replace(wall, cluster=max(near, key=lambda each: each.usd)) if near else wall
