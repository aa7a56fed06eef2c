"""What is asked for again and again is told once, and heard only for as long as it was answered."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.core.errors import MarketUnavailable
from bot.core.instruments import Contract, Instrument
from bot.exchanges import polled
from bot.exchanges.client import VenueClient
from bot.exchanges.feed import FeedState, Pulse
from bot.exchanges.parse.common import ForcedOrder, Listing
from bot.exchanges.polled import LiquidationPoll
from bot.exchanges.registry import ALL_VENUES
from bot.exchanges.venue import Call, Polled, Span

if TYPE_CHECKING:
    from bot.ports import LiveLiquidations

BTC = Instrument("gate", "BTC", "USDT", "USDT")
START = 1_760_000_400_000
MINUTE = 60_000
QUICK = Pulse(longest_pause=0.02)


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polled, "_BETWEEN", 0.001)


def order(at: int, price: float = 64_000.0, name: str = "BTC_USDT", side: int = 1) -> ForcedOrder:
    return ForcedOrder(name, START + at, side, price, 2.0)


class FarEnd(VenueClient):
    """Answers looks from a list of all liquidations there were, in pages of the newest."""

    def __init__(self, page: int = 0) -> None:
        super().__init__(ALL_VENUES["gate"])
        self.told: list[ForcedOrder] = []
        self.spans: list[Span] = []
        self.fails = False
        self.page = page
        self.latest = False  # tells the latest whatever is asked for
        self.ahead = 0  # [ms] that pass until it has heard the question
        self.rounds = False  # knows times to the millisecond, and tells them to the second

    async def ask(self, call: Call) -> object:
        span = call.params["span"]
        assert isinstance(span, Span)
        self.spans.append(span)
        await asyncio.sleep(0)
        if self.fails:
            raise MarketUnavailable("gate", "it took too long")
        end = START + 10 * MINUTE if self.latest else span.end + self.ahead
        found = [one for one in self.told if span.start <= one.time <= end]
        found.sort(key=lambda one: -one.time)
        found = found[: self.page] if self.page else found
        return [one._replace(time=one.time // 1000 * 1000) for one in found if self.rounds] or found


class Market:
    """One market followed by looks; its clock stands still until it is moved."""

    def __init__(self, far_end: FarEnd, listing: Listing) -> None:
        self.far_end = far_end
        self.now = START
        self.listing: Listing | None = listing
        self.state = FeedState()
        self.heard: list[LiveLiquidations] = []
        self.unread: set[int] = set()  # [ms] of rows that make no sense
        self.polled = Polled(
            every=0.001,
            call=lambda _listing, span: Call("GET /", {"span": span}),
            parse=self.parse,
            lossy="all",
            page=far_end.page,
        )
        self.poll = LiquidationPoll(
            "gate",
            self.polled,
            far_end,
            {BTC: self.state},
            self.current,
            lambda: self.now,
            QUICK,
        )

    def parse(self, payload: object, _listing: Listing) -> list[ForcedOrder]:
        assert isinstance(payload, list)
        return [one for one in payload if one.time not in self.unread]

    async def current(self, _instrument: Instrument) -> Listing | None:
        return self.listing

    async def listen(self) -> None:
        async with aclosing(self.poll.live()) as live:
            async for some in live:
                self.heard.append(some)

    async def looked(self, times: int = 2) -> None:
        """Wait until so many looks have begun and ended."""
        before = len(self.far_end.spans)
        await until(lambda: len(self.far_end.spans) >= before + times)

    async def moved(self, by: int) -> None:
        self.now += by
        await self.looked()

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """When it was heard."""
        return self.state.heard.spans

    @property
    def events(self) -> list[tuple[int, float]]:
        return [
            (int(time) - START, float(price))
            for some in self.heard
            for time, price in zip(some.events.time, some.events.price, strict=True)
        ]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.002)


@asynccontextmanager
async def following(
    page: int = 0, listing: Listing | None = None
) -> AsyncIterator[tuple[Market, FarEnd]]:
    far_end = FarEnd(page)
    market = Market(far_end, listing or Listing(BTC, "BTC_USDT"))
    task = asyncio.create_task(market.listen())
    try:
        await until(lambda: market.state.connected)
        yield market, far_end
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not market.state.connected


async def test_each_event_is_told_once_though_looks_overlap() -> None:
    async with following() as (market, far_end):
        far_end.told = [order(10), order(20, 64_100.0)]
        await market.moved(MINUTE)
        far_end.told.append(order(MINUTE + 5))
        await market.moved(MINUTE)
        await market.looked(5)
        assert market.events == [(10, 64_000.0), (20, 64_100.0), (MINUTE + 5, 64_000.0)]
        assert market.state.orders == 3


async def test_equal_events_of_one_answer_are_as_many_as_it_tells() -> None:
    async with following() as (market, far_end):
        far_end.told = [order(10), order(10)]
        await market.moved(MINUTE)
        assert market.events == [(10, 64_000.0)] * 2
        far_end.told.append(order(10))  # a third of the same was written down late
        await market.looked(4)
        assert market.events == [(10, 64_000.0)] * 3


async def test_what_happens_while_the_first_look_is_answered_is_told() -> None:
    far_end = FarEnd()
    far_end.told = [order(-1), order(0, 64_100.0), order(40, 64_200.0)]
    far_end.ahead = 50
    market = Market(far_end, Listing(BTC, "BTC_USDT"))
    task = asyncio.create_task(market.listen())
    await until(lambda: market.state.connected)
    await market.moved(MINUTE)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert market.events == [(0, 64_100.0), (40, 64_200.0)]


async def test_what_is_written_down_late_is_told_late_and_nothing_from_before_is_told() -> None:
    far_end_told = [order(-2 * MINUTE)]
    async with following() as (market, far_end):
        assert far_end.spans[0].start < START - 2 * MINUTE
        far_end.told = far_end_told
        await market.moved(MINUTE)
        # It happened before the market was followed, and was written down after.
        assert market.events == [(-2 * MINUTE, 64_000.0)]
        far_end.told.append(order(-MINUTE // 2, 63_000.0))
        await market.moved(MINUTE)
        assert market.events[1:] == [(-MINUTE // 2, 63_000.0)]


async def test_a_look_that_fails_is_a_gap_until_the_next_one_reaches_back_behind_it() -> None:
    async with following() as (market, far_end):
        await market.moved(MINUTE)
        assert list(market.spans) == [(START, START + MINUTE)]
        far_end.fails = True
        await market.moved(MINUTE)
        await until(lambda: not market.state.connected)
        assert len(market.spans) == 0
        far_end.told = [order(90_000)]  # while nobody could look
        far_end.fails = False
        await market.moved(MINUTE)
        await until(lambda: market.state.connected)
        assert market.events == [(90_000, 64_000.0)]
        assert list(market.spans) == [(START, START + 3 * MINUTE)]


async def test_after_longer_than_the_venue_remembers_hearing_begins_anew() -> None:
    async with following() as (market, far_end):
        await market.moved(MINUTE)
        far_end.fails = True
        await market.moved(180 * MINUTE)
        far_end.fails = False
        await until(lambda: market.state.connected)
        ((since, to),) = market.spans
        assert since == START + 121 * MINUTE  # an hour can be asked for
        assert to == START + 181 * MINUTE


async def test_full_answers_are_followed_by_what_is_older() -> None:
    async with following(page=3) as (market, far_end):
        far_end.told = [order(10 * n, 64_000.0 + n // 2 * 2) for n in range(10)]
        await market.moved(MINUTE)
        assert market.events == [(10 * n, 64_000.0 + n // 2 * 2) for n in range(10)]
        assert market.spans == ((START, START + MINUTE),)


async def test_more_at_one_moment_than_an_answer_holds_is_not_said_to_be_all() -> None:
    async with following(page=3) as (market, far_end):
        # What came before that moment can be had all the same.
        far_end.told = [order(10), *(order(30_000, 64_000.0 + n) for n in range(9)), order(50_000)]
        await market.moved(MINUTE)
        await until(lambda: len(market.events) > 0)
        assert [at for at, _ in market.events] == [10, 30_000, 30_000, 30_000, 50_000]
        ((since, to),) = market.spans
        assert since == START + 31_000
        assert to == START + MINUTE


async def test_a_burst_of_sixty_thousand_is_told_whole_by_one_look() -> None:
    async with following(page=1000) as (market, far_end):
        far_end.told = [order(n, 64_000.0 + n % 7) for n in range(1, MINUTE)]
        far_end.told += far_end.told[:500]  # some twice, at the same price
        await market.moved(MINUTE - 1)
        await until(lambda: len(market.events) > 0)
        assert len(market.heard) == 1
        told = Counter(market.events)
        assert told == Counter((one.time - START, one.price) for one in far_end.told)
        assert told.total() == 60_499
        assert market.spans == ((START, START + MINUTE - 1),)


async def test_a_seldom_look_loses_nothing_at_the_seams_of_pages_whose_times_are_rounded() -> None:
    async with following(page=100) as (market, far_end):
        far_end.rounds = True
        # Every second or third has its like within its second; seconds are parted by pages.
        far_end.told = [order(60 * n, 64_000.0 + n % 4) for n in range(1, 27 * MINUTE // 60)]
        now = 27 * MINUTE - 420
        await market.moved(now)
        await until(lambda: len(market.events) > 0)
        there = [one for one in far_end.told if one.time <= START + now]
        assert Counter(market.events) == Counter(
            (one.time // 1000 * 1000 - START, one.price) for one in there
        )
        assert market.spans == ((START, START + now),)


async def test_a_burst_of_which_pages_do_not_tell_a_second_whole_is_not_said_to_be_all() -> None:
    async with following(page=100) as (market, far_end):
        far_end.rounds = True
        # A page holds a second and a quarter: to go back by less would take for ever.
        far_end.told = [order(12 * n, 64_000.0 + n) for n in range(1, 30_000 // 12)]
        await market.moved(MINUTE)
        await until(lambda: len(market.events) > 0)
        told = Counter(market.events)
        lost = [one for one in far_end.told if one.price not in {price for _, price in told}]
        ((since, to),) = market.spans
        assert to == START + MINUTE
        assert all(one.time < since for one in lost)
        assert len(far_end.spans) < 100


async def test_more_than_can_be_kept_is_told_as_far_as_it_is_and_not_said_to_be_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(polled, "_MOST", 40)
    async with following(page=10) as (market, far_end):
        far_end.told = [order(100 * n) for n in range(1, 600)]
        await market.moved(MINUTE)
        await until(lambda: len(market.events) > 0)
        kept = [at for at, _ in market.events]
        assert 40 <= len(kept) <= 50
        assert kept == [at for at in range(100, MINUTE, 100) if at >= kept[0]]
        ((since, to),) = market.spans
        assert since == START + kept[0] + 1_000  # of the last second some may be missing
        assert to == START + MINUTE


async def test_a_full_answer_of_which_some_rows_say_nothing_is_followed_all_the_same() -> None:
    async with following(page=3) as (market, far_end):
        market.unread = {START + 50_000}
        far_end.told = [order(10_000 * n) for n in range(1, 6)]
        await market.moved(MINUTE)
        await until(lambda: len(market.events) > 0)
        assert [at for at, _ in market.events] == [10_000, 20_000, 30_000, 40_000]
        assert market.spans == ((START, START + MINUTE),)


async def test_a_venue_that_tells_the_latest_only_is_heard_from_the_first_of_them() -> None:
    async with following(page=3) as (market, far_end):
        far_end.latest = True
        far_end.told = [order(10_000 * n) for n in range(1, 6)]
        await market.moved(MINUTE)
        await until(lambda: len(market.events) > 0)
        assert [at for at, _ in market.events] == [30_000, 40_000, 50_000]
        ((since, _),) = market.spans
        assert since == START + 30_000
        assert len(far_end.spans) < 20  # it is not asked again and again for what it does not tell


async def test_an_answer_full_of_what_says_nothing_is_not_said_to_be_all() -> None:
    async with following(page=3) as (market, far_end):
        market.unread = {START + 50_000 + n for n in range(3)}
        far_end.told = [order(at - START) for at in sorted(market.unread)]
        await market.moved(MINUTE)
        await until(lambda: market.spans != ((START, START + MINUTE),))
        assert market.spans == ()


async def test_a_renamed_market_is_told_on_and_its_old_events_are_not_told_again() -> None:
    async with following() as (market, far_end):
        far_end.told = [order(10)]
        await market.moved(MINUTE)
        market.listing = Listing(BTC, "XBT_USDT")
        far_end.told = [order(10, name="XBT_USDT"), order(20, name="XBT_USDT")]
        await market.moved(MINUTE)
        assert market.events == [(10, 64_000.0), (20, 64_000.0)]


async def test_a_delisted_market_is_not_heard_and_may_come_back() -> None:
    async with following() as (market, far_end):
        listing, market.listing = market.listing, None
        await until(lambda: not market.state.connected)
        asked = len(far_end.spans)
        await asyncio.sleep(0.05)
        assert len(far_end.spans) == asked
        market.listing = listing
        await until(lambda: market.state.connected)


async def test_no_market_is_said_to_be_heard_before_all_have_been_looked_at() -> None:
    far_end, slow = FarEnd(), asyncio.Event()
    market = Market(far_end, Listing(BTC, "BTC_USDT"))
    other = replace(BTC, base="ETH")
    states = {BTC: FeedState(), other: FeedState()}

    async def current(instrument: Instrument) -> Listing:
        if instrument == other:
            await slow.wait()
        return Listing(instrument, f"{instrument.base}_USDT")

    market.poll = LiquidationPoll(
        "gate", market.polled, far_end, states, current, lambda: market.now, QUICK
    )
    task = asyncio.create_task(market.listen())
    await market.looked(5)
    assert not states[BTC].connected  # who follows both goes on with another poll meanwhile
    market.now += MINUTE
    await market.looked(3)
    slow.set()
    await until(lambda: states[BTC].connected and states[other].connected)
    assert states[BTC].heard.spans == ((START, START + MINUTE),)
    assert states[BTC].connections == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_events_of_other_markets_in_an_answer_are_left_out() -> None:
    async with following() as (market, far_end):
        far_end.told = [order(10, name="ETH_USDT"), order(20)]
        await market.moved(MINUTE)
        assert market.events == [(20, 64_000.0)]


async def test_contracts_of_an_inverse_market_become_base_coin() -> None:
    inverse = Instrument("gate", "BTC", "USD", "BTC", Contract.INVERSE)
    async with following(listing=Listing(inverse, "BTC_USDT", 100.0)) as (market, far_end):
        far_end.told = [order(10, 50_000.0)]
        await market.moved(MINUTE)
        (some,) = market.heard
        assert some.instrument == inverse
        assert some.events.quantity == pytest.approx([200 / 50_000])
        assert some.events.value == pytest.approx([200])


async def test_memory_of_what_was_told_does_not_grow() -> None:
    async with following() as (market, far_end):
        for n in range(20):
            far_end.told.append(order(n * MINUTE))
            await market.moved(MINUTE)
        assert [at for at, _ in market.events] == [n * MINUTE for n in range(20)]
        assert all(span.end - span.start <= 7 * MINUTE for span in far_end.spans)


async def test_a_mistake_in_a_parser_is_raised_where_the_feed_is_read() -> None:
    async with following() as (market, far_end):
        listening = asyncio.create_task(market.listen())
        far_end.told = [None]  # type: ignore[list-item]
        with pytest.raises(AttributeError):
            await listening
