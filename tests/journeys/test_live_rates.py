"""Funding, open interest, ratio and markets, from words to picture over venues on loopback."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.chats.hears import Asker
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
            "history_days": 2,
            "database_url": SecretStr(f"sqlite:///{tmp_path}/emberline.sqlite3"),
        }
    )


async def test_rates_and_markets_of_live_venues_are_answered(
    chosen: Settings,
) -> None:
    async with house(chosen, "live", collect=False) as standing:
        for words in ("funding btc", "oi btcusdt.p", "ratio xbt"):
            reply = await standing.listener.answer(words, WHO)
            assert reply.kind == "answer", reply
            assert reply.image is not None
            assert "3 of 3 venues (" in reply.text(), reply.text()
            assert not reply.simulated
        ranked = await standing.listener.answer("markets", WHO)
        assert ranked.kind == "answer", ranked
        assert any("BTC" in row for row in ranked.table)
        assert "3 of 3 venues" in ranked.text()


async def test_a_venue_that_is_away_is_missing_from_every_answer_and_named(
    chosen: Settings, venues: LoopbackVenues
) -> None:
    venues.fault("okx", "status", status=451)
    async with house(chosen, "live", collect=False) as standing:
        for words in ("oi btc", "markets", "funding"):
            text = (await standing.listener.answer(words, WHO)).text()
            assert "2 of 3 venues" in text
            assert "it does not serve this location (451)" in text
