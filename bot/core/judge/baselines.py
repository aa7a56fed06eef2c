"""What a map has to beat: maps and figures that know only prices."""

from dataclasses import replace

import numpy as np

from bot.core.estimate.parameters import Parameters
from bot.core.judge.walk import Forecasts, walk
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles, OpenInterest


def prices_only(history: MarketHistory) -> MarketHistory:
    """Return a history in which nothing but prices ever changes.

    Open interest and turnover are constant, at their first known value where there is one, and no
    liquidation is known to be learnt from.
    """
    candles, interest = history.candles, history.open_interest
    size = float(interest.quantity[0]) if interest is not None and len(interest.time) else 0.0
    steady = Candles(
        candles.open_time,
        candles.open,
        candles.high,
        candles.low,
        candles.close,
        np.full(len(candles), size or 1.0),
        None,
        candles.interval,
    )
    constant = OpenInterest(candles.close_time, np.full(len(candles), size)) if size else None
    return replace(
        history,
        candles=steady,
        open_interest=constant,
        funding=None,
        long_short_ratio=None,
        liquidations=None,
        liquidation_totals=None,
    )


def price_map(history: MarketHistory, parameters: Parameters | None = None) -> Forecasts:
    """Forecast by the same model from prices alone; its dollars mean little, its ranks count."""
    return walk(prices_only(history), parameters)
