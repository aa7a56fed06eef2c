"""What `emberline doctor` finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    well: bool | None  # None: not used, or not to be found out, which is no fault
    said: str
