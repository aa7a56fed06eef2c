"""What is sent at a time: each coin's day, and what the watches told and held back."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.chats.telegram.dress import CAPTION, dress
from bot.core.arrays import DAY, HOUR
from bot.core.errors import BotError
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.simulation.simulate import simulate
from bot.core.watches.ledger import Entry
from bot.core.watches.parse import watch
from bot.core.watches.schedule import Call
from bot.messages import Address
from bot.reply import Reply
from bot.watching import KeptWatch, Manners, Quota
from tests.support.telling import CHAT, Teller, teller

SOL = Instrument("binance", "SOL", "USDT", "USDT")
ETH = Instrument("binance", "ETH", "USDT", "USDT")


@pytest.fixture(scope="module")
def histories() -> tuple[MarketHistory, MarketHistory]:
    sol = simulate("crash", 7, 10 * 288, instrument=SOL).history
    return sol, simulate("crash", 9, 10 * 288, instrument=ETH, price=3_000.0).history


@pytest_asyncio.fixture
async def desk(histories: tuple[MarketHistory, ...]) -> AsyncIterator[Teller]:
    async with teller(*histories) as made:
        yield made


async def due(desk: Teller, words: str, *, theme: str | None = None) -> Reply:
    read = watch(words)
    kept = KeptWatch("", Address(CHAT), CHAT, shared=False, words=words, made=0)
    kept = await desk.store.add(kept, Quota())
    call = Call("w1/1", desk.market.time)
    return await desk.words.schedule(kept, read, Manners(theme=theme), call)


async def test_a_digest_tells_the_day_of_each_coin(desk: Teller) -> None:
    reply = await due(desk, "SOL, ETH digest 08:00")
    text = reply.text()
    assert reply.headline.startswith("Digest of 2 coins: ")
    for coin in ("SOL", "ETH"):
        assert sum(line.startswith(f"{coin} ") for line in reply.lines) == 1
    assert "funding" in text
    assert "Liquidated in 24 h: $" in text
    assert "; largest $" in text
    assert "on Binance" in text
    assert reply.simulated
    assert reply.lines[0].startswith("SIMULATED")
    assert dress(reply, CAPTION).text.count("\n") == text.count("\n")
    assert reply.image is not None
    assert reply.image.name == "squeeze.png"


async def test_a_digest_of_one_coin_shows_its_heatmap(desk: Teller) -> None:
    reply = await due(desk, "SOL digest 08:00")
    assert reply.image is not None
    assert reply.image.name == "sol-24h.png"


async def test_without_coins_of_its_own_it_is_of_those_the_chat_watches(desk: Teller) -> None:
    other = KeptWatch("", Address(CHAT), CHAT, shared=False, words="ETH cascade", made=0)
    await desk.store.add(other, Quota())
    reply = await due(desk, "digest 08:00")
    assert "Digest of 1 coin" in reply.headline
    assert any(line.startswith("ETH ") for line in reply.lines)


async def test_what_the_watches_told_and_held_back_is_counted_over_a_day(desk: Teller) -> None:
    other = KeptWatch("", Address(CHAT), CHAT, shared=False, words="ETH cascade", made=0)
    kept = await desk.store.add(other, Quota())
    now = desk.market.time
    rows = [
        (1, now - HOUR, now - HOUR, ""),
        (2, now - 2 * HOUR, now - 2 * HOUR, ""),
        (3, now - 3 * HOUR, None, "quiet hours"),
        (4, now - 30 * HOUR, now - 30 * HOUR, ""),
        (5, now - 30 * HOUR, None, "quiet hours"),
    ]
    for number, began, told, held in rows:
        message = f"{kept.id}/ETH/{number}"
        entry = Entry(message, kept.id, "ETH", began, told, held=held)
        desk.store.entries[message] = entry
    await desk.store.vote(f"{kept.id}/ETH/1", "telegram:5", useful=True)
    text = (await due(desk, "ETH digest 08:00")).text()
    said = "Watches here told 2 times in 24 h (1 of 1 called useful); held back: 1 in quiet hours."
    assert said in text


async def test_a_coin_that_cannot_be_had_is_named_and_the_others_are_told(desk: Teller) -> None:
    reply = await due(desk, "SOL, NOSUCH digest 08:00")
    assert "Not to be had just now: NOSUCH." in reply.text()
    assert any(line.startswith("SOL ") for line in reply.lines)


async def test_a_digest_of_nothing_says_so(desk: Teller) -> None:
    reply = await due(desk, "NOSUCH digest 08:00")
    assert reply.headline == "Digest: nothing is known of 1 coin just now"
    assert reply.image is None


async def test_a_heatmap_at_its_time_is_the_one_that_is_asked_for(desk: Teller) -> None:
    dark = await due(desk, "SOL heatmap every 4h")
    light = await due(desk, "SOL heatmap every 4h", theme="light")
    assert dark.headline.startswith("SOL liquidation heatmap · 24h")
    assert dark.image is not None
    assert light.image is not None
    assert dark.image.png != light.image.png
    assert dark.lines[-1] == "w1: SOL heatmap every 4h"


async def test_a_heatmap_of_several_coins_has_the_others_a_tap_away(desk: Teller) -> None:
    reply = await due(desk, "SOL, ETH heatmap every 4h")
    assert reply.headline.startswith("SOL ")
    assert "heatmap ETH 24h" in [each.words for row in reply.buttons for each in row]


async def test_a_heatmap_that_cannot_be_had_is_asked_for_again(desk: Teller) -> None:
    with pytest.raises(BotError):
        await due(desk, "NOSUCH heatmap every 4h")
    desk.market.time += DAY
    with pytest.raises(BotError):
        await due(desk, "heatmap every 4h")
