"""What `/funding`, `/oi` and `/ratio` show, finished; pictures and words add nothing to it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.core.arrays import DAY, HOUR
from bot.core.estimate.reading import StripSeries
from bot.core.language import Said, many
from bot.core.panels.standing import Standing

SPANS = {"1 h": HOUR, "4 h": 4 * HOUR, "24 h": DAY, "7 d": 7 * DAY}


class Kind(StrEnum):
    """Which figure a panel is about, by the name of its command."""

    FUNDING = "funding"  # [fraction for eight hours]
    INTEREST = "oi"  # [base]
    RATIO = "ratio"  # [1] accounts long / accounts short


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One venue, or all together; `nan` is what is not known."""

    exchange: str  # the empty string: all together
    strip: StripSeries  # by the hour
    now: float
    as_of: int  # [ms] UTC when `now` was told
    stale: bool  # older than such figures should be
    standings: tuple[Standing, ...]
    changes: tuple[float, ...]  # over SPANS: fraction for open interest, else a difference
    interest_usd: float  # [USD]
    usd_changes: tuple[float, ...] = ()  # over SPANS, of open interest in dollars [fraction]
    interval: int | None = None  # [ms] between fundings
    due: int | None = None  # [ms] UTC next funding
    venues: tuple[str, ...] = ()  # of all together: whose past is in the strip


@dataclass(frozen=True, slots=True, eq=False)
class PanelReading:
    """One figure of one coin."""

    kind: Kind
    base: str  # "BTC"
    as_of: int  # [ms] UTC
    start: int  # [ms] UTC, where strips begin
    merged: Line | None  # None: no venue tells it
    venues: tuple[Line, ...]  # those that tell it, most open interest first
    lacking: tuple[str, ...]  # exchanges that answered but do not tell it
    asked: tuple[str, ...]
    failures: tuple[str | Said, ...]  # a sentence for each that did not answer
    simulated: bool

    @property
    def freshness(self) -> str:
        """Partial answers say so.

        "9 of 12 venues"
        """
        told = len(self.venues)
        return many(
            "{told} of {count} venue", "{told} of {count} venues", len(self.asked), told=told
        )
