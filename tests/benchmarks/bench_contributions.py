"""What each thing that is known of a market adds to its map: recordings beside the project.

Prices alone are the baseline that every map has to beat (judge/baselines.py); then turnover, open
interest, and both are let in, and at last the liquidations that are learnt from day to day. What
each says beyond the size of the move, and within the tenth of biggest moves, is printed by side.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.core.judge.baselines import prices_only
from bot.core.judge.report import interval_moves
from bot.core.judge.scores import Score, score
from bot.core.judge.walk import by_interval, realised, walk
from bot.core.market.history import MarketHistory
from bot.exchanges.replay import read_market
from tests.benchmarks.table import Row
from tests.conftest import SHARED

RECORDINGS = ("binance-btc-2025-12", "binance-btc-2024-06", "binance-eth-2024-06")
KNOWN: dict[str, Callable[[MarketHistory], MarketHistory]] = {
    "prices": prices_only,
    "+ turnover": lambda history: replace(prices_only(history), candles=history.candles),
    "+ open interest": lambda history: replace(
        prices_only(history), open_interest=history.open_interest
    ),
    "+ both": lambda history: replace(history, liquidations=None, liquidation_totals=None),
    "+ both, learnt": lambda history: history,
}


def _scores(history: MarketHistory, known: MarketHistory) -> list[Score]:
    """Scores of longs and of shorts, of a map that knows only so much."""
    actual = realised(history)
    if actual is None:
        return []
    forecasts = walk(known)
    told, filled = by_interval(forecasts.time, forecasts.usd, actual)
    moves, _ = interval_moves(history.candles, actual)
    return [score(told[side], actual.usd[side, filled], moves[side]) for side in (0, 1)]


def _mean(scores: list[Score]) -> float:
    return float(np.mean([each.partial for each in scores]))


def rows() -> Iterator[Row]:
    """Yield what turnover, open interest and learning add, given the move, mean of both sides."""
    table = Table("recording", "known", "given the move", "biggest moves", title="long / short")
    for name in RECORDINGS:
        folder = SHARED / "data" / "replay" / name
        if not folder.is_dir():
            continue
        history = read_market(folder)
        found = {what: _scores(history, know(history)) for what, know in KNOWN.items()}
        for what, scores in found.items():
            given, biggest = (
                " / ".join(f"{getattr(each, figure):.3f}" for each in scores)
                for figure in ("partial", "biggest")
            )
            table.add_row(name, what, given, biggest)
        means = {what: _mean(scores) for what, scores in found.items()}
        for what, after, before in (
            ("turnover", "+ both", "+ open interest"),
            ("open interest", "+ both", "+ turnover"),
            ("learning", "+ both, learnt", "+ both"),
        ):
            gain = means[after] - means[before]
            yield Row(f"{name}: {what} adds to Spearman given the move", gain, "", "", None)
    Console(width=150).print(table)
