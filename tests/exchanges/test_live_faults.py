"""A venue that fails is named with a reason a person can read, and is left alone if it wants to."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.errors import BadSetting, MarketUnavailable
from bot.core.instruments import Instrument
from bot.exchanges import client, faults
from bot.exchanges.client import VenueClient, checked_base
from bot.exchanges.live import VenueSource, venue_source, wall_clock
from bot.exchanges.registry import VENUES
from bot.exchanges.venue import Call
from tests.support.venues import LoopbackVenues, loopback_venues

BTC = {name: Instrument(name, "BTC", "USDT", "USDT") for name in VENUES}


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture
async def sources(venues: LoopbackVenues) -> AsyncIterator[dict[str, VenueSource]]:
    made = {name: venue_source(name, venues.base) for name in VENUES}
    yield made
    for source in made.values():
        await source.close()


async def _refusal(source: VenueSource) -> str:
    """Ask for a day of a market, which fails, and return what a person is told."""
    with pytest.raises(MarketUnavailable) as failed:
        await source.history(BTC[source.name], source.now() - DAY)
    said = str(failed.value)
    assert said.startswith(f"{source.name} is not answering: ")
    for leak in ("http", "127.0.0.1", "secret", "symbol=", "Traceback", "Error(", "{"):
        assert leak not in said
    assert source.failures() == {source.name: failed.value.why}
    return failed.value.why


@pytest.mark.parametrize("name", VENUES)
@pytest.mark.parametrize(
    ("status", "why"),
    [
        (451, "it does not serve this location (451)"),
        (500, "its server has an error (500)"),
        (503, "its server has an error (503)"),
        (404, "it refuses (404)"),
    ],
)
async def test_a_status_is_told_in_words(
    venues: LoopbackVenues, sources: dict[str, VenueSource], name: str, status: int, why: str
) -> None:
    venues.fault(name, "status", status=status)
    assert await _refusal(sources[name]) == why


async def test_a_passing_fault_is_tried_again_and_nobody_notices(
    venues: LoopbackVenues, sources: dict[str, VenueSource]
) -> None:
    source = sources["bybit"]
    await source.instruments()
    for kind in ("status", "reset", "truncated"):
        venues.fault("bybit", kind, path="/kline", times=2)
        history = await source.history(BTC["bybit"], source.now() - HOUR)
        assert len(history.candles) > 10
        venues.heal("bybit")


async def test_a_lasting_fault_is_tried_three_times_and_a_refusal_once(
    venues: LoopbackVenues,
) -> None:
    asker = VenueClient(VENUES["bybit"], venues.base)
    for status, tries in ((503, 3), (451, 1)):
        venues.fault("bybit", "status", status=status, path="/v5/market/time")
        before = len(venues.asked("bybit"))
        with pytest.raises(MarketUnavailable):
            await asker.ask(Call("publicGetV5MarketTime"))
        assert len(venues.asked("bybit")) - before == tries
        venues.heal("bybit")
    await asker.close()


@pytest.mark.parametrize("name", VENUES)
async def test_garbage_is_refused(
    venues: LoopbackVenues, sources: dict[str, VenueSource], name: str
) -> None:
    venues.fault(name, "garbage")
    assert "makes no sense" in await _refusal(sources[name])


@pytest.mark.parametrize("name", VENUES)
@pytest.mark.parametrize("body", ["[]", "[[1,2]]", "{}", "null", '"text"', "7", '{"data": {}}'])
async def test_json_of_another_shape_is_refused(
    venues: LoopbackVenues, sources: dict[str, VenueSource], name: str, body: str
) -> None:
    venues.fault(name, "status", status=200, body=body)
    said = await _refusal(sources[name])
    assert "sense" in said or "cannot be used" in said


async def test_an_answer_that_keeps_breaking_off_is_told(
    venues: LoopbackVenues, sources: dict[str, VenueSource]
) -> None:
    venues.fault("okx", "truncated")
    assert await _refusal(sources["okx"]) == "its answer broke off"


async def test_a_venue_that_is_not_there_cannot_be_reached() -> None:
    async with loopback_venues() as gone:
        base = gone.base
    source = venue_source("binance", base)
    assert await _refusal(source) == "it cannot be reached"
    await source.close()


async def test_a_venue_that_hangs_is_given_up_and_others_are_spared_the_wait(
    venues: LoopbackVenues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", 1.0)
    monkeypatch.setattr(client, "_TRYING", 0.8)
    monkeypatch.setattr(faults.Rest, "SLOW", 0.7)
    source = venue_source("bybit", venues.base)
    try:
        venues.fault("bybit", "hang")
        assert await _refusal(source) == "it took too long"
        started = time.monotonic()
        assert await _refusal(source) == "it took too long"
        assert time.monotonic() - started < 0.7
        assert len(venues.asked("bybit")) == 1

        venues.heal("bybit")
        assert await _answered(source)  # it rests for twice as long as it has made people wait
        assert source.failures() == {}
    finally:
        await source.close()


async def _answered(source: VenueSource) -> Sequence[Instrument]:
    """Ask until there is an answer, as people do; a busy machine may need more than one try."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await source.instruments()
            except MarketUnavailable:
                await asyncio.sleep(0.2)


