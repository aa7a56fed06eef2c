"""What was liquidated, interval by interval, as a market's feed reported it."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import HOUR, Floats, Times
from bot.core.market.history import MarketHistory


@dataclass(frozen=True, slots=True, eq=False)
class Realised:
    """What was liquidated in each interval, as reported; N intervals, rows are longs and shorts."""

    time: Times  # [ms] UTC, start of the interval, shape (N,)
    usd: Floats  # [USD], shape (2, N)
    interval: int  # [ms]


def realised(history: MarketHistory, until: int | None = None) -> Realised | None:
    """Return the liquidations of a history by interval; None if it has none.

    Totals as they are given; single events by the hour, or by the candle if that is longer, from
    the first event to the last, or to `until` [ms], with the hours in which there was none. Where
    it is known when the feed was heard, all hours that were heard from end to end, and no others.
    """
    totals = history.liquidation_totals
    if totals is not None and len(totals.time):
        return Realised(totals.time, np.array((totals.long_usd, totals.short_usd)), totals.interval)
    events = history.liquidations
    if events is None:
        return None
    interval = max(HOUR, history.candles.interval)
    if history.heard is not None:
        time = history.heard.whole_intervals(interval)
    elif len(events):
        first, last = int(events.time[0]) // interval, int(events.time[-1]) // interval
        end = last + 1 if until is None else until // interval
        time = np.arange(first, end, dtype=np.int64) * interval
    else:
        return None
    begun = events.time // interval * interval
    place = np.searchsorted(time, begun)
    inside = place < len(time)
    inside[inside] = time[place[inside]] == begun[inside]
    usd = [
        np.bincount(place[of_side], events.value[of_side], len(time))
        for of_side in (inside & (events.side == side) for side in (1, -1))
    ]
    return Realised(time, np.array(usd), interval)
