"""What the price did after a moment: how far it went, how far against, whether it came there."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from bot.core.arrays import DAY, HOUR, MINUTE, Floats, Times
from bot.core.market.series import Candles

# How long after a moment is looked at [ms], and what that is called.
HORIZONS = (15 * MINUTE, HOUR, 4 * HOUR, DAY)
NAMES = ("15m", "1h", "4h", "24h")


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """What followed N moments over H horizons, as log prices from the moment's own price.

    nan where candles are too coarse for a horizon, or do not reach so far yet.
    """

    move: Floats  # [log price] until the horizon's end, shape (H, N)
    up: Floats  # [log price] highest on the way, not below 0, shape (H, N)
    down: Floats  # [log price] lowest on the way, not above 0, shape (H, N)

    def some(self, places: Times) -> "Outcomes":
        """Return those at some places, shape (H, len(places))."""
        return Outcomes(self.move[:, places], self.up[:, places], self.down[:, places])

    def towards(self, sign: Floats) -> "Outcomes":
        """Return the same seen from a way: +1 up, -1 down, shape (N,); `down` is then against."""
        upward = sign > 0
        return Outcomes(
            self.move * sign,
            np.where(upward, self.up, -self.down),
            np.where(upward, self.down, -self.up),
        )

    def reached(self, distance: Floats) -> NDArray[np.bool_]:
        """Say whether the price came so far up [log price, shape (N,)] on the way, shape (H, N).

        False where it is not known; ask `known`.
        """
        return np.asarray(np.nan_to_num(self.up, nan=-np.inf) >= distance)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where the horizon's end has been seen, shape (H, N)."""
        return np.isfinite(self.move)


def outcomes(candles: Candles, at: Times, price: Floats) -> Outcomes:
    """Say what followed each moment of `at` [ms, shape (N,)] at a `price` (N,).

    Only bars that open at the moment or later count; one that was under way is left out, so that
    nothing that was known at the moment is taken for what followed.
    """
    count = len(at)
    shape = len(HORIZONS), count
    move, up, down = (np.full(shape, np.nan) for _ in range(3))
    opens, base = candles.open_time, np.log(price)
    begins = np.searchsorted(opens, at, side="left")
    for row, horizon in enumerate(HORIZONS):
        bars = horizon // candles.interval
        if not bars or len(opens) < bars:
            continue
        highs = sliding_window_view(candles.high, bars).max(axis=1)
        lows = sliding_window_view(candles.low, bars).min(axis=1)
        fits = begins + bars <= len(opens)
        start = begins[fits]
        # Whole, without a gap, and beginning with the moment.
        whole = (opens[start + bars - 1] - opens[start] == (bars - 1) * candles.interval) & (
            opens[start] - at[fits] < candles.interval
        )
        place, start = np.flatnonzero(fits)[whole], start[whole]
        move[row, place] = np.log(candles.close[start + bars - 1]) - base[place]
        up[row, place] = np.maximum(np.log(highs[start]) - base[place], 0.0)
        down[row, place] = np.minimum(np.log(lows[start]) - base[place], 0.0)
    return Outcomes(move, up, down)


def volatility(candles: Candles, at: Times) -> Floats:
    """Standard deviation of log returns over the day before each moment [log price a day], (N,).

    nan before a day has been seen. A gap counts as one move.
    """
    bars = DAY // candles.interval
    returns = np.diff(np.log(candles.close), prepend=np.nan)
    squares = np.concatenate(([0.0], np.cumsum(np.nan_to_num(returns) ** 2)))
    ends = np.searchsorted(candles.close_time, at, side="right")
    begins = ends - bars
    known = begins >= 1
    begins = np.maximum(begins, 0)
    return np.where(known, np.sqrt(squares[ends] - squares[begins]), np.nan)
