"""The windows a heatmap is drawn over."""

from dataclasses import dataclass

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import UnknownWindow


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time up to now, and the width of one column of its picture."""

    name: str
    length: int  # [ms]
    column: int  # [ms]

    def start(self, until: int) -> int:
        """Start of the first column [ms], a whole number of columns since 1970."""
        return (until - self.length) // self.column * self.column


WINDOWS = (
    Window("12h", 12 * HOUR, 5 * MINUTE),
    Window("24h", DAY, 5 * MINUTE),
    Window("3d", 3 * DAY, 15 * MINUTE),
    Window("7d", 7 * DAY, 30 * MINUTE),
    Window("30d", 30 * DAY, 2 * HOUR),
)
DEFAULT_WINDOW = WINDOWS[1]


def window(name: str) -> Window:
    """Find a window by name; UnknownWindow lists those there are.

    >>> window("24H").length // HOUR
    24
    """
    for known in WINDOWS:
        if known.name == name.lower():
            return known
    raise UnknownWindow(name, [known.name for known in WINDOWS])
