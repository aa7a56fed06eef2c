"""Order books and trades of any venue, made of levels and rows as it sends them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

import msgspec
import numpy as np

from bot.core.arrays import floats, times
from bot.core.market.depth import OrderBook, Orders, Trades
from bot.exchanges.parse.common import Listing, NotNegative, Positive


class Level(msgspec.Struct, array_like=True):
    """A price and the amount offered there, as most venues send them: [price, amount, ...]."""

    price: Positive
    amount: NotNegative  # as the venue counts it


# Levels as (price [quote/base], amount as the venue counts it).
Levels: TypeAlias = Iterable[tuple[float, float]]


class Trade(NamedTuple):
    """One trade as a venue tells it."""

    time: int  # [ms]
    side: int  # +1 the taker bought, -1 the taker sold
    price: float  # [quote/base]
    amount: float  # as the venue counts it


def levels(rows: Sequence[Level]) -> Levels:
    """Return levels as pairs."""
    return [(row.price, row.amount) for row in rows]


def order_book(listing: Listing, time: int, bids: Levels, asks: Levels, most: int) -> OrderBook:
    """Make a book of levels in any order, so many of each side at most. ValueError.

    A level told twice counts as it was told last, and an empty one not at all.
    """
    return OrderBook(time, _orders(listing, bids, -1, most), _orders(listing, asks, +1, most))


def _orders(listing: Listing, rows: Levels, way: int, most: int) -> Orders:
    offered = {price: amount for price, amount in rows if amount > 0}
    best = sorted(offered, key=lambda price: way * price)[:most]
    price = floats(best)
    return Orders(price, listing.base(floats([offered[one] for one in best]), price))


def trades(listing: Listing, rows: Sequence[Trade]) -> Trades:
    """Make trades of rows in any order. ValueError."""
    rows = sorted(rows, key=lambda row: row.time)
    time, side, price, amount = zip(*rows, strict=True) if rows else ((), (), (), ())
    prices = floats(price)
    return Trades(
        times(time),
        np.array(side, dtype=np.int8),
        prices,
        listing.base(floats(amount), prices),
    )
