"""What the registry says of a venue can be asked of it: every call has its way."""

import importlib
from collections.abc import Iterator

import pytest

from bot.core.arrays import DAY
from bot.core.instruments import Contract, Instrument
from bot.exchanges.parse.common import Listing
from bot.exchanges.registry import ALL_VENUES
from bot.exchanges.venue import Call, Span, Venue

NOW = 1_760_000_400_000
SPANS = [Span(NOW - DAY, NOW, NOW), Span(NOW - 61 * DAY, NOW - 60 * DAY, NOW)]


def _listings(venue: Venue) -> Iterator[Listing]:
    for contract in venue.contracts:
        quote, settle = ("USDT", "USDT") if contract is Contract.LINEAR else ("USD", "BTC")
        market = Instrument(venue.name, "BTC", quote, settle, contract)
        yield Listing(market, "BTC-PERPETUAL")


def _calls(venue: Venue) -> Iterator[Call]:
    yield venue.listings("")
    if venue.overview is not None:
        yield from venue.overview.calls
    if venue.accounts is not None:
        yield venue.accounts.call("0x0")
    if venue.fills is not None:
        yield venue.fills.vaults
        yield venue.fills.call("0x0", SPANS[0])
    for listing in _listings(venue):
        for asked in (venue.tiers, venue.book, venue.trades):
            if asked is not None:
                yield asked.call(listing)
        series = (venue.candles, *venue.open_interest, venue.funding, venue.long_short_ratio)
        for of_time in (*series, venue.polled):
            for span in SPANS:
                if of_time is not None:
                    yield of_time.call(listing, span)


@pytest.mark.parametrize("name", ALL_VENUES)
def test_every_call_of_a_venue_is_known_to_the_exchange_library_or_has_an_address(
    name: str,
) -> None:
    venue = ALL_VENUES[name]
    calls = list(_calls(venue))
    assert len(calls) > 4
    library = importlib.import_module("ccxt.async_support")
    for call in calls:
        if " " in call.method:
            assert venue.root.startswith("https://")
        else:
            assert hasattr(getattr(library, venue.ccxt_id), call.method), call.method


@pytest.mark.parametrize("name", ALL_VENUES)
def test_a_venue_goes_by_the_name_of_its_markets(name: str) -> None:
    assert ALL_VENUES[name].name == name
    assert ALL_VENUES[name].contracts
