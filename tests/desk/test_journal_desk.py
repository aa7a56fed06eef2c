"""`/journal`: trades are logged in one tap or in words, told to nobody else, and counted."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.core.arrays import DAY, HOUR
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Instrument
from bot.core.journal.plan import planned
from bot.core.journal.trade import Mistake, Trade
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.market.summary import Summary
from bot.core.signals.weeks import by_weeks
from bot.core.simulation.simulate import simulate
from bot.core.watches.ledger import Entry
from bot.desk.journal_csv import COLUMNS, journal_csv
from bot.messages import Address
from bot.watching import KeptWatch
from tests.desk.test_setups_desk import SOL, undisturbed
from tests.support.histories import BTC, history
from tests.support.journal_desk import Journaling, journaling
from tests.support.journals import trades
from tests.support.markets import Market
from tests.support.pictures import decoded
from tests.support.telling import Graded
from tests.support.watching_desk import ANN, BOB, button, labels, person

if TYPE_CHECKING:
    from bot.desk.scoring import Scoring

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
GROUP = "group"
ANN_THERE, BOB_THERE = person("ann", GROUP), person("bob", GROUP)


@pytest.fixture
def market() -> Market:
    return Market(history(BTC, bars=900))


def price_of(source: Market) -> float:
    return float(source.histories[BTC].candles.close[-1])


@pytest_asyncio.fixture
async def desk(market: Market) -> AsyncIterator[Journaling]:
    async with journaling(market) as made:
        yield made


async def test_a_trade_is_logged_in_words_with_all_that_was_said(desk: Journaling) -> None:
    reply = await desk.say(
        "/journal add btc short 86,000 10x $30k stop 88k target 80000 signal sweep note Waited, 3 h"
    )
    assert reply.headline == "Logged t101 BTC short 86,000 10x"
    assert reply.private
    assert "1R is 2.3 % of its value, $698, the target 3.0R." in reply.lines
    assert "“Waited, 3 h”" in reply.lines
    trade = desk.only()
    assert (trade.owner, trade.base, trade.side, trade.entry) == (ANN.user, "BTC", SHORT, 86_000)
    assert (trade.stop, trade.target, trade.usd, trade.leverage) == (88_000, 80_000, 30_000, 10)
    assert (trade.signal, trade.note, trade.open) == ("sweep", "Waited, 3 h", True)


async def test_an_entry_that_is_left_out_is_the_price_now(desk: Journaling, market: Market) -> None:
    await desk.say("/journal add BTC long 0.5btc")
    trade = desk.only()
    assert trade.entry == price_of(market)
    assert trade.opened == market.time
    assert trade.usd == pytest.approx(0.5 * trade.entry)


async def test_an_amount_of_dollars_far_from_the_price_is_the_size(
    desk: Journaling, market: Market
) -> None:
    await desk.say("/journal add BTC long 20x $500")
    trade = desk.only()
    assert (trade.entry, trade.usd) == (price_of(market), 500)


async def test_without_a_stop_one_beyond_the_cluster_is_a_tap_away(desk: Journaling) -> None:
    reply = await desk.say("/journal add BTC long")
    text = reply.text()
    assert "Without a stop all of it is at risk, and it cannot be counted in R." in text
    assert "behind the cluster of $" in text
    assert "the map is unproven, take it for a guess" in text
    (offered,) = [each for each in labels(reply) if each.startswith("Stop ")]
    shown = await desk.press(reply, offered)
    trade = desk.only()
    assert trade.stop is not None
    assert trade.stop < trade.entry
    assert f"Stop {trade.stop:,.0f} (" in shown.text()
    assert not [each for each in labels(shown) if each.startswith("Stop ")]


async def test_a_trade_with_its_exit_is_closed_at_once(desk: Journaling) -> None:
    reply = await desk.say("journal add BTC long 86000 stop 85000 exit 88000")
    assert "+2.2 % (+1.9R) after costs." in reply.text()
    assert not desk.only().open
    await desk.say("journal edit t101 exit 87000")
    assert desk.only().exit == 87_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("journal add BTC long 86", "86.000 is far from the price of BTC"),
        ("journal add BTC long 86000 stop 87000", "The stop of a long from 86,000 lies below it"),
        ("journal add BTC long 86000 target 85000", "The target of a long from 86,000 lies above"),
        ("journal add BTC long 86000 2000x", "A leverage of 2000x cannot be"),
        ("journal add NOSUCH long 5", "No perpetual called “NOSUCH”"),
        ("journal close t7", "“t7” is not understood here. /journal lists your trades."),
        ("journal t7", "“t7” is not understood here"),
        ("journal edit t7 note mine", "“t7” is not understood here"),
        ("journal drop t7 yes", "“t7” is not understood here"),
        ("journal tag t7 chased", "“t7” is not understood here"),
        ("journal add BTC", "Long or short?"),
    ],
)
async def test_what_cannot_be_is_said_privately(desk: Journaling, words: str, said: str) -> None:
    reply = await desk.say(words, ANN_THERE)
    assert reply.kind == "problem"
    assert reply.private
    assert said in reply.headline
    assert not desk.store.kept


async def test_a_trade_of_another_is_unknown(desk: Journaling) -> None:
    await desk.say("journal add BTC long 86000 note mine alone")
    mine = desk.only()
    for words in (
        "journal t101",
        "journal close t101",
        "journal open t101",
        "journal edit t101 note theirs",
        "journal tag t101 chased",
        "journal drop t101",
        "journal drop t101 yes",
    ):
        reply = await desk.say(words, BOB)
        assert (reply.kind, reply.private) == ("problem", True)
        assert reply.headline == (await desk.say("journal t999", BOB)).headline.replace(
            "999", "101"
        )
    assert (await desk.say("journal", BOB)).headline == "Your journal is empty"
    assert desk.only() == mine


async def test_every_answer_is_for_its_owner_alone(desk: Journaling) -> None:
    said = [
        "journal",
        "journal add BTC long 86000",
        "journal t101",
        "journal edit t101 stop 85000",
        "journal close t101 87000",
        "journal tag t101 chased",
        "journal drop t101",
        "journal log w1/BTC/1",
        "journal log w1/BTC/1 long",
        "journal log sweep BTC",
        "coach",
        "journal",
        "journal drop t101 yes",
    ]
    for words in said:
        reply = await desk.say(words, ANN_THERE)
        assert (reply.kind, reply.private) == ("answer", True), words


async def test_open_trades_are_told_as_they_stand(market: Market) -> None:
    price = price_of(market)
    made = Trade("t1", ANN.user, "BTC", LONG, price / 1.02, market.time - DAY, price * 0.97)
    async with journaling(market, made, replace(made, id="t2", base="GONE", stop=None)) as desk:
        reply, gone = await desk.say("/journal"), await desk.say("/journal t2")
    assert reply.headline == "Journal: 2 open, 0 closed"
    assert reply.image is None
    (line,) = [each for each in reply.lines if each.startswith("t1 ")]
    assert ": 87,271 now, +1.9 % (+1.8R); stop 84,653 (−3.0 %)." in line
    assert "no price to be had just now" in reply.text()
    assert "No price to be had just now." in gone.text()
    assert button(reply, "Close t1 now").words == "journal close t1"


async def test_a_journal_shows_what_was_closed_what_it_brings_and_its_picture(
    market: Market,
) -> None:
    async with journaling(market, *trades(30)) as desk:
        reply = await desk.say("/journal light")
        coach = await desk.press(reply, "Coach")
    assert reply.headline == "Journal: 1 open, 30 closed"
    assert any(each.startswith("A trade brings +0.14R (90 %: ") for each in reply.lines)
    assert "And 26 more closed." in reply.lines
    assert reply.image is not None
    assert decoded(reply.image.png).shape == (806, 1280, 3)
    assert reply.image.alt.startswith("Your journal equity. ")
    assert coach.image is not None
    assert decoded(coach.image.png).shape[0] > 806
    assert coach.headline == "Coach: a trade brings +0.14R (30 trades)"


async def test_a_trade_is_closed_tagged_and_opened_again(desk: Journaling, market: Market) -> None:
    logged = await desk.say("journal add BTC long 86000 stop 85000")
    closed = await desk.press(logged, "Close now")
    assert closed.headline == "Closed t101 BTC long 86,000 at 87,271"
    assert "+1.4 % (+1.2R) after costs." in closed.text()
    assert desk.only().exit == price_of(market)
    again = await desk.say("journal close t101")
    assert again.kind == "problem"
    assert "t101 is closed already, at 87,271." in again.headline
    tagged = await desk.press(closed, "Chased")
    assert desk.only().mistakes == (Mistake.CHASED,)
    assert button(tagged, "Chased").chosen
    assert "Mistakes: chased." in tagged.lines
    await desk.press(tagged, "Chased")
    assert desk.only().mistakes == ()
    await desk.press(tagged, "Open again")
    assert desk.only() == replace(desk.only(), exit=None, closed=None)


async def test_an_open_trade_has_no_exit_to_be_changed(desk: Journaling) -> None:
    await desk.say("journal add BTC long 86000")
    reply = await desk.say("journal edit t101 exit 87000")
    assert reply.headline == "t101 is open. /journal close t101 … closes it."
    assert desk.only().open


async def test_a_trade_is_changed_in_words(desk: Journaling) -> None:
    await desk.say("journal add BTC long 86000 stop 85000 target 90000 note first")
    await desk.say("journal edit t101 entry 86500 stop none size 0.5 20x signal magnet note second")
    trade = desk.only()
    assert (trade.entry, trade.stop, trade.target) == (86_500, None, 90_000)
    assert (trade.usd, trade.leverage, trade.signal) == (43_250, 20, "magnet")
    assert trade.note == "second"
    reply = await desk.say("journal edit t101 short")
    assert "The target of a short from 86,500 lies below it" in reply.headline
    assert desk.only() == trade


@pytest.mark.parametrize(
    ("side", "stop", "trailed"), [("long", 85_000, 86_500), ("short", 87_000, 85_500)]
)
async def test_a_stop_that_is_trailed_leaves_what_was_at_risk(
    desk: Journaling, side: str, stop: int, trailed: int
) -> None:
    await desk.say(f"journal add BTC {side} 86000 stop {stop}")
    reply = await desk.say(f"journal edit t101 stop {trailed}")
    assert f"R is counted from the stop that t101 began with, {stop:,}: leave it" in reply.headline
    assert desk.only().stop == stop


async def test_a_trade_is_dropped_when_it_was_asked_for_twice(desk: Journaling) -> None:
    await desk.say("journal add BTC long 86000")
    asked = await desk.say("journal drop t101")
    assert asked.headline == "Drop t101?"
    assert (await desk.press(asked, "Keep it")).headline.startswith("t101 BTC long")
    assert len(desk.store.kept) == 1
    dropped = await desk.press(asked, "Drop t101")
    assert dropped.headline == "Dropped t101 BTC long 86,000"
    assert not desk.store.kept
    assert (await desk.press(asked, "Drop t101")).kind == "problem"


async def alert(desk: Journaling, way: str = "") -> str:
    """Have a watch of the group tell of an episode; returns the episode's key."""
    address = Address(ANN_THERE.chat)
    desk.watches.kept["w3"] = KeptWatch("w3", address, "test:mod", shared=True, words="x", made=0)
    desk.watches.entries["w3/BTC/7"] = Entry("w3/BTC/7", "w3", "BTC", 0, 0, way=way)
    return "w3/BTC/7"


