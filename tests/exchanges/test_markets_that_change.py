"""Markets are renamed, delisted and relisted while they are followed; their figures go on."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import UnknownSymbol
from bot.core.instruments import Instrument
from bot.core.market.liquidations import Liquidations, together
from bot.exchanges.feed import Pulse, wall_clock
from bot.exchanges.live import VenueSource
from bot.exchanges.registry import ALL_VENUES
from tests.support import loopback_bitmex
from tests.support.loopback_markets import MARKETS
from tests.support.loopback_streams import Forced
from tests.support.markets_of import BTC, coin
from tests.support.venues import LoopbackVenues, loopback_venues

QUICK = Pulse(ping=0.05, silence=0.5, first_pause=0.02, longest_pause=0.1)
ETH = coin("bybit", "ETH")
OLD = coin("bybit", "OLD")


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.005)


def lists(venues: LoopbackVenues, **names: str) -> None:
    """Let Bybit list these coins under these names."""
    rows = [
        {
            "symbol": name,
            "contractType": "LinearPerpetual",
            "status": "Trading",
            "baseCoin": base,
            "quoteCoin": "USDT",
            "settleCoin": "USDT",
        }
        for base, name in names.items()
    ]
    result = {"category": "linear", "list": rows, "nextPageCursor": ""}
    body = json.dumps({"retCode": 0, "result": result})
    venues.heal("bybit")
    venues.fault("bybit", "status", status=200, body=body, path="/instruments-info")


class Followed:
    """Bybit followed, by a clock that can be put ahead."""

    def __init__(self, venues: LoopbackVenues) -> None:
        self.ahead = 0  # [ms]
        self.source = VenueSource(
            ALL_VENUES["bybit"], venues.base, clock=lambda: wall_clock() + self.ahead, pulse=QUICK
        )
        self.heard: list[tuple[Instrument, float]] = []

    async def listen(self, *markets: Instrument) -> None:
        async with aclosing(self.source.liquidations(markets)) as live:
            async for some in live:
                self.heard += [(some.instrument, price) for price in some.events.price.tolist()]


@asynccontextmanager
async def following(venues: LoopbackVenues, *markets: Instrument) -> AsyncIterator[Followed]:
    followed = Followed(venues)
    task = asyncio.create_task(followed.listen(*markets))
    try:
        yield followed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await followed.source.close()


def _topics(venues: LoopbackVenues) -> set[str]:
    return {topic for topics in venues.sockets.get("bybit", {}).values() for topic in topics}


async def test_a_subscription_refused_for_a_market_that_is_gone_goes_on_without_it(
    venues: LoopbackVenues,
) -> None:
    lists(venues, BTC="BTCUSDT", OLD="OLDUSDT")
    async with following(venues, BTC["bybit"], OLD) as followed:
        await until(lambda: venues.connections.get("bybit", 0) > 1)
        assert not _topics(venues)  # one name that is not known has all refused
        venues.heal("bybit")
        followed.ahead += 2 * MINUTE
        await venues.subscribed("bybit")
        assert _topics(venues) == {"allLiquidation.BTCUSDT"}
        await venues.liquidate("bybit", Forced("BTC", 1, 64_000.0, 1))
        await until(lambda: bool(followed.heard))
        await until(lambda: bool(followed.source.heard(BTC["bybit"]).spans))
        assert not followed.source.heard(OLD).spans
        with pytest.raises(UnknownSymbol):
            await followed.source.history(OLD, followed.source.now() - DAY)


async def test_a_renamed_market_is_followed_under_its_new_name(venues: LoopbackVenues) -> None:
    async with following(venues, ETH) as followed:
        await venues.subscribed("bybit")
        lists(venues, BTC="BTCUSDT", ETH="SOLUSDT")
        followed.ahead += 2 * HOUR
        await followed.source.instruments()
        await until(lambda: _topics(venues) == {"allLiquidation.SOLUSDT"})
        await venues.liquidate("bybit", Forced("SOL", 1, 3_200.0, 1))
        await until(lambda: followed.heard == [(ETH, 3_200.0)])


async def test_a_delisted_market_is_not_heard_any_more_and_comes_back(
    venues: LoopbackVenues,
) -> None:
    async with following(venues, ETH) as followed:
        await venues.subscribed("bybit")
        await until(lambda: bool(followed.source.heard(ETH).spans))
        lists(venues, BTC="BTCUSDT")
        followed.ahead += 2 * HOUR
        await followed.source.instruments()
        assert not followed.source.heard(ETH).spans
        await until(lambda: not _topics(venues))
        venues.heal("bybit")
        followed.ahead += 2 * HOUR
        await venues.subscribed("bybit")
        await venues.liquidate("bybit", Forced("ETH", -1, 3_300.0, 1))
        await until(lambda: followed.heard == [(ETH, 3_300.0)])
        await until(lambda: bool(followed.source.heard(ETH).spans))


async def test_listing_the_same_markets_again_cuts_no_connection(venues: LoopbackVenues) -> None:
    async with following(venues, ETH) as followed:
        await venues.subscribed("bybit")
        for _ in range(3):
            followed.ahead += 2 * HOUR
            await followed.source.instruments()
        await asyncio.sleep(4 * QUICK.ping)
        assert venues.connections["bybit"] == 1


async def test_what_is_told_without_a_time_happened_when_it_was_heard(
    venues: LoopbackVenues,
) -> None:
    source = VenueSource(ALL_VENUES["bitmex"], venues.base, pulse=QUICK)
    before = wall_clock()
    async with asyncio.timeout(60), aclosing(source.liquidations([BTC["bitmex"]])) as live:
        coming = asyncio.ensure_future(anext(live))
        await venues.subscribed("bitmex")
        await venues.liquidate("bitmex", Forced("BTC", 1, 64_000.0, 1, time=1))
        events = (await coming).events
    await source.close()
    assert before <= events.time[0] <= wall_clock()
    assert events.value == pytest.approx([64_000.0])


async def test_what_two_feeds_tell_without_a_time_happened_at_one_time(
    venues: LoopbackVenues,
) -> None:
    now = itertools.count(1_760_000_400_000)  # [ms], another one whenever somebody looks
    source = VenueSource(ALL_VENUES["bitmex"], venues.base, clock=lambda: next(now), pulse=QUICK)
    told: list[Liquidations] = []

    async def listen() -> None:
        async with aclosing(source.liquidations([BTC["bitmex"]])) as live:
            async for some in live:
                told.extend((some.events,))

    feeds = [asyncio.create_task(listen()) for _ in range(2)]
    await venues.subscribed("bitmex", 2)
    for price in (64_000.0, 64_100.0):
        await venues.liquidate("bitmex", Forced("BTC", 1, price, 1))
    await until(lambda: sum(map(len, told)) == 4)
    for feed in feeds:
        feed.cancel()
    await asyncio.gather(*feeds, return_exceptions=True)
    await source.close()
    assert together(told).price.tolist() == [64_000.0, 64_100.0]


async def test_where_no_past_of_open_interest_is_told_what_is_seen_makes_one(
    venues: LoopbackVenues,
) -> None:
    clock = [wall_clock()]
    source = VenueSource(ALL_VENUES["bitmex"], venues.base, clock=lambda: clock[0])
    market = BTC["bitmex"]
    first = (await source.history(market, clock[0] - DAY)).open_interest
    assert first is not None
    assert first.time.tolist() == [clock[0]]
    begun = clock[0]
    clock[0] += 30_000
    again = (await source.history(market, clock[0] - DAY)).open_interest
    assert again is not None
    assert again.time.tolist() == [begun]  # looked at once a minute at most
    clock[0] += 2 * MINUTE
    later = (await source.history(market, clock[0] - DAY)).open_interest
    assert later is not None
    assert later.time.tolist() == [begun, clock[0]]
    # The venue tells what stands by its own clock, which our frozen one has left behind.
    stands = MARKETS["BTC"].interest(np.array([wall_clock()]), loopback_bitmex.SHARE)[0]
    assert later.quantity == pytest.approx([stands, stands], rel=1e-3)
    # The overview that somebody looks at counts as well.
    clock[0] += MINUTE
    await source.summaries()
    newest = (await source.history(market, clock[0] - DAY)).open_interest
    assert newest is not None
    assert newest.time[-1] == clock[0]
    assert len(venues.asked("bitmex", "/instrument/active")) == 4  # one of them the listing
    await source.close()


async def test_an_overview_that_fails_leaves_open_interest_missing_and_says_why(
    venues: LoopbackVenues,
) -> None:
    source = VenueSource(ALL_VENUES["bitmex"], venues.base)
    await source.instruments()
    venues.fault("bitmex", "status", status=200, body="[]", path="/instrument/active")
    history = await source.history(BTC["bitmex"], source.now() - DAY)
    await source.close()
    assert history.open_interest is None
    assert history.missing == ("open interest",)
    why = source.gaps(BTC["bitmex"])["open interest"]
    assert why == "it tells nothing of the markets that it lists"
    assert len(history.candles) > 280
