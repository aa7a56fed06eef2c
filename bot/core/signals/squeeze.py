"""What `/squeeze` shows, finished: a coin's regime with its evidence, or coins ranked by theirs."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, floats
from bot.core.evidence.base import Followed
from bot.core.evidence.occurrences import Occurrence
from bot.core.language import Said, many
from bot.core.market.liquidations import PositionSide
from bot.core.signals.density import Density
from bot.core.signals.regime_reading import CLUSTERS, Hour, Reading


@dataclass(frozen=True, slots=True)
class VenueRegime:
    """The regime of a coin on one venue alone."""

    exchange: str
    reading: Reading | None  # None: nothing could be read


@dataclass(frozen=True, slots=True)
class Gauge:
    """One reading beside its own past, for a strip from the least to the greatest."""

    name: str
    value: float  # [fraction]
    rank: float  # [0 to 1] among the last thirty days; nan if not known
    threshold: float  # [fraction] that is taken
    least: bool  # reached from below; False: by falling to it
    passed: bool
    past: Floats  # [fraction] of each hour, oldest first; nan where not known, shape (H,)


@dataclass(frozen=True, slots=True, eq=False)
class SqueezeReading:
    """A coin's regime on all venues together, and on each alone."""

    base: str
    as_of: int  # [ms] UTC
    price: float  # [quote/base]
    reading: Reading | None
    hours: tuple[Hour, ...]  # the last thirty days, oldest first
    venues: tuple[VenueRegime, ...]  # those in it; alone, the most open interest first
    waiting: tuple[str, ...]  # exchanges that are in it but are still being read alone
    density: Density | None  # of the crowded side, among up to three months
    past: tuple[Occurrence, ...]  # of the regime named or nearest, newest first
    followed: tuple[Followed, ...]  # what came after those
    over: str | Said  # "over 14 markets", where those are not of the coin alone
    grade: str | Said
    asked: tuple[str, ...]  # exchanges
    failures: tuple[str, ...]
    simulated: bool

    @property
    def side(self) -> PositionSide | None:
        """The side that readings are of; None where nothing is judged yet."""
        return self.reading.side if self.reading is not None else None

    @property
    def gauges(self) -> tuple[Gauge, ...]:
        """The three readings beside their past; () where nothing is judged yet."""
        if self.reading is None or self.reading.side is None:
            return ()
        columns = series(self.hours, self.reading.side)
        return tuple(
            Gauge(
                fact.name,
                fact.value,
                math.nan if fact.rank is None else fact.rank,
                math.nan if fact.threshold is None else fact.threshold,
                fact.least,
                met,
                column,
            )
            for fact, met, column in zip(
                self.reading.facts, self.reading.passed, columns, strict=True
            )
        )

    @property
    def freshness(self) -> str:
        """Partial answers say so.

        "3 of 3 venues"
        """
        told = len(self.venues)
        return many(
            "{told} of {count} venue", "{told} of {count} venues", len(self.asked), told=told
        )


@dataclass(frozen=True, slots=True)
class Ranked:
    """One coin among others."""

    base: str
    price: float  # [quote/base]
    as_of: int  # [ms] UTC
    reading: Reading
    interest: float  # [USD] open interest
    grade: str | Said  # of its map


@dataclass(frozen=True, slots=True, eq=False)
class RankingReading:
    """All coins that are held, the one nearest to a squeeze first."""

    as_of: int  # [ms] UTC
    coins: tuple[Ranked, ...]
    new: int  # coins whose past is too short to say what is usual, or that lack a series
    waiting: int  # coins that are still being read
    old: int  # coins last gathered too long ago to be ranked
    evidence: tuple[str, ...]  # a sentence for each regime that is named
    simulated: bool


def series(hours: Iterable[Hour], side: PositionSide) -> tuple[Floats, Floats, Floats]:
    """Return funding, change of open interest and clusters of one side by the hour, each (H,)."""
    place = 0 if side is PositionSide.LONG else 1
    rows = [(hour.funding, hour.change, hour.near[place]) for hour in hours]
    columns = np.array(rows, dtype=np.float64).reshape(-1, CLUSTERS + 1).T
    return floats(columns[0]), floats(columns[1]), floats(columns[2])


def pressed(reading: Reading) -> tuple[float, ...]:
    """Return how far each reading has gone its way, as a rank from 0 to 1; 0 if not known."""
    return tuple(
        0.0
        if fact.rank is None or math.isnan(fact.rank)
        else fact.rank
        if fact.least
        else 1 - fact.rank
        for fact in reading.facts
    )


def ranked(coins: Iterable[Ranked]) -> tuple[Ranked, ...]:
    """Sort coins: those with a regime, then by how many readings pass, then by how extreme."""
    return tuple(sorted(coins, key=_order))


def _order(coin: Ranked) -> tuple[bool, int, float, str]:
    reading = coin.reading
    return reading.kind is None, -sum(reading.passed), -sum(pressed(reading)), coin.base
