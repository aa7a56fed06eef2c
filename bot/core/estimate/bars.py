"""What one closed bar tells the inventory: prices on the log grid, open interest, turnover."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, Times, floats
from bot.core.estimate.maps import STEP
from bot.core.instruments import Contract
from bot.core.market.history import MarketHistory

# Open interest does not change fourfold from one figure to the next; see `believable`.
_LAST_FEW, _FAR = 5, 4.0


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
        if known.any():  # only what these bars need, and the few figures it is judged by
            first = max(int(published[known][0]) - _LAST_FEW + 1, 0)
            told = believable(history.open_interest.quantity[first:])
            open_interest[known] = told[published[known] - first]
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


def believable(quantity: Floats) -> Floats:
    """Return open interest without the slips of a pen: zeros, and figures of another size.

    Venues and their vendors publish one now and then; an inventory that followed would be closed
    and opened anew. A figure that is far from the usual one of the last few is taken to be as
    usual; one that stays becomes usual itself. Looks back only; shape as `quantity`.

    >>> believable(np.array([10.0, 11.0, 0.0, 1e9, 12.0]))
    array([10. , 11. , 10. , 10.5, 12. ])
    """
    if not len(quantity):
        return quantity
    padded = np.concatenate([np.full(_LAST_FEW - 1, np.nan), quantity])
    last_few = np.sort(np.lib.stride_tricks.sliding_window_view(padded, _LAST_FEW), axis=1)
    known = np.minimum(np.arange(len(quantity)) + 1, _LAST_FEW)  # the others are sorted last
    lower, upper = (last_few[np.arange(len(known)), at] for at in ((known - 1) // 2, known // 2))
    usual = (lower + upper) / 2
    far = (quantity > _FAR * usual) | (quantity * _FAR < usual)
    return floats(np.where(far, usual, quantity))


def _bins(price: Floats) -> Floats:
    return floats(np.log(np.ascontiguousarray(price)) / STEP)
