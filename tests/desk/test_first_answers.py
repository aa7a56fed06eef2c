"""A first answer does not wait for slow venues: it is partial, says so, and is completed."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot import patience
from bot.chats.hears import Asker, Listener
from bot.core.arrays import MINUTE
from bot.core.errors import MarketUnavailable, NothingAnswered
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.desk import markets, snapshot
from bot.desk.accuracy import AccuracyDesk
from bot.desk.front import Front
from bot.desk.heatmap import HeatmapDesk
from bot.desk.markets import Markets
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Snapshots
from bot.desk.status import Running
from bot.errands import Urgency, current
from bot.exchanges.allowance import Allowance, Window
from tests.support.histories import history
from tests.support.markets import Market

WHO = Asker("test:1", "test:2")
BINANCE, OKX, BITMEX = (
    Instrument(venue, "BTC", "USDT", "USDT") for venue in ("binance", "okx", "bitmex")
)
ON_ITS_WAY = "The others are still asked: this is completed when they answer."


class Paced(Market):
    """Venues that take their time, each as long as it is told to, to list and to answer."""

    def __init__(self, *instruments: Instrument) -> None:
        super().__init__(*(replace(history(), instrument=one) for one in instruments))
        self.slow: dict[Instrument, asyncio.Event] = {}
        self.unlisted: dict[Instrument, asyncio.Event] = {}
        self.allowances: dict[Instrument, Allowance] = {}
        self.urgencies: list[Urgency] = []

    async def history(self, instrument: Instrument, since: int) -> MarketHistory:
        self.urgencies.append(current().urgency)
        if instrument in self.allowances:
            await self.allowances[instrument].granted()
        if instrument in self.slow:
            await self.slow[instrument].wait()
        return await super().history(instrument, since)

    async def instruments(self) -> Sequence[Instrument]:
        for listed in list(self.unlisted.values()):
            await listed.wait()
        return await super().instruments()

    def listed(self) -> tuple[Sequence[Instrument], Sequence[str]]:
        late = [one for one, listed in self.unlisted.items() if not listed.is_set()]
        return [one for one in self.histories if one not in late], [one.exchange for one in late]


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "WITHIN", 0.3)
    monkeypatch.setattr(patience, "LEAST", 0.2)
    monkeypatch.setattr(patience, "WHOLE_WITHIN", 60.0)
    monkeypatch.setattr(markets, "_LISTED_WITHIN", 0.1)
    monkeypatch.setattr(markets, "_MOST_LISTED_WITHIN", 0.3)
    monkeypatch.setattr(snapshot, "PATIENCE", 0.3)


@asynccontextmanager
async def desk(source: Market) -> AsyncIterator[Listener]:
    listing, snapshots = Markets(source), Snapshots(source, None)
    scoring = Scoring(source, snapshots)
    heatmaps = HeatmapDesk(listing, snapshots, settings=None, maps=None)
    accuracies = AccuracyDesk(listing, snapshots, scoring)
    front = Front(source, listing, snapshots, heatmaps, accuracies, Running())
    try:
        yield Listener(front)
    finally:
        await scoring.close()
        await front.close()


async def test_a_slow_venue_is_left_out_at_first_and_in_the_picture_when_it_has_answered() -> None:
    source = Paced(BINANCE, OKX)
    okx = source.slow[OKX] = asyncio.Event()
    async with desk(source) as listener, asyncio.timeout(60):
        first = await listener.answer("map btc 12h light", WHO)
        assert "1 of 2 venues (Binance)" in first.text()
        assert "OKX has not answered yet." in first.text()
        assert first.lines[-1] == ON_ITS_WAY
        assert first.coming == "map BTC 12h light whole"
        rest = asyncio.create_task(listener.answer(first.coming, WHO))
        await asyncio.sleep(0.5)
        assert not rest.done()
        okx.set()
        whole = await rest
        assert "2 of 2 venues (Binance, OKX)" in whole.text()
        assert ON_ITS_WAY not in whole.text()
        assert whole.coming == ""
        assert whole.image != first.image
        assert "whole" not in str(whole.buttons)
    assert [one for one, _ in source.asked] == [BINANCE, OKX]  # once, and not again for the rest


async def test_a_slow_venue_that_is_alone_is_waited_for() -> None:
    source = Paced(BINANCE, OKX)
    source.slow = dict.fromkeys((BINANCE, OKX), asyncio.Event())
    async with desk(source) as listener, asyncio.timeout(60):
        asking = asyncio.create_task(listener.answer("heatmap btc", WHO))
        await asyncio.sleep(0.6)
        assert not asking.done()
        source.slow[BINANCE].set()
        reply = await asking
        assert reply.kind == "answer"
        assert reply.image is not None


async def test_slow_venues_that_fail_in_the_end_are_all_named() -> None:
    source = Paced(BINANCE, OKX)
    slow = source.slow[OKX] = asyncio.Event()
    source.down = {"okx": "HTTP 503", "binance": "HTTP 451"}
    snapshots = Snapshots(source, None)
    asking = asyncio.create_task(snapshots.of([BINANCE, OKX], within=0.1))
    await asyncio.sleep(0.3)
    slow.set()
    with pytest.raises(NothingAnswered) as failed:
        await asking
    assert {str(one) for one in failed.value.failures} == {
        "Binance is not answering: HTTP 451.",
        "OKX is not answering: HTTP 503.",
    }
    await snapshots.close()


async def test_a_venue_that_is_slow_to_list_keeps_nobody_waiting_and_is_found_later() -> None:
    source = Paced(BINANCE, OKX)
    listed = source.unlisted[OKX] = asyncio.Event()
    async with desk(source) as listener, asyncio.timeout(60):
        first = await listener.answer("heatmap btc", WHO)
        assert "1 of 2 venues (Binance)" in first.text()
        assert "OKX has not answered yet." in first.text()
        rest = asyncio.create_task(listener.answer(first.coming, WHO))
        await asyncio.sleep(0.3)
        assert not rest.done()
        listed.set()
        whole = await rest
        assert "2 of 2 venues (Binance, OKX)" in whole.text()
        assert whole.coming == ""


async def test_nothing_is_listed_before_anybody_has_answered() -> None:
    source = Paced(BINANCE)
    listed = source.unlisted[BINANCE] = asyncio.Event()
    async with desk(source) as listener, asyncio.timeout(60):
        asking = asyncio.create_task(listener.answer("heatmap btc", WHO))
        await asyncio.sleep(0.6)
        assert not asking.done()
        listed.set()
        assert (await asking).kind == "answer"


async def test_our_own_waiting_is_not_the_venue_s_fault() -> None:
    source = Paced(BINANCE, BITMEX)
    source.allowances[BITMEX] = Allowance(Window(1, 400.0))
    await source.allowances[BITMEX].granted()
    async with desk(source) as listener, asyncio.timeout(60):
        reply = await listener.answer("heatmap btc", WHO)
        said = re.search(r"We may not ask BitMEX before (\d\d):(\d\d):(\d\d) UTC: ", reply.text())
        assert said is not None, reply.text()
        hours, minutes, seconds = map(int, said.groups())
        ahead = (3600 * hours + 60 * minutes + seconds - time.time()) % 86_400
        assert 200 < ahead <= 400
        assert "BitMEX is not answering" not in reply.text()
        assert "1 of 2 venues (Binance)" in reply.text()
        assert reply.coming


async def test_held_data_beside_a_venue_that_we_may_not_ask_say_their_age() -> None:
    source = Paced(BITMEX)
    async with desk(source) as listener, asyncio.timeout(60):
        await listener.answer("heatmap btc", WHO)
        source.allowances[BITMEX] = Allowance(Window(1, 400.0))
        await source.allowances[BITMEX].granted()
        source.time += 2 * MINUTE
        reply = await listener.answer("heatmap btc", WHO)
        assert "it was asked as often as it allows; shown as of 2 min ago." in reply.text()


async def test_what_is_collected_becomes_a_person_s_when_one_asks_for_it() -> None:
    source = Paced(BITMEX)
    allowance = source.allowances[BITMEX] = Allowance(Window(2, 30.0))
    await allowance.granted()  # the half that is left is people's
    snapshots = Snapshots(source, None)
    collecting = asyncio.create_task(snapshots.of([BITMEX], patient=True))
    await asyncio.sleep(0.05)
    assert source.urgencies == [Urgency.COLLECTING]
    assert not collecting.done()
    async with asyncio.timeout(60):
        assert (await snapshots.of([BITMEX])).kept
        assert (await collecting).kept
    assert len(source.urgencies) == 1
    await snapshots.close()


async def test_a_picture_is_drawn_before_more_is_estimated() -> None:
    source = Paced(BINANCE)
    snapshots = Snapshots(source, None)
    with snapshots.standing_back():
        asking = asyncio.create_task(snapshots.of([BINANCE]))
        await asyncio.sleep(0.4)
        assert not asking.done()
    async with asyncio.timeout(60):
        assert (await asking).kept
    with snapshots.standing_back():  # and not for ever
        source.time += MINUTE
        async with asyncio.timeout(60):
            assert (await snapshots.of([BINANCE], patient=True)).kept
    await snapshots.close()


def test_more_can_be_said_of_a_failure_without_a_new_one() -> None:
    error = MarketUnavailable("okx", "HTTP 503")
    assert type(error.also("shown as of 2 min ago")) is MarketUnavailable
    assert str(error) == "OKX is not answering: HTTP 503."
