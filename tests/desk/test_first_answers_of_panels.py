"""No answer waits for a slow venue: it is partial, says so, and is completed when it has come."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import patience, wiring
from bot.chats.completing import completed
from bot.chats.hears import Asker, Listener
from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook
from bot.core.market.history import MarketHistory
from bot.desk import markets
from bot.patience import COMING, Patience
from bot.reply import Live, Reply
from bot.settings import Settings
from bot.wiring import house
from tests.support.books import book
from tests.support.histories import history
from tests.support.markets import Market

WHO = Asker("test:1", "test:2")
BINANCE, OKX = (Instrument(venue, "BTC", "USDT", "USDT") for venue in ("binance", "okx"))


class SlowOkx(Market):
    """OKX takes its time, for what was and for what stands."""

    def __init__(self) -> None:
        super().__init__(*(replace(history(), instrument=one) for one in (BINANCE, OKX)))
        for one in (BINANCE, OKX):
            self.books[one] = book()
        self.okx = asyncio.Event()

    async def history(self, instrument: Instrument, since: int) -> MarketHistory:
        if instrument == OKX:
            await self.okx.wait()
        return await super().history(instrument, since)

    async def book(self, instrument: Instrument) -> OrderBook:
        if instrument == OKX:
            await self.okx.wait()
        return await super().book(instrument)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> SlowOkx:
    made = SlowOkx()
    monkeypatch.setattr(patience, "WITHIN", 0.6)
    monkeypatch.setattr(patience, "LEAST", 0.2)
    monkeypatch.setattr(patience, "WHOLE_WITHIN", 60.0)
    monkeypatch.setattr(markets, "_LISTED_WITHIN", 0.1)
    monkeypatch.setattr(wiring, "market_source", lambda *_args, **_more: made)
    return made


@pytest.fixture
async def listener(source: SlowOkx, tmp_path: Path) -> AsyncIterator[Listener]:
    settings = Settings(
        _env_file=None,
        history_days=2,
        database_url=SecretStr(f"sqlite:///{tmp_path / 'ember.sqlite3'}"),
    )
    async with house(settings, "replay:of-nothing", watch=True) as standing:
        yield standing.listener
        source.okx.set()


@pytest.mark.parametrize(
    "words",
    [
        *("funding BTC", "oi btc", "ratio BTC dark", "book BTC", "liqs BTC", "squeeze BTC"),
        *("/setups BTC", "explain BTC", "whatif BTC -4%", "accuracy BTC", "model BTC"),
        "backtest sweep BTC",
    ],
)
async def test_a_slow_venue_holds_no_panel_and_is_in_it_later(
    words: str, source: SlowOkx, listener: Listener
) -> None:
    async with asyncio.timeout(90):
        first = await listener.answer(words, WHO)
        assert first.kind == "answer", first.text()
        assert first.lines[-1] == COMING
        assert first.coming == f"{words} whole"
        rest = asyncio.create_task(listener.answer(first.coming, WHO))
        await asyncio.sleep(0.8)
        assert not rest.done()
        source.okx.set()
        whole = await rest
        assert whole.kind == "answer"
        assert COMING not in whole.text()
        assert whole.coming == ""
        assert "whole" not in str(whole.buttons)
        assert whole.text() != first.text()


async def test_one_s_own_position_says_to_ask_again(source: SlowOkx, listener: Listener) -> None:
    async with asyncio.timeout(60):
        first = await listener.answer("position BTC long 90000 20x", WHO)
        assert first.private
        assert first.lines[-1] == "The others are still asked: ask again in a moment."
        assert first.coming == ""
        source.okx.set()
        while "ask again" in first.text():
            await asyncio.sleep(0.1)
            first = await listener.answer("position BTC long 90000 20x", WHO)
        assert first.kind == "answer"


async def test_what_is_waited_for_in_the_background_has_no_end_of_patience() -> None:
    assert patience.left(30.0) == 30.0
    with patience.waiting() as mine:
        assert patience.left(30.0) <= patience.WITHIN
        assert patience.left(0.1) == 0.1
        await asyncio.create_task(_notes())
        assert mine.late
    assert not patience.for_the_whole()


async def _notes() -> None:
    patience.left_out()


def test_what_is_kept_current_is_not_completed_besides() -> None:
    late = Patience()
    late.late = True
    live = Reply("Live", live=Live("liqs live", "liqs"))
    assert completed(live, "liqs live", late) == live
    problem = Reply("No.", kind="problem")
    assert completed(problem, "liqs", late) == problem
