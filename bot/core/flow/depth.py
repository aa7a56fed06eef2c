"""How much stands within 1, 2 and 5 % of the middle, of one book or of several together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, floats
from bot.core.flow.ladder import Ladder, OrderSide, ladder
from bot.core.market.depth import OrderBook

BANDS = (0.01, 0.02, 0.05)  # [fraction] each way

# A picture shows as little as holds all that is told: a book told to 0.1 % fills it too.
EXTENTS = (0.002, 0.005, 0.01, 0.02, 0.05)
EACH_WAY = 50  # zones on each side of the middle


@dataclass(frozen=True, slots=True)
class Depth:
    """What stands within each of BANDS; where the reach is shorter, at least that much."""

    bids: tuple[float, ...]  # [USD] within each band
    asks: tuple[float, ...]  # [USD]
    bids_reach: float  # [fraction] how far every venue in it tells
    asks_reach: float  # [fraction]
    balance: tuple[float, ...]  # (bids - asks) / (bids + asks), as deep as both sides are told

    def partial(self, band: int, side: OrderSide) -> bool:
        """Whether some venue tells less deep than a band, by its place in BANDS."""
        reach = self.bids_reach if side is OrderSide.BID else self.asks_reach
        return reach < BANDS[band]


def depth_of(books: Sequence[OrderBook]) -> Depth:
    """Sum the depth of books, each measured from its own middle; one book at least."""
    sides = [(ladder(book, OrderSide.BID), ladder(book, OrderSide.ASK)) for book in books]
    bids, asks = zip(*sides, strict=True)
    return Depth(
        tuple(sum(side.within(band) for side in bids) for band in BANDS),
        tuple(sum(side.within(band) for side in asks) for band in BANDS),
        min(side.reach for side in bids),
        min(side.reach for side in asks),
        tuple(_balance(sides, band) for band in BANDS),
    )


def _balance(sides: Sequence[tuple[Ladder, Ladder]], band: float) -> float:
    """Compare both sides as deep as each venue tells of both: -1 only asks, +1 only bids."""
    bid = ask = 0.0
    for bids, asks in sides:
        deep = min(band, bids.reach, asks.reach)
        bid += bids.within(deep)
        ask += asks.within(deep)
    return (bid - ask) / (bid + ask) if bid + ask > 0 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """Several books on the same equal stretches of price; V venues, Z zones, lowest first.

    Prices are as told, not moved to a common middle: a bid of one venue may stand above the
    middle of all, where venues trade apart.
    """

    edges: Floats  # [quote/base] shape (Z + 1,); the middle of all venues is one of them
    bids: Floats  # [USD] shape (V, Z)
    asks: Floats  # [USD] shape (V, Z)
    bids_told: NDArray[np.bool_]  # whether a venue tells all bids of a zone, shape (V, Z)
    asks_told: NDArray[np.bool_]  # likewise, shape (V, Z)

    @property
    def middle(self) -> float:
        """The middle price of all venues [quote/base]."""
        return float(self.edges[len(self.edges) // 2])

    @property
    def extent(self) -> float:
        """How far the zones go each way [fraction]."""
        return float(self.edges[-1]) / self.middle - 1

    def side(self, side: OrderSide) -> tuple[Floats, NDArray[np.bool_]]:
        """Return what stands on one side by venue and zone, and whether it is all told."""
        if side is OrderSide.BID:
            return self.bids, self.bids_told
        return self.asks, self.asks_told


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What stands between the middle and each distance, each book by its own middle."""

    away: Floats  # [fraction] from 0 to the zones' extent, shape (EACH_WAY + 1,)
    bids: Floats  # [USD] shape as `away`; at least that much beyond what every venue tells
    asks: Floats  # [USD] likewise
    bids_reach: float  # [fraction] how far the venue tells that tells most
    asks_reach: float  # [fraction] likewise


def curve_of(books: Sequence[OrderBook], extent: float) -> Curve:
    """Sum books outward from their own middles, to `extent` [fraction]."""
    away = floats(extent * np.arange(EACH_WAY + 1) / EACH_WAY)
    bids, asks = ([ladder(book, side) for book in books] for side in OrderSide)
    return Curve(
        away,
        _outward(bids, away),
        _outward(asks, away),
        max(each.reach for each in bids),
        max(each.reach for each in asks),
    )


def _outward(ladders: Sequence[Ladder], away: Floats) -> Floats:
    return floats([sum(each.within(at) for each in ladders) for at in away.tolist()])


def zones_of(books: Sequence[OrderBook]) -> Zones:
    """Put books on common zones around the median of their middles; one book at least."""
    middle = float(np.median([book.mid for book in books]))
    furthest = max(max(book.reach) for book in books)
    extent = next((extent for extent in EXTENTS if extent >= furthest), EXTENTS[-1])
    steps = np.arange(-EACH_WAY, EACH_WAY + 1) / EACH_WAY
    edges = floats(middle * (1 + extent * steps))
    low, high = edges[:-1], edges[1:]
    bids, asks, bids_told, asks_told = [], [], [], []
    for book in books:
        bids.append(np.histogram(book.bids.price, edges, weights=book.bids.value)[0])
        asks.append(np.histogram(book.asks.price, edges, weights=book.asks.value)[0])
        bids_told.append((low >= book.bids.price[-1]) & (low < book.mid))
        asks_told.append((high <= book.asks.price[-1]) & (high > book.mid))
    return Zones(edges, np.array(bids), np.array(asks), np.array(bids_told), np.array(asks_told))
