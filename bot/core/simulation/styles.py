"""The kinds of market that can be simulated, as named sets of parameters."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.margin.tiers import Brackets, brackets


@dataclass(frozen=True, slots=True)
class Style:
    """What makes one market differ from another."""

    name: str
    base: str
    price: float  # [quote/base] at the start
    open_interest: float  # [quote] about which it lives, one-sided
    volatility: float  # [log price, standard deviation over a day]
    drift: float  # [log price over a day] of a trend, where one is under way
    trend_life: int  # [ms] half-life of a trend
    pull: int  # [ms] half-life of the way back to the price it moves around
    jumps: float  # news [1/day]
    jump_size: float  # [log price, standard deviation]
    crashes: float  # sell-offs [1/day]
    crash_size: float  # [log price] mean, negative is down
    crash_time: int  # [ms] mean duration
    impact: float  # log price moved by orders of 100 % of the open interest
    lasting: float  # share of that which stays
    leverage: float  # usual, over what is on a calm large market
    turnover: float  # of the open interest, that changes hands within bars [1/day]
    herd: float  # how strongly the shared mood swings


# The largest coins: 2-3 % a day, turnover of 1.5-3 times the open interest a day, and books so
# deep that it takes orders of 5 % of the open interest to move the price by 1 %.
MAJOR = Style(
    "major",
    base="BTC",
    price=90_000.0,
    open_interest=1.2e9,
    volatility=0.024,
    drift=0.008,
    trend_life=36 * HOUR,
    pull=60 * DAY,
    jumps=1.2,
    jump_size=0.006,
    crashes=0.04,
    crash_size=-0.045,
    crash_time=90 * MINUTE,
    impact=0.20,
    lasting=0.35,
    leverage=1.0,
    turnover=1.6,
    herd=0.6,
)
# Small coins: twice the volatility, thin books, lower leverage allowed and used, moodier crowd.
ALT = Style(
    "alt",
    base="1000PEPE",
    price=0.0095,
    open_interest=45e6,
    volatility=0.052,
    drift=0.02,
    trend_life=24 * HOUR,
    pull=40 * DAY,
    jumps=2.0,
    jump_size=0.014,
    crashes=0.05,
    crash_size=-0.09,
    crash_time=60 * MINUTE,
    impact=0.34,
    lasting=0.35,
    leverage=0.6,
    turnover=2.4,
    herd=0.9,
)
# Sideways: price comes back to its middle within half a day, so both sides are swept in turn.
CHOP = Style(
    "chop",
    base="BTC",
    price=90_000.0,
    open_interest=1.2e9,
    volatility=0.022,
    drift=0.0,
    trend_life=12 * HOUR,
    pull=18 * HOUR,
    jumps=1.0,
    jump_size=0.005,
    crashes=0.0,
    crash_size=0.0,
    crash_time=HOUR,
    impact=0.20,
    lasting=0.20,
    leverage=1.1,
    turnover=1.6,
    herd=0.3,
)
# Days in one direction: the crowd joins late, open interest grows, the other side is swept.
TREND = Style(
    "trend",
    base="ETH",
    price=3_000.0,
    open_interest=7e8,
    volatility=0.027,
    drift=0.03,
    trend_life=4 * DAY,
    pull=90 * DAY,
    jumps=1.0,
    jump_size=0.007,
    crashes=0.03,
    crash_size=-0.05,
    crash_time=90 * MINUTE,
    impact=0.22,
    lasting=0.45,
    leverage=1.0,
    turnover=1.8,
    herd=1.0,
)
# A rise that is sold off every few days: large stocks of longs fall together.
CRASH = Style(
    "crash",
    base="SOL",
    price=150.0,
    open_interest=3e8,
    volatility=0.036,
    drift=0.015,
    trend_life=3 * DAY,
    pull=30 * DAY,
    jumps=1.0,
    jump_size=0.009,
    crashes=0.16,
    crash_size=-0.10,
    crash_time=2 * HOUR,
    impact=0.32,
    lasting=0.35,
    leverage=1.0,
    turnover=2.0,
    herd=1.1,
)
STYLES = {style.name: style for style in (MAJOR, ALT, CHOP, TREND, CRASH)}

# The simulated venue's brackets, in shares of the market's open interest so that they fit any
# size of market; rates in the order that venues publish for large coins, and for small ones.
_CAPS = np.array([0.0005, 0.002, 0.008, 0.03, 0.12, np.inf])
_LARGE = (
    np.array([0.004, 0.005, 0.0065, 0.01, 0.025, 0.05]),
    np.array([125.0, 100, 75, 50, 20, 10]),
)
_SMALL = (np.array([0.01, 0.015, 0.02, 0.025, 0.05, 0.1]), np.array([75.0, 50, 25, 20, 10, 5]))


def style_brackets(style: Style, open_interest: float) -> Brackets:
    """Brackets of the simulated venue for a market of that open interest [quote]."""
    rate, leverage = _SMALL if style.name == ALT.name else _LARGE
    # Caps in round figures, as venues publish them.
    caps = np.array([_round(cap * open_interest) for cap in _CAPS])
    return brackets(caps, rate, leverage)


def _round(value: float) -> float:
    """Round to one digit.

    >>> _round(603_000.0)
    600000.0
    """
    return value if np.isinf(value) else float(f"{value:.0e}")
