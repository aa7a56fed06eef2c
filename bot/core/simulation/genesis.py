"""The positions that stand when a simulation begins, opened on a way of the price before it."""

import numpy as np

from bot.core.arrays import DAY, HOUR, Floats
from bot.core.margin.tiers import Brackets
from bot.core.simulation.arrivals import Sentiment, draw, long_odds, placed
from bot.core.simulation.book import Book
from bot.core.simulation.styles import Style
from bot.core.simulation.traders import Crowd

_PAST = 60 * DAY  # nobody who is still there came earlier
# Owners in gain leave early, which the ages drawn here do not know; so many are still there.
_STAYED = 0.88


def past(style: Style, price: float, rng: np.random.Generator) -> Floats:
    """Log price at each hour before the start, latest first."""
    hours = _PAST // HOUR
    shocks = rng.standard_normal(hours) * style.volatility * np.sqrt(HOUR / DAY)
    way: Floats = np.log(price) + np.concatenate(([0.0], np.cumsum(shocks)))
    return way


def populate(
    book: Book,
    crowd: Crowd,
    before: Floats,
    target: float,
    brackets: Brackets,
    rng: np.random.Generator,
) -> None:
    """Fill a book with positions as old as their owners' habits make them.

    Each opens at the price of its age; those whose closing levels the price has met since are
    gone already. Stocks of all classes then stand as if the market had long been open.
    """
    habit = np.repeat(np.arange(len(crowd.habits)), (_STAYED * crowd.accounts).astype(np.int64))
    calm = Sentiment(0.0, 0.0, 0.0, 0.0)
    drawn = draw(crowd, habit, long_odds(crowd, calm), target, brackets, rng)
    age = rng.exponential(crowd.lifetime[habit]) / HOUR
    hours = np.minimum(np.ceil(age).astype(np.int64), len(before) - 1)
    entry = before[hours]
    columns = placed(drawn, entry)
    lowest = np.minimum.accumulate(before)[hours]
    highest = np.maximum.accumulate(before)[hours]
    left = (columns["down"] < lowest) & (columns["up"] > highest)
    book.add({name: values[left] for name, values in columns.items()})
