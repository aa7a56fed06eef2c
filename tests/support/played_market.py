"""A small market played bar by bar: positions are opened, close, and are swept by the price.

It knows nothing of how the product estimates; it only has to look like a market when drawn.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from bot.core.arrays import DAY, MINUTE, Floats, Floats32, Times, floats
from bot.core.estimate.maps import STEP
from bot.core.windows import Window

Sides: TypeAlias = Literal["both", "longs", "shorts", "none"]

GROUPS = ("up to 5x", "5x to 20x", "20x to 50x", "above 50x")
_LEVERAGE = np.array([3.0, 5.0, 10.0, 15.0, 20.0, 25.0, 40.0, 50.0, 75.0, 100.0])
_SHARE = np.array([0.34, 0.25, 0.17, 0.06, 0.07, 0.045, 0.015, 0.025, 0.01, 0.015])
_LIFETIME = np.array([20.0, 15.0, 8.0, 6.0, 4.0, 3.0, 2.0, 1.5, 0.6, 0.4]) * DAY
_GROUP = (0, 0, 1, 1, 1, 2, 2, 2, 3, 3)
_REACH = 0.26  # log price kept beyond the traded range, each side
_IN_REACH = 0.35  # of the open interest; the rest would be liquidated further away
_BARS_BEFORE = 400  # columns lived through before the window opens


@dataclass(slots=True)
class Book:
    """Positions of one side: USD by (leverage, bin), and what the columns of the window showed."""

    side: int  # +1 long, -1 short
    usd: Floats
    shown: Floats32  # (columns, bins)
    swept: list[tuple[int, int, float]] = field(default_factory=list)  # column, bin, USD

    @property
    def total(self) -> float:
        """USD still open."""
        return float(self.usd.sum())

    def by_group(self) -> Floats:
        """Sum by leverage group, shape (G, B)."""
        tiers = [[t for t, of in enumerate(_GROUP) if of == group] for group in range(len(GROUPS))]
        return np.stack([self.usd[group].sum(axis=0) for group in tiers])

    def sweep(self, column: int, bins: slice) -> None:
        """Take out what the price went through."""
        gone, first = self.usd[:, bins].sum(axis=0), int(bins.start)
        self.swept += [(column, first + int(i), float(gone[i])) for i in np.flatnonzero(gone > 0)]
        self.usd[:, bins] = 0.0

    def open(self, middle: float, spread: float, usd: float, rng: np.random.Generator) -> None:
        """Open positions around `middle`, in log price above the first bin."""
        entry = middle + rng.normal(0, spread, (len(_LEVERAGE), 3))
        margin = 0.97 / (_LEVERAGE[:, None] * np.exp(rng.normal(0, 0.04, entry.shape)))
        place = np.floor((entry + np.log1p(-self.side * margin)) / STEP).astype(np.int64)
        row, near = np.nonzero((place >= 0) & (place < self.usd.shape[1]))
        np.add.at(self.usd, (row, place[row, near]), usd * _SHARE[row] / place.shape[1])

    def scaled(self, unit: float) -> None:
        """Turn the units it was played in into USD."""
        self.usd *= unit
        self.shown *= np.float32(unit)
        self.swept = [(column, place, usd * unit) for column, place, usd in self.swept]


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it."""

    column_edges: Times  # [ms]
    shown_prices: tuple[Floats, Floats, Floats, Floats]  # log open, high, low, close by column
    first_bin: int
    books: tuple[Book, Book]  # longs, shorts


def _path(bars: int, volatility: float, rng: np.random.Generator) -> Floats:
    """Log prices that end at 0, with calm and stormy hours, shape (bars + 1,)."""
    storm = np.exp(0.8 * np.convolve(rng.normal(size=bars + 23), np.ones(24) / 24**0.5, "valid"))
    steps = np.clip(volatility * storm * rng.standard_t(4, bars) / 2**0.5, -0.05, 0.05)
    walk = np.concatenate([[0.0], np.cumsum(steps)])
    return floats(0.25 * np.tanh((walk - walk[-1]) / 0.25))


def play(
    window: Window,
    until: int,
    price: float,
    volatility: float,
    open_interest_usd: float,
    sides: Sides,
    rng: np.random.Generator,
) -> Played:
    """Play a market that ends at `until` [ms] and `price`; `sides` are those that hold anything."""
    column = window.column
    edges = np.arange(window.start(until), until // column * column + 1, column, dtype=np.int64)
    if edges[-1] < until:
        edges = np.append(edges, edges[-1] + column)
    count = len(edges) - 1
    bars = count + _BARS_BEFORE
    path = np.log(price) + _path(bars, 0.0011 * volatility * (column / (5 * MINUTE)) ** 0.5, rng)
    opens, closes = path[:-1], path[1:]
    wick = np.abs(rng.normal(0, 0.5 * float(np.std(np.diff(path))) + 1e-9, (2, bars)))
    highs, lows = np.maximum(opens, closes) + wick[0], np.minimum(opens, closes) - wick[1]
    first_bin = int(np.floor((lows.min() - _REACH) / STEP))
    bins = int(np.ceil((highs.max() + _REACH) / STEP)) - first_bin
    longs, shorts = (
        Book(side, np.zeros((len(_SHARE), bins)), np.zeros((count, bins), dtype=np.float32))
        for side in (1, -1)
    )
    playing = {"both": (longs, shorts), "longs": (longs,), "shorts": (shorts,), "none": ()}[sides]
    for bar in range(bars):
        activity = float(np.exp(rng.normal(0, 1.3)))
        here, low, high = (int(np.floor(at[bar] / STEP)) - first_bin for at in (opens, lows, highs))
        for book in playing:
            book.sweep(bar - _BARS_BEFORE, slice(low, here) if book.side > 0 else slice(here, high))
            book.usd *= np.exp(-column / _LIFETIME)[:, None]
            middle = float(opens[bar] + closes[bar]) / 2 - first_bin * STEP
            book.open(middle, 0.3 * float(highs[bar] - lows[bar]), activity, rng)
            if bar >= _BARS_BEFORE:
                book.shown[bar - _BARS_BEFORE] = book.usd.sum(axis=0)
    for book in playing:
        book.scaled(_IN_REACH * open_interest_usd / book.total)
    inside = slice(_BARS_BEFORE, None)
    prices = (opens[inside], highs[inside], lows[inside], closes[inside])
    return Played(edges, prices, first_bin, (longs, shorts))
