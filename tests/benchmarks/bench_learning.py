"""What liquidations teach, against the prior alone: it may cost nothing, and somewhere it must pay.

The same market is walked with what it learns from day to day and without. What the two say apart is
compared on the same days drawn again and again: ranks of hours on the recordings beside the project
and on twenty simulated markets, whose feed leaves orders out and then again tells everything; and
dollars, as the feed would report them and, where the positions are known, as they stood.
"""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.core.arrays import DAY, Floats, floats
from bot.core.estimate.market import MarketEstimate
from bot.core.judge.truth import compare
from bot.core.market.history import MarketHistory
from bot.core.simulation.market import START
from bot.core.simulation.simulate import Snapshot, simulate
from bot.core.simulation.styles import STYLES
from bot.exchanges.replay import read_market
from tests.benchmarks.table import Row
from tests.conftest import SHARED
from tests.support.learning import SIDES, TOLERANCE, Gain, gains, silent

RECORDINGS = ("binance-btc-2025-12", "binance-btc-2024-06", "binance-eth-2024-06")
SEEDS = (11, 12, 13, 14)
BARS = 8640  # five minutes each
CROWD = 2.0
LOOKS = tuple(START + day * DAY for day in (9, 12, 15, 18, 21, 24, 27, 30))

WORDS = {
    "rho": "Spearman",
    "partial": "Spearman given the move",
    "biggest": "Spearman in the biggest moves",
}
# The sum of what was said the feed would report may be off by so much.
_OFF = 1.4

LOSSY, COMPLETE = "lossy feed", "complete feed"


@dataclass(frozen=True, slots=True)
class Taught:
    """A simulated market by feed: what learning adds, and how far the map's dollars are off."""

    gains: dict[str, list[Gain]]  # of longs and shorts
    off: dict[str, Floats]  # [log] of estimated over true USD, mean of looks, shape (2,)
    plain: Floats  # the same of the prior alone


def taught(market: tuple[str, int]) -> Taught:
    """Simulate a market of a style and seed, and walk it by either feed and by none."""
    style, seed = market
    made = simulate(style, seed, BARS, snapshots=LOOKS, crowd=CROWD)
    complete = replace(
        made.history, liquidations=made.liquidations, liquidation_feed="complete: simulated"
    )
    feeds = {LOSSY: made.history, COMPLETE: complete}
    return Taught(
        {name: gains(history) for name, history in feeds.items()},
        {name: _off(history, made.snapshots) for name, history in feeds.items()},
        _off(silent(made.history), made.snapshots),
    )


def _off(history: MarketHistory, looks: Sequence[Snapshot]) -> Floats:
    """How far the USD of maps are from those that stood [log], mean of all looks, by side."""
    estimate = MarketEstimate.of(history, as_of=looks[0].time)
    found = []
    for look in looks:
        estimate = estimate.advanced(history, as_of=look.time)
        found.append([abs(np.log(side.usd)) for side in compare(estimate.map(), look.positions)])
    return floats(np.mean(found, axis=0))


def rows() -> Iterator[Row]:
    """Yield what learning adds at least, on what mean, and how far dollars are off."""
    table = Table("market", "side", *WORDS.values(), "USD as reported", title="learnt - prior")
    for name in RECORDINGS:
        folder = SHARED / "data" / "replay" / name
        if folder.is_dir():
            found = gains(read_market(folder))
            _add(table, name, found)
            yield from _least(name, found)
            yield from _reported(name, found)
    markets = list(product(STYLES, SEEDS))
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as workers:
        known = list(workers.map(taught, markets))
    for feed in (LOSSY, COMPLETE):
        for (style, seed), each in zip(markets, known, strict=True):
            _add(table, f"{style} {seed}, {feed}", each.gains[feed])
        yield from _all(feed, [gain for each in known for gain in each.gains[feed]])
        off, plain = (
            float(np.mean(both))
            for both in ([each.off[feed] for each in known], [each.plain for each in known])
        )
        stage = f"simulated, {feed}: the map's USD are off by"
        yield Row(stage, np.exp(off), "x", "<= prior", off <= plain, np.exp(plain), "prior")
    Console(width=150).print(table)


def _add(table: Table, name: str, found: Sequence[Gain]) -> None:
    for gain in found:
        ranked = (
            f"{each.value:+.4f} [{each.low:+.4f}, {each.high:+.4f}]"
            for each in gain.ranked.values()
        )
        learnt, plain = gain.usd
        table.add_row(name, gain.side, *ranked, f"x{learnt:.2f} (prior x{plain:.2f})")


def _least(name: str, found: Sequence[Gain]) -> Iterator[Row]:
    for measure, words in WORDS.items():
        least = min(gain.ranked[measure].value for gain in found)
        target = f">= {-TOLERANCE[measure]}"
        met = least >= -TOLERANCE[measure]
        yield Row(f"{name}: learning adds to {words}, lesser side", least, "", target, met)


def _reported(name: str, found: Sequence[Gain]) -> Iterator[Row]:
    learnt, plain = (
        float(np.exp(np.mean([abs(np.log(gain.usd[which])) for gain in found]))) for which in (0, 1)
    )
    stage = f"{name}: USD as reported are off by"
    yield Row(stage, learnt, "x", f"<= {_OFF}", learnt <= _OFF, plain, "prior")


def _all(feed: str, found: Sequence[Gain]) -> Iterator[Row]:
    """Yield the mean of all markets, and on how many sides learning is surely better or worse."""
    for measure, words in WORDS.items():
        each = [gain.ranked[measure] for gain in found]
        mean = float(np.mean([figure.value for figure in each]))
        yield Row(f"simulated, {feed}: learning adds to {words}, mean", mean, "", ">= 0", mean >= 0)
        sides = len(SIDES) * len(SEEDS) * len(STYLES)
        for word, count in (
            ("better", sum(figure.low > 0 for figure in each)),
            ("worse", sum(figure.high < 0 for figure in each)),
        ):
            # Of ranges that hold nine of ten, one of twenty lies wholly below by chance.
            bound = sides / 20 if word == "worse" else None
            yield Row(
                f"simulated, {feed}: {words} surely {word}, of {sides} sides",
                count,
                "",
                "" if bound is None else f"<= {bound:.0f}",
                None if bound is None else count <= bound,
            )
