"""Scores: a map against the liquidations that came, or against the truth where it is known."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats
from bot.core.judge.ranks import partial_spearman, pearson, spearman

# The biggest moves are those of the upper tenth.
_BIGGEST = 0.9

# A trader looks at a handful of zones.
_TOP = 5


@dataclass(frozen=True, slots=True)
class Score:
    """How well a forecast told intervals apart; nan where it cannot be said."""

    rho: float  # Spearman
    partial: float  # Spearman given the size of the move
    biggest: float  # Spearman within the tenth of biggest moves
    usd: float  # forecast over reported USD, both summed
    count: int  # intervals


def score(forecast: Floats, reported: Floats, move: Floats) -> Score:
    """Score a forecast of one side, interval by interval; all of shape (N,)."""
    if len(move) == 0:
        unknown = float("nan")
        return Score(unknown, unknown, unknown, unknown, 0)
    biggest = move >= np.quantile(move, _BIGGEST)
    total = float(reported.sum())
    return Score(
        spearman(forecast, reported),
        partial_spearman(forecast, reported, move),
        spearman(forecast[biggest], reported[biggest]),
        float(forecast.sum()) / total if total > 0 else float("nan"),
        len(move),
    )


@dataclass(frozen=True, slots=True)
class TruthScore:
    """How well one side of a map agrees with the positions that really stood there."""

    pearson: float
    spearman: float
    top: float  # USD in the five zones estimated largest, over USD in the five largest
    usd: float  # estimated over true
    distance: float  # [zones] earth mover's distance


def against_truth(estimated: Floats, true: Floats) -> TruthScore:
    """Compare a map with the truth, zone by zone; both USD of shape (Z,).

    >>> same = against_truth(np.array([1.0, 2, 3, 4, 5, 6]), np.array([2.0, 4, 6, 8, 10, 12]))
    >>> round(same.pearson, 9), same.top, same.usd, same.distance
    (1.0, 1.0, 0.5, 0.0)
    """
    best = np.argsort(-estimated, kind="stable")[:_TOP]
    ideal = float(np.sort(true)[-_TOP:].sum())
    there = float(true.sum())
    return TruthScore(
        pearson(estimated, true),
        spearman(estimated, true),
        float(true[best].sum()) / ideal if ideal > 0 else float("nan"),
        float(estimated.sum()) / there if there > 0 else float("nan"),
        earth_movers(estimated, true),
    )


def earth_movers(a: Floats, b: Floats) -> float:
    """How many zones the average dollar of `a` must move to lie as `b` does; nan if one is empty.

    >>> earth_movers(np.array([1.0, 0, 0]), np.array([0.0, 0, 5.0]))
    2.0
    """
    of_a, of_b = float(a.sum()), float(b.sum())
    if of_a <= 0 or of_b <= 0:
        return float("nan")
    return float(np.abs(np.cumsum(a / of_a - b / of_b)).sum())