async def test_one_tap_under_an_alert_logs_its_way_once(desk: Journaling, market: Market) -> None:
    message = await alert(desk, way="down")
    pressed = [desk.say(f"journal log {message}", ANN_THERE) for _ in range(4)]
    replies = await asyncio.gather(*pressed)
    trade = desk.only()
    assert (trade.side, trade.signal, trade.source) == (SHORT, "cascade", message)
    assert (trade.owner, trade.entry) == (ANN.user, price_of(market))
    assert all(each.private and trade.id in each.headline for each in replies)
    again = await desk.say(f"journal log {message}", ANN_THERE)
    assert again.headline.startswith(f"Logged already: {trade.id} BTC short")
    await desk.say(f"journal log {message}", BOB_THERE)
    assert {each.owner for each in desk.store.kept.values()} == {ANN.user, BOB.user}


async def test_an_alert_without_a_way_asks_for_the_side_and_is_answered_elsewhere(
    desk: Journaling,
) -> None:
    message = await alert(desk)
    asked = await desk.say(f"journal log {message}", ANN_THERE)
    assert asked.headline == "BTC: long or short?"
    # The question came privately, so that the answer does, too: from another chat.
    logged = await desk.press(asked, "Short", ANN)
    assert logged.headline.startswith("Logged t101 BTC short")
    assert desk.only().signal == "watch"
    other_side = await desk.press(asked, "Long", ANN)
    assert other_side.headline.startswith("Logged already: t101 BTC short")


