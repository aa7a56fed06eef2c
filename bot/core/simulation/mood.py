"""What all traders of a market share: the last moves, a mood, an appetite, a fright."""

import math

import numpy as np

from bot.core.arrays import DAY, HOUR
from bot.core.simulation.arrivals import Sentiment
from bot.core.simulation.styles import Style

_MOVE_HALF, _TREND_HALF = 4 * HOUR, 2 * DAY
_MOOD_HALF = 30 * HOUR
_APPETITE_HALF, _APPETITE_SPREAD = 3 * DAY, 0.10  # of the log of how many open positions
_FRIGHT_HALF = 8 * HOUR
_FRIGHT = 6.0  # arrivals fall by exp(-12 x) after a share x of open interest was liquidated
_TREND_DRAWS = 0.18  # more arrivals for each usual size of trend
_STIRS, _RISE = 0.35, 0.08  # more arrivals for each usual size of the move that is under way
_MOST = 2.5  # usual sizes of a move that are still told apart


class Mood:
    """State that follows the price and drifts by itself."""

    def __init__(self, style: Style, rng: np.random.Generator, step: int) -> None:
        self._rng = rng
        self._herd = style.herd
        self._keep = {
            half: 0.5 ** (step / half)
            for half in (_MOVE_HALF, _TREND_HALF, _MOOD_HALF, _APPETITE_HALF, _FRIGHT_HALF)
        }
        # An average of returns with half-life h has the spread of the move over about 0.72 h.
        self._usual_move = style.volatility * math.sqrt(0.72 * _MOVE_HALF / DAY)
        self._usual_trend = style.volatility * math.sqrt(0.72 * _TREND_HALF / DAY)
        self._move = self._trend = self._fright = 0.0
        self._mood, self._appetite = rng.standard_normal(2).tolist()

    def sentiment(self, inventory: float) -> Sentiment:
        """Return what traders see and feel; `inventory` as in Sentiment."""
        return Sentiment(
            min(max(self._move / self._usual_move, -_MOST), _MOST),
            min(max(self._trend / self._usual_trend, -_MOST), _MOST),
            self._mood * self._herd,
            inventory,
        )

    def arrivals(self, restless: float, coming: float) -> float:
        """How many positions open, as a multiple of the usual.

        `coming` is what news does to the price in the step, in its usual size: traders come where
        it moves, and somewhat more of them where it rises.
        """
        trend = min(abs(self._trend / self._usual_trend), _MOST)
        stirred = 0.75 + _STIRS * min(abs(coming), _MOST) + _RISE * min(max(coming, -_MOST), _MOST)
        appetite = math.exp(_APPETITE_SPREAD * self._appetite - _FRIGHT * self._fright)
        return appetite * stirred * (0.5 + 0.5 * min(restless, 3.0)) * (0.9 + _TREND_DRAWS * trend)

    def saw(self, move: float, liquidated: float) -> None:
        """Take in a step's move [log price] and the share of open interest liquidated in it."""
        mood, appetite = self._rng.standard_normal(2).tolist()
        self._move = self._move * self._keep[_MOVE_HALF] + move
        self._trend = self._trend * self._keep[_TREND_HALF] + move
        self._fright = self._fright * self._keep[_FRIGHT_HALF] + liquidated
        self._mood = _drifted(self._mood, self._keep[_MOOD_HALF], mood)
        self._appetite = _drifted(self._appetite, self._keep[_APPETITE_HALF], appetite)


def _drifted(value: float, keep: float, shock: float) -> float:
    """Step a value that forgets itself and keeps a standard deviation of 1."""
    return value * keep + shock * math.sqrt(1 - keep * keep)
