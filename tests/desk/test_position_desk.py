"""`/position` works out somebody's own position by the venues' rules, and keeps nothing of it."""

import pytest

from bot.core.instruments import Instrument
from tests.desk.test_whatif_desk import OKX, market, say
from tests.support.histories import BTC
from tests.support.pictures import decoded

BYBIT = Instrument("bybit", "BTC", "USDT", "USDT")


async def test_a_position_is_told_by_every_venue_with_a_picture_and_privately() -> None:
    reply = await say(market(BTC, OKX), "/position btc long 90000 20x")
    assert reply.kind == "answer"
    assert reply.private
    assert reply.headline.startswith("BTC long 90,000 20x: ")
    assert [row.split()[0] for row in reply.table] == ["Binance", "OKX"]
    assert all(len(row) <= 34 for row in reply.table)
    text = reply.text()
    assert "maintenance margin reckoned at the liquidation price" in text
    assert "smallest bracket, as no size was told" in text
    assert reply.image is not None
    assert decoded(reply.image.png).shape[1] == 1280
    assert any(button.words.startswith("heatmap") for row in reply.buttons for button in row)


async def test_buttons_say_the_same_position_again_with_another_leverage() -> None:
    reply = await say(market(BTC), "position btc short 90000 20x 0.5")
    words = [button.words for row in reply.buttons for button in row if button.label == "50x"]
    assert words == ["position BTC short 90000 50x 0.5"]
    again = await say(market(BTC), words[0])
    assert again.headline.startswith("BTC short 90,000 50x")


async def test_sizes_in_dollars_come_back_in_the_buttons() -> None:
    reply = await say(market(BTC), "position btc long 10x $30k")
    (words,) = [b.words for row in reply.buttons for b in row if b.label == "Refresh"]
    again = await say(market(BTC), words)
    assert again.headline == reply.headline
    assert again.lines[0] == reply.lines[0]


async def test_an_amount_of_dollars_is_an_entry_near_the_price_and_a_size_elsewhere() -> None:
    near = await say(market(BTC), "position btc long 20x $90000")
    assert near.headline.startswith("BTC long 90,000 20x")
    for words in ("position btc long 20x $500", "position btc long 20x 500usd"):
        reply = await say(market(BTC), words)
        (again,) = [b.words for row in reply.buttons for b in row if b.label == "Refresh"]
        assert again.startswith("position BTC long @")
        assert again.endswith(" 20x 500usd")
        assert (await say(market(BTC), again)).headline == reply.headline
    both = await say(market(BTC), "position btc long 20x $90000 $500")
    assert "size" not in both.text()
    assert both.headline.startswith("BTC long 90,000 20x")


async def test_a_venue_that_would_not_have_it_is_named_and_the_others_answer() -> None:
    reply = await say(market(BTC, OKX), "position btc long 90000 120x")
    assert reply.kind == "answer"
    assert any("OKX allows" in line and "at most" in line for line in reply.lines)
    alone = await say(market(OKX), "position btc long 90000 120x")
    assert alone.kind == "problem"
    assert "OKX allows" in alone.headline


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("position", "Which position?"),
        ("position btc", "Long or short?"),
        ("position btc long 90000", "Which leverage?"),
        ("position btc long 90 20x", "far from the price"),
        ("position btc long 20x 0.5 isolated wallet 400", "add “cross”"),
        ("position nosuchcoin long 20x", "No perpetual"),
    ],
)
async def test_what_is_missing_or_wrong_is_said(words: str, said: str) -> None:
    reply = await say(market(BTC), words)
    assert reply.kind == "problem"
    assert said in reply.headline


async def test_a_number_with_commas_is_one_number() -> None:
    reply = await say(market(BTC), "position btc long 90,000 20x")
    assert reply.headline.startswith("BTC long 90,000 20x")
