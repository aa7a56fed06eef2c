"""Setups and backtests as pictures are given them: made up, with a market around them."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, Floats, floats, times
from bot.core.evidence.backtest import backtest
from bot.core.evidence.base import Followed, Range
from bot.core.evidence.strategies import StrategyReading
from bot.core.evidence.words import before, reached
from bot.core.market.liquidations import Liquidations, PositionSide
from bot.core.market.series import Candles
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.events import STEP, Zone
from bot.core.signals.setups import Amounts, Setup, SetupChart

START = 20_440 * DAY  # 18 Dec 2025
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


def candles(closes: Floats, interval: int, *, start: int = START, seed: int = 3) -> Candles:
    """Bars from close to close, with wicks."""
    opened = np.concatenate((closes[:1], closes[:-1]))
    wick = 1 + np.abs(np.random.default_rng(seed).normal(0, 4e-4, (2, len(closes))))
    return Candles(
        times(start + np.arange(len(closes)) * interval),
        opened,
        np.maximum(opened, closes) * wick[0],
        np.minimum(opened, closes) / wick[1],
        closes,
        np.ones(len(closes)),
        None,
        interval,
    )


def walk(turns: Sequence[tuple[int, float]], seed: int = 1, noise: float = 4e-4) -> Floats:
    """Closes that go through given prices at given bars."""
    at, price = zip(*turns, strict=True)
    straight = np.interp(np.arange(at[-1] + 1), at, np.log(price))
    return floats(np.exp(straight + np.random.default_rng(seed).normal(0, noise, len(straight))))


def followed(count: int = 23) -> tuple[Followed, ...]:
    """What came of others like it."""
    edge = Range(0.0071, 0.002, 0.011)
    return tuple(
        Followed(name, count, 0.0082, 0.0011, edge, -0.004, 0.61, 0.38)
        for name in ("15m", "1h", "4h", "24h")
    )


def sweep_chart(*, scale: float = 1.0, phases: int = 4, simulated: bool = False) -> SetupChart:
    """A sweep of longs below 87,000 that became a setup and came to its target."""
    bar = 15 * MINUTE
    turns = ((0, 87.6), (30, 87.9), (36, 86.2), (44, 85.3), (56, 85.9), (70, 86.6), (90, 88.2))
    closes = 1000 * scale * walk(turns)
    zone = Zone(LONG, 86_160 * scale, 87_030 * scale, 66e6)
    target = Zone(SHORT, 88_000 * scale, 88_700 * scale, 91e6)
    facts = (
        Fact("cluster", 66e6, "USD", 38e6),
        Fact("liquidations in an hour", 21e6, "USD", 9.3e6, 0.98),
        Fact("trend before it", 0.042, "1", -0.45),
        Fact("no new extreme for", 120, "min", 120),
        Fact("reward over risk", 2.1, "1", 1.0),
    )
    at = [START + n * bar for n in (36, 37, 53, 89)]
    low = 85_000 * scale
    first = _state(Kind.SWEEP, Way.UP, "swept", at[0], closes[35], zone, low, facts[:1])
    states = [first]
    for time, phase, known in ((at[1], "confirmed", 2), (at[2], "setup", 5), (at[3], "reached", 5)):
        more = _state(Kind.SWEEP, Way.UP, phase, at[0], closes[35], zone, low, facts[:known])
        states.append(_later(more, time, float(closes[(time - START) // bar - 1]), target, known))
    states = states[:phases]
    end = states[-1].time
    bars = candles(closes, bar).closed(end)
    spread = np.random.default_rng(5).gamma(0.4, 1.0, (2, len(closes)))
    spread[0, 33:46] += 9 * np.hanning(13)
    spread = spread[:, : len(bars)]
    amounts = Amounts(bars.open_time, spread[0] * 1e6, spread[1] * 1e6, bar)
    setup = Setup("BTC", float(bars.close[-1]), tuple(states), followed(), "over 14 markets")
    extreme = float(bars.low[35:52].min())
    return _chart(setup, bars, None, amounts, extreme, end, simulated=simulated)


def cascade_chart(
    *, over: bool = True, simulated: bool = True, scale: float = 1.0, usd: float = 1.0
) -> SetupChart:
    """A cascade of longs, in one-minute bars, with every liquidation; `usd` times as large."""
    turns = ((0, 94.4), (16, 94.2), (18, 93.4), (22, 92.5), (30, 91.9), (36, 92.2), (45, 92.4))
    closes = floats(scale * walk(turns, noise=6e-4))
    rng = np.random.default_rng(8)
    waves = np.concatenate([rng.normal(m, 0.5, n) for m, n in ((17, 30), (21, 24), (28, 16))])
    when = np.sort(np.clip(waves, 0, 44.9))
    price = np.interp(when, np.arange(len(closes)) + 1, closes)
    value = usd * rng.lognormal(11, 1.1, len(when))
    side = np.where(rng.random(len(when)) < 0.94, 1, -1).astype(np.int8)
    events = Liquidations(times(START + when * MINUTE), side, floats(price), floats(value / price))
    step = times(START + np.arange(0, 45 * MINUTE, STEP))
    place = (events.time - START) // STEP
    sums = [np.bincount(place[side == s], value[side == s], len(step)) for s in (1, -1)]
    target = Zone(LONG, 90.9 * scale, 91.5 * scale, 7.4e6 * usd)
    facts = (
        Fact("liquidations in the first wave", 2.1e6 * usd, "USD", 9e5 * usd),
        Fact("busiest minute of a usual hour", 3.6e5 * usd, "USD"),
        Fact("liquidations after it", 8e5 * usd, "USD", 3.6e5 * usd),
    )
    first = START + 17 * MINUTE
    begun = _state(
        Kind.CASCADE, Way.DOWN, "cascade", first, 94.0 * scale, None, None, facts, target
    )
    states = [_later(begun, START + 19 * MINUTE, 93.1 * scale, target, 3)]
    if over:
        ended = _later(begun, START + 33 * MINUTE, 92.0 * scale, target, 3, "liquidations faded")
        states.append(ended)
    end = states[-1].time + (12 * MINUTE if over else 0)
    bars = candles(closes, MINUTE).closed(end)
    setup = Setup("SOL", float(bars.close[-1]), tuple(states), followed(6), "")
    amounts = Amounts(step, floats(sums[0]), floats(sums[1]), STEP)
    part = events.until(end)
    extreme = float(min(bars.low.min(), part.price.min()))
    return _chart(setup, bars, part, amounts, extreme, end, simulated=simulated)


def magnet_chart(*, scale: float = 1.0) -> SetupChart:
    """A magnet below, on a market whose liquidations nobody tells."""
    bar = 15 * MINUTE
    closes = scale * walk(((0, 92.0), (20, 93.4), (30, 92.2), (48, 91.3)))
    zone = Zone(LONG, 87.7 * scale, 88.5 * scale, 98e6)
    facts = (
        Fact("cluster", 98e6, "USD", 88e6),
        Fact("distance", 0.031, "fraction", 0.05, least=False),
        Fact("strength", 0.42, "1"),
    )
    end = START + 49 * bar
    state = _state(
        Kind.MAGNET, Way.DOWN, "draws", end - HOUR, 91.4 * scale, zone, 94.2 * scale, facts, zone
    )
    setup = Setup("BTC", float(closes[-1]), (state,), followed(3), "")
    return _chart(setup, candles(closes, bar), None, None, None, end, simulated=False)


def strategy_reading(
    count: int = 14, *, simulated: bool = False, price: float = 90_000.0
) -> StrategyReading:
    """Sweeps of two months, traded."""
    bar, days = HOUR, 60
    rng = np.random.default_rng(12)
    closes = floats(price * np.exp(np.cumsum(rng.normal(0, 0.004, days * 24))))
    bars = candles(closes, bar)
    told = []
    for place in np.sort(rng.choice(np.arange(50, days * 24 - 50, 9), count, replace=False)):
        at, way = float(closes[place]), Way.UP if rng.random() < 0.6 else Way.DOWN
        target = at * (1 + 0.02 * way.sign)
        zone = Zone(SHORT if way is Way.UP else LONG, target, target, 1e6)
        stop, time = at * (1 - 0.015 * way.sign), int(bars.close_time[place])
        state = _state(Kind.SWEEP, way, "setup", time, at, None, stop, (), zone)
        told.append(state)
    return StrategyReading(
        "BTC",
        "sweep",
        int(bars.close_time[-1]),
        backtest(Kind.SWEEP, "m", bars, told),
        bars,
        count + 3,
        tape=True,
        grade="good, 412 hours",
        venues=("binance", "bybit"),
        asked=("binance", "bybit", "okx"),
        failures=(),
        simulated=simulated,
    )


def _state(
    kind: Kind,
    way: Way,
    phase: str,
    began: int,
    price: float,
    zone: Zone | None,
    stop: float | None,
    facts: tuple[Fact, ...],
    target: Zone | None = None,
) -> Episode:
    ends = "price goes beyond the sweep's extreme" if kind is Kind.SWEEP else "it fades"
    return Episode(
        kind,
        "m",
        phase,
        began,
        began,
        float(price),
        float(price),
        way,
        zone,
        target,
        stop,
        ends,
        facts,
    )


def _later(
    state: Episode, time: int, price: float, target: Zone, facts: int, why: str = ""
) -> Episode:
    ended = bool(why) or state.phase == "reached"
    return replace(
        state,
        phase="over" if why else state.phase,
        time=time,
        price=price,
        target=target if facts > 2 else None,
        ended=time if ended else None,
        why_ended=why or ("price came to the target" if ended else ""),
    )


def _chart(
    setup: Setup,
    bars: Candles,
    events: Liquidations | None,
    amounts: Amounts | None,
    extreme: float | None,
    end: int,
    *,
    simulated: bool,
) -> SetupChart:
    sentences = (
        before(setup.kind, setup.followed),
        reached(setup.followed),
    )
    assert math.isfinite(setup.price)
    return SetupChart(
        setup,
        bars,
        events,
        amounts,
        int(bars.open_time[0]),
        end,
        extreme,
        setup.base,
        end,
        setup.price,
        "good, 412 hours",
        tuple(each for each in sentences if each),
        ("binance", "bybit"),
        ("binance", "bybit", "okx"),
        simulated,
    )
