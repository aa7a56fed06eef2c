"""Single orders, as venues tell them, sorted into their markets and turned into core types."""

import operator
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from bot.core.arrays import floats, times
from bot.core.market.liquidations import Liquidations
from bot.exchanges.parse.common import ForcedOrder, Listing
from bot.ports import LiveLiquidations

_TIME = operator.attrgetter("time")


def by_market(
    batch: Sequence[ForcedOrder], listings: Mapping[str, Listing]
) -> Iterator[LiveLiquidations]:
    """Sort orders into their markets, oldest first; those of markets not listed are left out."""
    orders_of: dict[str, list[ForcedOrder]] = {}
    for order in batch:
        if order.id in listings:
            orders_of.setdefault(order.id, []).append(order)
    for name, orders in orders_of.items():
        yield _live(orders, listings[name])


def _live(orders: list[ForcedOrder], listing: Listing) -> LiveLiquidations:
    orders.sort(key=_TIME)
    _, time_, side, price, quantity = zip(*orders, strict=True)
    prices = floats(price)
    events = Liquidations(
        times(time_),
        np.array(side, dtype=np.int8),
        prices,
        listing.base(floats(quantity), prices),
    )
    return LiveLiquidations(listing.instrument, events)
