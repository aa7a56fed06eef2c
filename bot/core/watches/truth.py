"""Three-valued truth: what is not known is neither true nor false, and never reads as normal."""

from enum import IntEnum


class Truth(IntEnum):
    """Ordered so that `and` is the least of its parts, `or` the greatest, and `not` the negative.

    >>> min(Truth.TRUE, Truth.UNKNOWN).name, max(Truth.TRUE, Truth.UNKNOWN).name
    ('UNKNOWN', 'TRUE')
    """

    FALSE = -1
    UNKNOWN = 0
    TRUE = 1
