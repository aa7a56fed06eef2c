"""Scored hours of maps that know as much as a test says, and what is shown of them."""

import numpy as np

from bot.core.arrays import DAY, HOUR
from bot.core.judge.accuracy import AccuracyReading, accuracy
from bot.core.judge.scored import Scored


def hours(count: int, *, skill: float = 1.0, seed: int = 1, coverage: float = 0.5) -> Scored:
    """Hours in which the map knows `skill` of what moves do not tell, and prices nothing of it."""
    draw = np.random.default_rng(seed)
    move, hidden, noise = draw.normal(0, 1, (3, 2, count))
    storm = np.repeat(draw.normal(0, 0.7, (2, -(-count // 24))), 24, axis=1)[:, :count]
    reported = np.exp(12 + move + hidden + storm)
    expected = np.exp(12 + move + skill * hidden + (1 - skill) * noise + skill * storm)
    prices = np.exp(move + noise)
    time = 400 * DAY + HOUR * np.arange(count, dtype=np.int64)
    return Scored(time, HOUR, expected, coverage * expected, prices, np.exp(move), reported)


def accuracy_reading(
    base: str = "BTC",
    *,
    count: int = 24 * 30,
    skill: float = 0.6,
    coverage: float = 0.5,
    seed: int = 1,
    venues: tuple[str, ...] = ("binance",),
    simulated: bool = False,
) -> AccuracyReading:
    found = accuracy(hours(count, skill=skill, seed=seed, coverage=coverage))
    assert found is not None
    return AccuracyReading(base, found, venues, simulated)
