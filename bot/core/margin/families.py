"""The formulas of the three rule families, as arithmetic on arrays.

A venue takes a position over when what is left of its margin is no more than the maintenance
margin. The families differ in the price at which that maintenance margin is reckoned:

    A  at the liquidation price itself
    B  at the entry price
    C  at the mark price of now, then held fixed

The terms, all of which broadcast against each other:

    s  side, +1 long, -1 short                     m  maintenance margin rate [fraction of value]
    E  entry price [quote/base]                    f  taker fee counted into it [fraction of value]
    q  quantity [base]        (linear contracts)   c  deduction [quote], inverse [base]
    Q  size in quote [quote]  (inverse contracts)  W  own margin [quote], inverse [base]

In cross margin W is the wallet less the maintenance margin of the other positions plus their
unrealised profit. What comes out is the plain solution of the equation: a linear price of zero or
less, or an inverse one that is infinite or negative, means that no price liquidates the position.
"""

from bot.core.arrays import Floats


def linear_at_liquidation(
    s: Floats, entry: Floats, quantity: Floats, margin: Floats, rate: Floats, deduction: Floats
) -> Floats:
    """Family A, linear; `rate` is m + f.

        P = (s q E - W - c) / (q (s - m - f))

    A 2x long of 100 whose maintenance margin is a fifth of its value: 62.5 - 50 = 62.5 / 5.

    >>> import numpy as np
    >>> linear_at_liquidation(*np.array([1.0, 100, 1, 50, 0.2, 0]))
    np.float64(62.5)
    """
    return (s * quantity * entry - margin - deduction) / (quantity * (s - rate))


def inverse_at_liquidation(
    s: Floats, entry: Floats, size: Floats, margin: Floats, rate: Floats, deduction: Floats
) -> Floats:
    """Family A, inverse; `rate` is m + f, margin and deduction are in base.

        P = Q (s + m + f) / (W + c + s Q / E)

    >>> import numpy as np
    >>> inverse_at_liquidation(*np.array([1.0, 100, 100, 1, 0.25, 0]))
    np.float64(62.5)
    """
    return size * (s + rate) / (margin + deduction + s * size / entry)


def linear_fixed(
    s: Floats, entry: Floats, quantity: Floats, margin: Floats, maintenance: Floats
) -> Floats:
    """Families B and C, linear: the maintenance margin is an amount [quote] already fixed.

        P = E - s (W - MM) / q          with MM = 0: the bankruptcy price

    >>> import numpy as np
    >>> linear_fixed(*np.array([-1.0, 100, 2, 40, 10]))
    np.float64(115.0)
    """
    return entry - s * (margin - maintenance) / quantity


def inverse_fixed(
    s: Floats, entry: Floats, size: Floats, margin: Floats, maintenance: Floats
) -> Floats:
    """Families B and C, inverse: the maintenance margin is an amount [base] already fixed.

        P = s Q / (s Q / E + W - MM)    with MM = 0: the bankruptcy price

    >>> import numpy as np
    >>> inverse_fixed(*np.array([1.0, 100, 100, 0.5, 0.25]))
    np.float64(80.0)
    """
    return s * size / (s * size / entry + margin - maintenance)
