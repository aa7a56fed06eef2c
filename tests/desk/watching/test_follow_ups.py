"""What came of an episode: asked until it is known, noted, and told unless silence is wanted."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.core import figures
from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import BotError
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.simulation.simulate import simulate
from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.ledger import Entry
from bot.messages import Address, FollowUp
from bot.reply import Reply
from bot.watching import KeptWatch, Manners, Quota
from tests.support.telling import CHAT, Teller, teller

SOL = Instrument("binance", "SOL", "USDT", "USDT")
ETH = Instrument("binance", "ETH", "USDT", "USDT")
QUOTA = Quota()


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    return simulate("crash", 7, 4 * 288, instrument=SOL).history


@pytest.fixture(scope="module")
def other() -> MarketHistory:
    return simulate("crash", 9, 4 * 288, instrument=ETH, price=3_000.0).history


@pytest_asyncio.fixture
async def desk(history: MarketHistory, other: MarketHistory) -> AsyncIterator[Teller]:
    async with teller(history, other) as made:
        made.market.simulated = False
        yield made


async def kept(desk: Teller, words: str = "SOL funding > 0.001%", **changes: object) -> KeptWatch:
    made = KeptWatch("", Address(CHAT), CHAT, shared=False, words=words, made=0)
    return await desk.store.add(replace(made, **changes), QUOTA)  # type: ignore[arg-type]


async def told(
    desk: Teller, watch: KeptWatch, market: str = "SOL", *, ago: int = HOUR, way: str = ""
) -> Entry:
    """Note an episode that was told some time before the market now stands."""
    at = desk.market.time - ago
    candles = desk.market.histories[SOL if market == "SOL" else ETH].candles
    price = float(candles.close[candles.close_time <= at][-1])
    about = About(Side.BELOW, 0.2 * price, 0.3 * price)
    entry = Entry(
        f"{watch.id}/{market}/1",
        watch.id,
        market,
        at,
        told=at,
        price=price,
        about=about,
        usd=6.1e7,
        way=way,
    )
    desk.store.entries[entry.message] = entry
    return entry


async def asked(desk: Teller, entry: Entry, after: int = HOUR) -> Reply:
    reply = await desk.words.follow_up(FollowUp(entry.message, after))
    assert reply is not None
    return reply


async def test_price_cluster_and_liquidations_are_told_beside_what_the_map_held(
    desk: Teller,
) -> None:
    entry = await told(desk, await kept(desk), way="up")
    reply = await asked(desk, entry)
    text = reply.text()
    assert reply.headline.startswith("After 1 h: SOL ")
    assert "headed up; furthest against it:" in text
    assert ": not reached, " in text
    assert "Liquidated: " in text
    assert "The map held $61M of longs at" in text
    assert "Heard: Binance." in text
    assert [each.words for row in reply.buttons for each in row] == [
        "watches useful w1/SOL/1",
        "watches useless w1/SOL/1",
        "heatmap SOL 24h",
    ]


async def test_what_came_of_it_is_noted_with_the_figures_that_are_told(desk: Teller) -> None:
    entry = await told(desk, await kept(desk))
    reply = await asked(desk, entry)
    after = desk.store.afters[entry.message][HOUR]
    closes = desk.market.histories[SOL].candles.close
    assert after.price == closes[-1]
    assert after.move == pytest.approx(closes[-1] / entry.price - 1)
    assert after.reached is False
    assert f"({figures.percent(after.move, signed=True)})" in reply.headline


async def test_before_its_time_has_come_on_the_market_it_is_asked_again(desk: Teller) -> None:
    entry = await told(desk, await kept(desk), ago=HOUR - 1)
    with pytest.raises(BotError):
        await asked(desk, entry)
    assert not desk.store.afters
    desk.market.time += MINUTE
    with pytest.raises(BotError):
        await asked(desk, entry, 4 * HOUR)


async def test_what_was_told_late_is_followed_from_when_it_was_told(desk: Teller) -> None:
    entry = await told(desk, await kept(desk), ago=10 * MINUTE)
    desk.store.entries[entry.message] = replace(entry, began=entry.began - 4 * HOUR)
    with pytest.raises(BotError):
        await asked(desk, entry, HOUR)


async def test_a_venue_that_has_fallen_silent_is_given_up_after_half_an_hour(
    desk: Teller,
) -> None:
    entry = await told(desk, await kept(desk), ago=HOUR)
    desk.market.down = {"binance": "timed out"}
    with pytest.raises(BotError):
        await asked(desk, entry)
    desk.market.time += 31 * MINUTE
    reply = await asked(desk, entry)
    assert reply.headline == "After 1 h: SOL, not known"
    assert "what came of it cannot be said" in reply.text()
    assert not desk.store.afters


async def test_what_is_asked_late_is_answered_of_its_time_and_not_of_now(desk: Teller) -> None:
    entry = await told(desk, await kept(desk), ago=2 * DAY)
    reply = await asked(desk, entry)
    candles = desk.market.histories[SOL].candles
    at = entry.began + HOUR
    assert (
        desk.store.afters[entry.message][HOUR].price == candles.close[candles.close_time <= at][-1]
    )
    assert reply.as_of == at


async def test_a_chat_that_wants_silence_is_not_told_but_the_ledger_knows(desk: Teller) -> None:
    watch = await kept(desk)
    entry = await told(desk, watch)
    now = desk.market.time
    for manners in (Manners(muted_until=now + 1), Manners(quiet=(0, 1439))):
        await desk.store.set_manners(CHAT, manners)
        desk.store.afters.clear()
        assert await desk.words.follow_up(FollowUp(entry.message, HOUR)) is None
        assert desk.store.afters[entry.message][HOUR].price
    await desk.store.set_manners(CHAT, Manners())
    await desk.store.snooze(watch.id, now + 1)
    assert await desk.words.follow_up(FollowUp(entry.message, HOUR)) is None


async def test_nothing_is_said_of_a_watch_that_is_gone_or_that_was_held_back(desk: Teller) -> None:
    watch = await kept(desk)
    entry = await told(desk, watch)
    desk.store.entries[entry.message] = replace(entry, told=None, held="muted")
    assert await desk.words.follow_up(FollowUp(entry.message, HOUR)) is None
    desk.store.entries[entry.message] = entry
    await desk.store.retire(CHAT, "blocked")
    assert await desk.words.follow_up(FollowUp(entry.message, HOUR)) is None
    assert await desk.words.follow_up(FollowUp("w99/SOL/1", HOUR)) is None


async def test_a_cascade_over_coins_is_followed_up_in_a_line_for_each(desk: Teller) -> None:
    watch = await kept(desk, "all cascade")
    first = await told(desk, watch, ago=HOUR + 5 * MINUTE, way="down")
    joined = await told(desk, watch, "ETH", ago=HOUR, way="down")
    reply = await asked(desk, first)
    assert reply.headline == "After 1 h: cascade down over 2 coins"
    lines = [line for line in reply.lines if line.startswith(("SOL ", "ETH "))]
    assert len(lines) == 2
    assert all(" · liquidated $" in line for line in lines)
    assert {first.message, joined.message} <= desk.store.afters.keys()


async def test_a_coin_that_another_watch_of_the_chat_told_of_is_followed_up_too(
    desk: Teller,
) -> None:
    one, other = await kept(desk, "SOL cascade"), await kept(desk, "ETH cascade")
    elsewhere = await kept(desk, "ETH cascade", address=Address("telegram:6"))
    first = await told(desk, one, ago=HOUR + 5 * MINUTE, way="down")
    await told(desk, other, "ETH", ago=HOUR, way="down")
    await told(desk, elsewhere, "ETH", ago=HOUR, way="down")
    assert "over 2 coins" in (await asked(desk, first)).headline


async def test_a_coin_that_joined_moments_ago_is_not_waited_for(desk: Teller) -> None:
    watch = await kept(desk, "all cascade")
    first = await told(desk, watch, ago=15 * MINUTE, way="down")
    await told(desk, watch, "ETH", ago=6 * MINUTE, way="down")
    assert (await asked(desk, first, 15 * MINUTE)).headline.startswith("After 15 min: SOL ")


async def test_of_many_coins_five_are_told(desk: Teller) -> None:
    watch = await kept(desk, "all cascade")
    first = await told(desk, watch, way="down")
    for number in range(7):
        each = replace(first, message=f"w1/C{number}/1", market=f"C{number}")
        desk.store.entries[each.message] = each
    desk.market.time += HOUR  # those that are not listed are not waited for
    text = (await asked(desk, first)).text()
    assert "And 3 more." in text
    assert text.count("not known.") == 4


async def test_a_simulated_market_is_marked(desk: Teller) -> None:
    desk.market.simulated = True
    reply = await asked(desk, await told(desk, await kept(desk)))
    assert reply.simulated
    assert reply.lines[0].startswith("SIMULATED")
