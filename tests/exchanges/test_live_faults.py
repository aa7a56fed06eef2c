"""A venue that fails is named with a reason a person can read, and is left alone if it wants to."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.errors import BadSetting, MarketUnavailable
from bot.core.instruments import Instrument
from bot.exchanges import client, faults
from bot.exchanges.client import VenueClient, checked_base
from bot.exchanges.feed import wall_clock
from bot.exchanges.live import VenueSource, venue_source
from bot.exchanges.registry import ALL_VENUES, VENUES
from tests.support.markets_of import BTC
from tests.support.refusals import refusal_of
from tests.support.sentences import said
from tests.support.venues import LoopbackVenues, loopback_venues


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


STATUSES = {
    451: "it does not serve this location (451)",
    500: "its server has an error (500)",
    503: "its server has an error (503)",
    404: "it refuses (404)",
}


async def test_a_status_of_any_venue_is_told_in_words(
    venues: LoopbackVenues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults.Rest, "SLOW", 1_000.0)  # each is asked again at once

    async def told(name: str) -> None:
        source = venue_source(name, venues.base)
        try:
            for status, why in STATUSES.items():
                venues.fault(name, "status", status=status)
                assert await refusal_of(source) == why, name
                venues.heal(name)
        finally:
            await source.close()

    # Side by side, because what may pass is tried again and again.
    await asyncio.gather(*(told(name) for name in ALL_VENUES))


# One venue that is asked through the exchange library, and one by its paths: both ways keep the
# same promises.
CANDLES = {"bybit": "/kline", "bitmex": "/trade/bucketed"}


@pytest.mark.parametrize("name", CANDLES)
async def test_a_passing_fault_is_tried_again_and_nobody_notices(
    venues: LoopbackVenues, sources: dict[str, VenueSource], name: str
) -> None:
    source = sources[name]
    await source.instruments()
    for kind in ("status", "reset", "truncated"):
        venues.fault(name, kind, path=CANDLES[name], times=2)
        history = await source.history(BTC[name], source.now() - HOUR)
        assert len(history.candles) > 10
        venues.heal(name)


@pytest.mark.parametrize("name", CANDLES)
async def test_a_lasting_fault_is_tried_three_times_and_a_refusal_once(
    venues: LoopbackVenues, name: str
) -> None:
    asker = VenueClient(ALL_VENUES[name], venues.base)
    for status, tries in ((503, 3), (451, 1)):
        venues.fault(name, "status", status=status)
        before = len(venues.asked(name))
        with pytest.raises(MarketUnavailable):
            await asker.ask(ALL_VENUES[name].listings(""))
        assert len(venues.asked(name)) - before == tries
        venues.heal(name)
    await asker.close()


@pytest.mark.parametrize("name", ALL_VENUES)
async def test_garbage_is_refused(
    venues: LoopbackVenues, sources: dict[str, VenueSource], name: str
) -> None:
    venues.fault(name, "garbage")
    assert "makes no sense" in await refusal_of(sources[name])


@pytest.mark.parametrize("name", ALL_VENUES)
async def test_json_of_another_shape_is_refused(venues: LoopbackVenues, name: str) -> None:
    source = venue_source(name, venues.base)
    for body in ("[]", "[[1,2]]", "{}", "null", '"text"', "7", '{"data": {}}'):
        venues.fault(name, "status", status=200, body=body)
        said = await refusal_of(source)
        assert "sense" in said or "can be used" in said or "cannot be used" in said, body
        venues.heal(name)
    await source.close()


@pytest.mark.parametrize("name", ["okx", "bitmex"])
async def test_an_answer_that_keeps_breaking_off_is_told(
    venues: LoopbackVenues, sources: dict[str, VenueSource], name: str
) -> None:
    venues.fault(name, "truncated")
    assert await refusal_of(sources[name]) == "its answer broke off"


@pytest.mark.parametrize("name", ["binance", "bitmex"])
async def test_a_venue_that_is_not_there_cannot_be_reached(name: str) -> None:
    async with loopback_venues() as gone:
        base = gone.base
    source = venue_source(name, base)
    assert await refusal_of(source) == "it cannot be reached"
    await source.close()


@pytest.mark.parametrize("name", CANDLES)
async def test_a_venue_that_hangs_is_given_up_and_others_are_spared_the_wait(
    venues: LoopbackVenues, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", 1.0)
    monkeypatch.setattr(client, "_TRYING", 0.8)
    monkeypatch.setattr(faults.Rest, "SLOW", 0.7)
    source = venue_source(name, venues.base)
    try:
        venues.fault(name, "hang")
        assert await refusal_of(source) == "it took too long"
        assert await refusal_of(source) == "it took too long"
        assert len(venues.asked(name)) == 1  # nobody waited for it again

        venues.heal(name)
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
    assert said(source.failures()) == {"okx": "it does not serve this location (451)"}
    await source.close()


async def test_one_venue_down_does_not_slow_the_others(
    venues: LoopbackVenues, sources: dict[str, VenueSource]
) -> None:
    venues.fault("bybit", "hang")
    await sources["binance"].instruments()
    waiting = asyncio.create_task(sources["bybit"].instruments())
    await sources["binance"].history(BTC["binance"], sources["binance"].now() - DAY)
    assert not waiting.done()
    waiting.cancel()


@pytest.mark.parametrize("base", ["ftp://127.0.0.1", "127.0.0.1:9000", "http://", "http://x/?q=1"])
def test_an_address_nobody_can_be_asked_at_is_refused(base: str) -> None:
    with pytest.raises(BadSetting, match="is no address to ask"):
        checked_base(base)
