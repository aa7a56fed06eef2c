"""`/funding`, `/oi` and `/ratio` answer with a picture, and without a coin with who stands out."""

from dataclasses import replace

import pytest

from bot.core.arrays import HOUR
from bot.core.instruments import Contract, Instrument
from bot.core.market.history import MarketHistory
from bot.desk.requests import Asker
from bot.reply import Reply
from tests.support.desks import Told, coin, line, rates_desk
from tests.support.markets import Market
from tests.support.panels import END, told
from tests.support.pictures import decoded

WHO = Asker("test:1", "test:2")
SHORT = 6  # days: enough to say something, little enough to be estimated at once


def venues(*names: str, simulated: bool = False) -> list[MarketHistory]:
    return [
        told(name, days=SHORT, interest=8e4 / (at + 1), seed=at, simulated=simulated)
        for at, name in enumerate(names)
    ]


async def ask(source: Market, words: str) -> Reply:
    async with rates_desk(source) as listener:
        return await listener.answer(words, WHO)


def said_words(reply: Reply) -> list[str]:
    return [button.words for row in reply.buttons for button in row]


@pytest.mark.parametrize(
    ("panel", "name", "said"),
    [
        ("funding", "funding for 8 h", "a year, weighted by open interest"),
        ("oi", "open interest", "Change in coins: 1 h "),
        ("ratio", "long/short ratio", "of accounts long, weighted by open interest"),
    ],
)
async def test_a_panel_is_a_picture_and_says_what_is_in_it(
    panel: str, name: str, said: str
) -> None:
    reply = await ask(Market(*venues("binance", "okx")), f"{panel} btc")
    assert reply.kind == "answer"
    assert reply.headline.startswith(f"BTC {name}: ")
    text = reply.text()
    assert said in text
    assert "of the last 6 d" in text
    assert "7 d –" in text  # nothing is known of then
    assert "2 of 2 venues (Binance, OKX) · data to 31 Dec 16:00 UTC" in text
    assert reply.image is not None
    assert decoded(reply.image.png).shape[1] == 1280
    for venue in ("Binance ", "OKX "):
        assert venue in reply.image.alt
    assert len(text) < 1024  # fits below a picture
    assert reply.as_of == END
    assert said_words(reply)[:3] == ["funding BTC", "oi BTC", "ratio BTC"]
    assert f"{panel} BTC okx" in said_words(reply)
    assert f"{panel} BTC refresh" in said_words(reply)


async def test_a_partial_answer_says_so() -> None:
    made = venues("binance", "okx")
    silent = replace(made[1], long_short_ratio=None)
    async with rates_desk(Market(made[0], silent)) as listener:
        reply = await listener.answer("ratio btc", WHO)
    assert "1 of 2 venues (Binance)" in reply.text()
    assert "Not told by OKX." in reply.text()
    source = Market(*made)
    async with rates_desk(source) as listener:
        await listener.answer("oi btc", WHO)
        source.down = {"okx": "HTTP 451"}
        source.time += 60_000
        held = await listener.answer("oi btc refresh", WHO)
        source.time += 2 * HOUR
        reply = await listener.answer("oi btc refresh", WHO)
    assert "OKX is not answering: HTTP 451; shown as of 1 min ago." in held.text()
    assert "1 of 2 venues (Binance)" in reply.text()
    assert "OKX is not answering: HTTP 451." in reply.text()


async def test_what_is_stale_is_said() -> None:
    late = told("okx", days=SHORT, end=END - 5 * HOUR)
    reply = await ask(Market(*venues("binance"), late), "oi btc")
    assert "OKX is stale: told 5 h ago." in reply.text()


async def test_nobody_tells_the_ratio_and_the_answer_is_words() -> None:
    silent = replace(told(days=SHORT), long_short_ratio=None)
    reply = await ask(Market(silent), "ratio btc")
    assert reply.headline == "BTC long/short ratio: nobody tells it here"
    assert reply.image is None
    assert "0 of 1 venue" in reply.text()


async def test_simulated_is_said_and_drawn() -> None:
    reply = await ask(Market(*venues("binance", simulated=True)), "funding btc light")
    assert reply.simulated
    assert reply.lines[0].startswith("SIMULATED")
    assert "funding BTC binance light" not in said_words(reply)  # there is no other venue
    assert "oi BTC light" in said_words(reply)


