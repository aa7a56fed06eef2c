"""Funding brought to one length: a rate for an hour is not a rate for eight."""

import numpy as np

from bot.core.arrays import DAY, HOUR, Floats
from bot.core.market.series import FundingRates

EIGHT_HOURS = 8 * HOUR
YEAR = 365 * DAY


def intervals(funding: FundingRates) -> Floats:
    """Return the interval each funding was paid for [ms], shape (N,).

    Venues change it (8 h, 4 h, 1 h) when a market gets hot. It is the way from the funding before,
    unless both neighbours say that one between is missing: the median of three. A single funding
    is taken for eight hours.

    >>> from bot.core.arrays import times
    >>> paid = FundingRates(times([0, 8, 16, 20, 24, 32]) * HOUR, np.zeros(6))
    >>> (intervals(paid) / HOUR).tolist()
    [8.0, 8.0, 8.0, 4.0, 4.0, 8.0]
    """
    if len(funding.time) < 2:  # noqa: PLR2004 - a way has two ends
        return np.full(len(funding.time), float(EIGHT_HOURS))
    way = np.diff(funding.time).astype(np.float64)
    way = np.concatenate((way[:1], way))
    before, after = np.concatenate((way[:1], way[:-1])), np.concatenate((way[1:], way[-1:]))
    return np.median(np.array((before, way, after)), axis=0)


def eight_hourly(funding: FundingRates) -> FundingRates:
    """Return the rates as they would be for eight hours.

    >>> from bot.core.arrays import times
    >>> hourly = FundingRates(times([0, 1, 2]) * HOUR, np.full(3, 0.0001))
    >>> eight_hourly(hourly).rate.tolist()
    [0.0008, 0.0008, 0.0008]
    """
    return FundingRates(funding.time, funding.rate * (EIGHT_HOURS / intervals(funding)))


def due(funding: FundingRates, interval: float, now: int) -> int | None:
    """Return when funding falls due next [ms], counted on from the last; None before the first.

    >>> from bot.core.arrays import times
    >>> due(FundingRates(times([8 * HOUR]), np.zeros(1)), EIGHT_HOURS, 25 * HOUR) // HOUR
    32
    """
    if not len(funding.time) or interval <= 0:
        return None
    last, step = int(funding.time[-1]), round(interval)
    return last + max(-(-(now + 1 - last) // step), 1) * step


def yearly(rate: float) -> float:
    """Return what a rate for eight hours comes to in a year, paid out and not put back in.

    >>> round(yearly(0.0001), 4)
    0.1095
    """
    return rate * (YEAR / EIGHT_HOURS)
