"""Known markets: the map beside the true positions, two usual recipes, and what no map exceeds.

Ten simulated markets of thirty days whose every position is known, with feeds that leave orders
out. Each is walked once; at six times of its second half the map that was known then is compared
with the positions that stood then, in zones of half a percent within 12 % of the price.
"""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.core.arrays import DAY
from bot.core.estimate.market import MarketEstimate
from bot.core.judge.recipes import RECIPES
from bot.core.judge.scores import TruthScore
from bot.core.judge.truth import (
    Covered,
    ceiling,
    compare,
    covered_clusters,
    covered_zones,
    mean_score,
)
from bot.core.market.history import MarketHistory
from bot.core.simulation.market import START
from bot.core.simulation.simulate import Snapshot, simulate
from bot.core.simulation.styles import STYLES
from tests.benchmarks.table import Row

# Seeds that nothing was chosen on: the assumptions of parameters.py were weighed on lower ones.
SEEDS = (51, 52)
BARS = 8640  # five minutes each
LOOKS = tuple(START + day * DAY for day in (15, 18, 21, 24, 27, 30))
# A few thousand positions of very different sizes are too lumpy for anyone to tell.
CROWD = 4.0

SIDES = ("longs", "shorts")
OURS = "map"


@dataclass(frozen=True, slots=True)
class Judged:
    """One side of one market, averaged over the times it was looked at."""

    market: str
    side: str
    scores: dict[str, TruthScore]  # of the map and of each recipe
    ceiling: float  # Pearson that no map exceeds
    zones: Covered  # 80 % ranges
    clusters: Covered


def judge(market: tuple[str, int]) -> list[Judged]:
    """Simulate one market of a style and seed, walk it once, and judge both of its sides."""
    style, seed = market
    simulated = simulate(style, seed, BARS, snapshots=LOOKS, crowd=CROWD)
    history, looks = simulated.history, simulated.snapshots
    estimates = list(_walked(simulated.history, looks))
    maps = {OURS: [estimate.map() for estimate in estimates]}
    for name, recipe in RECIPES.items():
        maps[name] = list(recipe(history, [look.time for look in looks]))
    compared = {
        name: [compare(each, look.positions) for each, look in zip(made, looks, strict=True)]
        for name, made in maps.items()
    }
    seen = [(each.inventory, look.positions) for each, look in zip(estimates, looks, strict=True)]
    zones = [covered_zones(*each) for each in seen]
    clusters = [covered_clusters(*each) for each in seen]
    ceilings = np.mean([ceiling(look.positions, look.price) for look in looks], axis=0)
    return [
        Judged(
            f"{style} {seed}",
            word,
            {name: mean_score([pair[side] for pair in pairs]) for name, pairs in compared.items()},
            float(ceilings[side]),
            sum((pair[side] for pair in zones), Covered(0, 0)),
            sum((pair[side] for pair in clusters), Covered(0, 0)),
        )
        for side, word in enumerate(SIDES)
    ]


def _walked(history: MarketHistory, looks: Sequence[Snapshot]) -> Iterator[MarketEstimate]:
    """Yield the estimate as it stood at each look, each from the one before."""
    estimate = MarketEstimate.of(history, as_of=looks[0].time)
    yield estimate
    for look in looks[1:]:
        estimate = estimate.advanced(history, as_of=look.time)
        yield estimate


def judged() -> list[Judged]:
    """Judge all markets, on two cores."""
    markets = [(style, seed) for seed in SEEDS for style in STYLES]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as workers:
        return [side for market in workers.map(judge, markets) for side in market]


def _print(found: Sequence[Judged]) -> None:
    """Print each side of each market: our figure, then each recipe's."""
    columns = ("Pearson", "<=", "Spearman", "top 5", "USD x", "zones off", "zones held", "clusters")
    title = f"Known markets: {OURS} / " + " / ".join(RECIPES)
    table = Table("market", "side", *columns, title=title)
    for one in found:
        each = [one.scores[name] for name in (OURS, *RECIPES)]
        table.add_row(
            one.market,
            one.side,
            " ".join(f"{score.pearson:.2f}" for score in each),
            f"{one.ceiling:.2f}",
            " ".join(f"{score.spearman:.2f}" for score in each),
            " ".join(f"{score.top:.2f}" for score in each),
            " ".join(f"{score.usd:.3g}" for score in each),
            " ".join(f"{score.distance:.1f}" for score in each),
            f"{one.zones.share:.2f}",
            f"{one.clusters.share:.2f} of {one.clusters.count}",
        )
    Console(width=150).print(table)


def rows() -> Iterator[Row]:
    """Yield the summary of estimator.md, "Known markets", after printing all of it."""
    found = judged()
    _print(found)
    for name, words, least in (
        ("pearson", "Pearson", 0.90),
        ("spearman", "Spearman", 0.90),
        ("top", "caught by the five best zones", 0.95),
    ):
        ours = np.array([getattr(one.scores[OURS], name) for one in found])
        theirs = {
            recipe: np.array([getattr(one.scores[recipe], name) for one in found])
            for recipe in RECIPES
        }
        best = max(theirs, key=lambda recipe: float(theirs[recipe].mean()))
        for word, of in (("mean", np.mean), ("least", np.min)):
            value = float(of(ours))
            yield Row(
                f"known markets: {words}, {word}",
                value,
                "",
                f">= {least:.2f}",
                value >= least,
                float(of(theirs[best])),
                best,
            )
    yield from _dollars(found)
    ceilings = [one.ceiling for one in found]
    yield Row("known markets: Pearson no map exceeds, mean", float(np.mean(ceilings)), "", "", None)
    yield Row("known markets: Pearson no map exceeds, least", min(ceilings), "", "", None)
    for words, counts in (
        ("zones", [one.zones for one in found]),
        ("clusters", [one.clusters for one in found]),
    ):
        share = sum(counts, Covered(0, 0)).share
        yield Row(
            f"known markets: truth within 80 % ranges of {words}",
            share,
            "",
            "0.75-0.85",
            0.75 <= share <= 0.85,
        )


def _dollars(found: Sequence[Judged]) -> Iterator[Row]:
    """Yield what is said in dollars over what is true, and how far off they lie."""
    ours = np.array([one.scores[OURS].usd for one in found])
    for words, value in (("least", float(ours.min())), ("most", float(ours.max()))):
        yield Row(
            f"known markets: estimated over true USD, {words}",
            value,
            "x",
            "0.8-1.25",
            0.8 <= value <= 1.25,
            max(float(np.mean([one.scores[name].usd for one in found])) for name in RECIPES),
            "a recipe's mean",
        )
    far = {
        name: float(np.mean([one.scores[name].distance for one in found]))
        for name in (OURS, *RECIPES)
    }
    yield Row(
        "known markets: zones the average dollar lies off",
        far[OURS],
        "",
        "",
        None,
        min(far[name] for name in RECIPES),
        "best recipe",
    )
