"""Live markets: one source for each venue, and all of them together."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import structlog

from bot.core.arrays import HOUR, MINUTE, floats, times
from bot.core.errors import MarketUnavailable, UnknownSymbol, UnknownVenue
from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.offer import Offer
from bot.core.market.positions import Positions
from bot.core.market.series import OpenInterest
from bot.core.market.summary import Summary
from bot.exchanges import looks, market_data
from bot.exchanges.accounts import AccountBook, Chosen, read_addresses
from bot.exchanges.client import VenueClient, rebased
from bot.exchanges.faults import Rest
from bot.exchanges.feed import FeedState, LiquidationFeed, Pulse
from bot.exchanges.parse.common import Listing
from bot.exchanges.registry import ALL_VENUES, VENUES
from bot.exchanges.venue import Venue
from bot.ports import LiveLiquidations, MarketSource, Past

log = structlog.get_logger()

# Listings change a few times a day; one an hour old is good enough, and a missing one is looked
# for again at once.
_LISTINGS_LAST = HOUR
# Where open interest is told with the listings, they are asked for with every history but so often.
_INTEREST_LASTS = MINUTE


def wall_clock() -> int:
    """Return the time [ms] UTC."""
    return time.time_ns() // 1_000_000


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
        self.feed = FeedState()  # of the newest feed
        self._feeds: dict[FeedState, set[Instrument]] = {}  # those open, and what they follow
        self._venue = venue
        self._base = base
        self._clock = clock
        self._pulse = pulse or Pulse()
        self._client = VenueClient(venue, base)
        self._listings: dict[Instrument, Listing] = {}
        self._listed_at: int | None = None  # [ms]
        # Where open interest is told with the listings: the last two that were seen. What somebody
        # begins to gather at the time of the older one may use that one only.
        self._interest: dict[Instrument, OpenInterest] = {}
        self._listing: asyncio.Task[dict[Instrument, Listing]] | None = None
        self._rest = Rest()
        self._failure: str | None = None
        self._gaps: dict[Instrument, dict[str, str]] = {}
        self._accounts: AccountBook | None = None
        if accounts is not None and venue.accounts is not None:
            self._accounts = AccountBook(venue, venue.accounts, self._client, base, clock, accounts)

    def now(self, instrument: Instrument | None = None) -> int:  # noqa: ARG002 - one clock for all
        """Return the time [ms] UTC."""
        return self._clock()

    async def instruments(self) -> Sequence[Instrument]:
        """List the dollar perpetuals that trade. MarketUnavailable."""
        listed = await self._listed()
        if self._accounts is not None:
            self._accounts.wake()
        return list(listed)

    async def history(self, instrument: Instrument, since: int) -> MarketHistory:
        """Gather what was observed from `since` [ms] on. UnknownSymbol, MarketUnavailable.

        The last candle may still be forming. A series that is None is in `gaps`, with the reason.
        """
        asked_at = self._clock()
        try:
            listings = await self._listed(
                _LISTINGS_LAST if self._venue.open_interest else _INTEREST_LASTS
            )
            listing = listings.get(instrument)
            if listing is None:
                raise UnknownSymbol(instrument.symbol)
            positions, lacking = self._positions(listing, asked_at)
            with self._rest.spared():
                gathered = await market_data.gather(
                    self._client,
                    self._venue,
                    listing,
                    since,
                    self._clock(),
                    self._interest.get(instrument),
                )
        except MarketUnavailable as error:
            self._failure = error.why
            raise
        self._failure = None
        self._gaps[instrument] = gathered.gaps
        if lacking is not None:
            gathered.gaps["positions"] = lacking
        return replace(gathered.history, positions=positions)

    def _positions(self, listing: Listing, at: int) -> tuple[Positions | None, str | None]:
        """Return the public positions of a market as known at `at` [ms], and what they lack."""
        if self._accounts is None:
            return None, None
        self._accounts.wake()
        return self._accounts.positions(listing.id, at), self._accounts.lacking()

    def gaps(self, instrument: Instrument) -> dict[str, str]:
        """Say which series the last history of a market lacks, and why."""
        return dict(self._gaps.get(instrument, {}))

    async def summaries(self) -> Mapping[Instrument, Summary]:
        """Tell of all markets in a line each. MarketUnavailable."""
        listings = await self._listed()
        try:
            with self._rest.spared():
                return await looks.summaries(self._client, self._venue, listings, self._clock())
        except MarketUnavailable as error:
            self._failure = error.why
            raise

    async def past(self, instrument: Instrument, start: int, end: int) -> Past:
        """Gather what is still known of start..end [ms]. UnknownSymbol, MarketUnavailable."""
        listing, now = await self._listing_of(instrument), self._clock()
        with self._rest.spared():
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
        return [looks.offer(self._venue)]

    async def _listing_of(self, instrument: Instrument) -> Listing:
        listing = (await self._listed()).get(instrument)
        if listing is None:
            raise UnknownSymbol(instrument.symbol)
        return listing

    async def liquidations(
        self, instruments: Sequence[Instrument]
    ) -> AsyncGenerator[LiveLiquidations, None]:
        """Follow liquidations of those of the markets that this venue lists, for ever.

        Ends only if it lists none of them, or publishes none. Whoever stops listening closes it.
        """
        wanted = {one for one in instruments if one.exchange == self.name}
        stream = self._venue.stream
        if not wanted or stream is None:
            return
        listings = await self._listed_at_last()
        followed = {listing.id: listing for one, listing in listings.items() if one in wanted}
        if not followed:
            return
        url = rebased(stream.url, self._base)
        state = self.feed = FeedState()
        feed = LiquidationFeed(self.name, stream, url, followed, state, self._pulse)
        self._feeds[state] = {listing.instrument for listing in followed.values()}
        try:
            async with aclosing(feed.live()) as live:
                async for some in live:
                    yield some
        finally:
            del self._feeds[state]

    def heard(self, instrument: Instrument) -> Heard:
        """Say when the connections that now follow a market have been heard without a break."""
        following = [state for state, markets in self._feeds.items() if instrument in markets]
        return Heard.of(span for state in following for span in state.heard.spans)

    def failures(self) -> dict[str, str]:
        """Say why this venue could not be reached at the last try; empty if it could."""
        return {} if self._failure is None else {self.name: self._failure}

    async def close(self) -> None:
        """Let go of every connection."""
        if self._listing is not None:
            self._listing.cancel()
            await asyncio.gather(self._listing, return_exceptions=True)
        if self._accounts is not None:
            await self._accounts.close()
        await self._client.close()

    async def _listed(self, lasting: int = _LISTINGS_LAST) -> dict[Instrument, Listing]:
        """Return the listings, not older than `lasting` [ms]; old ones if there are no new.

        All who ask at the same time wait for the same answer.
        """
        now = self._clock()
        if self._listed_at is not None and now - self._listed_at < lasting:
            return self._listings
        if self._listing is None or self._listing.done():
            self._listing = asyncio.create_task(self._ask_for_listings())
            # Whoever asked may have gone; a failure is then nobody's.
            self._listing.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._listing)

    async def _ask_for_listings(self) -> dict[Instrument, Listing]:
        try:
            with self._rest.spared():
                found = await market_data.listings(self._client, self._venue)
        except MarketUnavailable as error:
            self._failure = error.why
            if not self._listings:
                raise
            log.warning("listings are old", exchange=self.name, why=error.why)
            return self._listings
        self._listings = {listing.instrument: listing for listing in found}
        self._listed_at = self._clock()
        self._failure = None
        self._note_interest(self._listed_at)
        return self._listings

    def _note_interest(self, at: int) -> None:
        """Keep the open interest that the listings told at `at` [ms], and the one before."""
        told: dict[Instrument, OpenInterest] = {}
        for instrument, listing in self._listings.items():
            if listing.open_interest is None:
                continue
            before = self._interest.get(instrument)
            rows = [(at, listing.open_interest)]
            if before is not None and before.time[-1] < at:
                rows.insert(0, (int(before.time[-1]), float(before.quantity[-1])))
            time_, quantity = zip(*rows, strict=True)
            told[instrument] = OpenInterest(times(time_), floats(quantity))
        self._interest = told

    async def _listed_at_last(self) -> dict[Instrument, Listing]:
        """Return the listings, however long the venue takes to give them."""
        pause = self._pulse.first_pause
        while True:
            try:
                return await self._listed()
            except MarketUnavailable as error:
                log.warning("feed waits for listings", exchange=self.name, why=error.why)
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._pulse.longest_pause)


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
