"""What one closed bar tells the inventory: prices on the log grid, open interest, turnover."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, Times, floats
from bot.core.estimate.maps import STEP
from bot.core.instruments import Contract
from bot.core.market.history import MarketHistory


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Closed bars, oldest first, as the inventory reads them; arrays have shape (T,).

    Sizes are contracts: base coin for a linear contract and quote currency for an inverse one,
    in which a position's size stays the same while the price moves.
    """

    time: Times  # [ms] UTC, the bar's close: all figures were known then
    open: Floats  # [bins] log price / STEP
    high: Floats  # [bins]
    low: Floats  # [bins]
    close: Floats  # [bins]
    mark: Floats  # [quote/base] the close itself
    turnover: Floats  # [contracts]
    open_interest: Floats  # [contracts] last published by the close; nan before the first
    interval: int  # [ms]

    def __len__(self) -> int:
        return len(self.time)


def bars(history: MarketHistory, since: int | None = None) -> Bars:
    """Read the bars that closed after `since` [ms], None for all; none of them may be forming."""
    candles = history.candles
    if since is not None:
        candles = candles.since(since - candles.interval + 1)
    time = candles.close_time
    open_interest = np.full(len(time), np.nan)
    if history.open_interest is not None and len(history.open_interest.time):
        published = np.searchsorted(history.open_interest.time, time, side="right") - 1
        known = published >= 0
        open_interest[known] = history.open_interest.quantity[published[known]]
    turnover = candles.volume
    if history.instrument.contract is Contract.INVERSE:
        open_interest = open_interest * candles.close
        turnover = turnover * candles.close
    return Bars(
        time,
        _bins(candles.open),
        _bins(candles.high),
        _bins(candles.low),
        _bins(candles.close),
        candles.close,
        turnover,
        open_interest,
        candles.interval,
    )


def _bins(price: Floats) -> Floats:
    return floats(np.log(np.ascontiguousarray(price)) / STEP)
