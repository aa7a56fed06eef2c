"""Clusters that price went through within a window: what stood there, and what was reported."""

from collections.abc import Iterator, Sequence

import numpy as np

from bot.core.arrays import Floats, Floats32, Times
from bot.core.estimate.clusters import zones
from bot.core.estimate.maps import STEP, Heatmap, SweptCluster
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.market.series import Candles

# Clusters are looked for in so many maps of the window, evenly in time, as somebody would have seen
# them who looked then.
_LOOKS = 24

# Clusters of two looks that overlap and were reached within so many columns are one.
_SAME = 12

# A cluster is formed once this part of what was swept in the end stands in it.
_FORMED = 0.5

# What is listed, and how small beside the largest.
_MOST, _SMALLEST = 8, 0.1


def swept_clusters(
    heatmap: Heatmap, candles: Candles, histories: Sequence[MarketHistory]
) -> tuple[SweptCluster, ...]:
    """Find the clusters of a heatmap that its candles went through, newest first.

    A cluster of an earlier map counts if price then came to its nearer edge and, before the window
    ended, to its middle. Its USD are those just before it was reached. Reported are the
    liquidations of its side, on all venues that report any, from the column in which price
    reached it until the next column's end; totals by interval count with every interval that
    touches this.
    """
    ends = heatmap.column_edges[1:]
    extremes = _extremes(heatmap.column_edges, candles)
    found = [
        *_side(PositionSide.LONG, heatmap.long_usd, -heatmap.first_bin, -extremes[0]),
        *_side(PositionSide.SHORT, heatmap.short_usd, heatmap.first_bin, extremes[1]),
    ]
    found.sort(key=lambda each: -each[3])
    least = found[0][3] * _SMALLEST if found else 0.0
    listed = []
    for side, low, high, usd, formed, reached in found[:_MOST]:
        if usd < least:
            break
        until = int(ends[min(reached + 1, len(ends) - 1)])
        since = int(heatmap.column_edges[reached])
        listed.append(
            SweptCluster(
                side,
                float(np.exp(STEP * low)),
                float(np.exp(STEP * high)),
                usd,
                int(heatmap.column_edges[formed]),
                since,
                _reported(histories, side, since, until),
            )
        )
    return tuple(sorted(listed, key=lambda cluster: -cluster.swept))


_Found = tuple[PositionSide, int, int, float, int, int]


def _side(side: PositionSide, usd: Floats32, first: int, extreme: Floats) -> Iterator[_Found]:
    """Yield side, low, high [bins], usd, column formed, column swept; each cluster once.

    Longs are looked at upside down, so that price always comes from below: bin -i - 1 for bin i.
    `extreme` is the furthest price of each column [bins], usd[at - 1] the map it began with.
    """
    if side is PositionSide.LONG:
        usd, first = usd[:, ::-1], first - usd.shape[1]
    furthest = np.maximum.accumulate(extreme[::-1])[::-1]
    found: list[_Found] = []
    for look in range(0, len(usd) - 1, max(1, len(usd) // _LOOKS)):
        filled = np.flatnonzero(usd[look])
        nearest = int(filled[0]) if len(filled) else usd.shape[1]
        for zone in zones(usd[look, nearest:]):
            low, high = nearest + zone.low, nearest + zone.high
            if furthest[look + 1] < first + (low + high) / 2:
                continue
            at = look + 1 + int(np.argmax(extreme[look + 1 :] >= first + low))
            stood = usd[:at, low:high].sum(axis=1)
            thin = np.flatnonzero(stood < _FORMED * stood[-1])
            formed = int(thin[-1]) + 1 if len(thin) else 0
            ends = first + low, first + high
            if side is PositionSide.LONG:
                ends = -ends[1], -ends[0]
            found.append((side, *ends, float(stood[-1]), formed, at))
    kept: list[_Found] = []
    for each in sorted(found, key=lambda one: -one[3]):
        if not any(_same(each, other) for other in kept):
            kept.append(each)
            yield each


def _same(one: _Found, other: _Found) -> bool:
    return one[1] < other[2] and other[1] < one[2] and abs(one[5] - other[5]) < _SAME


def _extremes(edges: Times, candles: Candles) -> Floats:
    """Lowest and highest price [bins] in each column, shape (2, T).

    A column without a candle reaches nothing: inf and -inf.
    """
    result = np.array([np.full(len(edges) - 1, np.inf), np.full(len(edges) - 1, -np.inf)])
    place = np.searchsorted(edges, candles.open_time, side="right") - 1
    inside = (place >= 0) & (place < len(edges) - 1)
    np.minimum.at(result[0], place[inside], np.log(candles.low[inside]) / STEP)
    np.maximum.at(result[1], place[inside], np.log(candles.high[inside]) / STEP)
    return result


def _reported(
    histories: Sequence[MarketHistory], side: PositionSide, since: int, until: int
) -> float | None:
    """Sum what the feeds reported of one side in since..until [ms]; None if none was heard then."""
    sums = []
    for history in histories:
        ended = min(until, max(since + 1, int(history.candles.open_time[-1])))
        if history.heard is not None and not history.heard.covers(since, ended):
            continue
        if history.liquidations is not None:
            events = history.liquidations
            then = (events.time >= since) & (events.time < until) & (events.side == side.value)
            sums.append(float(events.value[then].sum()))
        elif history.liquidation_totals is not None:
            totals = history.liquidation_totals
            then = (totals.time + totals.interval > since) & (totals.time < until)
            usd = totals.long_usd if side is PositionSide.LONG else totals.short_usd
            sums.append(float(usd[then].sum()))
    return sum(sums) if sums else None
