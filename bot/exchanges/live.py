"""Live markets: one source for each venue, and all of them together."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import structlog

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable, NotYetAllowed, UnknownSymbol, UnknownVenue
from bot.core.instruments import Instrument
from bot.core.language import Said
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.offer import Offer
from bot.core.market.positions import Positions
from bot.core.market.summary import Summary
from bot.errands import Errand, Urgency, current, on
from bot.exchanges import looks, market_data
from bot.exchanges.accounts import AccountBook, Chosen, read_addresses
from bot.exchanges.client import VenueClient
from bot.exchanges.faults import Rest
from bot.exchanges.feed import FeedState, Pulse, wall_clock
from bot.exchanges.following import Following
from bot.exchanges.kept import Kept
from bot.exchanges.parse.common import Listing
from bot.exchanges.registry import ALL_VENUES, VENUES
from bot.exchanges.seen import SeenInterest
from bot.exchanges.venue import Venue
from bot.ports import LiveLiquidations, MarketSource, Past

log = structlog.get_logger()

# Listings change a few times a day; one an hour old is good enough, and a missing one is looked
# for again at once.
_LISTINGS_LAST = HOUR
# Where open interest is told only as it stands, with the listings or the overview of all markets,
# these are asked for with every history, but not oftener.
_INTEREST_LASTS = MINUTE
# An overview may be wanted oftener, by people who look at one.
_OVERVIEW_LASTS = 10_000  # [ms]
# After a subscription was refused, listings older than this are asked for again.
_RENAMED_WITHIN = MINUTE


class VenueSource:
    """One venue's live market data over its public endpoints; a bot.ports.MarketSource.

    `base` sends every request to another origin, such as http://127.0.0.1:9000, which learns from
    the path's first part which host was meant. Nothing is imported or opened before it is needed.
    """

    simulated = False

    def __init__(
        self,
        venue: Venue,
        base: str | None = None,
        clock: Callable[[], int] = wall_clock,
        pulse: Pulse | None = None,
        accounts: Chosen | None = None,
    ) -> None:
        self.name = venue.name
        self._venue = venue
        self._base = base
        self._clock = clock
        self._client = VenueClient(venue, base)
        self._accounts: AccountBook | None = None
        if accounts is not None and venue.accounts is not None:
            self._accounts = AccountBook(venue, venue.accounts, self._client, base, clock, accounts)
        self._following = Following(
            venue, self._client, base, clock, pulse or Pulse(), self._listed, self._accounts
        )
        self._listings = Kept(self._ask_for_listings, clock)
        self._overview = Kept(self._ask_for_overview, clock)
        self._interest = SeenInterest()
        self._rest = Rest()
        self._failure: Said | None = None
        self._gaps: dict[Instrument, dict[str, str]] = {}

    def now(self, instrument: Instrument | None = None) -> int:  # noqa: ARG002 - one clock for all
        """Return the time [ms] UTC."""
        return self._clock()

    async def instruments(self) -> Sequence[Instrument]:
        """List the dollar perpetuals that trade. MarketUnavailable."""
        listed = await self._listings.within(_LISTINGS_LAST)
        self._look_at_accounts()
        return list(listed)

    async def history(self, instrument: Instrument, since: int) -> MarketHistory:
        """Gather what was observed from `since` [ms] on. UnknownSymbol, MarketUnavailable.

        The last candle may still be forming. A series that is None is in `gaps`, with the reason.
        """
        asked_at = self._clock()
        try:
            listing = await self._listing_of(instrument, self._listings_last)
            unseen = await self._see_interest()
            positions, lacking = self._positions(listing, asked_at)
            with on(current()), self._rest.spared():
                gathered = await market_data.gather(
                    self._client,
                    self._venue,
                    listing,
                    since,
                    self._clock(),
                    self._interest.of(instrument),
                )
        except NotYetAllowed:
            raise  # it is no failure of the venue
        except MarketUnavailable as error:
            self._failure = error.reason
            raise
        self._failure = None
        self._gaps[instrument] = gathered.gaps
        if lacking is not None:
            gathered.gaps["positions"] = lacking
        if unseen is not None:
            gathered.gaps["open interest"] = unseen
        history = replace(gathered.history, positions=positions)
        if self._venue.fills is not None:  # how complete it is also depends on who is followed
            history = replace(history, liquidation_feed=self._offer.lossy)
        return history

    async def _see_interest(self) -> str | None:
        """Look at open interest as it stands, where nothing else is told; say why that failed."""
        if self._venue.open_interest or self._venue.overview is None:
            return None
        try:
            await self._overview.within(_INTEREST_LASTS)
        except MarketUnavailable as error:
            log.warning("open interest not seen", exchange=self.name, why=error.reason)
            return error.why
        return None

    def _positions(self, listing: Listing, at: int) -> tuple[Positions | None, str | None]:
        """Return the public positions of a market as known at `at` [ms], and what they lack."""
        if self._accounts is None:
            return None, None
        self._look_at_accounts()
        return self._accounts.positions(listing.id, at), self._accounts.lacking()

    def _look_at_accounts(self) -> None:
        """See that accounts are looked at, which goes on when whoever asks now has their answer."""
        if self._accounts is not None:
            with on(Errand(Urgency.COLLECTING)):
                self._accounts.wake()

    def gaps(self, instrument: Instrument) -> dict[str, str]:
        """Say which series the last history of a market lacks, and why."""
        return dict(self._gaps.get(instrument, {}))

    async def summaries(self) -> Mapping[Instrument, Summary]:
        """Tell of all markets in a line each. MarketUnavailable."""
        try:
            return await self._overview.within(_OVERVIEW_LASTS)
        except MarketUnavailable as error:
            self._failure = error.reason
            raise

    async def past(self, instrument: Instrument, start: int, end: int) -> Past:
        """Gather what is still known of start..end [ms]. UnknownSymbol, MarketUnavailable."""
        listing, now = await self._listing_of(instrument), self._clock()
        with on(Errand(Urgency.PAST)), self._rest.spared():
            return await market_data.past(self._client, self._venue, listing, start, end, now)

    async def book(self, instrument: Instrument) -> OrderBook:
        """Return the order book as it stands. UnknownSymbol, MarketUnavailable."""
        listing = await self._listing_of(instrument)
        with self._rest.spared():
            return await looks.book(self._client, self._venue, listing, self._clock())

    async def trades(self, instrument: Instrument) -> Trades:
        """Return the latest trades. UnknownSymbol, MarketUnavailable."""
        listing = await self._listing_of(instrument)
        with self._rest.spared():
            return await looks.trades(self._client, self._venue, listing)

    def offers(self) -> Sequence[Offer]:
        """Say what this venue offers, without asking it."""
        return [self._offer]

    async def liquidations(
        self, instruments: Sequence[Instrument]
    ) -> AsyncGenerator[LiveLiquidations, None]:
        """Follow liquidations of those of the markets that this venue lists, for ever.

        Ends only if it lists none of them, or publishes none. Whoever stops listening closes it.
        """
        wanted = frozenset(one for one in instruments if one.exchange == self.name)
        async with aclosing(self._following.liquidations(wanted)) as live:
            async for some in live:
                yield some

    @property
    def feed(self) -> FeedState:
        """How the newest feed is doing."""
        return self._following.newest

    def heard(self, instrument: Instrument) -> Heard:
        """Say when the connections that now follow a market have been heard without a break."""
        return self._following.heard(instrument)

    def failures(self) -> dict[str, str | Said]:
        """Say why this venue could not be reached at the last try; empty if it could."""
        return {} if self._failure is None else {self.name: self._failure}

    async def close(self) -> None:
        """Let go of every connection."""
        await self._listings.close()
        await self._overview.close()
        if self._accounts is not None:
            await self._accounts.close()
        await self._client.close()

    @property
    def _offer(self) -> Offer:
        followed = 0 if self._accounts is None else self._accounts.count
        return looks.offer(self._venue, followed)

    async def _listing_of(self, instrument: Instrument, lasting: int = _LISTINGS_LAST) -> Listing:
        listing = (await self._listings.within(lasting)).get(instrument)
        if listing is None:
            raise UnknownSymbol(instrument.symbol)
        return listing

    @property
    def _listings_last(self) -> int:
        """How old listings may be [ms], of which a history is gathered."""
        told_with_them = not self._venue.open_interest and self._venue.overview is None
        return _INTEREST_LASTS if told_with_them else _LISTINGS_LAST

    async def _listed(self, *, anew: bool) -> dict[Instrument, Listing]:
        return await self._listings.within(_RENAMED_WITHIN if anew else _LISTINGS_LAST)

    async def _ask_for_listings(self) -> dict[Instrument, Listing]:
        """Return the listings; the old ones if there are no new. MarketUnavailable."""
        try:
            with self._rest.spared():
                found = await market_data.listings(self._client, self._venue)
        except MarketUnavailable as error:
            self._failure = error.reason
            if self._listings.last is None:
                raise
            log.warning("listings are old", exchange=self.name, why=error.reason)
            return self._listings.last
        listed = {listing.instrument: listing for listing in found}
        self._failure = None
        told = {one: listing.open_interest for one, listing in listed.items()}
        if any(told.values()):
            self._interest.note(told, self._clock())
        self._following.relisted(listed)
        return listed

    async def _ask_for_overview(self) -> Mapping[Instrument, Summary]:
        """Return all markets in a line each. MarketUnavailable."""
        listings = await self._listings.within(_LISTINGS_LAST)
        now = self._clock()
        with self._rest.spared():
            found = await looks.summaries(self._client, self._venue, listings, now)
        told = {one: summary.open_interest for one, summary in found.items()}
        self._interest.note(told, now)
        return found


def venue_source(
    name: str, exchange_base: str | None = None, accounts: Chosen | None = None
) -> VenueSource:
    """Make the live source of one venue. UnknownVenue, BadSetting."""
    if name not in ALL_VENUES:
        raise UnknownVenue(name, list(ALL_VENUES))
    return VenueSource(ALL_VENUES[name], exchange_base, accounts=accounts)


def live_source(
    venues: Sequence[str] = (),
    *,
    exchange_base: str | None = None,
    largest: int = 0,
    accounts_file: Path | None = None,
) -> MarketSource:
    """Make the live source of some venues, of the usual ones if none is named.

    Where accounts are public, so many of the `largest` are looked at, or those of a file, one
    address a line; by default none. UnknownVenue, BadSetting.
    """
    named = read_addresses(accounts_file) if accounts_file is not None and largest else ()
    accounts = Chosen(largest, named) if largest else None
    sources = [venue_source(name, exchange_base, accounts) for name in venues or VENUES]
    if len(sources) == 1:
        return sources[0]
    from bot.exchanges.merged import MergedSource

    return MergedSource(sources)
