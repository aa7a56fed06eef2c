"""What `/backtest` shows, finished: one strategy on one coin's past."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.evidence.backtest import COST, Backtest, backtest
from bot.core.evidence.occurrences import candles_of
from bot.core.language import Said, many, say
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles
from bot.core.signals.episode import Kind
from bot.core.signals.read import Signals

STRATEGIES = {"sweep": Kind.SWEEP, "magnet": Kind.MAGNET, "cascade": Kind.CASCADE}  # as typed

ROUND_TRIP = 2 * COST  # [fraction of the stake]


@dataclass(frozen=True, slots=True, eq=False)
class StrategyReading:
    """A strategy's trades with the market they were made in."""

    base: str
    name: str  # as typed
    as_of: int  # [ms] UTC
    backtest: Backtest
    candles: Candles  # those the trades were made on
    seen: int  # episodes of its kind that began then
    tape: bool  # whether liquidations are told one by one, which cascades need
    grade: str | Said  # of the map
    venues: tuple[str, ...]
    asked: tuple[str, ...]
    failures: tuple[str, ...]
    simulated: bool

    @property
    def equity(self) -> tuple[float, ...]:
        """The sum of trades after each [fraction of the stake], beginning with 0."""
        sums = [0.0]
        for trade in self.backtest.trades:
            sums.append(sums[-1] + trade.net)
        return tuple(sums)


def verdict(found: Backtest) -> str:
    """Say in a word or two whether a strategy did better than random entries."""
    if not found.enough:
        count = len(found.trades)
        return many("too few to say ({count} trade)", "too few to say ({count} trades)", count)
    if not math.isfinite(found.edge.low):
        return say("too few days to say")
    if found.edge.low > 0:
        return say("better than chance")
    return say("worse than chance") if found.edge.high < 0 else say("no better than chance")


def tried(
    name: str, signals: Signals, histories: Sequence[MarketHistory], since: int
) -> tuple[Backtest, Candles, int]:
    """Trade a strategy from `since` [ms] on; with the candles, and how many episodes there were."""
    kind = STRATEGIES[name]
    candles = candles_of(histories).since(since)
    told = [state for state in signals.of(kind) if state.began >= since]
    found = backtest(kind, signals.market, candles, told)
    return found, candles, len({state.name for state in told})
