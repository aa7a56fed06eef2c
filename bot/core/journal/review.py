"""What a person's trades tell of him: expectancy with its interval, by signal and by mistake."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, Floats, floats
from bot.core.evidence.base import FEWEST
from bot.core.journal.trade import Trade
from bot.core.journal.words import OWN_IDEA, said
from bot.core.language import say

DRAWS = 2000
_TAIL = 0.05  # left out at either end: 90 % lie within
_SEED = 1  # any: the same trades always give the same answer
WEEK = 7 * DAY


@dataclass(frozen=True, slots=True)
class Expectancy:
    """What a trade brings on the average, and how sure that is."""

    name: str  # in English, as it is kept
    count: int
    mean: float  # [R, or fraction of the value]; nan without a trade
    low: float  # 90 % lie between; nan with fewer than FEWEST
    high: float
    wins: float  # [fraction]

    @property
    def enough(self) -> bool:
        """Whether there are enough trades to say anything."""
        return self.count >= FEWEST

    @property
    def verdict(self) -> str:
        """Say in a few words what it comes to."""
        if not self.enough:
            return say("too few to say ({count})", count=self.count)
        if self.low > 0:
            return say("earns")
        return say("costs") if self.high < 0 else say("no better than nothing")

    @property
    def said(self) -> str:
        """Its name in the language spoken."""
        return said(self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Review:
    """All closed trades of a person, looked at."""

    unit: str  # "R", or "%" where fewer than half of the trades had a stop
    trades: tuple[Trade, ...]  # closed, by the time of their end
    going: tuple[Trade, ...]  # open, the newest first
    whole: Expectancy
    by_signal: tuple[Expectancy, ...]  # most trades first
    by_mistake: tuple[Expectancy, ...]  # the dearest in all first
    cost: tuple[float, ...]  # of each mistake: what its trades brought in all
    week: Expectancy  # of the last seven days
    equity: Floats  # [unit] sum after each trade, beginning with 0, shape (1 + N,)
    drawdown: float  # [unit] deepest fall of that sum, not below 0

    @property
    def worst_mistake(self) -> str:
        """The mistake that cost most; empty if none cost anything."""
        return self.by_mistake[0].name if self.cost and self.cost[0] < 0 else ""


def value(trade: Trade, unit: str) -> float:
    """Return what a closed trade brought in a unit; nan where it cannot be said."""
    found = trade.multiple if unit == "R" else trade.result
    return math.nan if found is None else found


def review(trades: Iterable[Trade], now: int) -> Review:
    """Look at somebody's trades as they stand at `now` [ms]."""
    told = list(trades)
    closed = sorted((each for each in told if not each.open), key=lambda each: each.closed or 0)
    going = sorted((each for each in told if each.open), key=lambda each: -each.opened)
    with_stop = sum(each.multiple is not None for each in closed)
    unit = "R" if closed and 2 * with_stop >= len(closed) else "%"
    by_signal = _grouped(closed, unit, lambda each: (each.signal or OWN_IDEA,))
    by_mistake = _grouped(closed, unit, lambda each: [str(one) for one in each.found_out])
    totals = {each.name: each.mean * each.count for each in by_mistake}
    by_mistake.sort(key=lambda each: totals[each.name])
    recent = [each for each in closed if (each.closed or 0) > now - WEEK]
    brought = floats([value(each, unit) for each in closed])
    equity = np.concatenate(([0.0], np.cumsum(np.nan_to_num(brought))))
    return Review(
        unit,
        tuple(closed),
        tuple(going),
        expectancy("all", closed, unit),
        tuple(sorted(by_signal, key=lambda each: -each.count)),
        tuple(by_mistake),
        tuple(totals[each.name] for each in by_mistake),
        expectancy("last 7 days", recent, unit),
        equity,
        float(np.max(np.maximum.accumulate(equity) - equity)),
    )


def _grouped(
    trades: Sequence[Trade], unit: str, names: Callable[[Trade], Iterable[str]]
) -> list[Expectancy]:
    groups: dict[str, list[Trade]] = defaultdict(list)
    for trade in trades:
        for name in names(trade):
            groups[name].append(trade)
    found = (expectancy(name, group, unit) for name, group in groups.items())
    return [each for each in found if each.count]


def expectancy(name: str, trades: Sequence[Trade], unit: str) -> Expectancy:
    """Average what trades brought; the range is of the same trades drawn again and again."""
    brought = floats([value(each, unit) for each in trades])
    brought = brought[np.isfinite(brought)]
    count = len(brought)
    if not count:
        return Expectancy(name, 0, math.nan, math.nan, math.nan, math.nan)
    low = high = math.nan
    if count >= FEWEST:
        drawn = np.random.default_rng(_SEED).integers(0, count, (DRAWS, count))
        low, high = np.quantile(brought[drawn].mean(axis=1), (_TAIL, 1 - _TAIL))
    wins = float(np.mean(brought > 0))
    return Expectancy(name, count, float(brought.mean()), float(low), float(high), wins)
