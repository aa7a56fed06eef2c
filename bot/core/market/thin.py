"""A long past, kept small: by the hour, and only what is compared with the present."""

from dataclasses import fields, replace
from typing import TypeVar

import numpy as np

from bot.core.arrays import HOUR, Times
from bot.core.market.history import MarketHistory
from bot.core.market.series import LongShortRatio, OpenInterest

_Series = TypeVar("_Series", OpenInterest, LongShortRatio)


def hourly(history: MarketHistory) -> MarketHistory:
    """Return the last candle, open interest and ratio of each hour, and every funding."""
    candles = history.candles
    kept = _last_of_hour(candles.close_time - 1)
    taker = candles.taker_buy_volume
    columns = ("open_time", "open", "high", "low", "close", "volume")
    return replace(
        history,
        candles=replace(
            candles,
            **{name: getattr(candles, name)[kept] for name in columns},
            taker_buy_volume=None if taker is None else taker[kept],
        ),
        open_interest=_thinned(history.open_interest),
        long_short_ratio=_thinned(history.long_short_ratio),
        liquidations=None,
        liquidation_totals=None,
        positions=None,
    )


def _thinned(series: _Series | None) -> _Series | None:
    if series is None:
        return None
    kept = _last_of_hour(series.time)
    return type(series)(*(getattr(series, field.name)[kept] for field in fields(series)))


def _last_of_hour(time: Times) -> Times:
    """Return the places of the last row of each hour; `time` rises."""
    hour = time // HOUR
    return np.flatnonzero(np.append(np.diff(hour) > 0, True)[: len(hour)])
