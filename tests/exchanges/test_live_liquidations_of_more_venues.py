"""Liquidations of six more venues through the production feed, in base coin."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest

from bot.core.instruments import Contract, Instrument
from bot.core.market.liquidations import Liquidations
from bot.exchanges.feed import Pulse
from bot.exchanges.live import VenueSource
from bot.exchanges.venue import Venue
from bot.exchanges.venues.bitfinex import BITFINEX
from bot.exchanges.venues.deribit import DERIBIT
from bot.exchanges.venues.dydx import DYDX
from bot.exchanges.venues.htx import HTX
from bot.exchanges.venues.kraken import KRAKEN
from bot.exchanges.venues.lighter import LIGHTER
from tests.support import loopback_deribit, loopback_kraken
from tests.support.loopback_streams import Forced
from tests.support.venues import LoopbackVenues, loopback_venues

AT = 1_760_000_400_000
LINEAR = {
    "htx": (HTX, Instrument("htx", "BTC", "USDT", "USDT")),
    "kraken": (KRAKEN, Instrument("kraken", "BTC", "USD", "USD")),
    "dydx": (DYDX, Instrument("dydx", "BTC", "USDC", "USDC")),
    "deribit": (DERIBIT, Instrument("deribit", "BTC", "USDC", "USDC")),
    "bitfinex": (BITFINEX, Instrument("bitfinex", "BTC", "USDT", "USDT")),
    "lighter": (LIGHTER, Instrument("lighter", "BTC", "USDC", "USDC")),
}


def _inverse(exchange: str) -> Instrument:
    return Instrument(exchange, "BTC", "USD", "BTC", Contract.INVERSE)


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


async def _first(
    venues: LoopbackVenues, venue: Venue, wanted: Instrument, push: Callable[[], object]
) -> Liquidations:
    """Follow a market, let the far end push, and return what came first."""
    source = VenueSource(venue, venues.base, pulse=Pulse(ping=0.1, first_pause=0.05))
    try:
        async with asyncio.timeout(60), aclosing(source.liquidations([wanted])) as live:
            coming = asyncio.ensure_future(anext(live))
            await venues.subscribed(venue.name)
            pushed = push()
            if asyncio.iscoroutine(pushed):
                await pushed
            some = await coming
            assert some.instrument == wanted
            return some.events
    finally:
        await source.close()


@pytest.mark.parametrize("name", LINEAR)
async def test_a_burst_comes_whole_and_no_other_trade_with_it(
    venues: LoopbackVenues, name: str
) -> None:
    venue, wanted = LINEAR[name]
    burst = [
        Forced("BTC", +1 if n % 3 else -1, 64_000.0 + n, 0.5 + n / 100, AT + n) for n in range(40)
    ]
    events = await _first(venues, venue, wanted, lambda: venues.liquidate(name, *burst))
    assert events.time.tolist() == [one.time for one in burst]
    assert events.side.tolist() == [one.side for one in burst]
    assert events.price.tolist() == pytest.approx([one.price for one in burst])
    assert events.quantity.tolist() == pytest.approx([one.quantity for one in burst])


@pytest.mark.parametrize("name", ["kraken", "deribit"])
async def test_an_inverse_contract_tells_dollars_and_they_become_base_coin(
    venues: LoopbackVenues, name: str
) -> None:
    one = Forced("BTC", -1, 64_000.0, 2.0, AT, inverse=True)
    stream = {"kraken": loopback_kraken.STREAM, "deribit": loopback_deribit.STREAM}[name]
    _, told = next(iter(stream.messages([one], AT)))
    assert "128000" in str(told)
    venue, _ = LINEAR[name]
    events = await _first(venues, venue, _inverse(name), lambda: venues.liquidate(name, one))
    assert events.side.tolist() == [-1]
    assert events.quantity.tolist() == pytest.approx([2.0])


@pytest.mark.parametrize("name", LINEAR)
async def test_after_a_cut_it_is_followed_on(venues: LoopbackVenues, name: str) -> None:
    venue, wanted = LINEAR[name]

    async def cut_then_push() -> None:
        await venues.cut(name)
        async with asyncio.timeout(60):
            while venues.connections[name] < 2:  # noqa: ASYNC110 - a test may poll
                await asyncio.sleep(0.01)
        await venues.subscribed(name)
        await venues.liquidate(name, Forced("BTC", +1, 64_000.0, 1.0, AT))

    events = await _first(venues, venue, wanted, cut_then_push)
    assert events.time.tolist() == [AT]
