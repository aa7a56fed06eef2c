"""The three strategies on a market's past: every trade and its cost, beside random entries.

    sweep reversal  in when a sweep becomes a setup; out at the target, the stop, or after a day
    magnet          in when a cluster draws; out before it, at the stop, when the cluster thins out
                    or is too far off, or after two days
    cascade         in when it is confirmed; out before the next zone, where it began, or when it
                    is over

An entry is at the close of the bar by whose end the episode was known, never at a better price; one
that is over by then, or whose stop or target price has passed by then, is not entered. Of a stop
and a target in one bar the stop is believed. A trade whose end is not known yet is none.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, Floats, Times, floats
from bot.core.evidence.base import DRAWS, FEWEST, TAIL, Range, alike_times, drawn, random_times
from bot.core.evidence.outcomes import volatility
from bot.core.market.series import Candles
from bot.core.signals.cascade import LONGEST as CASCADE_LONGEST
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.magnet import LONGEST as MAGNET_LONGEST
from bot.core.signals.magnet import profit
from bot.core.signals.sweep import LONGEST as SWEEP_LONGEST

# Fee and slippage of a market order [fraction of value], paid at entry and at exit: the taker fee
# of large venues is 0.02 to 0.06 %.
COST = 0.0006

# The phase of an episode that is acted on, and the longest a trade is held [ms].
ENTRY = {
    Kind.SWEEP: ("setup", SWEEP_LONGEST),
    Kind.MAGNET: ("draws", MAGNET_LONGEST),
    Kind.CASCADE: ("cascade", CASCADE_LONGEST),
}

# Endings that are no price's doing: whoever is in is out then. Those that are, the trade finds out
# by itself, and random entries are not held the shorter for it.
_LEAVES = ("dissolved", "away", "over")

_MOST = 200  # random entries beside each trade
_SEED = 1
# A cascade that goes back to where it began was none; no stop stands nearer than this [fraction].
_LEAST_STOP = 0.002


@dataclass(frozen=True, slots=True)
class Plan:
    """A trade before its outcome."""

    time: int  # [ms] UTC, when it was known
    price: float  # [quote/base] then
    sign: int  # +1 long, -1 short
    stop: float  # [log price] from the price, positive
    target: float  # [log price] from the price, positive; inf without one
    until: int  # [ms] UTC, held no longer


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade with its outcome."""

    sign: int  # +1 long, -1 short
    entered: int  # [ms] UTC
    entry: float  # [quote/base]
    exited: int  # [ms] UTC
    exit: float  # [quote/base]
    why: str  # "target", "stop", "time"
    net: float  # [fraction of the stake] after costs


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a strategy would have brought on one market."""

    kind: Kind
    market: str
    days: float  # of history
    trades: tuple[Trade, ...]  # oldest first
    expectancy: Range  # [fraction] mean net of a trade
    random: float  # [fraction] mean net of random entries with the same stops, targets and times
    edge: Range  # [fraction] expectancy less that
    wins: float  # [fraction of trades]; nan without one
    drawdown: float  # [fraction of the stake] deepest fall of the sum of trades, not below 0
    # [fraction of the stake] the sum of as many random entries after each trade: 90 % lie between.
    random_low: tuple[float, ...] = ()
    random_high: tuple[float, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether there are enough trades to say anything."""
        return len(self.trades) >= FEWEST


def plans(kind: Kind, episodes: Iterable[Episode]) -> list[Plan]:
    """Make a trade of each episode of a kind that reached the phase to act on, oldest first."""
    phase, longest = ENTRY[kind]
    ended = {}
    begun: dict[str, Episode] = {}
    for episode in episodes:
        if episode.kind is kind:
            if episode.phase == phase:
                begun.setdefault(episode.name, episode)
            if episode.ended is not None and episode.phase in _LEAVES:
                ended[episode.name] = episode.ended
    found = []
    for name, episode in begun.items():
        until = episode.time + longest
        plan = _plan(episode, min(until, ended.get(name, until)))
        if plan is not None:
            found.append(plan)
    return sorted(found, key=lambda plan: plan.time)


def _plan(episode: Episode, until: int) -> Plan | None:
    """Lay the stop and target of an episode as distances from its price."""
    sign, price = episode.way.sign, episode.price
    stop = episode.stop if episode.stop is not None else episode.began_price
    away = -sign * math.log(stop / price)
    if episode.kind is Kind.CASCADE:
        away = max(away, _LEAST_STOP)
    target = math.inf
    if episode.target is not None:
        target = sign * math.log(profit(episode.target) / price)
    if not sign or away <= 0 or target <= 0:
        return None  # price has run past one of them already
    return Plan(episode.time, price, sign, away, target, until)


def _entered(candles: Candles, plan: Plan) -> Plan | None:
    """Move a plan to the close of the bar by whose end it was known; None if it is late by then."""
    closes = candles.close_time
    at = int(np.searchsorted(closes, plan.time))
    if at >= len(closes) or closes[at] >= plan.until:
        return None
    price = float(candles.close[at])
    run = plan.sign * math.log(price / plan.price)
    if plan.stop + run <= 0 or plan.target - run <= 0:
        return None
    time, stop, target = int(closes[at]), plan.stop + run, plan.target - run
    return Plan(time, price, plan.sign, stop, target, plan.until)


