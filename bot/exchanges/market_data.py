"""One market's series gathered from its venue side by side."""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import structlog

from bot.core.arrays import floats, times
from bot.core.errors import MarketUnavailable
from bot.core.language import later, mark
from bot.core.margin.tiers import Brackets
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles, LongShortRatio, OpenInterest
from bot.exchanges.client import VenueClient
from bot.exchanges.faults import held_back
from bot.exchanges.parse.common import Listing, join, stamps, within
from bot.exchanges.venue import Series, SeriesT, Span, Venue
from bot.ports import Past

log = structlog.get_logger()

# Long enough for 90 days through the slowest limiter, short enough that a chat still waits.
# Beside it, a venue may make us wait for as long as it takes until we may ask it again.
DEADLINE = 30.0  # [s] for candles, without which there is nothing to draw
PATIENCE = 20.0  # [s] for anything else
# A page that does not reach back far enough is followed by another, but not for ever.
_FOLLOWED = 50
_NO_LIQUIDATIONS = mark("it publishes no liquidations")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Gathering:
    """What one gathering brought, and what it did not and why."""

    history: MarketHistory
    gaps: dict[str, str]  # series -> why it is missing


async def listings(client: VenueClient, venue: Venue) -> list[Listing]:
    """List the dollar perpetuals that trade. MarketUnavailable."""
    found: list[Listing] = []
    cursor = ""
    for _ in range(_FOLLOWED):
        payload = await client.ask(venue.listings(cursor))
        found += venue.parse_listings(payload)
        cursor = venue.next_page(payload)
        if not cursor:
            break
    if not found:
        raise MarketUnavailable(venue.name, later("it lists no perpetual that can be used"))
    return found


_SENT_NONE = {
    "candles": mark("it sent no candles of {market}"),
    "open interest": mark("it sent no open interest of {market}"),
    "funding": mark("it sent no funding of {market}"),
    "long/short ratio": mark("it sent no long/short ratio of {market}"),
}


class _Empty(MarketUnavailable):
    """An answer without a row."""


def _every(venue: Venue) -> int:
    """How often a venue tells its open interest, at the finest [ms]."""
    return venue.open_interest[0].interval if venue.open_interest else 0


async def gather(
    client: VenueClient,
    venue: Venue,
    listing: Listing,
    since: int,
    now: int,
    seen: OpenInterest | None = None,
) -> Gathering:
    """Gather all series of one market from `since` to `now` [ms]. MarketUnavailable.

    Without candles there is no market; any other series that fails is left out, and said. `seen` is
    the open interest of a venue that tells it only with its listings.
    """
    pages = _Pages(client, listing, since, now)
    gaps: dict[str, str] = {}
    if not venue.open_interest and seen is None:
        gaps["open interest"] = "it tells none of this market"
    if venue.long_short_ratio is None:
        gaps["long/short ratio"] = "it publishes none"

    async def optional(what: str, asked: Awaitable[_T], every: int = 0) -> _T | None:
        try:
            async with asyncio.timeout(PATIENCE + client.window):
                return await asked
        except (MarketUnavailable, TimeoutError) as error:
            if isinstance(error, _Empty) and now - since < 2 * every:
                return None  # what is told once in a while has not been told anew
            failure = held_back(venue.name, error)
            gaps[what] = failure.why
            log.warning("series missing", exchange=venue.name, series=what, why=failure.reason)
            return None

    failed: list[MarketUnavailable] = []
    try:
        async with asyncio.TaskGroup() as group:
            candles = group.create_task(pages.candles(venue))
            interest = group.create_task(
                optional("open interest", pages.open_interest(venue, seen, candles), _every(venue))
            )
            funding = group.create_task(
                optional("funding", pages.series(venue.funding), venue.funding.interval)
            )
            told = venue.long_short_ratio.interval if venue.long_short_ratio else 0
            ratio = group.create_task(optional("long/short ratio", pages.ratio(venue), told))
            brackets = group.create_task(
                optional("margin brackets", pages.brackets(venue, candles))
            )
    except* MarketUnavailable as group_failed:
        failed += _leaves(group_failed)
    if failed:
        raise failed[0]
    history = MarketHistory(
        listing.instrument,
        candles.result(),
        interest.result(),
        funding.result(),
        ratio.result(),
        brackets=brackets.result(),
        liquidation_feed=feed.lossy if (feed := venue.stream or venue.polled) else _NO_LIQUIDATIONS,
    )
    return Gathering(history, gaps)


async def past(
    client: VenueClient, venue: Venue, listing: Listing, start: int, end: int, now: int
) -> Past:
    """Gather what a venue still knows of start..end [ms], one series after the other.

    Nobody waits for it, so it leaves room for what somebody waits for. MarketUnavailable if even
    candles are not answered.
    """
    pages = _Pages(client, listing, start, now, until=end)
    failed: list[str] = []

    async def told(series: Series[SeriesT] | None) -> SeriesT | None:
        try:
            async with asyncio.timeout(PATIENCE + client.window):
                return None if series is None else await pages.series(series)
        except _Empty:
            return None
        except (MarketUnavailable, TimeoutError) as error:
            if series is venue.candles:
                raise held_back(venue.name, error) from error
            assert series is not None  # noqa: S101 - what is not asked for does not fail
            failed.append(series.what.removeprefix("the "))
            log.info("past not told", exchange=venue.name, series=series.what, why=error)
            return None

    candles = await told(venue.candles)
    interest = None
    for step in venue.open_interest:
        interest = await told(step)
        if interest is not None:
            if step.valued and listing.inverse:
                interest = in_base(interest, candles) if candles is not None else None
            break  # coarser steps only where the finer are no longer remembered
    history = MarketHistory(
        listing.instrument,
        _no_candles(venue.candles.interval) if candles is None else candles,
        interest,
        await told(venue.funding),
        await told(venue.long_short_ratio),
    )
    untold = {
        "open interest": not venue.open_interest,
        "long/short ratio": venue.long_short_ratio is None,
    }
    never = tuple(series for series, is_untold in untold.items() if is_untold)
    return Past(history, tuple(dict.fromkeys(failed)), never)


