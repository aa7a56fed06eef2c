"""A trader asks, time passes, and the bot says by itself how good it has been."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

import bot.wiring
from bot.chats.hears import Asker
from bot.core.instruments import Instrument
from bot.desk import live
from bot.settings import settings
from bot.wiring import house
from tests.support.loopback_streams import Forced
from tests.support.venues import loopback_venues

WHO = Asker("test:1", "test:2")


def hours_in(text: str) -> int:
    found = re.search(r"(unproven|fair|good|strong), (\d+) hours", text)
    assert found, text
    return int(found[2])


async def test_scores_grow_as_a_simulated_market_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.wiring, "SIM_SPEED", 3 * 3600.0)  # three hours a second
    chosen = settings(None).model_copy(update={"history_days": 4})
    async with house(chosen, "sim") as standing:
        first = await standing.listener.answer("heatmap btc", WHO)
        assert first.kind == "answer", first
        before = hours_in(first.text())
        assert before >= 72  # so that it has a grade of its own, whichever
        await asyncio.sleep(1.5)
        accuracy = await standing.listener.answer("accuracy btc", WHO)
        heatmap = await standing.listener.answer("heatmap btc refresh", WHO)
        status = await standing.listener.answer("status", WHO)
    assert accuracy.image is not None
    assert accuracy.simulated
    assert "intervals are needed" not in accuracy.text()
    assert hours_in(accuracy.text()) >= before + 3
    assert "listening to liquidations of 2 markets" in status.text()
    assert hours_in(heatmap.text()) >= hours_in(accuracy.text())


async def test_what_live_venues_tell_is_drawn_stored_and_heard_again_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_LAG", 0)
    bitcoin = [Instrument(name, "BTC", "USDT", "USDT") for name in ("binance", "bybit", "okx")]
    async with loopback_venues() as venues:
        chosen = settings(None).model_copy(
            update={
                "exchange_base": venues.base,
                "history_days": 3,
                "database_url": SecretStr(f"sqlite:///{tmp_path}/emberline.sqlite3"),
            }
        )
        async with house(chosen, "live") as standing:
            first = await standing.listener.answer("heatmap btc", WHO)
            assert first.image is not None
            at = standing.source.now()
            for item in bitcoin:
                await venues.subscribed(item.exchange)
                await venues.liquidate(item.exchange, Forced("BTC", 1, 64_000.0, 3, time=at))
            assert standing.memory is not None
            history = standing.memory.history
            async with asyncio.timeout(60):
                for item in bitcoin:
                    while (kept := await history.load(item, 0)) is None or not kept.liquidations:  # noqa: ASYNC110 - a test may poll
                        await asyncio.sleep(0.1)
            accuracy = await standing.listener.answer("accuracy btc", WHO)
            assert "nothing scored yet" in accuracy.headline
            # Whom a restart listens to again is known by when they were last heard.
            await until(lambda: all(standing.source.heard(item).spans for item in bitcoin))
            await asyncio.sleep(2 * live._LOOK)
        started = {name: venues.connections[name] for name in ("binance", "bybit", "okx")}
        async with house(chosen, "live") as standing:  # nobody asks
            await until(
                lambda: all(venues.connections[name] > count for name, count in started.items())
            )
            assert standing.memory is not None
            kept = await standing.memory.history.load(bitcoin[0], 0)
            assert kept is not None
            assert kept.liquidations is not None
            assert kept.liquidations.time.tolist() == [at]
            assert kept.heard is not None
            assert kept.heard.spans


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.02)
