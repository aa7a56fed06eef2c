"""One row of the table that `make bench` prints, and how a stage is timed."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A stage, what it takes, the floor measured beside it, and the figure to reach.

    Absolute times are orders of magnitude on a shared machine; the ratio is what counts.
    """

    stage: str
    ours: float
    unit: str  # "ms", "us", "MB", "x", "1/s", or "" for a bare figure
    target: str  # in words, such as "<= 60 ms"
    met: bool | None  # None: nothing to reach, printed for comparison
    floor: float | None = None  # in the same unit
    floor_is: str = ""  # what the floor is


def best_of(
    work: Callable[[], object],
    repeats: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the least time that `work` took [s]; the least is what noise adds nothing to."""
    times = []
    for _ in range(repeats):
        start = clock()
        work()
        times.append(clock() - start)
    return min(times)


def cpu_of(work: Callable[[], object], repeats: int = 5) -> float:
    """Return the least time that this process computed for `work` [s].

    What else runs on the machine does not count, but for the caches it takes.
    """
    return best_of(work, repeats, time.process_time)
