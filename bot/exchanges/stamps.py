"""When messages that bear no time were heard: at the same moment by all who hear them."""

_REMEMBERED = 20_000  # messages [1]; far more than come while two feeds are open


class Stamps:
    """The time at which each message was first heard, by whichever feed of a venue.

    A feed is followed by the next one while it is still open, and both tell the same event: it is
    one only if both say that it happened at the same time.
    """

    def __init__(self) -> None:
        self._first: dict[int, int] = {}

    def of(self, mark: int, now: int) -> int:
        """Return when the message with this hash was first heard [ms], if not before then `now`."""
        at = self._first.setdefault(mark, now)
        if len(self._first) > _REMEMBERED:
            del self._first[next(iter(self._first))]
        return at
