"""Watches on invented pasts, read as a preview shows them."""

import numpy as np

from bot.core.arrays import DAY, MINUTE
from bot.core.market.history import MarketHistory
from bot.core.watches import parse
from bot.core.watches.columns import Column, Columns, Key, clusters_of, needed
from bot.core.watches.gathered import figures_of
from bot.core.watches.margin import kept
from bot.core.watches.presets import rules
from bot.core.watches.preview import preview
from bot.core.watches.previewed import WatchReading, first_line
from bot.core.watches.tree import Digest, HeatmapEvery, Signal
from tests.support.panels import END, told

_EVERY = 10 * MINUTE


def watch_reading(
    words: str,
    *,
    days: float = 30,
    price: float = 90_000.0,
    base: str = "BTC",
    seed: int = 1,
    simulated: bool = False,
) -> WatchReading:
    """Run a watch over a venue's invented past; signals come and go every few days."""
    history = told(base=base, days=days, price=price, seed=seed, simulated=simulated)
    watch = parse.watch(words)
    what = watch.what
    assert not isinstance(what, Digest | HeatmapEvery)
    at = np.arange(END - int(days * DAY) + _EVERY, END + 1, _EVERY, dtype=np.int64)
    keys = needed([what, kept(what, watch.options)])
    past = Columns(at, _columns(history, keys, at, seed), clusters_of([None] * len(at)))
    return WatchReading(
        base,
        str(watch),
        preview(watch, past, rules("", watch)),
        history.candles,
        first_line(what, past),
        END,
        ("binance", "bybit", "okx"),
        ("binance",),
        simulated,
    )


def _columns(
    history: MarketHistory, keys: frozenset[Key], at: np.ndarray, seed: int
) -> dict[Key, Column]:
    found = figures_of(history, keys, at)
    random = np.random.default_rng(seed)
    for key in sorted(keys, key=str):
        if isinstance(key, Signal):
            wave = np.cumsum(random.normal(0, 1, len(at)))
            found[key] = Column((wave > np.quantile(wave, 0.9)).astype(np.float64), at.copy())
    return found
