"""`/model` tells what is assumed of a market's crowd and what its liquidations have taught."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.chats.hears import Listener
from bot.core.arrays import DAY
from bot.core.errors import StoreUnavailable
from bot.core.estimate.calibration import calibration
from bot.core.estimate.market import MarketEstimate
from bot.core.instruments import Instrument
from bot.desk.accuracy import AccuracyDesk
from bot.desk.front import Front
from bot.desk.heatmap import HeatmapDesk
from bot.desk.markets import Markets
from bot.desk.requests import Asker
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Snapshots
from bot.desk.status import Running
from bot.ports import EstimateStore, KeptCalibration
from tests.support.estimates import Estimates
from tests.support.histories import history
from tests.support.markets import Market

WHO = Asker("test:1", "test:2")


@asynccontextmanager
async def desk(source: Market, records: EstimateStore | None = None) -> AsyncIterator[Listener]:
    markets, snapshots = Markets(source), Snapshots(source, None, estimates=records)
    scoring = Scoring(source, snapshots, None)
    heatmaps = HeatmapDesk(markets, snapshots, settings=None, maps=None, scoring=scoring)
    accuracies = AccuracyDesk(markets, snapshots, scoring)
    front = Front(source, markets, snapshots, heatmaps, accuracies, Running())
    try:
        yield Listener(front)
    finally:
        await scoring.close()
        await front.close()


async def test_the_model_of_a_recording_tells_mix_lifetimes_evidence_and_distance() -> None:
    async with desk(Market(history(bars=12 * 24 * 5))) as listener:
        reply = await listener.answer("model btc", WHO)
    text = reply.text()
    assert reply.headline.startswith("BTC model: learnt from ")
    for said in (
        "Binance (prior",
        ", learnt until 2025-12-0",
        " hours, $",
        "elsewhere than assumed",
        "over 25x",
        "level ×",
    ):
        assert said in text
    for said in (
        "Longs: up to 5x",
        "Shorts: up to 5x",
        "They stay for",
        "35.0 % no price",
        "What was learnt counts for ",
    ):
        assert said in text
    assert len(text) < 2000  # a message of any chat
    assert [button.words for row in reply.buttons for button in row] == [
        "model BTC",
        "accuracy BTC",
        "heatmap BTC",
    ]


async def test_a_market_without_liquidations_is_said_to_be_assumed() -> None:
    made = replace(history(bars=300), liquidations=None)
    async with desk(Market(made)) as listener:
        reply = await listener.answer("/model BTC binance", WHO)
    assert reply.headline == "BTC model: as assumed, nothing learnt yet"
    assert "nothing learnt yet." in reply.text()
    assert "What was learnt counts" not in reply.text()


async def test_only_the_largest_of_many_venues_are_told_in_full() -> None:
    venues = ("binance", "bybit", "okx", "gate", "bitget")
    made = history(bars=300)
    several = [
        replace(made, instrument=Instrument(venue, "BTC", "USDT", "USDT")) for venue in venues
    ]
    async with desk(Market(*several)) as listener:
        reply = await listener.answer("model btc", WHO)
    text = reply.text()
    assert text.count("Longs: ") == 3
    for name in ("Binance", "Bybit", "OKX", "Gate", "Bitget"):
        assert name in text
    assert len(text) < 3000


async def test_a_coin_has_to_be_named_and_may_be_unknown() -> None:
    async with desk(Market(history(bars=300))) as listener:
        assert (await listener.answer("model", WHO)).kind == "problem"
        assert (await listener.answer("model btc 7%", WHO)).kind == "problem"
        assert (await listener.answer("model nosuchcoin", WHO)).kind == "problem"


def record(days: int, *, model: str = "", level: float = 1.5) -> KeptCalibration:
    """What may have been learnt of the market of the tests by the end of a day of it."""
    whole = history(bars=12 * 24 * 5)
    until = int(whole.candles.open_time[0]) + days * DAY
    learnt = calibration(MarketEstimate.of(whole.known_at(until)))
    learnt = replace(learnt, long=replace(learnt.long, level=level))
    if model:
        learnt = replace(learnt, version=f"{model} / 2025-12-02")
    return KeptCalibration("inventory", until - DAY, learnt)


async def told(*records: KeptCalibration, broken: bool = False) -> str:
    store = Estimates()
    for each in records:
        await store.learn(each)
    store.broken = StoreUnavailable("the disk is full") if broken else None
    async with desk(Market(history(bars=12 * 24 * 5)), store) as listener:
        return (await listener.answer("model btc", WHO)).text()


async def test_how_the_model_has_changed_is_told_from_the_oldest_record_on() -> None:
    text = await told(record(2), record(3, level=9.0))
    assert "Since 2 Dec (2 records): level of longs ×1.50 to ×" in text
    assert " % moved), shorts ×" in text
    assert "9.00" not in text
    assert "Since 3 Dec (1 record): level of" in await told(record(3))


async def test_records_of_an_older_model_are_not_compared_with_this_one() -> None:
    assert "Since" not in await told(record(2, model="prior 0"))


async def test_a_record_of_today_is_no_change() -> None:
    assert "Since" not in await told(record(5))


async def test_a_broken_memory_leaves_the_model_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    text = await told(record(2), broken=True)
    assert "Longs: up to 5x" in text
    assert "Since" not in text
    assert "records not remembered" in caplog.text
