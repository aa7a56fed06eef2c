"""Clusters that price went through within a window: what stood there, and what was reported."""

from collections.abc import Iterator, Sequence

import numpy as np

from bot.core.arrays import Floats, Floats32, Times, floats
from bot.core.estimate.clusters import zones
from bot.core.estimate.maps import STEP, Heatmap, SweptCluster
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.market.series import Candles

# A new low or high counts as such if price was not there for this many columns.
_QUIET = 12

# Zones this far [bins] beyond the extreme of a column are not asked whether they were reached.
_BEYOND = 12

# A cluster is formed once this part of what was swept in the end stands in it.
_FORMED = 0.5

# What is listed, and how small beside the largest.
_MOST, _SMALLEST = 8, 0.1


def swept_clusters(
    heatmap: Heatmap, candles: Candles, histories: Sequence[MarketHistory]
) -> tuple[SweptCluster, ...]:
    """Find the clusters of a heatmap that its candles went through, newest first.

    A cluster counts if price came to its nearer edge from outside and, before the window ended,
    to its middle. Reported are the liquidations of its side, on all venues that report any, in
    the column in which price reached it and until the next column's end; totals by interval are
    counted with every interval that touches this.
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
    """Yield side, low, high [bins], usd, column formed, column swept.

    Longs are looked at upside down, so that price always comes from below: bin -i - 1 for bin i.
    """
    if side is PositionSide.LONG:
        usd, first = usd[:, ::-1], first - usd.shape[1]
    before = _running(extreme, _QUIET)
    reached_before: list[tuple[int, int, int]] = []
    for at in range(1, len(usd)):
        # extreme[at] is the furthest price of column `at`, usd[at - 1] the map it began with.
        if not np.isfinite(before[at - 1]) or not extreme[at] > before[at - 1] + 1:
            continue
        low = max(int(np.floor(before[at - 1])) - first, 0)
        high = int(np.floor(extreme[at])) - first + _BEYOND
        column = usd[at - 1]
        for zone in zones(column[low : low + 200]):
            bottom, top = low + zone.low, low + zone.high
            if first + bottom > extreme[at] or bottom >= high:
                continue
            if extreme[at:].max() < first + (bottom + top) / 2:
                continue
            if any(
                bottom < other_top and other_bottom < top and at - when < _QUIET
                for other_bottom, other_top, when in reached_before
            ):
                continue
            reached_before.append((bottom, top, at))
            standing = usd[:at, bottom:top].sum(axis=1)
            thin = np.flatnonzero(standing < _FORMED * zone.usd)
            formed = int(thin[-1]) + 1 if len(thin) else 0
            ends = (first + bottom, first + top)
            if side is PositionSide.LONG:
                ends = (-ends[1], -ends[0])
            yield side, *ends, zone.usd, formed, at


def _running(extreme: Floats, width: int) -> Floats:
    """Greatest of each value and those `width` - 1 before it; shape as `extreme`."""
    padded = np.concatenate([np.full(width - 1, -np.inf), extreme])
    return floats(np.lib.stride_tricks.sliding_window_view(padded, width).max(axis=1))


def _extremes(edges: Times, candles: Candles) -> Floats:
    """Lowest and highest price [bins] in each column, shape (2, T).

    Column without a candle: nan turned into what no search finds.
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
    """Sum what the feeds reported of one side in since..until [ms]; None without a feed."""
    sums = []
    for history in histories:
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
