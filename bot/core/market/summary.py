"""A market in a line: what a venue tells of all its markets at once."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY
from bot.core.market.history import MarketHistory


@dataclass(frozen=True, slots=True)
class Summary:
    """One market as its venue's overview tells it; None where it does not tell."""

    time: int  # [ms] UTC, when it was told
    price: float  # [quote/base] last or mark price
    turnover: float  # [USD] of the last 24 hours
    open_interest: float | None = None  # [base], one-sided
    funding: float | None = None  # [fraction of value] that falls due next
    funding_interval: int | None = None  # [ms] between fundings
    change: float | None = None  # [fraction] of the price in the last 24 hours


def summary_of(history: MarketHistory, now: int) -> Summary | None:
    """Sum up what a history tells of the 24 hours before `now` [ms]; None without a candle."""
    bars = history.candles.since(now - DAY)
    if not len(bars):
        return None
    price, interest, funding = float(bars.close[-1]), history.open_interest, history.funding
    steps: list[int] = [] if funding is None else np.diff(funding.time[-2:]).tolist()
    return Summary(
        time=min(now, int(bars.close_time[-1])),
        price=price,
        turnover=float(np.sum(bars.volume * (bars.high + bars.low) / 2)),
        open_interest=float(interest.quantity[-1])
        if interest is not None and len(interest.time)
        else None,
        funding=float(funding.rate[-1]) if funding is not None and len(funding.time) else None,
        funding_interval=steps[0] if steps else None,
        change=price / float(bars.open[0]) - 1,
    )