def in_base(interest: OpenInterest, candles: Candles) -> OpenInterest:
    """Turn open interest [quote] into base coin, at the price at which the bar of its time opened.

    What is older than the first bar is taken at that bar's price.
    """
    place = np.searchsorted(candles.open_time, interest.time, side="right") - 1
    price = candles.open[np.maximum(place, 0)]
    return OpenInterest(interest.time, interest.quantity / price)


def _no_candles(interval: int) -> Candles:
    none = floats(())
    return Candles(times(()), none, none, none, none, none, None, interval)


class _Pages:
    """Series of one market and one stretch of time, page by page."""

    def __init__(
        self,
        client: VenueClient,
        listing: Listing,
        since: int,
        now: int,
        *,
        until: int | None = None,
    ) -> None:
        self._client = client
        self._listing = listing
        self._since = since
        self._now = now
        self._until = now if until is None else until

    async def candles(self, venue: Venue) -> Candles:
        try:
            async with asyncio.timeout(DEADLINE + self._client.window):
                return await self.series(venue.candles)
        except TimeoutError as error:
            raise held_back(venue.name, error) from error

    async def open_interest(
        self, venue: Venue, seen: OpenInterest | None, candles: asyncio.Task[Candles]
    ) -> OpenInterest | None:
        """Take the finest step as far as it reaches, coarser ones before that."""
        if not venue.open_interest:
            return seen
        finest, *coarser = venue.open_interest
        known = await self.series(finest)
        for step in coarser:
            first = int(known.time[0])
            if first - self._since < step.interval:
                break
            try:
                before = within(await self.series(step), self._since, first - 1)
            except MarketUnavailable as error:
                log.info("open interest begins late", exchange=venue.name, why=error.reason)
                break
            known = join([before, known])
        if finest.valued and self._listing.inverse:
            return in_base(known, await asyncio.shield(candles))
        return known

    async def ratio(self, venue: Venue) -> LongShortRatio | None:
        return await self.series(venue.long_short_ratio) if venue.long_short_ratio else None

    async def brackets(self, venue: Venue, candles: asyncio.Task[Candles]) -> Brackets | None:
        if venue.tiers is None:
            return self._listing.brackets
        payload = await self._client.ask(venue.tiers.call(self._listing))
        price = float((await asyncio.shield(candles)).close[-1])
        return venue.tiers.parse(payload, self._listing, price)

    async def series(self, series: Series[SeriesT]) -> SeriesT:
        """Ask for all pages at once and join them. MarketUnavailable if there is no row."""
        pages = await _all([self._page(series, span) for span in self._spans(series)])
        parts = [part for page in pages for part in page]
        whole = within(join(parts), self._since, self._until) if parts else None
        if whole is None or not len(stamps(whole)):
            market = self._listing.instrument
            what = series.what.removeprefix("the ")
            raise _Empty(market.exchange, later(_SENT_NONE[what], market=market.symbol))
        return whole

    async def _page(self, series: Series[SeriesT], span: Span) -> list[SeriesT]:
        """Ask for one page, and for what is older as long as it does not reach back far enough.

        Venues that send the newest rows first leave out the oldest where a page holds fewer rows,
        or rows lie closer, than the registry says.
        """
        parts: list[SeriesT] = []
        end = span.end
        for _ in range(_FOLLOWED):
            call = series.call(self._listing, replace(span, end=end))
            part = series.parse(await self._client.ask(call), self._listing, series.interval)
            parts.append(part)
            time = stamps(part)
            if not len(time) or time[0] > end or time[0] - span.start < 2 * series.interval:
                break
            end = int(time[0]) - 1
        return parts

    def _spans(self, series: Series[SeriesT]) -> list[Span]:
        """Cut the time into pages; the row under way when it starts is asked for too."""
        start = (self._since // series.interval - 1) * series.interval
        if series.reach is not None:
            remembered = -(-(self._now - series.reach) // series.interval) * series.interval
            start = max(start, remembered)
        length = series.page * series.interval
        starts = range(start, self._until, length)
        return [Span(at, min(at + length, self._until + 1) - 1, self._now) for at in starts]


async def _all(asked: Sequence[Coroutine[Any, Any, _T]]) -> list[_T]:
    """Wait side by side; the first that fails ends the others and is raised bare."""
    failed: list[MarketUnavailable] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in asked]
    except* MarketUnavailable as group_failed:
        failed += _leaves(group_failed)
    if failed:
        raise failed[0]
    return [task.result() for task in tasks]


def _leaves(group: ExceptionGroup[MarketUnavailable]) -> list[MarketUnavailable]:
    found: list[MarketUnavailable] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, ExceptionGroup) else [error]
    return found
