"""How much of what the map expects a feed then reports, learnt as intervals end.

Part of what price sweeps is never reported: feeds leave orders out (the largest venue publishes at
most one a second), and positions are closed by their stops, topped up or cut down before they are
liquidated. The two cannot be told apart from the reports alone; together they are the coverage

    c = (sum of reported + w c0) / (sum of expected + w)

for each side, with sums that forget, the prior c0 and its weight w.
"""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, Floats, floats

# Sums forget by half in this time: venues change what they publish, and crowds how they trade.
_HALF_LIFE = 10 * DAY

# The prior weighs as much as the sweep of this part of the open interest: a day or less of an
# ordinary market.
_WEIGHT = 0.002


@dataclass(slots=True, eq=False)
class Coverage:
    """Reported over expected liquidations; rows are longs and shorts."""

    prior: Floats  # [1] shape (2,)
    expected: Floats  # [USD], shape (2,)
    reported: Floats  # [USD], shape (2,)

    @classmethod
    def before(cls, prior: Floats) -> "Coverage":
        """Return what is believed before any interval has ended."""
        return cls(prior, np.zeros(2), np.zeros(2))

    def learn(self, expected: Floats, reported: Floats, interval: int) -> None:
        """Take in one interval [ms] that is over [USD by side, shape (2,)]."""
        kept = 0.5 ** (interval / _HALF_LIFE)
        self.expected = kept * self.expected + expected
        self.reported = kept * self.reported + reported

    def share(self, interest: float) -> Floats:
        """Coverage of each side in a market of that open interest [USD], shape (2,)."""
        weight = _WEIGHT * interest
        if weight <= 0:
            return self.prior
        return floats((self.reported + weight * self.prior) / (self.expected + weight))
