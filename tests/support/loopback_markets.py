"""Markets that the loopback venues trade: the same at every run, at any time one asks for.

A price is a sum of swings, so it can be had for any moment without walking there. Nothing in here
pretends to be a real market.
"""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, Floats, Times, floats, times

_SWINGS = (
    (0.060, 11 * DAY),
    (0.030, 3 * DAY),
    (0.012, 17 * HOUR),
    (0.005, 4 * HOUR),
    (0.002, 50 * MINUTE),
    (0.0007, 7 * MINUTE),
)


@dataclass(frozen=True, slots=True)
class LoopbackMarket:
    """A market of one coin, traded alike on all venues but for their shares of it."""

    base: str
    middle: float  # [USD] the price around which it swings
    open_interest: float  # [base] on the largest venue
    contract_size: float  # [base] of one contract where contracts are counted
    phase: float

    def price(self, at: Times | int) -> Floats:
        """Price at moments [ms]."""
        moments = floats(at)
        swing = sum(
            size * np.sin(2 * np.pi * moments / period + self.phase * (place + 1))
            for place, (size, period) in enumerate(_SWINGS)
        )
        return floats(self.middle * np.exp(swing))

    def interest(self, at: Times, share: float) -> Floats:
        """Open interest at moments [base]."""
        slow = 0.2 * np.sin(2 * np.pi * floats(at) / (5 * DAY) + self.phase)
        fast = 0.05 * np.sin(2 * np.pi * floats(at) / (9 * HOUR))
        return floats(self.open_interest * share * (1 + slow + fast))

    def bars(self, opens: Times, interval: int, now: int, share: float) -> Floats:
        """Open, high, low, close, volume and taker buy volume of bars, shape (T, 6).

        The last bar has seen only what lies before `now` [ms].
        """
        steps = np.linspace(0, 1, 9)
        seen = np.minimum(opens[:, None] + steps * interval, now).astype(np.int64)
        path = self.price(seen)
        noise = 0.0004 * (1 + np.sin(opens / 1e5))[:, None] * path[:, :1]
        high = path.max(axis=1) + noise[:, 0]
        low = path.min(axis=1) - noise[:, 0]
        travelled = np.abs(np.diff(path, axis=1)).sum(axis=1) / path[:, 0]
        volume = self.open_interest * share * (0.0005 + 2 * travelled) * interval / HOUR
        up = np.tanh(50 * (path[:, -1] / path[:, 0] - 1))
        return np.stack(
            (path[:, 0], high, low, path[:, -1], volume, volume * (0.5 + 0.3 * up)), axis=1
        )


MARKETS = {
    market.base: market
    for market in (
        LoopbackMarket("BTC", 64_000.0, 80_000.0, 0.01, 0.3),
        LoopbackMarket("ETH", 3_200.0, 600_000.0, 0.1, 1.1),
        LoopbackMarket("SOL", 150.0, 6_000_000.0, 1.0, 2.2),
    )
}


def grid(start: int, end: int, interval: int) -> Times:
    """Multiples of an interval from `start` to `end` [ms], both included."""
    first = -(-start // interval) * interval
    return times(np.arange(first, end + 1, interval))