def backtest(kind: Kind, market: str, candles: Candles, episodes: Iterable[Episode]) -> Backtest:
    """Trade each episode of a kind, and random entries as volatile beside each."""
    told = (_entered(candles, plan) for plan in plans(kind, episodes))
    planned = [plan for plan in told if plan is not None]
    made, beside, kept, chance = [], [], [], []
    hours = random_times(candles, np.array([plan.time for plan in planned], dtype=np.int64))
    calm = volatility(candles, hours)
    rng = np.random.default_rng(_SEED)
    for plan in planned:
        own = _follow(candles, plan, np.array([plan.time], dtype=np.int64))
        if math.isnan(own.net[0]):
            continue
        alike = alike_times(calm, float(volatility(candles, np.array([plan.time]))[0]))
        if not len(alike):  # the first day, or one unlike any other: then any time is random
            alike = np.arange(len(hours))
        if len(alike) > _MOST:
            alike = np.sort(rng.choice(alike, _MOST, replace=False))
        random = _follow(candles, plan, hours[alike]).net
        random = random[np.isfinite(random)]
        made.append(own.trade(plan.sign))
        beside.append(float(random.mean()) if len(random) else math.nan)
        chance.append(random)
        kept.append(plan.time)
    net = floats([trade.net for trade in made])
    base, time = floats(beside), np.array(kept, dtype=np.int64)
    known = np.isfinite(base)
    span = candles.close_time[-1] - candles.open_time[0] if len(candles) else 0
    return Backtest(
        kind,
        market,
        float(span) / DAY,
        tuple(made),
        drawn(time, net),
        float(base[known].mean()) if known.any() else math.nan,
        drawn(time[known], (net - base)[known]),
        float((net > 0).mean()) if len(net) else math.nan,
        _drawdown(net),
        *_band(chance, rng),
    )


def _band(
    chance: list[Floats], rng: np.random.Generator
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return what sums of random entries lie between after each trade; () without any.

    A trade with no random time like its own is paired with those of the others.
    """
    pool = np.concatenate(chance) if chance else np.empty(0)
    if not len(pool):
        return (), ()
    drawn = [rng.choice(each if len(each) else pool, DRAWS) for each in chance]
    low, high = np.quantile(np.cumsum(drawn, axis=0), (TAIL, 1 - TAIL), axis=1)
    return tuple(low.tolist()), tuple(high.tolist())


def _drawdown(net: Floats) -> float:
    """Deepest fall of the sum of trades from a height before it.

    >>> _drawdown(np.array([0.02, -0.01, -0.02, 0.05]))
    0.03
    """
    if not len(net):
        return 0.0
    equity = np.concatenate(([0.0], np.cumsum(net)))
    return float((np.maximum.accumulate(equity) - equity).max())


@dataclass(frozen=True, slots=True, eq=False)
class _Followed:
    """The same plan entered at N times; nan where its end is not known."""

    entered: Times
    entry: Floats
    exited: Times
    exit: Floats
    reason: Floats  # 0 time, 1 target, 2 stop
    net: Floats

    def trade(self, sign: int) -> Trade:
        """Return the only one."""
        why = ("time", "target", "stop")[int(self.reason[0])]
        return Trade(
            sign,
            int(self.entered[0]),
            float(self.entry[0]),
            int(self.exited[0]),
            float(self.exit[0]),
            why,
            float(self.net[0]),
        )


def _follow(candles: Candles, plan: Plan, at: Times) -> _Followed:
    """Enter a plan at each time of `at` [ms], at the last close known then, and see how it ends."""
    closes = candles.close_time
    bars = max(round((plan.until - plan.time) / candles.interval), 1)
    begin = np.searchsorted(closes, at, side="right")  # first bar that closes after
    entry = np.where(begin > 0, candles.close[np.maximum(begin - 1, 0)], np.nan)
    fits = (begin > 0) & (begin + bars <= len(closes))
    rows = begin[fits, None] + np.arange(bars)
    base = entry[fits, None]
    sign = plan.sign
    best, worst = (candles.high, candles.low) if sign > 0 else (candles.low, candles.high)
    won = sign * np.log(best[rows] / base) >= plan.target
    lost = sign * np.log(worst[rows] / base) <= -plan.stop
    either = won | lost
    first = np.where(either.any(axis=1), either.argmax(axis=1), bars - 1)
    each = np.arange(len(rows))
    stopped, reached = lost[each, first], won[each, first]
    opened = sign * np.log(candles.open[rows[each, first]] / base[:, 0])
    # What opens beyond the stop is out at the open, not at the stop.
    at_stop = np.minimum(-plan.stop, opened)
    at_end = sign * np.log(candles.close[rows[each, first]] / base[:, 0])
    moved = np.where(stopped, at_stop, np.where(reached, plan.target, at_end))
    exit_price, net, reason = (np.full(len(at), np.nan) for _ in range(3))
    exited = np.zeros(len(at), dtype=np.int64)
    exit_price[fits] = base[:, 0] * np.exp(sign * moved)
    net[fits] = sign * (np.exp(sign * moved) - 1) - 2 * COST
    reason[fits] = np.where(stopped, 2.0, np.where(reached, 1.0, 0.0))
    exited[fits] = closes[rows[each, first]]
    return _Followed(at, floats(entry), exited, exit_price, reason, net)
