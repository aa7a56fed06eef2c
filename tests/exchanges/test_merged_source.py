"""Several sources answer as one, and one that fails does not hide the others."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from bot.core.errors import BadSetting, MarketUnavailable, NothingAnswered
from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook, Orders, Trades
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.offer import Offer
from bot.core.market.summary import Summary
from bot.exchanges.merged import MergedSource
from bot.ports import LiveLiquidations, MarketSource
from tests.support.histories import history
from tests.support.sentences import said

BTC = Instrument("binance", "BTC", "USDT", "USDT")
ETH = Instrument("binance", "ETH", "USDT", "USDT")
BYBIT = Instrument("bybit", "BTC", "USDT", "USDT")


def heard(instrument: Instrument, price: float) -> LiveLiquidations:
    event = (np.array([1]), np.array([1], np.int8), np.array([price]), np.array([1.0]))
    return LiveLiquidations(instrument, Liquidations(*event))


class Member:
    """A source of a few markets that answers when and how it is told to."""

    def __init__(
        self,
        name: str,
        *listed: Instrument,
        pause: float = 0.0,
        why: str | None = None,
        simulated: bool = False,
    ) -> None:
        self.name = name
        self.simulated = simulated
        self.listed = listed
        self.pause = pause
        self.why = why
        self.time = 1000
        self.asked: list[tuple[Instrument, int]] = []
        self.feed: list[LiveLiquidations | Exception] = []
        self.endless = False
        self.following = False
        self.closed = False

    def now(self, instrument: Instrument | None = None) -> int:  # noqa: ARG002 - one clock for all
        return self.time

    async def instruments(self) -> Sequence[Instrument]:
        await asyncio.sleep(self.pause)
        if self.why is not None:
            raise MarketUnavailable(self.name, self.why)
        return self.listed

    async def history(self, instrument: Instrument, since: int) -> MarketHistory:
        self.asked.append((instrument, since))
        if self.why is not None:
            raise MarketUnavailable(self.name, self.why)
        return replace(history(bars=3), instrument=instrument)

    async def liquidations(
        self, instruments: Sequence[Instrument]
    ) -> AsyncIterator[LiveLiquidations]:
        self.following = True
        try:
            for item in self.feed:
                if isinstance(item, Exception):
                    raise item
                if item.instrument in instruments:
                    yield item
            if self.endless:
                await asyncio.Event().wait()
        finally:
            self.following = False

    async def summaries(self) -> Mapping[Instrument, Summary]:
        return {item: Summary(self.time, 100.0, 1e6) for item in await self.instruments()}

    async def book(self, instrument: Instrument) -> OrderBook:
        self.asked.append((instrument, 0))
        one = np.ones(1)
        return OrderBook(self.time, Orders(99 * one, one), Orders(101 * one, one))

    async def trades(self, instrument: Instrument) -> Trades:
        self.asked.append((instrument, 1))
        one = np.ones(1)
        return Trades(np.array([self.time]), np.ones(1, np.int8), one, one)

    def offers(self) -> Sequence[Offer]:
        return [Offer(self.name, *["linear"] * 11)]

    def heard(self, instrument: Instrument) -> Heard:
        return Heard(((0, self.time),)) if instrument in self.listed else Heard()

    def failures(self) -> dict[str, str]:
        return {f"{self.name}'s own": "half of it is down"} if self.why == "half" else {}

    async def close(self) -> None:
        self.closed = True


async def test_a_market_was_heard_when_the_member_that_lists_it_heard_it() -> None:
    one, two = Member("one", BTC), Member("two", BYBIT)
    one.time, two.time = 500, 700
    source = MergedSource([one, two])
    assert source.heard(BYBIT) == Heard()  # nobody has said yet whose it is
    await source.instruments()
    assert (source.heard(BTC), source.heard(BYBIT)) == (Heard(((0, 500),)), Heard(((0, 700),)))


async def test_a_market_of_two_members_is_refused_for_nobody_could_tell_which_is_meant() -> None:
    both = MergedSource([Member("one", BTC, ETH), Member("two", BYBIT, BTC)])
    with pytest.raises(BadSetting, match=r"BTC/USDT:USDT stands in more than one of the sources"):
        await both.instruments()


async def test_markets_of_all_members_are_listed() -> None:
    both = MergedSource([Member("one", BTC, ETH), Member("two", BYBIT)])
    assert await both.instruments() == [BTC, ETH, BYBIT]
    assert both.name == "one + two"
    assert both.failures() == {}


async def test_members_are_asked_side_by_side() -> None:
    everyone = asyncio.Barrier(5)  # opens when all five wait at it

    class Waiting(Member):
        async def instruments(self) -> Sequence[Instrument]:
            await everyone.wait()
            return self.listed

    members = [Waiting(f"m{at}", Instrument(f"m{at}", "BTC", "USDT", "USDT")) for at in range(5)]
    assert len(await MergedSource(members, patience=5).instruments()) == 5


async def test_a_member_that_fails_is_named_and_hides_nobody() -> None:
    both = MergedSource([Member("down", BYBIT, why="connection refused"), Member("up", BTC)])
    assert await both.instruments() == [BTC]
    assert said(both.failures()) == {"down": "connection refused"}


async def test_a_member_that_is_back_is_no_failure_any_more() -> None:
    shaky = Member("shaky", BYBIT, why="timeout")
    both = MergedSource([shaky, Member("up", BTC)])
    await both.instruments()
    shaky.why = None
    assert await both.instruments() == [BYBIT, BTC]
    assert both.failures() == {}


async def test_a_member_that_never_answers_is_not_waited_for() -> None:
    both = MergedSource([Member("mute", BYBIT, pause=60), Member("up", BTC)], patience=0.05)
    assert await both.instruments() == [BTC]
    assert said(both.failures()) == {"mute": "no answer within 0.05 s"}


async def test_if_nobody_answers_each_is_named_with_its_reason() -> None:
    members = [
        Member("one", why="HTTP 503"),
        Member("two", why="no route"),
        Member("three", pause=9),
    ]
    with pytest.raises(NothingAnswered) as nothing:
        await MergedSource(members, patience=0.05).instruments()
    assert str(nothing.value) == (
        "No venue answered, so there is nothing to draw. one is not answering: HTTP 503. "
        "two is not answering: no route. three is not answering: no answer within 0.05 s."
    )


async def test_what_members_say_of_themselves_is_passed_on() -> None:
    half = Member("half", BTC, why="half")
    both = MergedSource([half, Member("down", why="gone"), Member("up", BYBIT)])
    await both.instruments()
    assert said(both.failures()) == {
        "half's own": "half of it is down",
        "half": "half",
        "down": "gone",
    }


async def test_history_comes_from_the_member_that_lists_the_market() -> None:
    one, two = Member("one", BTC), Member("two", BYBIT)
    both = MergedSource([one, two])
    assert (await both.history(BYBIT, 5)).instrument == BYBIT  # listing is asked for if need be
    assert (await both.history(BTC, 7)).instrument == BTC
    assert (one.asked, two.asked) == ([(BTC, 7)], [(BYBIT, 5)])


async def test_a_market_listed_before_is_still_its_members_while_that_is_away() -> None:
    one, two = Member("one", BTC), Member("two", BYBIT)
    both = MergedSource([one, two])
    await both.instruments()
    two.why = "maintenance"
    assert await both.instruments() == [BTC]
    with pytest.raises(MarketUnavailable, match="two is not answering: maintenance"):
        await both.history(BYBIT, 0)
    two.why = None
    assert (await both.history(BYBIT, 0)).instrument == BYBIT
    assert both.failures() == {}


async def test_a_market_that_nobody_lists_is_said_to_be_nobodys() -> None:
    with pytest.raises(MarketUnavailable) as refused:
        await MergedSource([Member("one", BTC)]).history(BYBIT, 0)
    assert str(refused.value) == "Bybit is not answering: nobody here lists BTC/USDT:USDT."


async def test_liquidations_of_all_members_arrive() -> None:
    one, two = Member("one", BTC, ETH), Member("two", BYBIT)
    one.feed = [heard(BTC, 1), heard(ETH, 2), heard(BTC, 3)]
    two.feed = [heard(BYBIT, 4)]
    both = MergedSource([one, two])
    seen = [
        (item.instrument, float(item.events.price[0]))
        async for item in both.liquidations([BTC, BYBIT])
    ]
    assert sorted(seen, key=lambda pair: pair[1]) == [(BTC, 1), (BTC, 3), (BYBIT, 4)]


async def test_a_burst_loses_nothing_to_a_slow_reader() -> None:
    one, two = Member("one", BTC), Member("two", BYBIT)
    one.feed = [heard(BTC, at + 1) for at in range(3000)]
    two.feed = [heard(BYBIT, at + 1) for at in range(3000)]
    seen: list[float] = []
    async for item in MergedSource([one, two]).liquidations([BTC, BYBIT]):
        seen.append(float(item.events.price[0]))
        if len(seen) % 500 == 0:
            await asyncio.sleep(0.01)
    assert sorted(seen) == sorted([*range(1, 3001), *range(1, 3001)])


async def test_a_feed_that_fails_leaves_the_others_running() -> None:
    one, two = Member("one", BTC), Member("two", BYBIT)
    one.feed = [MarketUnavailable("one", "kicked out")]
    two.feed = [heard(BYBIT, 4), heard(BYBIT, 5)]
    both = MergedSource([one, two])
    assert [item.instrument async for item in both.liquidations([BTC, BYBIT])] == [BYBIT, BYBIT]
    assert said(both.failures()) == {"one": "one is not answering: kicked out."}


async def test_a_fault_of_ours_in_a_feed_is_not_swallowed() -> None:
    one, two = Member("one", BTC), Member("two", BYBIT)
    one.feed = [ZeroDivisionError("ours")]
    two.endless = True
    with pytest.raises(ZeroDivisionError, match="ours"):
        async for _ in MergedSource([one, two]).liquidations([BTC, BYBIT]):
            pass
    assert not two.following


async def test_who_stops_listening_stops_every_feed() -> None:
    one, two = Member("one", BTC), Member("two", BYBIT)
    one.feed = [heard(BTC, at + 1) for at in range(5000)]  # more than wait in line
    two.feed, two.endless = [heard(BYBIT, 1)], True
    feed = MergedSource([one, two]).liquidations([BTC, BYBIT])
    await anext(feed)
    assert one.following or two.following
    await feed.aclose()  # type: ignore[attr-defined]
    assert not one.following
    assert not two.following


def test_its_time_is_its_latest_members() -> None:
    early, late = Member("early", BTC), Member("late", BYBIT)
    late.time = 5000
    assert MergedSource([late, early]).now() == 5000


async def test_every_member_is_let_go_of() -> None:
    class Stuck(Member):
        async def close(self) -> None:
            raise MarketUnavailable("stuck", "will not close")

    last = Member("last", BYBIT)
    with pytest.raises(MarketUnavailable, match="will not close"):
        await MergedSource([Stuck("stuck", BTC), last]).close()
    assert last.closed


def test_nothing_simulated_is_put_together_with_a_market() -> None:
    real, made_up = Member("live", BTC), Member("sim", BYBIT, simulated=True)
    with pytest.raises(BadSetting) as refused:
        MergedSource([real, made_up])
    assert str(refused.value) == (
        "sim is simulated and live is not: they cannot be put together, "
        "because nothing simulated is ever shown as a market."
    )
    assert MergedSource([made_up, made_up]).simulated
    assert not MergedSource([real]).simulated


def test_no_member_is_no_source() -> None:
    with pytest.raises(
        BadSetting, match=r"No source was named; known are sim, live and replay:DIR\."
    ):
        MergedSource([])


def test_it_is_a_source_as_any_other() -> None:
    source: MarketSource = MergedSource([Member("one", BTC)])
    assert source.name == "one"


async def test_overviews_of_all_members_that_answer_are_put_together() -> None:
    source = MergedSource([Member("one", BTC, ETH), Member("two", BYBIT, why="is away")])
    assert set(await source.summaries()) == {BTC, ETH}
    silent = MergedSource([Member("one", BTC, why="is away"), Member("two", BYBIT, why="too")])
    with pytest.raises(NothingAnswered):
        await silent.summaries()


async def test_a_member_too_slow_for_an_overview_is_named_until_it_answers_again() -> None:
    slow = Member("slow", BYBIT)
    source = MergedSource([Member("one", BTC), slow], patience=0.05)
    await source.instruments()
    slow.pause = 60
    assert set(await source.summaries()) == {BTC}
    assert said(source.failures()) == {"slow": "no answer within 0.05 s"}
    slow.pause = 0
    assert set(await source.summaries()) == {BTC, BYBIT}
    assert source.failures() == {}


async def test_a_book_and_trades_are_those_of_the_member_that_lists_the_market() -> None:
    one, two = Member("one", BTC), Member("two", BYBIT)
    source = MergedSource([one, two])
    assert (await source.book(BYBIT)).mid == 100.0
    assert len(await source.trades(BTC)) == 1
    assert (one.asked, two.asked) == ([(BTC, 1)], [(BYBIT, 0)])
    assert [offer.exchange for offer in source.offers()] == ["one", "two"]
