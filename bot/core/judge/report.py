"""The table a backtest of the map prints: the map beside what knows only prices."""

import math
from dataclasses import dataclass, replace

import numpy as np

from bot.core.arrays import Floats, Times, floats
from bot.core.estimate.parameters import LONG, SHORT, Parameters
from bot.core.judge.baselines import price_map
from bot.core.judge.scores import Score, score
from bot.core.judge.walk import Forecasts, Realised, by_interval, realised
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles


@dataclass(frozen=True, slots=True)
class Row:
    """One forecaster's scores on one side."""

    name: str
    side: str
    score: Score
    reported: float  # [1] forecast as the feed would report it over what it did; nan if not USD


def rows(
    history: MarketHistory, forecasts: Forecasts, parameters: Parameters | None = None
) -> list[Row]:
    """Score the map and its baselines; no rows without an interval to score against."""
    actual = realised(history)
    if actual is None or not len(actual.time):
        return []  # what was heard may not reach from end to end of any
    moved, filled = interval_moves(history.candles, actual)
    table = []
    prices = price_map(history, parameters)
    for side, word in ((LONG, "longs"), (SHORT, "shorts")):
        truth, move = actual.usd[side, filled], moved[side]

        def summed(time: Times, usd: Floats, side: int = side) -> Floats:
            return floats(by_interval(time, usd, actual)[0][side])

        told, total = summed(forecasts.time, forecasts.reported), float(truth.sum())
        ratio = float(told.sum()) / total if total > 0 else math.nan
        ours = score(summed(forecasts.time, forecasts.usd), truth, move)
        theirs = score(summed(prices.time, prices.usd), truth, move)
        table += [
            Row("map", word, ours, ratio),
            Row("prices only", word, theirs, math.nan),
            Row("bare move", word, replace(score(move, truth, move), usd=math.nan), math.nan),
        ]
    return table


def interval_moves(candles: Candles, intervals: Realised) -> tuple[Floats, np.ndarray]:
    """Log price from each interval's open to its low and high, shape (2, M), and which M."""
    place = np.searchsorted(intervals.time, candles.open_time, side="right") - 1
    inside = place >= 0
    inside[inside] &= candles.open_time[inside] < intervals.time[place[inside]] + intervals.interval
    filled, first = np.unique(place[inside], return_index=True)
    opened = candles.open[inside][first]
    low = np.minimum.reduceat(candles.low[inside], first) if len(first) else opened
    high = np.maximum.reduceat(candles.high[inside], first) if len(first) else opened
    return np.log((opened / low, high / opened)), filled
