"""One market, or several venues of one coin together, read for a picture and its words."""

from dataclasses import dataclass

from bot.core.arrays import Floats, Times
from bot.core.estimate.exact import ExactLayer
from bot.core.estimate.maps import (
    Cluster,
    Heatmap,
    LeverageGroups,
    LiquidationMap,
    SweptCluster,
)
from bot.core.language import Said, many
from bot.core.market.liquidations import Liquidations
from bot.core.market.series import Candles
from bot.core.windows import Window

# Of so many bars' length a venue's newest data may be behind before it is called stale: bars close
# at their time, and are told a little later.
_STALE_BARS = 3


@dataclass(frozen=True, slots=True)
class VenueShare:
    """How one venue stands in a reading."""

    exchange: str
    open_interest_usd: float | None  # [USD] one-sided
    as_of: int  # [ms] UTC of its newest closed bar or figure
    missing: tuple[str, ...]  # what it did not give: "open interest", "funding"
    liquidation_feed: str  # in words, how complete its liquidations are
    interval: int = 0  # [ms] of its bars, 0 if that is not said

    def is_stale(self, now: int) -> bool:
        """Whether its newest data are older at `now` [ms] than they should be.

        >>> bars_of_a_minute = VenueShare("okx", None, 600_000, (), "", interval=60_000)
        >>> bars_of_a_minute.is_stale(780_000), bars_of_a_minute.is_stale(780_001)
        (False, True)
        """
        return bool(self.interval) and now - self.as_of > _STALE_BARS * self.interval


@dataclass(frozen=True, slots=True, eq=False)
class StripSeries:
    """A line under the heatmap; arrays have shape (N,)."""

    time: Times  # [ms] UTC
    value: Floats


@dataclass(frozen=True, slots=True, eq=False)
class MapReading:
    """All that `/heatmap` and `/map` show, finished; pictures and words add nothing to it."""

    base: str  # "BTC"
    quote: str  # "USDT", or "USD" where venues of several quotes are summed
    window: Window
    as_of: int  # [ms] UTC: the time of the newest data
    price: float  # [quote/base]
    candles: Candles  # of the venue with the most open interest, within the window
    heatmap: Heatmap
    now: LiquidationMap
    groups: LeverageGroups
    clusters: tuple[Cluster, ...]  # within the heatmap's prices, largest first
    swept: tuple[SweptCluster, ...]  # newest first
    open_interest: StripSeries | None  # [USD] of venues that tell its past, within the window
    funding: StripSeries | None  # [fraction for eight hours] weighted by open interest
    liquidations: Liquidations | None  # within the window, where the feed gives events
    venues: tuple[VenueShare, ...]  # those in it
    asked: tuple[str, ...]  # exchanges asked, in it or not
    failures: tuple[str | Said, ...]  # a sentence for each that did not answer
    simulated: bool
    grade: str | Said  # one word on measured accuracy, "unproven" until there is a score
    exact_share: float | None  # of open interest whose liquidation prices are known exactly
    exact: ExactLayer | None = None  # those positions, on the bins of `now`
    map_clusters: tuple[Cluster, ...] = ()  # the same as far as `now` reaches, largest first

    @property
    def stale(self) -> tuple[VenueShare, ...]:
        """Venues in it whose newest data are older than they should be."""
        return tuple(venue for venue in self.venues if venue.is_stale(self.as_of))

    @property
    def interest_usd(self) -> float:
        """Open interest of all venues in it [USD]; also of those whose past is not told."""
        return sum(venue.open_interest_usd or 0.0 for venue in self.venues)

    @property
    def freshness(self) -> str:
        """Partial answers say so.

        "3 of 3 venues"
        """
        told = len(self.venues)
        return many(
            "{told} of {count} venue", "{told} of {count} venues", len(self.asked), told=told
        )
