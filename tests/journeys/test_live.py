"""From words to picture through real clients, over exchanges that answer on loopback."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.chats.hears import Asker
from bot.core.instruments import venue_name
from bot.settings import Settings, settings
from bot.wiring import house
from tests.support.venues import LoopbackVenues, loopback_venues

WHO = Asker("test:1", "test:2")


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture
def chosen(venues: LoopbackVenues, tmp_path: Path) -> Settings:
    return settings(None).model_copy(
        update={
            "exchange_base": venues.base,
            "history_days": 3,
            "database_url": SecretStr(f"sqlite:///{tmp_path}/emberline.sqlite3"),
        }
    )


async def test_a_heatmap_of_three_live_venues_is_drawn_kept_and_quicker_the_next_time(
    chosen: Settings, venues: LoopbackVenues
) -> None:
    async with house(chosen, "live") as standing:
        first = await standing.listener.answer("heatmap btc", WHO)
        assert first.kind == "answer", first
        assert first.image is not None
        assert "3 of 3 venues (Binance, Bybit, OKX)" in first.text()
        assert "SIMULATED" not in first.text()
        assert standing.memory is not None
        listing = await standing.source.instruments()
        bitcoin = [item for item in listing if item.base == "BTC"]
        kept = [await standing.memory.history.load(item, 0) for item in bitcoin]
        assert all(history is not None and len(history.candles) > 100 for history in kept)
        market = " + ".join(item.key for item in bitcoin)
        assert len(await standing.memory.maps.kept(market, 0)) == 1
    asked = len(venues.requests)
    async with house(chosen, "live") as standing:  # begins again with what is remembered
        second = await standing.listener.answer("heatmap btc", WHO)
        assert second.image is not None
    assert len(venues.requests) - asked < asked


async def test_one_venue_down_leaves_two_of_three_and_its_reason(
    chosen: Settings, venues: LoopbackVenues
) -> None:
    venues.fault("okx", "status", status=451)
    async with house(chosen, "live") as standing:
        reply = await standing.listener.answer("heatmap btc", WHO)
    assert reply.image is not None
    assert "2 of 3 venues (Binance, Bybit)" in reply.text()
    assert "OKX is not answering" in reply.text()


async def test_all_venues_down_draws_nothing_and_names_each(
    chosen: Settings, venues: LoopbackVenues
) -> None:
    for venue in ("binance", "bybit", "okx"):
        venues.fault(venue, "status", status=503)
    async with house(chosen, "live") as standing:
        reply = await standing.listener.answer("heatmap btc", WHO)
    assert reply.kind == "problem"
    assert reply.image is None
    for venue in ("binance", "bybit", "okx"):
        assert f"{venue_name(venue)} is not answering" in reply.headline
    assert venues.base not in reply.text()
    assert "secret-looking" not in reply.text()
