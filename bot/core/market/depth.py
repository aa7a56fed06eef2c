"""An order book at one moment, and trades that were just made."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, Signs, Times, seal


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """One side of an order book, best price first; each array has shape (N,)."""

    price: Floats  # [quote/base]
    quantity: Floats  # [base]

    def __post_init__(self) -> None:
        seal(self)
        for name in ("price", "quantity"):
            column = getattr(self, name)
            if not bool(np.all(np.isfinite(column) & (column > 0))):
                raise ValueError(f"order book: {name} must be positive")

    @property
    def value(self) -> Floats:
        """What each level offers [quote], shape (N,)."""
        return self.price * self.quantity


@dataclass(frozen=True, slots=True, eq=False)
class OrderBook:
    """What stood in the book at one moment, as deep as the venue tells."""

    time: int  # [ms] UTC
    bids: Orders  # falling
    asks: Orders  # rising

    def __post_init__(self) -> None:
        if not len(self.bids.price) or not len(self.asks.price):
            raise ValueError("order book: a side is empty")
        if bool(np.any(np.diff(self.bids.price) >= 0)) or bool(
            np.any(np.diff(self.asks.price) <= 0)
        ):
            raise ValueError("order book: bids must fall and asks must rise, each price once")
        if self.bids.price[0] >= self.asks.price[0]:
            raise ValueError("order book: the best bid is not below the best ask")

    @property
    def mid(self) -> float:
        """Middle between the best bid and the best ask [quote/base]."""
        return float(self.bids.price[0] + self.asks.price[0]) / 2

    @property
    def reach(self) -> tuple[float, float]:
        """How far the told bids and asks go from the middle [fraction]."""
        mid = self.mid
        return 1 - float(self.bids.price[-1]) / mid, float(self.asks.price[-1]) / mid - 1


@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """Trades, oldest first; each array has shape (N,)."""

    time: Times  # [ms] UTC, may repeat
    side: Signs  # +1 the taker bought, -1 the taker sold
    price: Floats  # [quote/base]
    quantity: Floats  # [base]

    def __post_init__(self) -> None:
        seal(self)
        if len(self.time) > 1 and bool(np.any(np.diff(self.time) < 0)):
            raise ValueError("trades must be in the order of time")
        if not bool(np.all(np.abs(self.side) == 1)):
            raise ValueError("a trade's side is +1 (the taker bought) or -1 (the taker sold)")
        for name in ("price", "quantity"):
            column = getattr(self, name)
            if not bool(np.all(np.isfinite(column) & (column > 0))):
                raise ValueError(f"trades: {name} must be positive")

    def __len__(self) -> int:
        return len(self.time)

    @property
    def value(self) -> Floats:
        """What changed hands [quote], shape (N,)."""
        return self.price * self.quantity
