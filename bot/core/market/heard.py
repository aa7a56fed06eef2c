"""When a feed was heard: an hour in which nobody listened is not an hour without events."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Times

Span = tuple[int, int]  # [ms] from, to


@dataclass(frozen=True, slots=True)
class Heard:
    """Stretches of time [ms] in which a feed was heard without a break; apart, and in order."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> "Heard":
        """Join what touches or overlaps.

        >>> Heard.of([(5, 9), (0, 3), (3, 4), (8, 12)]).spans
        ((0, 4), (5, 12))
        """
        joined: list[Span] = []
        for start, end in sorted(spans):
            if end <= start:
                continue
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], end))
            else:
                joined.append((start, end))
        return cls(tuple(joined))

    def also(self, spans: Iterable[Span]) -> "Heard":
        """Return what was heard here or in `spans`."""
        return Heard.of((*self.spans, *spans))

    def between(self, start: int, end: int) -> "Heard":
        """Return what of it lies in start..end [ms]."""
        return Heard.of((max(a, start), min(b, end)) for a, b in self.spans)

    def covers(self, start: int, end: int) -> bool:
        """Whether all of start..end [ms] was heard."""
        return any(a <= start and end <= b for a, b in self.spans)

    def whole_intervals(self, interval: int) -> Times:
        """Start of each interval [ms], aligned to 1970, that was heard from end to end.

        >>> Heard(((5, 31), (40, 50))).whole_intervals(10).tolist()
        [10, 20, 40]
        """
        runs = [
            np.arange(-(-start // interval), end // interval, dtype=np.int64) * interval
            for start, end in self.spans
        ]
        return np.concatenate(runs) if runs else np.empty(0, dtype=np.int64)


# How the words on a feed begin that tells of every liquidation.
_COMPLETE = ("complete", "every liquidation", "all liquidations")


def is_complete(feed: str) -> bool:
    """Say by a feed's words whether it tells of every liquidation.

    >>> is_complete("every liquidation is published"), is_complete("at most one a second")
    (True, False)
    """
    return feed.lower().startswith(_COMPLETE)
