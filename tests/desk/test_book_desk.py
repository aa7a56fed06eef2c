"""`/book` tells depth, walls near clusters and large trades, and how much of it is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook
from bot.core.market.offer import NONE, Offer
from bot.desk.book import BookDesk
from tests.support.asking import Asking, asking
from tests.support.books import book, trades
from tests.support.histories import BTC, history
from tests.support.markets import Market
from tests.support.pictures import decoded

OKX, BYBIT = (Instrument(venue, "BTC", "USDT", "USDT") for venue in ("okx", "bybit"))
PRICE = 90_000.0


@asynccontextmanager
async def desk(source: Market) -> AsyncIterator[Asking]:
    async with asking(
        source, "book", lambda markets, snapshots, _: BookDesk(source, markets, snapshots)
    ) as made:
        yield made


class Counting(Market):
    """A market that counts how often its books are asked for."""

    books_asked = 0

    async def book(self, instrument: Instrument) -> OrderBook:
        self.books_asked += 1
        return await super().book(instrument)


def source(*venues: Instrument, down: dict[str, str] | None = None, **how: float) -> Counting:
    """A market on each venue, whose book and trades are told unless it is down."""
    made = Counting(*(history(venue, bars=400) for venue in venues), down=down)
    for venue in venues:
        if venue.exchange not in made.down:
            told = book(PRICE, usd=20_000, time=made.time, **how)  # type: ignore[arg-type]
            made.books[venue] = told
            sizes = [50.0] * 60 + [90_000.0] + [50.0] * 40
            made.traded[venue] = trades(sizes, start=made.time - 120_000, price=PRICE)
    return made


def offer(venue: str, told: str) -> Offer:
    return Offer(venue, "linear", "5m", "", "", "", "", "", told, "", "", "")


async def test_depth_spread_and_large_trades_of_all_venues_are_told_with_a_picture() -> None:
    async with desk(source(BTC, OKX)) as ask:
        reply = await ask.say("book btc")
    text = reply.text()
    assert reply.headline == "BTC order book · 90,000 USDT"
    for said in (
        "Within 1 %: $4M of bids, $4M of asks, even.",
        "Within 5 %: $20M of bids, $20M of asks, even.",
        "Takers bought $190K, sold $0",
        "2 trades stood out, from ",
        "Bought $90K at 90,000 on ",
        "Spread 0.020 % on Binance",
        "2 of 2 venues (Binance, OKX) · books of ",
        "Orders can be withdrawn",
    ):
        assert said in text, said
    assert reply.image is not None
    assert decoded(reply.image.png).shape == (1600, 1280, 3)
    assert reply.image.alt.startswith(reply.headline)
    assert len(text) < 1024  # a caption of any chat holds it whole


async def test_a_wall_is_told_with_the_cluster_it_stands_before() -> None:
    made = source(BTC)
    async with desk(made) as ask:
        zones = (await ask.say("book btc")).text()
        assert "No wall stands out." in zones
        snapshot = await ask.snapshots.of([BTC])
        mark = float(snapshot.kept[0].history.candles.close[-1])
        made.books[BTC] = book(mark, usd=20_000, time=made.time + 1, walls={-0.02: 4e6, 0.02: 3e6})
        made.time += 60_000
        text = (await ask.say("book btc refresh")).text()
    assert "Wall: $4.2M of bids at " in text
    assert "Wall: $3.2M of asks at " in text
    assert "(−2.0 %, " in text
    assert "× its surroundings; Binance)" in text


async def test_a_book_that_is_told_less_deep_says_so() -> None:
    made = source(BTC, OKX)
    made.books[OKX] = book(PRICE, reach=0.012, levels=120, usd=20_000, time=made.time)
    async with desk(made) as ask:
        text = (await ask.say("book btc")).text()
    assert "Within 1 %: $4M of bids" in text
    assert "Within 2 %: at least $6.4M of bids, at least $6.4M of asks" in text
    assert "(OKX tells 1.2 %)" in text


async def test_a_venue_that_does_not_answer_leaves_a_partial_answer() -> None:
    made = source(BTC, OKX, BYBIT)
    del made.books[BYBIT]
    del made.traded[OKX]
    async with desk(made) as ask:
        text = (await ask.say("book btc")).text()
    assert "2 of 3 venues (Binance, OKX)" in text
    assert "Bybit is not answering: none." in text
    assert "OKX told of no trades." in text


async def test_an_old_book_is_marked_stale() -> None:
    made = source(BTC, OKX)
    made.books[OKX] = replace(made.books[OKX], time=made.time - 130_000)
    async with desk(made) as ask:
        text = (await ask.say("book btc")).text()
    assert "OKX's book is 2 min older: stale." in text


async def test_when_no_venue_answers_that_is_a_problem_and_not_a_picture() -> None:
    made = source(BTC)
    del made.books[BTC]
    async with desk(made) as ask:
        reply = await ask.say("book btc")
    assert reply.kind == "problem"
    assert reply.headline.startswith("No venue answered")


async def test_where_no_book_is_told_a_clear_sentence_says_so() -> None:
    made = source(BTC, OKX)
    made.offered = [offer("binance", NONE), offer("okx", NONE)]
    made.simulated = True
    async with desk(made) as ask:
        reply = await ask.say("book btc")
    assert reply.kind == "problem"
    assert reply.headline == (
        "There is no order book to show: Binance and OKX tell of none."
        " Nobody waits with an order in a simulated market."
    )
    assert made.books_asked == 0


async def test_a_venue_without_a_book_is_named_beside_those_that_have_one() -> None:
    made = source(BTC, OKX)
    made.offered = [offer("binance", "500 levels"), offer("okx", NONE)]
    async with desk(made) as ask:
        text = (await ask.say("book btc")).text()
    assert "OKX tells of no order book." in text
    assert "1 of 2 venues (Binance)" in text


async def test_all_who_ask_within_seconds_share_one_book_and_refresh_asks_again() -> None:
    made = source(BTC)
    async with desk(made) as ask:
        first = await ask.say("book btc")
        made.time += 2_000
        second = await ask.say("book btc")
        assert made.books_asked == 1
        await ask.say("book btc refresh")
    assert made.books_asked == 2
    assert first.image is not None
    assert second.image is not None
    assert first.image.key == second.image.key


async def test_the_book_does_not_wait_for_a_map_that_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.desk.book._MAP_WAITED", 0.05)
    made = source(BTC)
    made.pause = 5.0
    async with desk(made) as ask:
        reply = await ask.say("book btc")
    assert "The map of clusters was not to be had just now." in reply.text()
    assert reply.kind == "answer"


async def test_buttons_lead_to_each_venue_the_heatmap_and_liquidations() -> None:
    async with desk(source(BTC, OKX)) as ask:
        both = await ask.say("book btc")
        reply = await ask.say("book btc okx light")
    assert [button.words for button in both.buttons[0]] == [
        "book BTC",
        "book BTC binance",
        "book BTC okx",
    ]
    assert [button.chosen for button in both.buttons[0]] == [True, False, False]
    assert [button.words for row in reply.buttons for button in row] == [
        "book BTC all light",  # whatever venues the chat has chosen
        "book BTC okx light",
        "book BTC okx light refresh",
        "heatmap BTC okx light",
        "liqs BTC okx light",
    ]
    assert [button.chosen for button in reply.buttons[0]] == [False, True]
    assert "1 of 1 venue (OKX)" in reply.text()


async def test_so_many_venues_that_no_button_could_carry_them_are_no_failure() -> None:
    several = [Instrument(f"venue-number-{n}", "BTC", "USDT", "USDT") for n in range(6)]
    async with desk(source(*several)) as ask:
        reply = await ask.say("book btc " + " ".join(each.exchange for each in several))
    assert reply.kind == "answer"
    assert "6 of 6 venues" in reply.text()


async def test_a_coin_has_to_be_named_and_may_be_unknown() -> None:
    async with desk(source(BTC)) as ask:
        assert "such as /book BTC" in (await ask.say("book")).headline
        assert (await ask.say("book nosuchcoin")).kind == "problem"


async def test_a_one_level_book_is_still_an_answer() -> None:
    made = source(BTC)
    one = book(PRICE, reach=0.001, levels=1)
    assert len(one.bids.price) == 1
    made.books[BTC] = one
    made.traded[BTC] = trades([])
    async with desk(made) as ask:
        reply = await ask.say("book btc")
    assert "at least" in reply.text()
    assert "No trades were told." in reply.text()


async def test_the_side_with_more_orders_is_named() -> None:
    made = source(BTC)
    even = made.books[BTC]
    made.books[BTC] = replace(even, bids=replace(even.bids, quantity=even.bids.quantity * 1.5))
    async with desk(made) as ask:
        text = (await ask.say("book btc")).text()
    assert "Within 1 %: $3M of bids, $2M of asks, 60 % bids." in text
