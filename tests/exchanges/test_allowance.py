"""What we may ask of a venue goes to people first, and who waits can say until when."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.core.errors import MarketUnavailable, NotYetAllowed
from bot.errands import Errand, Urgency, on
from bot.exchanges import market_data
from bot.exchanges.allowance import Allowance, Pace, Spacing, Window
from bot.exchanges.client import VenueClient
from bot.exchanges.faults import Rest, held_back
from bot.exchanges.live import VenueSource
from bot.exchanges.registry import ALL_VENUES
from bot.exchanges.venue import Call
from tests.support.markets_of import coin
from tests.support.venues import LoopbackVenues, loopback_venues

PEOPLE, COLLECTING, PAST = Urgency.PEOPLE, Urgency.COLLECTING, Urgency.PAST


async def served(
    pace: Pace, urgencies: list[Urgency], meanwhile: Callable[[list[Errand]], None] | None = None
) -> list[int]:
    """Ask at once on errands of their own; returns in which order they were served."""
    allowance, order = Allowance(pace), list[int]()
    errands = [Errand(urgency) for urgency in urgencies]

    async def one(number: int) -> None:
        with on(errands[number]):
            await allowance.granted()
        order.append(number)

    asking = [asyncio.create_task(one(number)) for number in range(len(urgencies))]
    await asyncio.sleep(0)  # they have all asked
    if meanwhile is not None:
        meanwhile(errands)
    await asyncio.gather(*asking)
    return order


@pytest.mark.parametrize("pace", [lambda: Spacing(0.25), lambda: Window(2, 0.5)])
async def test_people_go_before_what_is_collected_and_that_before_the_past(
    pace: Callable[[], Pace],
) -> None:
    taken = [PAST, PAST, COLLECTING, PEOPLE, COLLECTING, PEOPLE]
    order = await served(pace(), [PEOPLE, PEOPLE, *taken])
    assert order == [0, 1, 5, 7, 4, 6, 2, 3]


async def test_what_somebody_begins_to_wait_for_goes_first_from_then_on() -> None:
    order = await served(
        Spacing(0.25), [PEOPLE, PAST, COLLECTING, PAST], lambda errands: errands[3].hurry()
    )
    assert order == [0, 3, 2, 1]


async def test_nothing_becomes_less_urgent_by_being_waited_for_less() -> None:
    errand = Errand(PEOPLE)
    errand.hurry(COLLECTING)
    assert errand.urgency is PEOPLE


async def test_who_collects_leaves_half_of_a_minute_to_people() -> None:
    allowance = Allowance(Window(10, 60.0))
    with on(Errand(PAST)) as past:
        asking = [asyncio.create_task(allowance.granted()) for _ in range(10)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert sum(one.done() for one in asking) == 5
    assert past.held_until is not None
    async with asyncio.timeout(50):  # less than the minute
        for _ in range(5):  # and people may have all of it
            await allowance.granted()
    for one in asking:
        one.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


async def test_a_request_given_up_makes_room_for_the_next() -> None:
    class Noted(Spacing):
        passed = 0

        def spend(self, weight: float) -> None:
            self.passed += 1
            super().spend(weight)

    pace = Noted(0.2)
    allowance = Allowance(pace)
    await allowance.granted()
    first, second = (asyncio.create_task(allowance.granted()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert first.cancelled()
    assert pace.passed == 2  # what was given up has taken none of the time


async def test_an_errand_says_until_when_it_is_held_back_and_nothing_while_the_venue_is_slow() -> (
    None
):
    allowance, errand = Allowance(Window(1, 30.0)), Errand()
    with on(errand):
        await allowance.granted()
        assert errand.held_until is None  # it was let through: now it is the venue's turn
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await allowance.granted()
        assert errand.held_until == pytest.approx(1000 * (time.time() + 30), abs=5_000)
        said = held_back("bitmex", TimeoutError())
    assert isinstance(said, NotYetAllowed)
    assert str(said).startswith("We may not ask BitMEX before ")
    assert "not answering" not in str(said)
    assert str(held_back("bitmex", TimeoutError())) == "BitMEX is not answering: it took too long."


def test_nobody_is_spared_a_venue_that_we_may_not_ask_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    rest, clock = Rest(), time.time()
    monkeypatch.setattr(Rest, "SLOW", -1.0)
    with pytest.raises(NotYetAllowed), rest.spared():
        raise NotYetAllowed("bitmex", int(1000 * (clock + 60)))
    with rest.spared():
        pass
    began = time.monotonic() - 5.0
    monkeypatch.setattr(time, "monotonic", lambda: began)
    with pytest.raises(MarketUnavailable), rest.spared():  # noqa: PT012 - time passes within
        monkeypatch.undo()
        raise MarketUnavailable("bitmex", "it took too long")
    with pytest.raises(MarketUnavailable), rest.spared():
        raise AssertionError("a slow failure is remembered")


async def _asked_in_turn(
    venues: LoopbackVenues, name: str, people: Call, past: Call, settings: dict[str, object]
) -> list[str]:
    venue = replace(ALL_VENUES[name], ccxt={**ALL_VENUES[name].ccxt, **settings})
    client = VenueClient(venue, venues.base)
    await client.ask(people)  # what is imported is imported

    async def asked(call: Call, urgency: Urgency) -> None:
        with on(Errand(urgency)):
            await client.ask(call)

    before = len(venues.requests)
    asking = [asyncio.create_task(asked(past, PAST)) for _ in range(4)]
    await asyncio.sleep(0.02)
    await asyncio.gather(*asking, asked(people, PEOPLE))
    await client.close()
    return [one.path for one in venues.requests[before:]]


@pytest.mark.parametrize(
    ("name", "people", "past", "theirs"),
    [
        (
            "bitmex",
            Call("GET /api/v1/trade", {"symbol": "XBTUSD", "count": 1}),
            Call("GET /api/v1/funding", {"symbol": "XBTUSD", "count": 1}),
            "/trade",
        ),
        (
            "gate",
            Call("publicFuturesGetSettleTickers", {"settle": "usdt"}),
            Call("publicFuturesGetSettleContracts", {"settle": "usdt"}),
            "/tickers",
        ),
    ],
)
async def test_a_person_passes_what_waits_at_every_kind_of_client(
    name: str, people: Call, past: Call, theirs: str
) -> None:
    async with loopback_venues() as venues:
        settings: dict[str, object] = {
            "rateLimit": 100,
            "rollingWindowSize": 0,
            "rateLimiterAlgorithm": "leakyBucket",
        }
        paths = await _asked_in_turn(venues, name, people, past, settings)
    assert len(paths) == 5
    # One of the others may have been let through before the person asked.
    assert [theirs in path for path in paths].index(True) <= 1, paths


async def test_a_person_waits_until_a_venue_may_be_asked_and_is_told_that_it_is_we_who_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(market_data, "DEADLINE", -3.8)
    monkeypatch.setattr(market_data, "PATIENCE", -3.8)
    slow = replace(ALL_VENUES["bitmex"], ccxt={"rateLimit": 1000, "rollingWindowSize": 4_000})
    async with loopback_venues() as venues:
        source = VenueSource(slow, venues.base)
        market = coin("bitmex", "BTC")
        await source.instruments()
        with pytest.raises(NotYetAllowed) as held:
            await source.history(market, source.now() - 30 * 86_400_000)
        assert str(held.value).startswith("We may not ask BitMEX before ")
        assert source.failures() == {}
        assert held.value.until == pytest.approx(1000 * time.time() + 3_000, abs=2_000)
        await source.close()
