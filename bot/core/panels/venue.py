"""One venue's figure by the hour, what weighs it, and what it is now."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import HOUR, Floats, Times, floats
from bot.core.estimate.strips import latest
from bot.core.market.fundings import EIGHT_HOURS, due, eight_hourly, intervals
from bot.core.market.history import MarketHistory
from bot.core.market.summary import Summary
from bot.core.panels.reading import Kind

# How long a figure stands for the time after it [ms]; beyond, the strip has a gap. Funding is paid
# every eight hours at the rarest, the others are told every four hours at the rarest.
_CARRIED = {Kind.FUNDING: 9 * HOUR, Kind.INTEREST: 6 * HOUR, Kind.RATIO: 6 * HOUR}


@dataclass(frozen=True, slots=True, eq=False)
class Venue:
    """One venue's figure; `nan` is what is not known."""

    exchange: str
    value: Floats  # shape (T,)
    usd: Floats  # [USD] open interest, shape (T,)
    now: float
    now_usd: float  # [USD] open interest
    told: int  # [ms] when `now` was
    interval: int | None = None  # [ms] between fundings
    due: int | None = None  # [ms] next funding


def venue(
    kind: Kind, history: MarketHistory, summary: Summary | None, at: Times, as_of: int
) -> Venue | None:
    """Read one venue at times `at`; None if it does not tell the figure.

    A summary that is newer than the series says what holds now.
    """
    close = latest(history.candles.close_time, history.candles.close, at)
    price = float(close[-1]) if summary is None else summary.price
    coins, held, told = _interest(history, summary, at, as_of)
    interest = coins * close, held * price
    name = history.instrument.exchange
    if kind is Kind.INTEREST:
        return Venue(name, coins, interest[0], held, interest[1], told) if told else None
    if kind is Kind.FUNDING:
        return _funding(history, summary, at, as_of, interest)
    series = history.long_short_ratio
    if series is None or not len(series.time):
        return None
    value = _carried(series.time, series.ratio, at, _CARRIED[kind])
    now, told = float(series.ratio[-1]), int(series.time[-1])
    return Venue(name, value, interest[0], now, interest[1], told)


def _carried(time: Times, value: Floats, at: Times, longest: int) -> Floats:
    """Return the last value at each time, nan where it is older than `longest` [ms]."""
    age = at - latest(time, time.astype(np.float64), at)
    return floats(np.where(age <= longest, latest(time, value, at), np.nan))


def _interest(
    history: MarketHistory, summary: Summary | None, at: Times, as_of: int
) -> tuple[Floats, float, int]:
    """Return open interest at each time and now [base], and when that was told [ms], or 0."""
    series, now, told = history.open_interest, np.nan, 0
    value = np.full(len(at), np.nan)
    if series is not None and len(series.time):
        value = _carried(series.time, series.quantity, at, _CARRIED[Kind.INTEREST])
        now, told = float(series.quantity[-1]), int(series.time[-1])
    if summary is not None and summary.open_interest is not None and summary.time >= told:
        now, told = summary.open_interest, min(summary.time, as_of)
    return value, now, told


def _funding(
    history: MarketHistory,
    summary: Summary | None,
    at: Times,
    as_of: int,
    interest: tuple[Floats, float],
) -> Venue | None:
    """Read funding for eight hours: what was paid, and what falls due next where it is told."""
    series = history.funding
    value, now, told = np.full(len(at), np.nan), np.nan, 0
    interval = None if summary is None else summary.funding_interval
    if series is not None and len(series.time):
        rates = eight_hourly(series)
        value = _carried(rates.time, rates.rate, at, _CARRIED[Kind.FUNDING])
        now, told = float(rates.rate[-1]), int(rates.time[-1])
        if interval is None and len(series.time) > 1:
            interval = round(float(intervals(series)[-1]))
    if summary is not None and summary.funding is not None and summary.time >= told:
        now = summary.funding * EIGHT_HOURS / (interval or EIGHT_HOURS)
        told = min(summary.time, as_of)
    if not told:
        return None
    when = None if series is None or interval is None else due(series, interval, as_of)
    usd, now_usd = interest
    return Venue(history.instrument.exchange, value, usd, now, now_usd, told, interval, when)
