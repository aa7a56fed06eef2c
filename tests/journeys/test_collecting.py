"""Collecting over exchanges that answer on loopback: what venues forget is remembered here."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

from bot.chats.hears import Asker
from bot.core.arrays import DAY, MINUTE
from bot.core.instruments import Instrument
from bot.desk.snapshot import Snapshots
from bot.exchanges.live import VenueSource
from bot.exchanges.registry import ALL_VENUES
from bot.schedule import ticker
from bot.settings import Settings, settings
from bot.wiring import House, house
from storage.memory import open_memory
from tests.support.venues import LoopbackVenues, loopback_venues

WHO = Asker("test:1", "test:2")


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture
def chosen(venues: LoopbackVenues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(ticker, "Ticker", partial(ticker.Ticker, 0.1))
    return settings(None).model_copy(
        update={
            "exchange_base": venues.base,
            "history_days": 3,
            "database_url": SecretStr(f"sqlite:///{tmp_path}/emberline.sqlite3"),
        }
    )


async def status_with(standing: House, words: str) -> str:
    """Ask for the status until it says something."""
    async with asyncio.timeout(60):
        while True:
            reply = await standing.listener.answer("status", WHO)
            if words in reply.text():
                return reply.text()
            await asyncio.sleep(0.05)


async def test_where_a_venue_tells_only_what_is_open_now_its_history_grows_here(
    tmp_path: Path,
) -> None:
    now = time.time_ns() // 1_000_000
    at = [now]
    market = Instrument("hyperliquid", "BTC", "USDC", "USDC")
    url = f"sqlite:///{tmp_path}/memory.sqlite3"
    async with loopback_venues(clock=lambda: at[0]) as venues:
        for _ in range(2):  # with a restart in between
            memory = await open_memory(url)
            source = VenueSource(ALL_VENUES["hyperliquid"], venues.base, lambda: at[0])
            market = next(one for one in await source.instruments() if one.base == "BTC")
            snapshots = Snapshots(source, memory.history, 2, estimates=memory.estimates)
            told = []
            for _ in range(6):
                at[0] += 5 * MINUTE
                told.append((await snapshots.of([market], newer=True)).kept[0].history)
            await snapshots.close()
            await source.close()
            await memory.close()
        memory = await open_memory(url)
        found = await memory.history.load(market, now - DAY)
        await memory.close()
    assert found is not None
    assert found.open_interest is not None
    assert len(found.open_interest.time) >= 12
    assert np.all(np.diff(found.open_interest.time) <= 6 * MINUTE)
    assert told[-1].open_interest is not None  # and what is drawn has all of it
    assert len(told[-1].open_interest.time) >= 12


async def test_a_coin_somebody_asks_for_is_collected_and_the_status_says_so(
    chosen: Settings, venues: LoopbackVenues
) -> None:
    async with house(chosen, "live") as standing:
        await standing.listener.answer("heatmap btc", WHO)
        said = await status_with(standing, "collecting 3 markets on 3 venues · last tick just now")
        assert "OKX: 1 market, data to" in said
        said = await status_with(standing, "OKX liquidations: since")
        assert "Binance liquidations: since" in said
    asked = len(venues.requests)
    async with house(chosen, "live") as standing:  # and goes on after a restart, unasked
        said = await status_with(standing, "Bybit: 1 market, data to")
        assert "collecting 3 markets on 3 venues" in said
    assert len(venues.requests) - asked < asked


async def test_configured_coins_are_filled_in_from_the_start_with_progress_in_the_status(
    chosen: Settings, venues: LoopbackVenues
) -> None:
    wanted = chosen.model_copy(update={"collect": ("BTC",), "history_days": 30})
    async with house(wanted, "live") as standing:
        said = await status_with(standing, "back-filling BTC on OKX: ")
        assert re.search(r"back-filling BTC on OKX: \d+ %", said)
        async with asyncio.timeout(60):
            while not venues.asked("okx", "/history-candles"):  # noqa: ASYNC110 - a test may poll
                await asyncio.sleep(0.05)


async def test_a_question_is_answered_while_the_past_of_other_markets_is_filled_in(
    chosen: Settings,
) -> None:
    async def asked(collect: tuple[str, ...]) -> float:
        wanted = chosen.model_copy(update={"collect": collect, "history_days": 30})
        async with house(wanted, "live") as standing:
            await standing.source.instruments()
            if collect:
                await status_with(standing, "back-filling")
            began = time.monotonic()
            reply = await standing.listener.answer("heatmap sol okx", WHO)
            assert reply.image is not None, reply
            return time.monotonic() - began

    await asked(())  # what is imported on the way is not counted
    url = str(chosen.database_url.get_secret_value())
    alone = []
    for name, collect in (("alone", ()), ("beside", ("BTC", "ETH"))):
        chosen = chosen.model_copy(
            update={"database_url": SecretStr(url.replace("emberline", name))}
        )
        alone.append(await asked(collect))
    assert alone[1] < 2 * alone[0] + 1.5