async def test_an_alert_of_another_chat_tells_nothing(desk: Journaling) -> None:
    message = await alert(desk, way="down")
    elsewhere = await desk.say(f"journal log {message}", BOB)
    assert elsewhere.headline == "BTC: long or short?"
    nowhere = await desk.say("journal log w99/BTC/7", BOB)
    assert nowhere.text() == elsewhere.text()


async def test_a_trade_that_was_dropped_can_be_logged_anew(desk: Journaling) -> None:
    logged = await desk.say("journal log w3/BTC/7 long sweep")
    await desk.press(logged, "Undo")
    assert not desk.store.kept
    assert (await desk.say("journal log w3/BTC/7 long sweep")).headline.startswith("Logged t102")


@pytest.fixture(scope="module")
def crashing() -> MarketHistory:
    return simulate("crash", 7, 12 * 288, instrument=SOL).history


async def test_a_setup_gives_its_side_stop_and_target_and_is_logged_once(
    crashing: MarketHistory,
) -> None:
    found = by_weeks(SOL.key, [crashing])
    assert found is not None
    magnet = undisturbed(found.told)
    source = Market(crashing)
    source.simulated, source.time = True, magnet.time
    async with journaling(source, scoring=cast("Scoring", Graded())) as desk:
        setups = await desk.say("/setups SOL")
        offered = button(setups, "Log trade")
        assert offered.fresh
        reply = await desk.say(offered.words)
        trade = desk.only()
        plan = planned(magnet, trade.entry)
        assert plan is not None
        assert (trade.side, trade.stop, trade.target) == (plan.side, plan.stop, plan.target)
        assert (trade.signal, trade.source) == ("magnet", magnet.name)
        assert reply.simulated
        assert reply.lines[0].startswith("SIMULATED")
        again = await desk.say(offered.words)
        assert again.headline.startswith("Logged already")
        assert len(desk.store.kept) == 1
        other = await desk.say("journal log sweep SOL")
        assert "No sweep that is a setup is under way on SOL now." in other.lines
        by_hand = await desk.press(other, "Long")
        assert by_hand.headline.startswith("Logged t102 SOL long")


