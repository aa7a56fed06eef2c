"""Correlations, by value and by rank."""

import numpy as np

from bot.core.arrays import Floats, floats


def ranks(values: Floats) -> Floats:
    """Return the rank of each value from 1 on; equal values share their mean rank.

    >>> ranks(np.array([10.0, 30.0, 10.0, 20.0]))
    array([1.5, 4. , 1.5, 3. ])
    """
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return floats((last - (count - 1) / 2)[place])


def pearson(x: Floats, y: Floats) -> float:
    """Correlation of two series; nan where one of them does not vary.

    >>> pearson(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    1.0
    """
    if len(x) < 2:  # noqa: PLR2004 - one point has no direction
        return float("nan")
    a, b = x - x.mean(), y - y.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else float("nan")


def spearman(x: Floats, y: Floats) -> float:
    """Correlation of ranks: whether more of the one goes with more of the other.

    >>> round(spearman(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 8.0, 9.0, 100.0])), 6)
    1.0
    """
    return pearson(ranks(x), ranks(y))


def partial_spearman(x: Floats, y: Floats, given: Floats) -> float:
    """Correlation of ranks between what `given` leaves unexplained of either.

        r_xy.z = (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2) (1 - r_yz^2))

    0 if x says nothing about y that `given` had not said.
    """
    xy, xz, yz = spearman(x, y), spearman(x, given), spearman(y, given)
    left = (1 - xz**2) * (1 - yz**2)
    # What remains of a series that is but the other one over again is rounding.
    return (xy - xz * yz) / float(np.sqrt(left)) if left > 1e-12 else float("nan")  # noqa: PLR2004
