"""`/backtest`: past trades with their costs, beside random entries, as far back as is known."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.core.arrays import DAY
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.simulation.simulate import simulate
from bot.desk.backtest import BacktestDesk
from bot.desk.markets import Markets
from bot.desk.requests import BacktestRequest
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.ports import HistoryStore
from storage.memory import Memory, open_memory
from tests.support.markets import Market

DAYS = 16
SOL = Instrument("binance", "SOL", "USDT", "USDT")


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    return simulate("crash", 7, DAYS * 288, instrument=SOL).history


@pytest_asyncio.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Memory]:
    opened = await open_memory(f"sqlite:///{tmp_path / 'memory.sqlite3'}")
    yield opened
    await opened.close()


async def asked(
    history: MarketHistory,
    strategy: str,
    days: int = 30,
    *,
    held: int = 30,
    store: HistoryStore | None = None,
) -> Any:
    market = Market(history)
    snapshots = Snapshots(market, None, held)
    signals = SignalDesk(snapshots)
    desk = BacktestDesk(Markets(market), signals, None, store)
    try:
        return await desk.answer(BacktestRequest(strategy, "sol", days), "dark")
    finally:
        await desk.close()
        await signals.close()


def trades(reply: Any) -> int:
    line = next(line for line in reply.lines if " seen in " in line)
    return int(line.split()[0])


@pytest.mark.parametrize("strategy", ["magnet", "cascade"])
async def test_every_trade_is_told_with_costs_and_random_entries(
    history: MarketHistory, strategy: str
) -> None:
    reply = await asked(history, strategy)
    text = reply.text()
    assert trades(reply) > 0
    assert "A trade brought" in text
    assert "Random entries as volatile" in text
    assert "Past results; costs of 0.12 % a round trip included." in text
    assert reply.simulated
    assert reply.image.png.startswith(b"\x89PNG")
    assert ("too few to say" in reply.headline) is (trades(reply) < 10)
    chosen = [button.label for row in reply.buttons for button in row if button.chosen]
    assert chosen == [strategy.capitalize(), "30 days"]


async def test_fewer_days_are_a_part_of_more(history: MarketHistory) -> None:
    whole, part = await asked(history, "cascade"), await asked(history, "cascade", 4)
    assert trades(part) < trades(whole)
    assert "in 4 days" in part.text()
    assert "No more than 16 days of it are known here; 30 were asked for." in whole.text()


async def test_a_strategy_that_never_traded_says_why(history: MarketHistory) -> None:
    reply = await asked(replace(history, liquidations=None), "cascade")
    assert reply.headline == "SOL cascade backtest: no trade"
    assert reply.image is None
    assert "no cascade could be seen" in reply.text()


async def test_more_days_than_are_held_are_taken_from_what_is_stored(
    history: MarketHistory, memory: Memory
) -> None:
    real = replace(history, simulated=False)
    await memory.history.save(real)
    short = await asked(real, "cascade", held=5)
    longer = await asked(real, "cascade", held=5, store=memory.history)
    assert "No more than 5 days" in short.text()
    assert "No more than 16 days" in longer.text()
    assert trades(longer) > trades(short)
    assert trades(longer) == trades(await asked(real, "cascade"))


async def test_what_is_held_is_enough_where_memory_fails(history: MarketHistory) -> None:
    class Broken:
        async def load(self, instrument: Instrument, since: int) -> MarketHistory:
            from bot.core.errors import StoreUnavailable

            raise StoreUnavailable(f"no {instrument} of day {since // DAY}")

    reply = await asked(
        replace(history, simulated=False),
        "cascade",
        held=5,
        store=Broken(),  # type: ignore[arg-type]
    )
    assert "No more than 5 days" in reply.text()