async def test_a_price_is_asked_for_where_no_venue_tells_one(market: Market) -> None:
    made = Trade("t1", ANN.user, "BTC", LONG, 86_000.0, market.time - DAY)
    async with journaling(market, made) as desk:
        await desk.say("journal")
        market.down["binance"] = "HTTP 503"
        market.time += HOUR
        reply = await desk.say("journal close t1")
        assert reply.kind == "problem"
        assert "say yours with it" in reply.headline
        closed = await desk.say("journal close t1 87000")
        assert closed.headline == "Closed t1 BTC long 86,000 at 87,000"


async def test_without_an_overview_open_trades_stand_at_what_is_held(market: Market) -> None:
    async def nothing() -> dict[Instrument, Summary]:
        raise MarketUnavailable("binance", "it gives no overview")

    market.summaries = nothing  # type: ignore[method-assign]
    async with journaling(market) as desk:
        logged = await desk.say("journal add BTC long stop 80000")
        assert "87,271 now: " in logged.text()
        market.time += HOUR
        assert "no price to be had just now" in (await desk.say("journal")).text()


async def test_a_journal_holds_so_many_trades_and_no_more(market: Market) -> None:
    made = Trade("t1", ANN.user, "BTC", LONG, 86_000.0, 0)
    many = [replace(made, id=f"t{place}") for place in range(3000, 5000)]
    async with journaling(market, *many) as desk:
        reply = await desk.say("journal add BTC long 86000")
        assert "Your journal holds 2,000 trades" in reply.headline
        assert len(desk.store.kept) == 2000


async def test_what_was_not_foreseen_is_logged_without_the_trade(desk: Journaling) -> None:
    async def broken(trade: Trade) -> Trade:
        raise RuntimeError(trade.id)

    desk.store.add = broken  # type: ignore[method-assign]
    with capture_logs() as logged:
        reply = await desk.say("journal add BTC long 86000 note secret plan")
    assert reply.kind == "problem"
    (entry,) = [each for each in logged if each["event"] == "request failed"]
    assert entry["request"] == "TradeRequest"


def test_trades_are_a_table_that_no_spreadsheet_runs() -> None:
    told = trades(12)
    told[0] = replace(told[0], note='=HYPERLINK("x"), “two”\nlines', source="+w1")
    rows = list(csv.DictReader(io.StringIO(journal_csv(told[::-1]).decode(), newline="")))
    assert [row["id"] for row in rows] == [each.id for each in told]
    assert list(rows[0]) == list(COLUMNS)
    assert rows[0]["note"] == '\'=HYPERLINK("x"), “two”\nlines'
    assert rows[0]["source"] == "'+w1"
    for row, trade in zip(rows, told, strict=True):
        assert float(row["entry"]) == trade.entry
        assert row["result_r"] == ("" if trade.multiple is None else f"{trade.multiple:.12g}")
        assert (row["exit"] == "") is trade.open
