"""`/markets` ranks what is traded, a page at a time."""

from dataclasses import replace

import pytest

from bot.core.arrays import HOUR
from bot.core.market.summary import Summary
from bot.desk.requests import Asker
from bot.reply import Reply
from tests.support.desks import Told, coin, line, rates_desk
from tests.support.panels import END

WHO = Asker("test:1", "test:2")


def market_of(count: int) -> Told:
    """Coins that are traded the less the higher their number, odd ones on a second venue too."""
    told = {}
    for number in range(count):
        usd = 1e9 / (number + 1) ** 0.5
        summary = Summary(END, 12.5, usd, usd / 100, 1e-4, 8 * HOUR, -0.0123)
        told[coin(f"C{number:02d}")] = summary
        if number % 2:
            told[coin(f"C{number:02d}", "okx")] = summary
    return Told(told)


async def ask(source: Told, words: str) -> Reply:
    async with rates_desk(source) as listener:
        return await listener.answer(words, WHO)


def coins(reply: Reply) -> list[str]:
    return [row.split()[1] for row in reply.table[2::2]]


async def test_the_most_traded_stand_first_with_all_that_is_told() -> None:
    reply = await ask(market_of(3), "markets")
    assert coins(reply) == ["C01", "C00", "C02"]  # two venues together
    first, second = reply.table[2:4]
    assert first.split() == ["1", "C01", "12.500", "−1.2%"]
    assert second.split() == ["$1.4B", "$177M", "+0.010%", "2"]
    assert reply.headline == "3 markets by turnover"
    assert "2 of 2 venues · data to 31 Dec 16:00 UTC" in reply.text()
    assert all(len(row) <= 34 for row in reply.table)


async def test_pages_follow_one_another_and_lose_nobody() -> None:
    source, seen, words = market_of(25), [], "markets"
    while True:
        reply = await ask(source, words)
        seen += coins(reply)
        onward = [b.words for row in reply.buttons for b in row if b.label == "More ›"]
        if not onward:
            break
        (words,) = onward
    assert len(seen) == len(set(seen)) == 25
    back = [b.words for row in reply.buttons for b in row if b.label == "‹ Back"]
    assert back == ["markets 2"]


async def test_a_page_that_is_none_is_answered_with_those_there_are() -> None:
    reply = await ask(market_of(25), "markets 4")
    assert reply.kind == "problem"
    assert "Pages go from 1 to 3." in reply.text()


@pytest.mark.parametrize("words", ["markets okx", "markets OKEX", "/markets okx,okx 1"])
async def test_one_venue_can_be_asked_for(words: str) -> None:
    reply = await ask(market_of(6), words)
    assert coins(reply) == ["C01", "C03", "C05"]
    assert "on OKX" in reply.headline
    chosen = [b.words for row in reply.buttons for b in row if b.chosen]
    assert chosen == ["markets okx"]


async def test_more_venues_than_a_button_can_carry_are_still_answered() -> None:
    names = [f"a-rather-long-name-{number}" for number in range(4)]
    source = Told({coin(f"C{at}", name): line(1e-4) for at in range(12) for name in names})
    asked = f"markets {' '.join(names)}"
    async with rates_desk(source) as listener:
        assert (await listener.answer(asked, WHO)).kind == "answer"
        reply = await listener.answer(f"oi c1 {' '.join(names)}", WHO)
    assert reply.kind == "answer", reply


async def test_an_unknown_venue_is_suggested() -> None:
    reply = await ask(market_of(3), "markets binanse")
    assert reply.kind == "problem"
    assert "Did you mean binance?" in reply.text()


async def test_the_first_coins_lead_to_their_maps() -> None:
    reply = await ask(market_of(8), "markets")
    maps = [b.words for row in reply.buttons for b in row if b.words.startswith("heatmap")]
    assert maps[0] == "heatmap C01"
    assert len(maps) == 5


async def test_a_venue_whose_open_interest_is_not_in_it_is_named() -> None:
    source = market_of(4)
    source.told = {
        item: replace(told, open_interest=None) if item.exchange == "okx" else told
        for item, told in source.told.items()
    }
    for words in ("markets", "oi", "funding"):
        text = (await ask(source, words)).text()
        assert "Open interest is without OKX, which tells it market by market only." in text


async def test_a_venue_that_tells_nothing_is_named() -> None:
    source = market_of(4)
    source.told = {item: line for item, line in source.told.items() if item.exchange != "okx"}
    assert "1 of 2 venues, nothing from OKX" in (await ask(source, "markets")).text()
