"""Liquidations found in the fills of accounts that anyone can see, each told once.

The vaults that take over what is liquidated are listened to. The accounts that are followed are
asked for their fills once one of their positions has become smaller not far from where it would
have been liquidated: asking all of them all the time is more than the venue allows. Both sides of
a liquidation tell of it, and who reconnects is told the past again; so each is known by its trade.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing

import structlog

from bot.core.arrays import MINUTE
from bot.core.errors import MarketUnavailable
from bot.errands import Errand, Urgency, on
from bot.exchanges.accounts import AccountBook, EachMinute
from bot.exchanges.batches import by_market
from bot.exchanges.client import VenueClient
from bot.exchanges.parse.common import FillPage, ForcedOrder, Listing
from bot.exchanges.reduced import Reduced
from bot.exchanges.venue import PublicFills, Span, Stream
from bot.ports import LiveLiquidations

log = structlog.get_logger()

_REMEMBERED = 50_000  # trades [1]: some 10 MB, and more than a day of the wildest market
_EVERY = 2.0  # [s] between looks whether a position has become smaller
_FIRST_PAUSE = 15.0  # [s] after a request that failed, doubled each time
_LONGEST_PAUSE = 300.0  # [s]
_OVERLAP = MINUTE  # [ms] asked for before the last look, for clocks that differ
_VAULTS_LAST = 3600.0  # [s]; they change once in a year, or could not be asked for at first
_PAGES = 5  # the venue remembers no more of an account


class Told:
    """Which liquidations were told, since whoever follows them began to [ms]."""

    def __init__(self, since: int) -> None:
        self._since = since
        self._seen: dict[tuple[int, int, str], None] = {}  # oldest first

    def fresh(self, page: FillPage) -> list[ForcedOrder]:
        """Return what was not told yet; of what opens a subscription, only what came since."""
        found = []
        for fill in page.fills:
            before = page.snapshot and fill.order.time < self._since
            if before or fill.key in self._seen:
                continue
            self._seen[fill.key] = None
            found.append(fill.order)
        while len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return found


def stream(fills: PublicFills, vaults: Sequence[str], told: Told) -> Stream:
    """Describe the stream of the vaults' fills as one of liquidations of all markets."""
    known = frozenset(vaults)
    return Stream(
        url=fills.url,
        subscribe=lambda _markets: fills.subscribe(vaults),
        parse=lambda message: told.fresh(fills.parse(message, known)),
        ping=fills.ping,
        lossy=fills.lossy(0),
    )


async def vaults(exchange: str, fills: PublicFills, client: VenueClient) -> Sequence[str] | None:
    """Ask which vaults there are, as many as may be listened to; None if that is in vain."""
    try:
        with on(Errand(Urgency.COLLECTING)):
            found = fills.parse_vaults(await client.ask(fills.vaults))
    except MarketUnavailable as error:
        log.warning("list of vaults is old", exchange=exchange, why=error.reason)
        return None
    # Those that take over what is liquidated are known by heart, and come first.
    known = [one for one in fills.known if one in found]
    every = [*known, *(one for one in found if one not in known)]
    if len(every) > fills.most:
        log.warning("vaults not heard", exchange=exchange, count=len(every) - fills.most)
    return every[: fills.most]


class Changed(Exception):
    """There are other vaults than those listened to; never leaves this package."""


async def changes(
    exchange: str, fills: PublicFills, client: VenueClient, heard: Sequence[str]
) -> AsyncGenerator[LiveLiquidations, None]:
    """Raise Changed once there are other vaults than those heard; tells of no liquidation."""
    none: tuple[LiveLiquidations, ...] = ()
    for some in none:  # it is heard together with those that tell of some
        yield some
    while True:
        await asyncio.sleep(_VAULTS_LAST)
        if (found := await vaults(exchange, fills, client)) and set(found) != set(heard):
            raise Changed


class AccountFills:
    """Asks accounts for their fills whose positions have become smaller, for ever."""

    def __init__(
        self,
        exchange: str,
        fills: PublicFills,
        client: VenueClient,
        book: AccountBook,
        told: Told,
        vaults: Collection[str],
        listings: Callable[[], Mapping[str, Listing]],
        clock: Callable[[], int],
    ) -> None:
        self._exchange = exchange
        self._fills = fills
        self._client = client
        self._book = book
        self._told = told
        self._vaults = frozenset(vaults)
        self._listings = listings
        self._clock = clock
        self._pace = EachMinute(fills.a_minute)

    async def live(self) -> AsyncGenerator[LiveLiquidations, None]:
        """Yield liquidations of the markets listed, for ever; whoever stops closes it."""
        failures = 0
        while True:
            pause = min(_FIRST_PAUSE * 2 ** min(failures - 1, 10), _LONGEST_PAUSE)
            pause = pause if failures else _EVERY
            await asyncio.sleep(pause * random.uniform(0.8, 1.0))  # noqa: S311 - no secret
            with on(Errand(Urgency.COLLECTING)):
                self._book.wake()
            one = self._book.reduced.next()
            if one is None:
                continue
            answered = False
            try:
                async with aclosing(self._pages(one)) as pages:
                    async for page in pages:
                        for some in by_market(self._told.fresh(page), self._listings()):
                            yield some
                answered, failures = True, 0
            except MarketUnavailable as error:
                failures += 1
                log.warning("fills not seen", exchange=self._exchange, why=error.reason)
            finally:  # also where another feed takes over meanwhile
                if not answered:
                    self._book.reduced.again(one)

    async def _pages(self, one: Reduced) -> AsyncGenerator[FillPage, None]:
        """Ask for an account's fills since it was looked at before. MarketUnavailable."""
        now = self._clock()
        start = one.since - _OVERLAP
        for _ in range(_PAGES):
            await self._pace.kept()
            call = self._fills.call(one.address, Span(start, now, now))
            with on(Errand(Urgency.COLLECTING)):
                told = await self._client.ask(call)
            page = self._fills.parse_page(told, one.address, self._vaults)
            yield page
            if page.rows < self._fills.page:
                break
            # The fills of one moment may be parted; a page full of one moment is passed by.
            start = page.last if page.last > start else start + 1
