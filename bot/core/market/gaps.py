"""Where a history has holes: they are reported, never filled."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from bot.core.arrays import Times
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory

_SEVERAL = 3  # fewer instants do not show how often a series is published


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without data, from `start` to `end` [ms] UTC."""

    instrument: Instrument
    series: str  # "candles", "open interest", ...
    start: int
    end: int
    missing: int  # how many rows should be there

    def __str__(self) -> str:
        """Say it for a log or a person."""
        first, last = (
            datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M")
            for at in (self.start, self.end)
        )
        rows = "row is" if self.missing == 1 else "rows are"
        return (
            f"{self.instrument.key}: {self.missing} {rows} missing "
            f"in {self.series} from {first} to {last} UTC"
        )


def _of(instrument: Instrument, series: str, time: Times, interval: int) -> Iterator[Gap]:
    step = np.diff(time)
    for at in np.flatnonzero(step >= 1.5 * interval):  # instants may come a little late
        missing = max(1, round(int(step[at]) / interval) - 1)
        yield Gap(instrument, series, int(time[at]) + interval, int(time[at + 1]), missing)


def gaps(history: MarketHistory) -> tuple[Gap, ...]:
    """Return the holes in a market's series.

    Candles say their interval; that of the others is what is usual in them. Liquidations, their
    totals and positions have no row where nothing happened, so that none is ever missing.
    """
    market, candles = history.instrument, history.candles
    found = [*_of(market, "candles", candles.open_time, candles.interval)]
    instants = {
        "open interest": history.open_interest,
        "funding": history.funding,
        "long/short ratio": history.long_short_ratio,
    }
    for series, part in instants.items():
        if part is not None and len(part.time) >= _SEVERAL:
            found += _of(market, series, part.time, int(np.median(np.diff(part.time))))
    return tuple(found)
