"""Five hundred people who ask the same at once cost one gathering and one picture."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import wiring
from bot.chats.hears import Asker
from bot.core.instruments import Instrument
from bot.desk.drawing import Drawing
from bot.settings import Settings
from bot.wiring import house
from tests.support.histories import history
from tests.support.markets import Market

BTC = [Instrument(venue, "BTC", "USDT", "USDT") for venue in ("binance", "okx")]


@pytest.mark.parametrize("words", ["heatmap BTC", "map BTC", "funding BTC", "liqs BTC"])
async def test_many_who_ask_the_same_are_shown_one_picture(
    words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    market = Market(*(replace(history(), instrument=one) for one in BTC))
    drawn: Counter[str] = Counter()
    do = Drawing.do

    async def counted(room: Drawing, work: Callable[[], object]) -> object:
        drawn[words] += 1
        return await do(room, work)

    monkeypatch.setattr(wiring, "market_source", lambda *_args, **_more: market)
    monkeypatch.setattr(Drawing, "do", counted)
    settings = Settings(
        _env_file=None,
        history_days=2,
        database_url=SecretStr(f"sqlite:///{tmp_path / 'ember.sqlite3'}"),
    )
    async with house(settings, "replay:of-nothing") as standing:
        crowd = [Asker(f"telegram:{at}", f"telegram:{at}") for at in range(500)]
        replies = await asyncio.gather(*(standing.listener.answer(words, who) for who in crowd))
        assert drawn[words] == 1
        assert len({reply.image.key for reply in replies if reply.image}) == 1
        assert all(reply.image is not None for reply in replies)
        assert sorted(one.exchange for one, _ in market.asked) == ["binance", "okx"]
