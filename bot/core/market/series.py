"""Candles, open interest, funding and the long/short ratio."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, Times, rising, seal


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """Trades over equal intervals, oldest first; each array has shape (T,).

    Gaps are allowed (a bar may be missing), repeated bars are not. The last bar may still be
    forming; `closed` says which are not.
    """

    open_time: Times  # [ms] UTC
    open: Floats  # [quote/base]
    high: Floats  # [quote/base]
    low: Floats  # [quote/base]
    close: Floats  # [quote/base]
    volume: Floats  # [base]
    taker_buy_volume: Floats | None  # [base], at most volume; None where the venue does not say
    interval: int  # [ms]

    def __post_init__(self) -> None:
        seal(self)
        rising(self.open_time, "candles")
        if self.interval <= 0:
            raise ValueError("candles: the interval must be positive")
        for name in ("open", "high", "low", "close"):
            column = getattr(self, name)
            if not bool(np.all(np.isfinite(column) & (column > 0))):
                raise ValueError(f"candles: {name} must be a positive price")
        if bool(np.any(self.low > np.minimum(self.open, self.close))) or bool(
            np.any(self.high < np.maximum(self.open, self.close))
        ):
            raise ValueError("candles: low and high must enclose open and close")
        if not bool(np.all(np.isfinite(self.volume) & (self.volume >= 0))):
            raise ValueError("candles: volume must not be negative")

    def __len__(self) -> int:
        return len(self.open_time)

    @property
    def close_time(self) -> Times:
        """End of each bar [ms], shape (T,)."""
        return self.open_time + self.interval

    def closed(self, at: int) -> "Candles":
        """Return the bars that had closed at `at` [ms]."""
        return self.sliced(slice(0, int(np.searchsorted(self.close_time, at, side="right"))))

    def since(self, at: int) -> "Candles":
        """Return the bars that open at `at` [ms] or later."""
        return self.sliced(slice(int(np.searchsorted(self.open_time, at, side="left")), None))

    def sliced(self, part: slice) -> "Candles":
        """Return some of the bars."""
        taker = self.taker_buy_volume
        return Candles(
            self.open_time[part],
            self.open[part],
            self.high[part],
            self.low[part],
            self.close[part],
            self.volume[part],
            None if taker is None else taker[part],
            self.interval,
        )


@dataclass(frozen=True, slots=True, eq=False)
class OpenInterest:
    """Open interest at instants, one-sided; each array has shape (N,)."""

    time: Times  # [ms] UTC
    quantity: Floats  # [base]

    def __post_init__(self) -> None:
        seal(self)
        rising(self.time, "open interest")
        if not bool(np.all(np.isfinite(self.quantity) & (self.quantity >= 0))):
            raise ValueError("open interest must not be negative")

    def until(self, at: int) -> "OpenInterest":
        """Return what had been published at `at` [ms]."""
        end = int(np.searchsorted(self.time, at, side="right"))
        return OpenInterest(self.time[:end], self.quantity[:end])


@dataclass(frozen=True, slots=True, eq=False)
class FundingRates:
    """Funding paid by longs to shorts, at the times it was paid; arrays have shape (N,)."""

    time: Times  # [ms] UTC
    rate: Floats  # [fraction of value for one funding interval]

    def __post_init__(self) -> None:
        seal(self)
        rising(self.time, "funding")
        if not bool(np.all(np.isfinite(self.rate))):
            raise ValueError("funding rates must be numbers")

    def until(self, at: int) -> "FundingRates":
        """Return what had been paid at `at` [ms]."""
        end = int(np.searchsorted(self.time, at, side="right"))
        return FundingRates(self.time[:end], self.rate[:end])


@dataclass(frozen=True, slots=True, eq=False)
class LongShortRatio:
    """Accounts long / accounts short, at instants; arrays have shape (N,)."""

    time: Times  # [ms] UTC
    ratio: Floats  # [1]

    def __post_init__(self) -> None:
        seal(self)
        rising(self.time, "long/short ratio")
        if not bool(np.all(np.isfinite(self.ratio) & (self.ratio > 0))):
            raise ValueError("long/short ratios must be positive")

    def until(self, at: int) -> "LongShortRatio":
        """Return what had been published at `at` [ms]."""
        end = int(np.searchsorted(self.time, at, side="right"))
        return LongShortRatio(self.time[:end], self.ratio[:end])
