"""The two kinds of array everything is made of, and the seal put on a finished series."""

from dataclasses import fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Floats32: TypeAlias = NDArray[np.float32]
Times: TypeAlias = NDArray[np.int64]  # [ms since 1970-01-01 UTC]
Signs: TypeAlias = NDArray[np.int8]  # +1 long, -1 short

MINUTE = 60_000  # [ms]
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def floats(values: Any) -> Floats:
    """Return `values` as float64, copied only if they are anything else."""
    return np.asarray(values, dtype=np.float64)


def times(values: Any) -> Times:
    """Return `values` as int64 milliseconds, copied only if they are anything else."""
    return np.asarray(values, dtype=np.int64)


def seal(series: Any) -> None:
    """Check that the arrays of a dataclass share one length, and make them read-only.

    Fields that are None (an optional column) or no array are left alone.
    Raises ValueError naming the columns that differ.
    """
    arrays = {
        field.name: value
        for field in fields(series)
        if isinstance(value := getattr(series, field.name), np.ndarray)
    }
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"{type(series).__name__} columns differ in length: {lengths}")
    for array in arrays.values():
        array.setflags(write=False)


def rising(time: Times, what: str) -> None:
    """Raise ValueError if `time` does not rise strictly."""
    if len(time) > 1 and not bool(np.all(np.diff(time) > 0)):
        at = int(np.argmax(np.diff(time) <= 0)) + 1
        raise ValueError(f"{what}: time does not rise at row {at} ({int(time[at])})")
