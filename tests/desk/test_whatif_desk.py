"""`/whatif` gathers the map and the books, and says whose book was had."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.chats.hears import Listener
from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook
from bot.desk.accuracy import AccuracyDesk
from bot.desk.front import Front
from bot.desk.heatmap import HeatmapDesk
from bot.desk.markets import Markets
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Snapshots
from bot.desk.status import Running
from bot.reply import Reply
from tests.support.asking import WHO
from tests.support.books import book
from tests.support.histories import BTC, history
from tests.support.markets import Market
from tests.support.pictures import decoded

OKX = Instrument("okx", "BTC", "USDT", "USDT")
PRICE = 90_000.0


class Broken(Market):
    """A market whose books cannot be asked for without an unforeseen error."""

    async def book(self, instrument: Instrument) -> OrderBook:
        raise RuntimeError(instrument.key)


@asynccontextmanager
async def desk(source: Market) -> AsyncIterator[Listener]:
    markets, snapshots = Markets(source), Snapshots(source, None)
    scoring = Scoring(source, snapshots, None)
    heatmaps = HeatmapDesk(markets, snapshots, settings=None, maps=None, scoring=scoring)
    accuracies = AccuracyDesk(markets, snapshots, scoring)
    front = Front(source, markets, snapshots, heatmaps, accuracies, Running())
    try:
        yield Listener(front)
    finally:
        await scoring.close()
        await front.close()


async def say(source: Market, words: str) -> Reply:
    async with desk(source) as listener:
        return await listener.answer(words, WHO)


def market(*venues: Instrument, books: tuple[Instrument, ...] = (), usd: float = 2e6) -> Market:
    made = Market(*(history(venue, bars=900) for venue in venues))
    for venue in books:
        made.books[venue] = book(PRICE, usd=usd, time=made.time)
    return made


async def test_a_move_is_told_with_its_range_the_books_and_a_picture() -> None:
    reply = await say(market(BTC, OKX, books=(BTC, OKX)), "whatif btc -4%")
    text = reply.text()
    assert reply.headline.startswith("BTC −4.0 % to ")
    assert "of longs forced out" in reply.headline
    for part in (
        " of longs (range $",
        "Books of Binance, OKX as they stand now: in a real move orders are withdrawn",
        "depth is thinner",
        "The map is unproven: take these dollars for a guess.",
        "2 of 2 venues (Binance, OKX) · data to ",
    ):
        assert part in text, part
    assert "chain ends there" in text or "more link" in text or "far more than" in text
    assert reply.image is not None
    assert decoded(reply.image.png).shape == (1210, 1280, 3)
    words = [button.words for row in reply.buttons for button in row]
    assert {"whatif BTC +5%", "heatmap BTC", "book BTC"} <= set(words)


async def test_a_thin_book_is_pushed_on_and_a_deep_one_takes_it_up() -> None:
    thin = await say(market(BTC, books=(BTC,), usd=3e5), "whatif btc -4%")
    deep = await say(market(BTC, books=(BTC,), usd=1e12), "whatif btc -4%")
    assert "more link" in thin.text() or "far more than the books tell of" in thin.text()
    assert "take up those sales at once: the chain ends there." in deep.text()


async def test_a_venue_without_a_book_is_named() -> None:
    reply = await say(market(BTC, OKX, books=(OKX,)), "whatif btc +3%")
    assert "Books of OKX as they stand now" in reply.text()
    assert "No book of Binance: what is forced out there meets the others' books." in reply.text()
    assert "of shorts forced out" in reply.headline


async def test_without_any_book_the_move_alone_is_told() -> None:
    reply = await say(market(BTC), "whatif btc 4% down")
    assert "No order book is to be had, so what follows from there is not said." in reply.text()
    assert "more link" not in reply.text()
    assert reply.image is not None


async def test_a_price_is_where_the_move_goes() -> None:
    source = market(BTC)
    price = float(source.histories[BTC].candles.close[-1])
    reply = await say(source, f"whatif btc to {price * 0.95:.0f}")
    assert "−5.0 %" in reply.headline


@pytest.mark.parametrize("words", ["whatif btc to 1", "whatif btc -70%", "whatif btc +0.01%"])
async def test_a_move_that_is_too_far_or_none_says_what_would_fit(words: str) -> None:
    reply = await say(market(BTC), words)
    assert reply.kind == "problem"
    assert "Name a move of 0.1 % to 50 %, such as -4%, or a price from " in reply.text()


async def test_a_coin_that_is_not_listed_is_asked_back() -> None:
    reply = await say(market(BTC), "whatif btd -4%")
    assert reply.kind == "problem"
    assert "Did you mean BTC?" in reply.text()


async def test_what_was_not_foreseen_is_an_apology() -> None:
    reply = await say(Broken(history(BTC, bars=900)), "whatif btc -4%")
    assert reply.kind == "problem"
    assert "Something went wrong here" in reply.text()
