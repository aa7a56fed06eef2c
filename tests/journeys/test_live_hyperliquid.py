"""Four live venues on one picture, the positions that are public drawn apart."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.chats.hears import Asker, Listener
from bot.reply import Reply
from bot.settings import Settings, settings
from bot.wiring import house
from tests.support.loopback_hyperliquid import ACCOUNTS
from tests.support.loopback_streams import Forced
from tests.support.venues import LoopbackVenues, loopback_venues

WHO = Asker("test:1", "test:2")
APART = f"Drawn apart: {ACCOUNTS} "


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture
def chosen(venues: LoopbackVenues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("VENUES", "binance,bybit,okx,hyperliquid")
    monkeypatch.setenv("EXCHANGE_BASE", venues.base)
    return settings(None).model_copy(
        update={
            "history_days": 3,
            "database_url": SecretStr(f"sqlite:///{tmp_path}/emberline.sqlite3"),
        }
    )


async def _whole(listener: Listener) -> Reply:
    """Ask for a picture, and for the rest of it where some venue takes longer than one waits."""
    reply = await listener.answer("heatmap btc", WHO)
    return await listener.answer(reply.coming, WHO) if reply.coming else reply


async def _until_seen(venues: LoopbackVenues, listener: Listener) -> Reply:
    """Ask until the accounts have been looked at; a picture never waits for them."""
    async with asyncio.timeout(60):
        while len(venues.asked("hyperliquid", "clearinghouseState")) < ACCOUNTS:  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.05)
    await asyncio.sleep(2.1)  # a picture is as good as new for so long
    return await listener.answer("heatmap btc refresh", WHO)


async def test_a_heatmap_of_four_venues_draws_public_positions_apart(
    chosen: Settings, venues: LoopbackVenues
) -> None:
    async with house(chosen, "live") as standing:
        first = await _whole(standing.listener)
        assert first.kind == "answer", first
        assert "4 of 4 venues" in first.text()
        second = await _until_seen(venues, standing.listener)
        assert second.image is not None
        assert first.image is not None
        assert second.image.png != first.image.png
        assert "4 of 4 venues" in second.text()
        assert APART in second.text()


async def test_accounts_that_cannot_be_seen_take_nothing_else_from_the_picture(
    chosen: Settings, venues: LoopbackVenues
) -> None:
    venues.fault("hyperliquid", "status", status=503, path="leaderboard")
    async with house(chosen, "live") as standing:
        reply = await _whole(standing.listener)
        await asyncio.sleep(2.1)
        again = await standing.listener.answer("heatmap btc refresh", WHO)
    for each in (reply, again):
        assert each.image is not None
        assert "4 of 4 venues" in each.text()
        assert "Drawn apart" not in each.text()


async def test_the_fourth_venue_down_leaves_three_of_four_and_its_reason(
    chosen: Settings, venues: LoopbackVenues
) -> None:
    venues.fault("hyperliquid", "status", status=451)
    async with house(chosen, "live") as standing:
        reply = await _whole(standing.listener)
    assert reply.image is not None
    assert "3 of 4 venues" in reply.text()
    assert "Hyperliquid is not answering: it does not serve this location (451)" in reply.text()


async def test_liquidations_seen_in_fills_are_told_with_what_is_not_seen(
    chosen: Settings, venues: LoopbackVenues
) -> None:
    async with house(chosen, "live") as standing:
        await standing.listener.answer("heatmap btc", WHO)
        await venues.subscribed("hyperliquid")
        told = "Hyperliquid $0"
        async with asyncio.timeout(60):
            while "Hyperliquid $0" in told or "Hyperliquid" not in told:
                await venues.liquidate("hyperliquid", Forced("BTC", 1, 50_000.0, 150.0))
                await asyncio.sleep(1)
                told = (await standing.listener.answer("liqs btc", WHO)).text()
    assert "longs $" in told
    assert "shorts $0" in told
    assert (
        "seen in the fills of HLP's vaults and, minutes late, of 40 followed accounts; market "
        "liquidations among others are not seen." in told
    )
