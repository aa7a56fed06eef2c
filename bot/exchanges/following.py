"""Who follows which markets of a venue, by its stream or by asking, and what of them is heard."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Protocol, TypeAlias

import structlog

from bot.core.errors import MarketUnavailable
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.exchanges import fills as account_fills
from bot.exchanges.accounts import AccountBook
from bot.exchanges.client import VenueClient, rebased
from bot.exchanges.feed import FeedState, LiquidationFeed, Pulse
from bot.exchanges.parse.common import Listing
from bot.exchanges.polled import LiquidationPoll
from bot.exchanges.stamps import Stamps
from bot.exchanges.together import together
from bot.exchanges.venue import Polled, PublicFills, Stream, Venue
from bot.ports import LiveLiquidations

log = structlog.get_logger()

Listings: TypeAlias = Mapping[Instrument, Listing]


class _Listed(Protocol):
    async def __call__(self, *, anew: bool) -> Listings: ...


class Following:
    """The feeds of one venue that are open.

    `listed` returns the venue's listings, asked for anew if it is to; `book` holds the accounts
    whose fills are asked for.
    """

    def __init__(
        self,
        venue: Venue,
        client: VenueClient,
        base: str | None,
        clock: Callable[[], int],
        pulse: Pulse,
        listed: _Listed,
        book: AccountBook | None = None,
    ) -> None:
        self.newest = FeedState()
        self._venue = venue
        self._client = client
        self._base = base
        self._clock = clock
        self._pulse = pulse
        self._listed = listed
        self._book = book
        self._known: Listings = {}
        self._stamps = Stamps()
        self._states: dict[FeedState, frozenset[Instrument]] = {}  # and what they follow
        self._feeds: dict[LiquidationFeed, frozenset[Instrument]] = {}

    async def liquidations(
        self, wanted: frozenset[Instrument]
    ) -> AsyncGenerator[LiveLiquidations, None]:
        """Follow those of the markets that the venue lists, for ever; whoever stops closes it."""
        venue = self._venue
        if not wanted or not (venue.stream or venue.polled or venue.fills):
            return
        self._known = await self._listed_at_last()
        followed = wanted & self._known.keys()
        if not followed:
            return
        if venue.stream is not None:
            stream = venue.stream
            live = together([self._streamed(stream, part) for part in _parts(followed, stream)])
        elif venue.polled is not None:
            live = self._asked(venue.polled, followed)
        elif venue.fills is not None:
            live = self._filled(venue.fills, followed)
        async with aclosing(live) as following:
            async for some in following:
                yield some

    def relisted(self, listings: Listings) -> None:
        """Let the feeds go on with the markets as they are listed now."""
        self._known = listings
        for feed, followed in self._feeds.items():
            feed.follow(_by_name(listings, followed))

    def heard(self, instrument: Instrument) -> Heard:
        """Say when the feeds that now follow a market have been heard without a break."""
        if instrument not in self._known:
            return Heard()  # no feed tells of what is not listed any more
        following = [state for state, markets in self._states.items() if instrument in markets]
        return Heard.of(span for state in following for span in state.heard.spans)

    async def _streamed(
        self, stream: Stream, followed: frozenset[Instrument]
    ) -> AsyncGenerator[LiveLiquidations, None]:
        async def renewed() -> None:
            try:
                self.relisted(await self._listed(anew=True))
            except MarketUnavailable as error:
                log.warning("listings are old", exchange=self._venue.name, why=error.reason)

        feed = LiquidationFeed(
            self._venue.name,
            stream,
            rebased(stream.url, self._base),
            _by_name(self._known, followed),
            FeedState(),
            self._pulse,
            renewed,
            self._clock,
            self._stamps,
        )
        self.newest = feed.state
        self._states[feed.state] = self._feeds[feed] = followed
        try:
            async with aclosing(feed.live()) as live:
                async for some in live:
                    yield some
        finally:
            del self._states[feed.state], self._feeds[feed]

    async def _asked(
        self, polled: Polled, followed: frozenset[Instrument]
    ) -> AsyncGenerator[LiveLiquidations, None]:
        async def current(instrument: Instrument) -> Listing | None:
            return (await self._listed(anew=False)).get(instrument)

        states = {instrument: FeedState() for instrument in sorted(followed, key=_key)}
        poll = LiquidationPoll(
            self._venue.name, polled, self._client, states, current, self._clock, self._pulse
        )
        self._states |= {state: frozenset({one}) for one, state in states.items()}
        self.newest = next(iter(states.values()))
        try:
            async with aclosing(poll.live()) as live:
                async for some in live:
                    yield some
        finally:
            for state in states.values():
                del self._states[state]

    async def _filled(
        self, fills: PublicFills, followed: frozenset[Instrument]
    ) -> AsyncGenerator[LiveLiquidations, None]:
        began = self._clock()
        while True:
            # What was read of the last ones and not handed on is told again.
            told = account_fills.Told(began)
            asked = await account_fills.vaults(self._venue.name, fills, self._client)
            live = self._fills_of(fills, asked or fills.known, told, followed)
            with suppress(account_fills.Changed):
                async with aclosing(together(live)) as following:
                    async for some in following:
                        yield some

    def _fills_of(
        self,
        fills: PublicFills,
        vaults: Sequence[str],
        told: account_fills.Told,
        followed: frozenset[Instrument],
    ) -> list[AsyncGenerator[LiveLiquidations, None]]:
        """Return all that tells of liquidations while these are the vaults."""
        name, client = self._venue.name, self._client
        stream = account_fills.stream(fills, vaults, told)
        live = [
            self._streamed(stream, followed),
            account_fills.changes(name, fills, client, vaults),
        ]
        if self._book is not None:
            accounts = account_fills.AccountFills(
                name,
                fills,
                client,
                self._book,
                told,
                vaults,
                lambda: _by_name(self._known, followed),
                self._clock,
            )
            live.append(accounts.live())
        return live

    async def _listed_at_last(self) -> Listings:
        """Return the listings, however long the venue takes to give them."""
        pause = self._pulse.first_pause
        while True:
            try:
                return await self._listed(anew=False)
            except MarketUnavailable as error:
                log.warning("feed waits for listings", exchange=self._venue.name, why=error.reason)
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._pulse.longest_pause)


def _parts(followed: frozenset[Instrument], stream: Stream) -> list[frozenset[Instrument]]:
    """Part markets into as many as one connection may follow."""
    if stream.most is None:
        return [followed]
    markets = sorted(followed, key=_key)
    starts = range(0, len(markets), stream.most)
    return [frozenset(markets[start : start + stream.most]) for start in starts]


def _key(instrument: Instrument) -> str:
    return instrument.key


def _by_name(listings: Listings, followed: frozenset[Instrument]) -> dict[str, Listing]:
    return {listing.id: listing for one, listing in listings.items() if one in followed}
