"""How sure a score is: the same score of intervals drawn again, a day at a time.

Liquidations come in storms, so that the hours of a day are not independent witnesses; whole days
nearly are. Drawing days with repetition gives each interval a weight, the same for all forecasters,
so that their difference has an interval of its own.
"""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, HOUR, Floats, Times, floats

DRAWS = 400
# With fewer days than this, pieces of a day are drawn: a handful of days cannot be shuffled.
_ENOUGH_DAYS = 10
_PIECE = 6 * HOUR
_SEED = 1  # any: the same intervals always give the same answer

# A range leaves out so much at either end: 90 % lie within.
_TAIL = 0.05
_KNOWN = 0.9  # of the draws must say something


@dataclass(frozen=True, slots=True)
class Figure:
    """A score with its range; nan where it cannot be said."""

    value: float
    low: float
    high: float


NOTHING = Figure(float("nan"), float("nan"), float("nan"))


def weights(time: Times) -> Floats:
    """How often each interval is drawn; first as it was, then DRAWS times, shape (1 + DRAWS, N)."""
    block = time // DAY
    if len(np.unique(block)) < _ENOUGH_DAYS:
        block = time // _PIECE
    blocks, place = np.unique(block, return_inverse=True)
    count = len(blocks)
    drawn = np.random.default_rng(_SEED).multinomial(count, np.full(count, 1 / count), DRAWS)
    return np.concatenate((np.ones((1, len(time))), floats(drawn)[:, place]))


def figure(scores: Floats) -> Figure:
    """Return a score and its range from those of all weights, shape (1 + DRAWS,)."""
    drawn = scores[1:][np.isfinite(scores[1:])]
    if not np.isfinite(scores[0]) or len(drawn) < _KNOWN * (len(scores) - 1):
        return NOTHING
    low, high = np.quantile(drawn, (_TAIL, 1 - _TAIL))
    return Figure(float(scores[0]), float(low), float(high))


def ranks(values: Floats, weight: Floats) -> Floats:
    """Rank of each value (N,) among values that come so often (D, N); equal ones share, (D, N).

    >>> ranks(np.array([10.0, 30.0, 10.0, 20.0]), np.ones((1, 4)))
    array([[1.5, 4. , 1.5, 3. ]])
    """
    order = np.argsort(values, kind="stable")
    first = np.flatnonzero(np.diff(values[order], prepend=-np.inf))
    mass = np.add.reduceat(weight[:, order], first, axis=1)
    mean = np.cumsum(mass, axis=1) - (mass - 1) / 2
    found = np.empty(weight.shape)
    found[:, order] = np.repeat(mean, np.diff(np.append(first, len(values))), axis=1)
    return found


def correlation(x: Floats, y: Floats, weight: Floats) -> Floats:
    """Weighted correlation of two series (D, N) for each row; nan where one does not vary."""
    total = np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    a = x - (weight * x).sum(axis=1, keepdims=True) / total
    b = y - (weight * y).sum(axis=1, keepdims=True) / total
    size = np.sqrt((weight * a * a).sum(axis=1) * (weight * b * b).sum(axis=1))
    both = (weight * a * b).sum(axis=1)
    known = size > 1e-9  # noqa: PLR2004 - what remains below is rounding
    return floats(np.divide(both, size, out=np.full(len(both), np.nan), where=known))


def partial(xy: Floats, xz: Floats, yz: Floats) -> Floats:
    """Correlation of x and y given z, from the three plain ones; see ranks.partial_spearman."""
    left = (1 - xz**2) * (1 - yz**2)
    known = left > 1e-12  # noqa: PLR2004 - what remains below is rounding
    root = np.sqrt(np.where(known, left, 1.0))
    return np.where(known, (xy - xz * yz) / root, np.nan)
