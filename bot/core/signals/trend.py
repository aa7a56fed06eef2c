"""How strong a trend is: whether the price goes one way, or to and fro."""

import math
from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

from bot.core.arrays import HOUR
from bot.core.signals.events import Bar

# The way is looked at over so long [ms], by hours. Against a trend this efficient nothing is faded:
# of all that was moved, so much was moved one way. A random walk of 48 steps stands at .15.
SPAN = 48 * HOUR
STRONG = 0.45


@dataclass(slots=True)
class Trend:
    """Follows one market's hourly closes."""

    _closes: deque[tuple[int, float]] = field(default_factory=deque)  # hour, log price

    def take(self, bar: Bar) -> None:
        """Take in a closed bar."""
        hour, price = bar.time // HOUR, math.log(bar.close)
        if self._closes and self._closes[-1][0] == hour:
            self._closes.pop()
        self._closes.append((hour, price))
        while self._closes[0][0] < hour - SPAN // HOUR:
            self._closes.popleft()

    @property
    def efficiency(self) -> float:
        """What was won over what was moved, signed: +1 straight up, -1 straight down; nan if new.

        Kaufman's efficiency ratio of hourly closes.
        """
        if len(self._closes) < SPAN // HOUR // 2:
            return math.nan
        prices = [price for _, price in self._closes]
        moved = sum(abs(b - a) for a, b in pairwise(prices))
        return (prices[-1] - prices[0]) / moved if moved > 0 else 0.0
