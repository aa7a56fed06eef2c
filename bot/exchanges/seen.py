"""Open interest of venues that tell only how it stands: what was seen of it makes a history."""

from collections.abc import Mapping

from bot.core.arrays import floats, times
from bot.core.instruments import Instrument
from bot.core.market.series import OpenInterest


class SeenInterest:
    """The last two looks at the open interest of all markets of a venue.

    Two, so that every gathering carries a point that was there before it began: what somebody
    begins to gather at the time of the older one may use that one only.
    """

    def __init__(self) -> None:
        self._seen: dict[Instrument, OpenInterest] = {}

    def note(self, told: Mapping[Instrument, float | None], at: int) -> None:
        """Keep what was told at `at` [ms], and what was told before that."""
        seen: dict[Instrument, OpenInterest] = {}
        for instrument, quantity in told.items():
            if not quantity:
                continue
            before = self._seen.get(instrument)
            rows = [(at, quantity)]
            if before is not None and before.time[-1] < at:
                rows.insert(0, (int(before.time[-1]), float(before.quantity[-1])))
            time, amount = zip(*rows, strict=True)
            seen[instrument] = OpenInterest(times(time), floats(amount))
        self._seen = seen

    def of(self, instrument: Instrument) -> OpenInterest | None:
        """Return what was seen of a market; None if nothing was."""
        return self._seen.get(instrument)