def test_a_venue_that_goes_on_hanging_is_left_alone_longer_and_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("bot.exchanges.faults.time.monotonic", lambda: clock[0])
    rest = faults.Rest()

    def hang() -> None:
        with rest.spared():
            clock[0] += 10
            raise MarketUnavailable("bybit", "it took too long")

    rests = []
    for _ in range(8):
        with pytest.raises(MarketUnavailable):
            hang()
        rests.append(rest._until - clock[0])
        clock[0] = rest._until
    assert rests == [20, 40, 60, 80, 100, 120, 120, 120]
    with rest.spared():
        clock[0] += 10  # an answer, however late, is an answer
    with pytest.raises(MarketUnavailable):
        hang()
    assert rest._until - clock[0] == 20


async def test_all_who_ask_at_once_share_one_listing(
    venues: LoopbackVenues, sources: dict[str, VenueSource]
) -> None:
    await asyncio.gather(*(sources["okx"].instruments() for _ in range(20)))
    assert len(venues.asked("okx", "/public/instruments")) == 1


async def test_old_listings_serve_while_there_are_no_new_ones(venues: LoopbackVenues) -> None:
    clock = [wall_clock()]
    source = VenueSource(VENUES["okx"], venues.base, clock=lambda: clock[0])
    listed = await source.instruments()
    clock[0] += 2 * HOUR
    venues.fault("okx", "status", status=451)
    assert await source.instruments() == listed
    assert source.failures() == {"okx": "it does not serve this location (451)"}
    await source.close()


async def test_a_short_pause_asked_for_is_waited_out_and_kept(
    venues: LoopbackVenues, sources: dict[str, VenueSource]
) -> None:
    source = sources["bybit"]
    await source.instruments()
    venues.fault("bybit", "status", status=429, retry_after="1", path="/kline", times=1)
    history = await source.history(BTC["bybit"], source.now() - HOUR)
    assert len(history.candles) > 10
    refused, again = venues.asked("bybit", "/kline")
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
    source = sources["binance"]
    await source.instruments()
    venues.fault("binance", "status", status=status, retry_after=retry_after)
    assert (await _refusal(source)).startswith(why)
    venues.heal("binance")
    asked = len(venues.asked("binance"))
    for _ in range(5):
        assert "asked again in" in await _refusal(source)
    assert len(venues.asked("binance")) == asked


async def test_requests_queued_behind_the_limit_when_a_ban_falls_do_not_go_out(
    venues: LoopbackVenues,
) -> None:
    asker = VenueClient(VENUES["okx"], venues.base)
    venues.fault("okx", "status", status=418, retry_after="60")
    call = VENUES["okx"].listings("")
    answers = await asyncio.gather(*(asker.ask(call) for _ in range(30)), return_exceptions=True)
    assert all(isinstance(answer, MarketUnavailable) for answer in answers)
    assert len(venues.asked("okx")) <= 2  # the first, and at most one that was on its way
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


async def test_one_venue_down_does_not_slow_the_others(
    venues: LoopbackVenues, sources: dict[str, VenueSource]
) -> None:
    venues.fault("bybit", "hang")
    await sources["binance"].instruments()
    waiting = asyncio.create_task(sources["bybit"].instruments())
    started = time.monotonic()
    await sources["binance"].history(BTC["binance"], sources["binance"].now() - DAY)
    assert time.monotonic() - started < 3
    assert not waiting.done()
    waiting.cancel()


def test_retry_after_may_be_seconds_or_a_date_and_nonsense_is_no_pause() -> None:
    assert faults.retry_after({"retry-after": "7"}) == 7.0
    assert faults.retry_after({"Retry-After": "-5"}) == 0.0
    assert faults.retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert faults.retry_after({"Retry-After": "99999999999"}) == 3 * 86_400
    for nonsense in ("soon", "nan", "inf", ""):
        assert faults.retry_after({"Retry-After": nonsense}) is None
    assert faults.retry_after({}) is None


@pytest.mark.parametrize("base", ["ftp://127.0.0.1", "127.0.0.1:9000", "http://", "http://x/?q=1"])
def test_an_address_nobody_can_be_asked_at_is_refused(base: str) -> None:
    with pytest.raises(BadSetting, match="is no address to ask"):
        checked_base(base)
