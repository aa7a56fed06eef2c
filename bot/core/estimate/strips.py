"""The lines under the picture: open interest and funding of all venues together."""

from collections.abc import Sequence

import numpy as np

from bot.core.arrays import Floats, Times
from bot.core.estimate.reading import StripSeries
from bot.core.market.fundings import eight_hourly
from bot.core.market.history import MarketHistory

# What may stand below a heatmap, from the top, by the words that chats choose it by; and what
# does where nothing is chosen.
BELOW = ("oi", "funding", "liqs")
USUAL_BELOW = BELOW[:2]


def latest(time: Times, value: Floats, at: Times) -> Floats:
    """Return the last value published by each time of `at`; nan before the first."""
    place = np.searchsorted(time, at, side="right") - 1
    if not len(time):
        return np.full(len(at), np.nan)
    return np.where(place >= 0, value[np.maximum(place, 0)], np.nan)


def interest_usd(history: MarketHistory, at: Times) -> Floats:
    """Open interest of one market at given times [USD]; nan where it is not known yet."""
    if history.open_interest is None:
        return np.full(len(at), np.nan)
    quantity = latest(history.open_interest.time, history.open_interest.quantity, at)
    return quantity * latest(history.candles.close_time, history.candles.close, at)


# A venue's open interest is in the line if it is known for this part of the longest one told.
_TOLD = 0.9


def interest_strip(
    histories: Sequence[MarketHistory], start: int, as_of: int
) -> StripSeries | None:
    """Sum the open interest of venues [USD], from when all of them are known; None if none.

    A venue whose past is not told (some tell only what stands now) is left out, or it would cut
    the others' line short.
    """
    told = [history for history in histories if history.open_interest is not None]
    if not told:
        return None
    ends = told[0].candles.close_time
    at = ends[(ends >= start) & (ends <= as_of)]
    if not len(at) or at[-1] < as_of:
        at = np.append(at, as_of)
    rows = np.array([interest_usd(history, at) for history in told])
    length = np.isfinite(rows).sum(axis=1)
    total = rows[length >= _TOLD * length.max()].sum(axis=0)
    known = np.isfinite(total)
    return StripSeries(at[known], total[known]) if bool(known.any()) else None


def funding_strip(histories: Sequence[MarketHistory], start: int, as_of: int) -> StripSeries | None:
    """Average funding, as a fraction for eight hours, weighted by open interest; None if none.

    The first point is what held when the window began.
    """
    told = [h for h in histories if h.funding is not None and len(h.funding.time)]
    paid = [h.funding.time for h in told if h.funding is not None]
    if not paid:
        return None
    union = np.unique(np.concatenate(paid))
    inside = union[(union > start) & (union <= as_of)]
    at = np.concatenate([[start], inside]).astype(np.int64)
    weights, rates = [], []
    for history in told:
        funding = history.funding
        if funding is None:
            continue
        rates.append(latest(funding.time, eight_hourly(funding).rate, at))
        weight = interest_usd(history, at)
        weights.append(np.where(np.isfinite(weight) & (weight > 0), weight, 1.0))
    rate, weight = np.array(rates), np.array(weights) * np.isfinite(rates)
    total = weight.sum(axis=0)
    known = total > 0
    mean = (np.nan_to_num(rate) * weight).sum(axis=0)[known] / total[known]
    return StripSeries(at[known], mean) if bool(known.any()) else None
