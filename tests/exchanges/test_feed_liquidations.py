"""A venue's liquidations as they happen: all of them, once, through every way a socket can end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.core.instruments import Instrument
from bot.exchanges import feed as feed_module
from bot.exchanges.feed import Pulse
from bot.exchanges.live import VenueSource
from bot.exchanges.registry import VENUES
from tests.support.listening import QUICK, listening, until
from tests.support.loopback_streams import STREAMS, Forced
from tests.support.venues import LoopbackVenues, loopback_venues

# All that tell of single liquidations, whether in base coin, contracts or dollars.
STREAMING = (
    *VENUES,
    "binancecoinm",
    "bybitinverse",
    "bitmex",
    "hyperliquid",
    "bitfinex",
    "lighter",
)
PATHS = {
    "binance": "/market/ws",
    "binancecoinm": "/ws",
    "bybit": "/v5/public/linear",
    "bybitinverse": "/v5/public/inverse",
    "bitfinex": "/ws/2",
    "bitmex": "/realtime",
    "hyperliquid": "/ws",
    "lighter": "/stream",
    "okx": "/ws/v5/public",
}


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.mark.parametrize("name", STREAMING)
async def test_sides_are_the_positions_and_amounts_are_base_coin_on_every_venue(
    venues: LoopbackVenues, name: str
) -> None:
    async with listening(venues, name) as listener:
        await venues.subscribed(name)
        await venues.liquidate(
            name,
            Forced("BTC", +1, 63_250.5, 1.25),
            Forced("ETH", -1, 3_210.25, 40.5),
            Forced("BTC", -1, 64_800.0, 0.75),
        )
        await listener.until(3)
    told = sorted((*rest, quantity) for *rest, quantity in listener.events)
    assert [one[:3] for one in told] == [
        ("BTC", -1, 64_800.0),
        ("BTC", +1, 63_250.5),
        ("ETH", -1, 3_210.25),
    ]
    assert [one[3] for one in told] == pytest.approx([0.75, 1.25, 40.5])


@pytest.mark.parametrize("name", STREAMING)
async def test_markets_that_were_not_asked_for_are_not_told(
    venues: LoopbackVenues, name: str
) -> None:
    async with listening(venues, name, ["ETH"]) as listener:
        await venues.subscribed(name)
        await venues.liquidate(name, Forced("BTC", 1, 64_000.0, 1), Forced("ETH", 1, 3_200.0, 2))
        await listener.until(1)
    assert {base for base, *_ in listener.events} == {"ETH"}


@pytest.mark.parametrize("name", STREAMING)
async def test_a_burst_loses_nothing(venues: LoopbackVenues, name: str) -> None:
    forced = [Forced("BTC", 1 if n % 3 else -1, 60_000.0 + n, 0.01 + n / 100) for n in range(3000)]
    async with listening(venues, name, pulse=Pulse()) as listener:
        await venues.subscribed(name)
        for start in range(0, len(forced), 10):
            await venues.liquidate(name, *forced[start : start + 10])
        await listener.until(len(forced))
    heard = listener.events
    assert [one[:3] for one in heard] == [("BTC", one.side, one.price) for one in forced]
    assert [one[3] for one in heard] == pytest.approx([one.quantity for one in forced], rel=1e-4)


async def test_a_listener_that_cannot_follow_is_late_and_loses_nothing(
    venues: LoopbackVenues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "MOST_WAITING", 50)
    monkeypatch.setattr(feed_module, "_BATCH", 20)
    async with listening(venues, "binance") as listener:
        listener.pace = 0.02
        await venues.subscribed("binance")
        for n in range(1000):
            await venues.liquidate("binance", Forced("BTC", 1, 60_000.0 + n, 1))
        waiting = []
        while len(listener.events) < 1000:
            waiting.append(listener.source.feed.orders - len(listener.events))
            await asyncio.sleep(0.05)
    assert max(waiting) <= 100
    assert [price for _, _, price, _ in listener.events] == [60_000.0 + n for n in range(1000)]


async def test_a_venue_that_is_kept_waiting_by_us_is_not_taken_for_dead(
    venues: LoopbackVenues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "MOST_WAITING", 50)
    monkeypatch.setattr(feed_module, "_BATCH", 50)
    async with listening(venues, "okx") as listener:
        listener.pace = 2 * QUICK.silence
        await venues.subscribed("okx")
        for n in range(300):
            await venues.liquidate("okx", Forced("BTC", 1, 60_000.0 + n, 1))
        await listener.until(300)
        assert listener.source.feed.connections == 1


@pytest.mark.parametrize("name", STREAMING)
async def test_the_daily_cut_is_survived(venues: LoopbackVenues, name: str) -> None:
    async with listening(venues, name) as listener:
        for n in range(3):
            await venues.subscribed(name)
            await venues.liquidate(name, Forced("SOL", 1, 150.0 + n, 10))
            await listener.until(n + 1)
            await venues.cut(name)
    assert [price for _, _, price, _ in listener.events] == [150.0, 151.0, 152.0]
    assert venues.connections[name] >= 3


@pytest.mark.parametrize("name", STREAMING)
async def test_a_socket_that_went_deaf_is_noticed_and_replaced(
    venues: LoopbackVenues, name: str
) -> None:
    venues.fault(name, "deaf", path=PATHS[name], times=2)
    async with listening(venues, name) as listener:
        await venues.subscribed(name)
        assert venues.connections[name] == 3
        await venues.liquidate(name, Forced("BTC", 1, 64_000.0, 1))
        await listener.until(1)


@pytest.mark.parametrize("name", STREAMING)
async def test_a_quiet_venue_that_answers_pings_is_not_taken_for_dead(
    venues: LoopbackVenues, name: str
) -> None:
    calm = replace(QUICK, ping=0.1, silence=2.0)  # no busy machine takes so long for an answer
    async with listening(venues, name, pulse=calm) as listener:
        await venues.subscribed(name)
        await asyncio.sleep(1.3 * calm.silence)
        assert venues.connections[name] == 1
        assert listener.source.feed.connected
        await venues.liquidate(name, Forced("BTC", 1, 64_000.0, 1))
        await listener.until(1)


async def test_a_ping_of_the_venue_is_answered(venues: LoopbackVenues) -> None:
    async with listening(venues, "binance"):
        await venues.subscribed("binance")
        await venues.ping("binance")
        await until(lambda: bool(venues.pongs.get("binance")))


async def test_silence_is_noticed_within_half_a_minute_and_reconnects_begin_at_once() -> None:
    pulse = Pulse()
    assert pulse.silence <= 30
    assert 2 * pulse.ping < pulse.silence  # one lost pong is not the end
    assert pulse.first_pause <= 1
    assert pulse.longest_pause <= 60


async def test_what_is_sent_again_after_a_reconnect_counts_once(venues: LoopbackVenues) -> None:
    forced = [Forced("BTC", 1, 64_000.0 + n, 1, time=venues.clock()) for n in range(3)]
    told = list(STREAMS["bybit"].messages(forced, venues.clock()))
    (topic, message) = told[0]
    async with listening(venues, "bybit") as listener:
        await venues.subscribed("bybit")
        await venues.push("bybit", message, topic)
        await listener.until(3)
        await venues.cut("bybit")
        await venues.subscribed("bybit")
        await venues.push("bybit", message, topic)
        await venues.liquidate("bybit", Forced("BTC", -1, 65_000.0, 1))
        await listener.until(4)
        assert listener.source.feed.repeats == 1
    assert [price for _, _, price, _ in listener.events] == [64_000, 64_001, 64_002, 65_000]


async def test_equal_messages_over_one_connection_are_two_events(venues: LoopbackVenues) -> None:
    at = venues.clock()
    forced = Forced("BTC", 1, 64_000.0, 0.014, time=at)
    ((topic, message),) = STREAMS["binance"].messages([forced], at)
    async with listening(venues, "binance") as listener:
        await venues.subscribed("binance")
        await venues.push("binance", message, topic)
        await venues.push("binance", message, topic)
        await listener.until(2)


async def test_garbage_between_liquidations_is_counted_and_passed_over(
    venues: LoopbackVenues,
) -> None:
    async with listening(venues, "okx") as listener:
        await venues.subscribed("okx")
        for garbage in ("", "{", '{"arg":{"channel":"liquidation-orders"},"data":[7]}', "[[[["):
            await venues.push("okx", garbage)
        await venues.liquidate("okx", Forced("ETH", 1, 3_200.0, 5))
        await listener.until(1)
        assert listener.source.feed.misread == 4
        assert venues.connections["okx"] == 1


async def test_a_refused_subscription_is_tried_again_more_and_more_slowly(
    venues: LoopbackVenues,
) -> None:
    refusal = '{"success":false,"ret_msg":"error:handler not found","op":"subscribe"}'
    async with listening(venues, "bybit") as listener:
        for _ in range(2):
            await venues.subscribed("bybit")
            await venues.push("bybit", refusal)
            await until(lambda: not any(venues.sockets["bybit"].values()))
        await venues.subscribed("bybit")
        await venues.liquidate("bybit", Forced("BTC", 1, 64_000.0, 1))
        await listener.until(1)
        assert listener.source.feed.connections == 3


async def test_a_feed_of_a_venue_that_is_down_waits_until_it_is_up(
    venues: LoopbackVenues,
) -> None:
    venues.fault("okx", "status", status=451)
    async with listening(venues, "okx") as listener:
        await asyncio.sleep(0.2)
        assert not venues.sockets
        venues.heal("okx")
        await venues.subscribed("okx")
        await venues.liquidate("okx", Forced("BTC", 1, 64_000.0, 1))
        await listener.until(1)


async def test_whoever_stops_listening_leaves_no_socket_behind(venues: LoopbackVenues) -> None:
    async with listening(venues, "binance") as listener:
        await venues.subscribed("binance")
    await until(lambda: not venues.sockets["binance"])
    assert not listener.source.feed.connected
    assert not [task for task in asyncio.all_tasks() if "liquidations" in task.get_name()]


async def test_without_a_market_of_this_venue_there_is_nothing_to_follow(
    venues: LoopbackVenues,
) -> None:
    source = VenueSource(VENUES["okx"], venues.base)
    for wanted in ([], [Instrument("bybit", "BTC", "USDT", "USDT")]):
        assert [some async for some in source.liquidations(wanted)] == []
    assert [some async for some in source.liquidations([_unlisted()])] == []
    await source.close()


def _unlisted() -> Instrument:
    return Instrument("okx", "DOGE", "USDT", "USDT")
