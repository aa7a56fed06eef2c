"""What a signal is told of a market, in the order in which it became known."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from typing import TypeAlias

import numpy as np

from bot.core.arrays import HOUR, Floats, Times
from bot.core.estimate.strips import interest_usd, latest
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, PositionSide

# Liquidations are counted in steps of so long [ms]: a wave of them rises within a minute.
STEP = 10_000

_EIGHT_HOURS = 8 * HOUR


@dataclass(frozen=True, slots=True)
class Zone:
    """A cluster as a look at the map found it."""

    side: PositionSide
    low: float  # [quote/base]
    high: float  # [quote/base]
    usd: float  # [USD] estimated within the zone

    @property
    def middle(self) -> float:
        """The price in the middle of the zone [quote/base]."""
        return (self.low + self.high) / 2

    @property
    def near(self) -> float:
        """The edge that price comes to first [quote/base]."""
        return self.high if self.side is PositionSide.LONG else self.low

    @property
    def far(self) -> float:
        """The edge beyond which the zone is behind the price [quote/base]."""
        return self.low if self.side is PositionSide.LONG else self.high

    def distance(self, price: float) -> float:
        """How far the nearer edge is from a price [fraction], 0 where price is in or beyond."""
        way = 1 - self.near / price if self.side is PositionSide.LONG else self.near / price - 1
        return max(way, 0.0)


@dataclass(frozen=True, slots=True)
class Look:
    """The map as it stood at one time, in a few figures."""

    time: int  # [ms] UTC
    price: float  # [quote/base]
    zones: tuple[Zone, ...]  # both sides, largest first
    long_near: float  # [USD] longs that stand within NEAR below the price
    short_near: float  # [USD] shorts that stand within NEAR above the price
    interest: float  # [USD] open interest that the map was made from


@dataclass(frozen=True, slots=True)
class Bar:
    """A candle that has closed, with what was published by then."""

    time: int  # [ms] UTC, its close
    open: float  # [quote/base]
    high: float  # [quote/base]
    low: float  # [quote/base]
    close: float  # [quote/base]
    turnover: float  # [USD]
    interest: float  # [USD] one-sided; nan where none was published
    funding: float  # [fraction for eight hours] last paid; nan where none was
    interval: int  # [ms]


@dataclass(frozen=True, slots=True)
class Forced:
    """Liquidations of one step that is over; steps without any are not told."""

    time: int  # [ms] UTC, when the step ended
    length: int  # [ms]
    long_usd: float  # [USD]
    short_usd: float  # [USD]
    low: float  # [quote/base] least and greatest price of them; nan where only totals are told
    high: float  # [quote/base]


Event: TypeAlias = Look | Bar | Forced


def bars(history: MarketHistory) -> Iterator[Bar]:
    """Tell of every candle of a history; none of them may be forming."""
    candles = history.candles
    closes = candles.close_time
    interest = interest_usd(history, closes)
    funding = funding_for_eight_hours(history, closes)
    middle = (candles.high + candles.low) / 2
    columns = (
        closes,
        candles.open,
        candles.high,
        candles.low,
        candles.close,
        candles.volume * middle,
        interest,
        funding,
        np.full(len(closes), candles.interval),
    )
    for row in zip(*(column.tolist() for column in columns), strict=True):
        yield Bar(*row)


def funding_for_eight_hours(history: MarketHistory, at: Times) -> Floats:
    """Funding as last paid at given times [fraction for eight hours]; nan before the first.

    How often it is paid is read off the times themselves, since venues change it; of the first,
    whose past is not known, eight hours are assumed.
    """
    funding = history.funding
    if funding is None or not len(funding.time):
        return np.full(len(at), np.nan)
    lasted = np.diff(funding.time, prepend=funding.time[0] - _EIGHT_HOURS).clip(HOUR, _EIGHT_HOURS)
    return latest(funding.time, funding.rate * (_EIGHT_HOURS / lasted), at)


def forced(history: MarketHistory) -> Iterator[Forced]:
    """Tell of all liquidations of a history: events by steps, totals by their interval."""
    if history.liquidations is not None:
        yield from steps(history.liquidations)
    elif history.liquidation_totals is not None:
        totals = history.liquidation_totals
        told = (totals.time + totals.interval, totals.long_usd, totals.short_usd)
        for time, long, short in zip(*(column.tolist() for column in told), strict=True):
            if long or short:
                yield Forced(time, totals.interval, long, short, np.nan, np.nan)


def steps(events: Liquidations) -> Iterator[Forced]:
    """Sum events by steps of STEP, aligned to 1970."""
    if not len(events):
        return
    step = events.time // STEP
    first = np.flatnonzero(np.diff(step, prepend=step[0] - 1))
    is_long = events.side > 0
    sums = [np.add.reduceat(np.where(one, events.value, 0.0), first) for one in (is_long, ~is_long)]
    low, high = np.minimum.reduceat(events.price, first), np.maximum.reduceat(events.price, first)
    told = ((step[first] + 1) * STEP, *sums, low, high)
    for time, long, short, least, most in zip(*(each.tolist() for each in told), strict=True):
        yield Forced(time, STEP, long, short, least, most)


def in_order(*parts: Iterable[Event]) -> Iterator[Event]:
    """Put events in the order in which they became known.

    Of the same moment: liquidations, then the bar they belong to, then the map after it.
    """
    return merge(*parts, key=_order)


_FIRST = {Forced: 0, Bar: 1, Look: 2}


def _order(event: Event) -> tuple[int, int]:
    return event.time, _FIRST[type(event)]
