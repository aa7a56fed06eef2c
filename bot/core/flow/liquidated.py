"""Liquidations that happened, of one coin or of all: what a picture and its words show."""

from dataclasses import dataclass, field

from bot.core.arrays import DAY, MINUTE, Floats, Times
from bot.core.instruments import Instrument
from bot.core.language import Said, many, mark
from bot.core.market.heard import Heard
from bot.core.market.liquidations import Liquidations, LiquidationTotals
from bot.core.market.series import Candles

# Sizes by which single liquidations are told apart, said with `say`, from so many USD on.
CLASSES = (
    (mark("under $1K"), 0.0),
    ("$1K–10K", 1e3),
    ("$10K–100K", 1e4),
    ("$100K–1M", 1e5),
    (mark("over $1M"), 1e6),
)

# A venue heard for all of the day but so much [fraction] was heard all day: reconnecting takes
# seconds, and who begins to listen asks a minute later at the earliest.
_WHOLE = 1 - 2 * MINUTE / DAY


@dataclass(frozen=True, slots=True, eq=False)
class ToldMarket:
    """What is known of one market's liquidations; those before the last 24 hours may be in it."""

    instrument: Instrument
    events: Liquidations | None  # None: its venue has told of none, ever
    heard: Heard | None  # None: all the time
    feed: str  # in English words, how complete its feed is
    totals: LiquidationTotals | None = None  # sums, where single events are not told
    candles: Candles | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """Liquidated positions by side."""

    long_usd: float = 0.0
    short_usd: float = 0.0
    long_count: int = 0
    short_count: int = 0

    @property
    def usd(self) -> float:
        """Both sides [USD]."""
        return self.long_usd + self.short_usd

    @property
    def count(self) -> int:
        """Both sides."""
        return self.long_count + self.short_count

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.long_usd + other.long_usd,
            self.short_usd + other.short_usd,
            self.long_count + other.long_count,
            self.short_count + other.short_count,
        )


@dataclass(frozen=True, slots=True)
class Share:
    """What one venue, one coin or one class of sizes has of the last hour and day."""

    name: str
    hour: Sums = field(default_factory=Sums)
    day: Sums = field(default_factory=Sums)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How well one venue was heard over the last 24 hours."""

    exchange: str
    feed: str  # in English words, how complete its feed is
    heard: float  # [fraction] of the last 24 hours, the least of its markets
    heard_hour: float  # [fraction] of the last hour, likewise
    until: int | None  # [ms] UTC when it was last heard, if it is deaf now

    @property
    def whole(self) -> bool:
        """Whether it was heard all day."""
        return self.heard >= _WHOLE


@dataclass(frozen=True, slots=True)
class OneLiquidation:
    """A single liquidated position, or part of one."""

    instrument: Instrument
    time: int  # [ms] UTC
    side: int  # +1 a long was liquidated, -1 a short
    price: float  # [quote/base]
    usd: float


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """The last 24 hours in bins; T bins."""

    edges: Times  # [ms] UTC, shape (T + 1,), aligned to 1970; the last bin is forming
    long_usd: Floats  # [USD] shape (T,)
    short_usd: Floats  # [USD] shape (T,)
    heard: Floats  # [fraction] of each bin in which every market was heard, shape (T,)


@dataclass(frozen=True, slots=True, eq=False)
class LiquidatedReading:
    """All that `/liqs` shows, finished; picture and words add nothing to it."""

    base: str  # "BTC"; empty: all markets that are followed
    as_of: int  # [ms] UTC
    hour: Sums
    day: Sums
    classes: tuple[Share, ...]  # as CLASSES
    venues: tuple[Share, ...]  # by exchange, most of the day first
    coins: tuple[Share, ...]  # likewise
    coverage: tuple[Coverage, ...]  # in the order of `venues`
    largest: tuple[OneLiquidation, ...]  # of the day, largest first
    timeline: Timeline
    candles: Candles | None  # of the last 24 hours, of one coin
    asked: tuple[str, ...]  # exchanges asked, in it or not
    failures: tuple[str | Said, ...]  # a sentence for each that did not answer
    simulated: bool

    @property
    def freshness(self) -> str:
        """Partial answers say so: venues that were heard all of the last day.

        "2 of 3 venues"
        """
        told = sum(each.whole for each in self.coverage)
        return many(
            "{told} of {count} venue", "{told} of {count} venues", len(self.asked), told=told
        )
