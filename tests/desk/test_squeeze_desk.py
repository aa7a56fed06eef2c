"""`/squeeze` tells a coin's regime together and by venue, and ranks what is held."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.core.arrays import HOUR
from bot.core.market.history import MarketHistory
from bot.core.simulation.simulate import simulate
from bot.desk import held, squeeze
from bot.desk.evidence import EvidenceDesk
from bot.desk.held import Held
from bot.desk.markets import Markets
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.desk.squeeze import SqueezeDesk
from bot.desk.tapes import Tapes
from bot.ports import MarketSource
from tests.support.asking import Asking, asking
from tests.support.markets import Market
from tests.support.pictures import decoded

DAYS = 11


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    made = simulate("crash", 5, DAYS * 288).history
    named = replace(made.instrument, base="SOL", exchange="binance")
    return replace(made, instrument=named, simulated=False)


def on(history: MarketHistory, exchange: str, base: str = "SOL") -> MarketHistory:
    return replace(history, instrument=replace(history.instrument, exchange=exchange, base=base))


@asynccontextmanager
async def desk(source: MarketSource) -> AsyncIterator[Asking]:
    def make(markets: Markets, snapshots: Snapshots, _: Tapes) -> SqueezeDesk:
        signals = SignalDesk(snapshots)
        held_coins = Held(source, snapshots, signals, None)
        return SqueezeDesk(markets, signals, EvidenceDesk(), held_coins)

    async with asking(source, "squeeze", make) as made:
        yield made


async def test_a_regime_is_told_with_its_readings_evidence_grade_and_picture(
    history: MarketHistory,
) -> None:
    async with desk(Market(history)) as ask:
        reply = await ask.say("squeeze sol")
    text = reply.text()
    assert reply.headline.startswith("SOL regime: ")
    for part in (
        "Funding for 8 h: ",
        "Open interest in a day: ",
        "Clusters within 5 % (",
        " of 11 days",
        "random times" if "After" in text else "No past occurrence of a maximum squeeze in the 11 ",
        "The map is unproven: the reading of clusters is a guess, and it raises no setup.",
        "1 of 1 venue (Binance) · data to ",
    ):
        assert part in text, part
    assert " nan" not in text
    assert reply.image is not None
    assert decoded(reply.image.png).shape[1] == 1280
    assert reply.image.alt.startswith(reply.headline)
    words = [button.words for row in reply.buttons for button in row]
    assert "explain SOL" in words
    assert "squeeze" in words


async def test_each_venue_is_told_alone_and_one_that_is_down_is_named(
    history: MarketHistory,
) -> None:
    market = Market(history, on(history, "okx"), on(history, "bybit"), down={"bybit": "timed out"})
    async with desk(market) as ask:
        reply = await ask.say("squeeze sol")
        alone = await ask.say("squeeze sol okx")
    lines = [line for line in reply.lines if line.startswith(("Binance: ", "OKX: "))]
    assert len(lines) == 2
    assert "2 of 3 venues (" in reply.text()
    assert "Bybit is not answering: timed out." in reply.text().replace("bybit", "Bybit")
    assert "1 of 1 venue (OKX)" in alone.text()


async def test_venues_that_take_too_long_alone_are_said_to_be_read_still(
    history: MarketHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(squeeze, "_PATIENCE", 0.0)
    async with desk(Market(history, on(history, "okx"))) as ask:
        reply = await ask.say("squeeze sol")
        assert "Alone still being read: " in reply.text()
        monkeypatch.setattr(squeeze, "_PATIENCE", 60.0)
        again = await ask.say("squeeze sol")
    assert "Alone still being read" not in again.text()
    assert any(line.startswith("OKX: ") for line in again.lines)


async def test_without_a_coin_all_that_are_held_are_ranked(history: MarketHistory) -> None:
    market = Market(history, on(history, "okx", "ETH"), on(history, "okx"))
    async with desk(market) as ask:
        nothing = await ask.say("squeeze")
        await ask.say("squeeze sol")
        one = await ask.say("squeeze")
        await ask.say("squeeze eth")
        two = await ask.say("squeeze")
        of_venue = await ask.say("squeeze binance")
    assert "No coin is held here yet; ask for one, such as /squeeze BTC, and it is." in (
        nothing.text()
    )
    assert nothing.image is None
    assert "1 coin is held here" in one.text()
    assert "2 coins are held here" in two.text()
    assert "The map of every coin is unproven" in two.text()
    assert two.image is not None
    assert {line[:2] for line in two.lines if line[:1].isdigit() and line[1] == "."} == {"1.", "2."}
    assert "1 coin is held here" in of_venue.text()
    assert [button.words for button in two.buttons[0]] in (
        ["squeeze SOL", "squeeze ETH"],
        ["squeeze ETH", "squeeze SOL"],
    )


async def test_coins_not_looked_at_for_hours_or_not_read_in_time_are_left_out_and_counted(
    history: MarketHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = Market(history)
    market.time -= 5 * HOUR
    async with desk(market) as ask:
        await ask.say("squeeze sol")
        market.time += 3 * HOUR
        old = await ask.say("squeeze")
        assert "1 coin left out: not looked at for hours." in old.text()
        monkeypatch.setattr(held, "_PATIENCE", 0.0)
        await ask.say("squeeze sol refresh")
        waiting = await ask.say("squeeze")
        assert "1 coin still being read: ask again in a minute." in waiting.text()
        monkeypatch.setattr(held, "_PATIENCE", 60.0)
        assert "still being read" not in (await ask.say("squeeze")).text()


async def test_a_coin_that_is_too_new_is_said_to_be(history: MarketHistory) -> None:
    young = replace(history, candles=history.candles.since(int(history.candles.open_time[-900])))
    async with desk(Market(young)) as ask:
        reply = await ask.say("squeeze sol")
        ranked = await ask.say("squeeze")
    assert reply.headline == "SOL regime: no regime"
    assert "3 days of its own past are too few to say what is usual." in reply.text()
    assert reply.image is None
    assert "1 coin left out: too little history, or no funding or open interest." in ranked.text()


async def test_simulated_coins_are_marked(history: MarketHistory) -> None:
    async with desk(Market(replace(history, simulated=True))) as ask:
        reply = await ask.say("squeeze sol")
        ranked = await ask.say("squeeze")
    for each in (reply, ranked):
        assert each.simulated
        assert each.lines[0].startswith("SIMULATED")


async def test_a_crowd_of_askers_shares_one_reading(history: MarketHistory) -> None:
    async with desk(Market(history)) as ask:
        replies = await asyncio.gather(*(ask.say("squeeze sol") for _ in range(12)))
    assert len({reply.image.key for reply in replies if reply.image is not None}) == 1
    assert all(reply.kind == "answer" for reply in replies)
