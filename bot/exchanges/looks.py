"""What a venue tells of the moment: its markets in a line each, an order book, latest trades."""

from collections.abc import Mapping

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Instrument
from bot.core.language import later, mark
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.offer import NONE, Offer
from bot.core.market.summary import Summary
from bot.exchanges.client import VenueClient
from bot.exchanges.parse.common import Listing
from bot.exchanges.venue import Series, SeriesT, Venue


async def summaries(
    client: VenueClient, venue: Venue, listings: Mapping[Instrument, Listing], now: int
) -> Mapping[Instrument, Summary]:
    """Ask for the overview of all markets, as of `now` [ms]. MarketUnavailable."""
    if venue.overview is None:
        raise MarketUnavailable(venue.name, later("it gives no overview of its markets"))
    answers = [await client.ask(call) for call in venue.overview.calls]
    by_id = {listing.id: listing for listing in listings.values()}
    found = venue.overview.parse(answers, by_id, now)
    if not found:
        raise MarketUnavailable(venue.name, later("it tells nothing of the markets that it lists"))
    return found


async def book(client: VenueClient, venue: Venue, listing: Listing, now: int) -> OrderBook:
    """Ask for a market's order book, as of `now` [ms]. MarketUnavailable."""
    if venue.book is None:
        raise MarketUnavailable(venue.name, later("it gives no order book"))
    return venue.book.parse(await client.ask(venue.book.call(listing)), listing, now)


async def trades(client: VenueClient, venue: Venue, listing: Listing) -> Trades:
    """Ask for a market's latest trades. MarketUnavailable."""
    if venue.trades is None:
        raise MarketUnavailable(venue.name, later("it gives no trades"))
    return venue.trades.parse(await client.ask(venue.trades.call(listing)), listing)


def offer(venue: Venue, followed: int = 0) -> Offer:
    """Say what the registry knows of a venue of which so many accounts are followed."""
    interest = venue.open_interest[0] if venue.open_interest else None
    how = "stream" if venue.stream else "polled" if venue.polled else NONE
    return Offer(
        exchange=venue.name,
        contracts=", ".join(contract.value for contract in venue.contracts),
        candles=_series(venue.candles),
        taker_volume="yes" if venue.taker_volume else NONE,
        open_interest=_series(interest) if interest else "now",
        funding="history",
        ratio=_series(venue.long_short_ratio) if venue.long_short_ratio else NONE,
        brackets="live" if venue.tiers or venue.brackets_listed else "bundled",
        book=f"{venue.book.levels} levels" if venue.book else NONE,
        trades=f"last {venue.trades.count}" if venue.trades else NONE,
        liquidations=how or ("fills" if venue.fills else NONE),
        lossy=_lossy(venue, followed),
    )


def _lossy(venue: Venue, followed: int) -> str:
    if (told := venue.stream or venue.polled) is not None:
        return told.lossy
    return venue.fills.lossy(followed) if venue.fills else mark("it publishes none")


def _series(series: Series[SeriesT]) -> str:
    """Say how far apart the rows are and how long they are remembered.

    >>> _length(5 * MINUTE), _length(8 * HOUR), _length(30 * DAY - 10 * MINUTE)
    ('5m', '8h', '30d')
    """
    apart = _length(series.interval)
    return f"{apart}, {_length(series.reach)}" if series.reach else apart


def _length(span: int) -> str:
    unit, letter = next(
        (unit, letter) for unit, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")) if span >= unit
    )
    return f"{round(span / unit)}{letter}"
