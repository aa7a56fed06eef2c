"""Cascades on known markets: how many are seen, how soon, and how often nothing was there.

Markets of thirty days whose every liquidation is known, over a feed that leaves orders out and over
one that does not; of seeds that no figure of the machine was weighed on.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.core.arrays import DAY
from bot.core.judge.cascades import Detected, detected, known_cascades
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.signals.cascade import COMPLETE, LOSSY, CascadeMachine
from bot.core.signals.events import bars, in_order, steps
from bot.core.signals.machine import run
from bot.core.simulation.simulate import simulate
from bot.core.simulation.styles import STYLES
from tests.benchmarks.table import Row

# The machine's figures were weighed on seeds 11 and 12.
SEEDS = (51, 52)
BARS = 8640  # five minutes each
CALM = ("major", "chop")
_FEEDS = {"lossy": LOSSY, "complete": COMPLETE}


def judge(market: tuple[str, int]) -> dict[str, Detected]:
    """Simulate a market and see what the machine makes of it, by feed."""
    simulated = simulate(*market, BARS)
    history, every = simulated.history, simulated.liquidations
    reported = history.liquidations
    assert reported is not None
    feeds = {"lossy": reported, "complete": every}
    return {name: _judged(history, every, feeds[name], told) for name, told in _FEEDS.items()}


def _judged(
    history: MarketHistory, every: Liquidations, feed: Liquidations, told: float
) -> Detected:
    candles, interest = history.candles, history.open_interest
    assert interest is not None
    start, end = int(candles.open_time[0]), int(candles.close_time[-1])
    held = float(np.median(interest.quantity) * np.median(candles.close))
    moves = np.diff(np.log(candles.close))
    day_move = float(moves.std() * np.sqrt(DAY / candles.interval))
    said = list(run(in_order(steps(feed), bars(history)), [CascadeMachine("m", told)]))
    known = known_cascades(every, held, day_move, start, end)
    return detected(known, said, start, end)


def rows() -> Iterator[Row]:
    """Yield the figures of all markets together, after printing each."""
    markets = [(style, seed) for style in STYLES for seed in SEEDS]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as workers:
        found = dict(zip(markets, workers.map(judge, markets), strict=True))
    columns = ("cascades", "seen", "said", "false", "delay, s")
    table = Table("market", *(f"{feed}: {name}" for feed in _FEEDS for name in columns))
    for (style, seed), each in found.items():
        cells = [
            text
            for one in each.values()
            for text in (one.known, one.seen, one.said, one.false, f"{one.delay:.0f}")
        ]
        table.add_row(f"{style} {seed}", *map(str, cells))
    Console(width=150).print(table)
    for feed in _FEEDS:
        parts = [each[feed] for each in found.values()]
        total = sum(parts[1:], parts[0])
        calm = [each[feed] for (style, _), each in found.items() if style in CALM]
        worst = max(one.false_a_month for one in calm)
        words = f"cascades, {feed} feed"
        yield Row(f"{words}: recall", total.recall, "", ">= 0.90", total.recall >= 0.9)
        yield Row(f"{words}: precision", total.precision, "", ">= 0.90", total.precision >= 0.9)
        yield Row(f"{words}: median delay", total.delay, "s", "<= 20 s", total.delay <= 20)
        yield Row(f"{words}: false a month, calm", worst, "", "<= 1", worst <= 1)
