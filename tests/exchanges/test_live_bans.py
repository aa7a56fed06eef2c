"""A venue that wants to be left alone is left alone, to the second."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.core.arrays import HOUR
from bot.core.errors import MarketUnavailable
from bot.exchanges import faults
from bot.exchanges.client import VenueClient
from bot.exchanges.live import VenueSource, venue_source
from bot.exchanges.registry import ALL_VENUES, VENUES
from tests.support.markets_of import BTC
from tests.support.refusals import refusal_of
from tests.support.venues import LoopbackVenues, loopback_venues

CANDLES = {"bybit": "/kline", "bitmex": "/trade/bucketed"}


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture
async def sources(venues: LoopbackVenues) -> AsyncIterator[dict[str, VenueSource]]:
    made = {name: venue_source(name, venues.base) for name in ALL_VENUES}
    yield made
    for source in made.values():
        await source.close()


@pytest.mark.parametrize("name", CANDLES)
async def test_a_short_pause_asked_for_is_waited_out_and_kept(
    venues: LoopbackVenues, sources: dict[str, VenueSource], name: str
) -> None:
    source, path = sources[name], CANDLES[name]
    await source.instruments()
    venues.fault(name, "status", status=429, retry_after="1", path=path, times=1)
    history = await source.history(BTC[name], source.now() - HOUR)
    assert len(history.candles) > 10
    refused, again = venues.asked(name, path)
    assert again.at - refused.at >= 1.0


@pytest.mark.parametrize(
    ("status", "retry_after", "why"),
    [
        (418, None, "it has banned this address for asking too often (418)"),
        (418, "900", "it has banned this address for asking too often (418)"),
        (429, "30", "it says we ask too often (429)"),
        (403, None, "it turns our requests away (403)"),
    ],
)
async def test_during_a_ban_not_one_request_goes_out(
    venues: LoopbackVenues,
    sources: dict[str, VenueSource],
    status: int,
    retry_after: str | None,
    why: str,
) -> None:
    await _banned(venues, sources["binance"], status, retry_after, why)


@pytest.mark.parametrize("name", ALL_VENUES)
async def test_every_venue_is_left_alone_for_as_long_as_it_says(
    venues: LoopbackVenues, sources: dict[str, VenueSource], name: str
) -> None:
    why = "it says we ask too often (429); it is asked again in 2 minutes"
    await _banned(venues, sources[name], 429, "120", why, times=1)


async def _banned(
    venues: LoopbackVenues,
    source: VenueSource,
    status: int,
    retry_after: str | None,
    why: str,
    times: int = 5,
) -> None:
    name = source.name
    await source.instruments()
    venues.fault(name, "status", status=status, retry_after=retry_after)
    assert (await refusal_of(source)).startswith(why.partition(";")[0])
    venues.heal(name)
    asked = len(venues.asked(name))
    for _ in range(times):
        assert "asked again in" in await refusal_of(source)
    assert len(venues.asked(name)) == asked


@pytest.mark.parametrize("name", ["okx", "bitmex"])
async def test_requests_queued_behind_the_limit_when_a_ban_falls_do_not_go_out(
    venues: LoopbackVenues, name: str
) -> None:
    venue = replace(ALL_VENUES[name], pauses={418: 60})
    if name == "bitmex":
        venue = replace(venue, ccxt={"rateLimit": 100})
    asker = VenueClient(venue, venues.base)
    venues.fault(name, "status", status=418, retry_after="60")
    call = venue.listings("")
    answers = await asyncio.gather(*(asker.ask(call) for _ in range(30)), return_exceptions=True)
    assert all(isinstance(answer, MarketUnavailable) for answer in answers)
    assert len(venues.asked(name)) <= 2  # the first, and at most one that was on its way
    await asker.close()


async def test_bybits_complaint_in_an_answer_that_looks_well_is_a_pause_too(
    venues: LoopbackVenues,
) -> None:
    venue = replace(VENUES["bybit"], pauses={429: 0.7})
    asker = VenueClient(venue, venues.base)
    body = '{"retCode":10006,"retMsg":"Too many visits!","result":{}}'
    venues.fault("bybit", "status", status=200, body=body, times=1)
    started = time.monotonic()
    await asker.ask(venue.listings(""))
    assert time.monotonic() - started >= 0.7
    await asker.close()


def test_retry_after_may_be_seconds_or_a_date_and_nonsense_is_no_pause() -> None:
    assert faults.retry_after({"retry-after": "7"}) == 7.0
    assert faults.retry_after({"Retry-After": "-5"}) == 0.0
    assert faults.retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert faults.retry_after({"Retry-After": "99999999999"}) == 3 * 86_400
    for nonsense in ("soon", "nan", "inf", ""):
        assert faults.retry_after({"Retry-After": nonsense}) is None
    assert faults.retry_after({}) is None
