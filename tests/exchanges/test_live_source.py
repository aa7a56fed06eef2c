"""Several venues behind one source: each answers for itself, none speaks for another."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from bot.core.arrays import DAY
from bot.core.errors import BadSetting, MarketUnavailable, NothingAnswered, UnknownVenue
from bot.core.instruments import Instrument
from bot.exchanges.live import live_source
from bot.exchanges.registry import VENUES
from bot.ports import MarketSource
from tests.support.loopback_streams import Forced
from tests.support.sentences import said
from tests.support.venues import LoopbackVenues, loopback_venues


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture
async def source(venues: LoopbackVenues) -> AsyncIterator[MarketSource]:
    made = live_source(exchange_base=venues.base)
    yield made
    await made.close()


async def test_all_three_venues_list_their_markets(source: MarketSource) -> None:
    listed = await source.instruments()
    assert {one.exchange for one in listed if one.base == "BTC"} == {"binance", "bybit", "okx"}
    assert not source.simulated
    assert source.failures() == {}


async def test_a_venue_that_is_down_is_named_and_the_others_answer(
    venues: LoopbackVenues, source: MarketSource
) -> None:
    venues.fault("bybit", "status", status=451)
    listed = await source.instruments()
    assert {one.exchange for one in listed} == {"binance", "okx"}
    assert said(source.failures()) == {"bybit": "it does not serve this location (451)"}
    btc = next(one for one in listed if one.base == "BTC" and one.exchange == "binance")
    history = await source.history(btc, source.now() - DAY)
    assert history.instrument == btc
    assert "second" in history.liquidation_feed


async def test_if_no_venue_answers_each_is_named_with_its_reason(
    venues: LoopbackVenues, source: MarketSource
) -> None:
    for name, status in (("binance", 418), ("bybit", 403), ("okx", 503)):
        venues.fault(name, "status", status=status)
    with pytest.raises(NothingAnswered) as failed:
        await source.instruments()
    said = str(failed.value)
    assert "Binance is not answering: it has banned this address" in said
    assert "Bybit is not answering: it turns our requests away (403)" in said
    assert "OKX is not answering: its server has an error (503)" in said
    assert "http" not in said


async def test_a_venue_that_fails_after_it_was_listed_is_named_too(
    venues: LoopbackVenues, source: MarketSource
) -> None:
    await source.instruments()
    venues.fault("okx", "status", status=451)
    with pytest.raises(MarketUnavailable, match="OKX is not answering"):
        await source.history(Instrument("okx", "BTC", "USDT", "USDT"), source.now() - DAY)
    assert said(source.failures()) == {"okx": "it does not serve this location (451)"}
    venues.heal("okx")
    await source.history(Instrument("okx", "BTC", "USDT", "USDT"), source.now() - DAY)
    assert source.failures() == {}


async def test_liquidations_of_all_venues_come_in_one_stream(
    venues: LoopbackVenues, source: MarketSource
) -> None:
    wanted = [one for one in await source.instruments() if one.base == "BTC"]
    heard = set()

    async def listen() -> None:
        live = source.liquidations(wanted)
        async with aclosing(live) as some:  # type: ignore[type-var]
            async for batch in some:
                heard.add((batch.instrument.exchange, float(batch.events.value[0])))
                if len(heard) == len(VENUES):
                    return

    task = asyncio.create_task(listen())
    for name in VENUES:
        await venues.subscribed(name)
        await venues.liquidate(name, Forced("BTC", 1, 64_000.0, 0.5))
    async with asyncio.timeout(60):
        await task
    assert heard == {(name, 32_000.0) for name in VENUES}


async def test_one_venue_may_be_chosen(venues: LoopbackVenues) -> None:
    source = live_source(["okx"], exchange_base=venues.base)
    assert {one.exchange for one in await source.instruments()} == {"okx"}
    await source.close()
    assert {request.venue for request in venues.requests} == {"okx"}


def test_a_venue_that_is_not_known_or_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(UnknownVenue, match="Connected: binance, bybit, okx, hyperliquid"):
        live_source(["mtgox"])
    with pytest.raises(BadSetting, match="is no address to ask"):
        live_source(exchange_base="example")


def test_the_exchange_library_is_not_imported_before_a_venue_is_asked() -> None:
    code = (
        "import sys; from bot.exchanges.live import live_source; live_source();"
        "sys.exit('ccxt' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own words
