"""What coming bars do that does not depend on what stands, worked out for many at once."""

import math
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from bot.core.arrays import DAY, Floats
from bot.core.estimate.bars import Bars
from bot.core.estimate.openings import Openings, Patterns

# So many bars at once: fewer cost each bar more, and more take memory for little.
_BARS = 256

# A tier loses no more than this many lifetimes in a bar: nothing is left that counts, and what
# many such bars leave still is a number.
_LONG_AFTER = 6.0

# Positions close by trading: where a bar turns over twice the usual, they age twice as fast. Usual
# is the mean of a few days; beyond these bounds a bar's turnover says something else, such as a
# venue's outage or a wash.
_USUAL_DAYS = 4.0
_SLOWEST, _FASTEST = 0.1, 10.0


# Open interest over a day's turnover, for a venue that does not publish it: 0.33 to 0.65 on large
# venues and coins.
_HELD_OF_TURNOVER = 0.45


class Before(NamedTuple):
    """What is known when a bar opens, besides what stands."""

    bars: int  # so far
    time: int  # [ms] UTC, the last close
    usual: float  # [contracts a day] mean turnover of the last days
    watched: float  # [days] it is the mean of
    held: float  # [contracts] open interest
    published: bool  # it was published, not guessed


class Bar(NamedTuple):
    """One bar; prices are in [bins]."""

    open: float
    low: float
    high: float
    close: float
    mark: float  # [quote/base] the close itself
    time: int  # [ms] UTC, its close
    usual: float  # [contracts a day] once the bar is part of it
    watched: float  # [days]
    held: float  # [contracts] open interest at its close
    left: Floats  # [fraction of each tier] not closed by time within it, twice, shape (2, 2, K)
    stays: Floats  # [contracts] the same of the open interest at its open, shape (2, K)
    opens: Floats  # [contracts] what that lacks of the open interest at its close, shape (2, K)


_bar = partial(tuple.__new__, Bar)  # makes one of its figures in half the time that it takes


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """Bars number `first` to `end` - 1 of `bars`."""

    bars: Bars
    first: int
    end: int
    each: list[Bar]
    patterns: Patterns  # of their openings


def look(bars: Bars, first: int, before: Before, openings: Openings, lifetime: Floats) -> Ahead:
    """Work out bar number `first`, and the next ones as long as their entries fit onto the grid.

    What is said of a bar does not depend on how many are looked at. `lifetime` [ms] has shape
    (2, K). Where open interest has been guessed so far, the first published one ends the look.
    """
    low, high = bars.low[first : first + _BARS], bars.high[first : first + _BARS]
    count = openings.count(low, high) if len(low) > 1 else 1
    if not before.published:
        told = ~np.isnan(bars.open_interest[first : first + count])
        count = max(1, int(told.argmax())) if told.any() else count
    part = slice(first, first + count)
    prices = np.array((bars.open[part], low[:count], high[:count], bars.close[part]))
    time = bars.time[part]
    days = (time - np.concatenate(((before.time,), time[:-1]))) / DAY
    turnover = bars.turnover[part] / days
    usual, watched = _usual(before, turnover.tolist(), days.tolist())
    held = _held(before, bars.open_interest[part].tolist(), usual)
    known, paces = np.array(usual), np.ones(count)
    np.divide(turnover, known, out=paces, where=known > 0)
    paces = np.minimum(np.maximum(paces, _SLOWEST), _FASTEST)
    lost = (paces * days * DAY)[:, None, None] * (-1 / lifetime)
    left = np.exp(np.maximum(lost, -_LONG_AFTER))
    stood = (before.held if before.bars else held[0], *held[:-1])
    stays = np.array(stood)[:, None, None] * left
    opens = np.array(held)[:, None, None] - stays
    columns = (*prices.tolist(), bars.mark[part].tolist(), time.tolist())
    twice = left[:, None].repeat(2, axis=1)
    each = list(map(_bar, zip(*columns, usual, watched, held, twice, stays, opens, strict=True)))
    turns = before.bars + np.arange(count)
    patterns = openings.patterns(prices[1], prices[2], prices[3], turns)
    return Ahead(bars, first, first + count, each, patterns)


def _usual(
    before: Before, turnover: list[float], days: list[float]
) -> tuple[list[float], list[float]]:
    """Return what turnover is usual with each bar [contracts a day], and of how many days."""
    mean, watched = before.usual, before.watched
    means, lengths = [], []
    for traded, length in zip(turnover, days, strict=True):
        watched = min(watched + length, _USUAL_DAYS)
        mean += (length / watched if length < watched else 1.0) * (traded - mean)
        means.append(mean)
        lengths.append(watched)
    return means, lengths


def _held(before: Before, told: list[float], usual: list[float]) -> list[float]:
    """Return the open interest at each bar's close [contracts].

    It is the published one, the last one where none is, or so many days of turnover.
    """
    held, result = before.held, []
    for interest, mean in zip(told, usual, strict=True):
        if not math.isnan(interest):
            held = interest
        elif not before.published:
            held = _HELD_OF_TURNOVER * mean
        result.append(held)
    return result
