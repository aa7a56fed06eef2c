"""What moves a simulated price besides its own traders: news, trends and changing volatility."""

import math
from typing import Protocol

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, Floats
from bot.core.simulation.styles import Style

# Volatility follows itself: after a large bar the next are larger, for hours (fast) and the
# market has calm and restless days (slow). The shares leave hourly returns the kurtosis of about
# 10 that recorded markets show.
_FAST_HALF = 90 * MINUTE
_FAST_SHARE = 0.65  # of the lost memory that the last bar replaces; below 1 keeps it stationary
_FAST_MOST = 25.0  # times the usual variance
_SLOW_HALF = 2 * DAY
_SLOW_SPREAD = 0.4  # standard deviation of log volatility
_BUSY_HOUR, _SEASON = 15, 0.30  # UTC, amplitude: Europe's afternoon is America's morning
_NEWS_TIME = 6 * MINUTE  # mean time in which news finds its price
_CALM = 0.80  # share of a style's volatility left to the bars when news and crowd have had theirs


class Underlying(Protocol):
    """Where a market's price would go if its own traders left it alone."""

    @property
    def restless(self) -> float:
        """Volatility now, as a multiple of the usual."""
        ...

    def moves(self, time: int) -> Floats:
        """Log price increments over the substeps of the step that starts at `time`, shape (M,)."""
        ...

    def saw(self, move: float) -> None:
        """Hear by how much [log price] the traded price moved in the step."""
        ...


class News:
    """A price of its own: stochastic volatility, trends, jumps and sell-offs."""

    def __init__(self, style: Style, rng: np.random.Generator, step: int, substeps: int) -> None:
        self._style, self._rng = style, rng
        self._step, self._substeps = step, substeps
        self._days = step / DAY
        self._usual = style.volatility * math.sqrt(self._days)
        self._variance = 1.0  # fast, relative
        self._slow = float(rng.standard_normal()) * _SLOW_SPREAD
        self._trend = float(rng.standard_normal())
        self._away = 0.0  # log price from the middle it moves around
        self._season = 1.0
        self._running: list[tuple[float, int]] = []  # news under way: per step, steps left
        self._keep_fast = 0.5 ** (step / _FAST_HALF)
        self._keep_slow = 0.5 ** (step / _SLOW_HALF)
        self._keep_trend = 0.5 ** (step / style.trend_life)
        # What sell-offs take is what the time between them gave.
        self._rise = -style.crashes * style.crash_size * self._days
        self._pull = 1 - 0.5 ** (step / style.pull)

    @property
    def restless(self) -> float:
        """Volatility now, as a multiple of the usual."""
        return self._season * math.exp(self._slow) * math.sqrt(self._variance)

    def moves(self, time: int) -> Floats:
        """Log price increments over the substeps of the step that starts at `time`, shape (M,)."""
        style, rng = self._style, self._rng
        slow, trend, news, *shocks = rng.standard_normal(3 + self._substeps).tolist()
        self._slow = self._slow * self._keep_slow + slow * _SLOW_SPREAD * math.sqrt(
            1 - self._keep_slow**2
        )
        self._trend = self._trend * self._keep_trend + trend * math.sqrt(1 - self._keep_trend**2)
        hour = time % DAY / HOUR
        self._season = 1 + _SEASON * math.cos(2 * math.pi * (hour - _BUSY_HOUR) / 24)
        self._hear(news)
        drift = self._rise + style.drift * self._days * self._trend - self._pull * self._away
        drift += self._run()
        spread = _CALM * self._usual * self.restless / math.sqrt(self._substeps)
        moves: Floats = drift / self._substeps + spread * np.array(shocks)
        self._excite(float(moves.sum()))
        return moves

    def saw(self, move: float) -> None:
        """Hear by how much [log price] the traded price moved in the step."""
        self._away += move

    def _excite(self, move: float) -> None:
        """Let a move of the underlying make the next ones larger.

        What the crowd adds to it does not: a market that frightens itself has no bound.
        """
        relative = (move / (self._usual * self._season * math.exp(self._slow))) ** 2
        gain = (1 - self._keep_fast) * _FAST_SHARE
        base = (1 - self._keep_fast) * (1 - _FAST_SHARE)
        variance = base + self._keep_fast * self._variance + gain * relative
        self._variance = min(variance, _FAST_MOST)

    def _hear(self, size: float) -> None:
        """Let news break: small ones of either sign, and sell-offs."""
        style = self._style
        which, length = self._rng.random(2).tolist()
        news, crash = style.jumps * self._days, style.crashes * self._days
        if which < news:
            self._start(size * style.jump_size, _NEWS_TIME, length)
        elif which < news + crash:
            self._start(style.crash_size * math.exp(0.4 * size), style.crash_time, length)

    def _start(self, size: float, lasting: int, chance: float) -> None:
        steps = max(1, round((0.5 + chance) * lasting / self._step))
        self._running.append((size / steps, steps))

    def _run(self) -> float:
        """Take this step's part of all news under way [log price]."""
        part = sum(each for each, _ in self._running)
        self._running = [(each, left - 1) for each, left in self._running if left > 1]
        return part


class Followed:
    """The price of another venue, which this one follows; its own crowd only moves the premium."""

    def __init__(self, leader: "Leader") -> None:
        self._leader = leader

    @property
    def restless(self) -> float:
        """Volatility of the followed venue, as a multiple of the usual."""
        return self._leader.restless

    def moves(self, time: int) -> Floats:
        """Log price increments that the followed venue traded through, shape (M,)."""
        return self._leader.increments(time)

    def saw(self, move: float) -> None:
        """Nothing to hear: the other venue leads."""


class Leader(Protocol):
    """A market that others follow."""

    @property
    def restless(self) -> float:
        """Volatility now, as a multiple of the usual."""
        ...

    def increments(self, time: int) -> Floats:
        """Log price increments traded through in the step that began at `time`, shape (M,)."""
        ...