async def test_the_same_data_give_the_same_picture_key_and_newer_data_another() -> None:
    source = Market(*venues("binance"))
    source.time -= 24 * HOUR
    async with rates_desk(source) as listener:
        one, two = [await listener.answer("oi btc", WHO) for _ in range(2)]
        source.time += HOUR
        three = await listener.answer("oi btc", WHO)
    assert one.image is not None
    assert two.image is not None
    assert three.image is not None
    assert one.image.key == two.image.key != three.image.key


async def test_an_unknown_coin_is_suggested_for_the_same_panel() -> None:
    reply = await ask(Market(*venues("binance")), "oi btcc")
    assert reply.kind == "problem"
    assert said_words(reply) == ["oi BTC"]


async def test_the_inverse_market_is_found_and_its_buttons_find_it_again() -> None:
    coinm = Instrument("binancecoinm", "BTC", "USD", "BTC", Contract.INVERSE)
    whole = replace(told(days=SHORT), instrument=coinm)
    reply = await ask(Market(*venues("binance"), whole), "oi btc inverse")
    assert "1 of 1 venue (Binance COIN-M)" in reply.text()
    assert "heatmap BTC inverse" in said_words(reply)


async def test_without_a_coin_the_highest_and_lowest_funding_are_ranked() -> None:
    source = Told(
        {
            coin("AAA"): line(5e-4),
            coin("BBB"): line(-3e-4),
            coin("CCC"): line(1e-4),
            coin("TINY"): line(0.02, interest=100.0),
            coin("CCC", "okx"): line(3e-4, interest=1e6),
        }
    )
    reply = await ask(source, "funding")
    assert [row.split()[0] for row in reply.table if row] == [
        "highest",
        "AAA",
        "CCC",
        "lowest",
        "BBB",
    ]
    assert "+0.020 %" in next(row for row in reply.table if row.startswith("CCC"))
    assert "of 3 coins with at least $5M" in reply.text()
    assert "2 of 2 venues · data to 31 Dec 16:00 UTC" in reply.text()
    assert said_words(reply)[:3] == ["funding AAA", "funding CCC", "funding BBB"]
    assert all(len(row) <= 34 for row in reply.table)


async def test_a_venue_without_an_answer_is_missing_from_the_ranking_and_named() -> None:
    source = Told({coin("AAA"): line(5e-4), coin("BBB", "okx"): line(1e-4)})
    async with rates_desk(source) as listener:
        await listener.answer("funding", WHO)
        source.told = {coin("AAA"): line(5e-4)}
        source.down = {"okx": "timed out"}
        other = await ask(source, "funding")
    assert "1 of 2 venues, nothing from OKX" in other.text()
    assert "OKX is not answering: timed out." in other.text()


async def test_a_venue_alone_can_be_ranked_also_as_the_only_word() -> None:
    source = Told({coin("AAA"): line(5e-4), coin("BBB", "okx"): line(1e-4)})
    reply = await ask(source, "funding okx")
    assert [row.split()[0] for row in reply.table if row] == ["highest", "BBB"]
    assert "1 of 1 venue" in reply.text()


async def test_without_a_coin_open_interest_is_ranked_in_dollars() -> None:
    source = Told({coin("AAA"): line(None, 3e6), coin("BBB"): line(None, 1e6)})
    reply = await ask(source, "oi")
    assert [row.split() for row in reply.table[1:]] == [
        ["AAA", "$300M", "75.0", "%"],
        ["BBB", "$100M", "25.0", "%"],
    ]
    assert "$400M in 2 coins" in reply.text()


async def test_the_ratio_is_ranked_among_coins_asked_for() -> None:
    source = Market(*venues("binance", "okx"), told(base="ETH", days=SHORT, ratio=3.0))
    async with rates_desk(source) as listener:
        before = await listener.answer("ratio", WHO)
        await listener.answer("ratio btc", WHO)
        await listener.answer("ratio eth", WHO)
        after = await listener.answer("ratio", WHO)
        alone = await listener.answer("ratio okx", WHO)
    assert "None has been: try /ratio BTC." in before.text()
    assert said_words(before)[0] == "ratio BTC"
    assert [row.split()[0] for row in after.table] == ["coin", "ETH", "BTC"]
    assert [row.split()[0] for row in alone.table] == ["coin", "BTC"]


async def test_no_overview_is_said_and_nothing_made_up() -> None:
    source = Told({coin("AAA"): line(1e-4)})
    source.told = {}
    reply = await ask(source, "funding")
    assert reply.kind == "problem"
    assert "it gives no overview of its markets" in reply.text()
