"""How sure a sum of tiers is: its credible range.

The mix is not known, so each tier's size is uncertain by its own factor, the same at every price:
what is wrong about the 50x tier is wrong in all its bins. And positions are few, and of very
different sizes: where ten are expected there may be seven or thirteen, in every bin anew, as if all
were of one size, the grain. A sum of parts of several tiers has

    variance = sum over tiers of (doubt_k * usd_k)^2 + grain_k * usd_k

and is taken to be log-normal. Within a zone the parts of one tier are added first, which makes a
zone that hangs on a single tier less sure than one that many tiers share; and a small zone is less
sure than a large one.
"""

import numpy as np

from bot.core.arrays import Floats

# The widest spread of a logarithm that is said: with a wider one the range of a handful of
# positions would not hold their own mean.
_WIDEST = 2.0

# Quantile of the normal distribution that leaves a tenth on either side: an 80 % range.
_TENTH = 1.2816


def credible(usd: Floats, doubt: Floats, grain: Floats) -> tuple[Floats, Floats]:
    """Return low and high end of the 80 % range of sums over tiers [USD].

    `usd` has shape (..., K, B) and `doubt` [1] (..., K), `grain` [USD] (K,); the ends have shape
    (..., B).

    >>> one = np.array([[100.0]])
    >>> low, high = credible(one, np.array([0.5]), np.array([0.0]))
    >>> low.round(), high.round()
    (array([49.]), array([164.]))
    >>> low, high = credible(one, np.array([0.5]), np.array([25.0]))
    >>> low.round(), high.round()
    (array([36.]), array([185.]))
    """
    total = usd.sum(axis=-2)
    variance = ((usd * doubt[..., None]) ** 2).sum(axis=-2) + (usd * grain[:, None]).sum(axis=-2)
    relative = variance / np.where(total > 0, total, 1.0) ** 2
    sigma = np.minimum(np.sqrt(np.log1p(relative)), _WIDEST)
    # The mean is the estimate, so the median lies half a variance lower.
    middle = total * np.exp(-0.5 * sigma**2)
    return middle * np.exp(-_TENTH * sigma), middle * np.exp(_TENTH * sigma)
