"""Whoever names many venues is answered, though no button could carry them all."""

import pytest

from bot.desk.requests import Asker
from tests.support.desks import rates_desk
from tests.support.markets import Market
from tests.support.panels import VENUES, told

WHO = Asker("test:1", "test:2")


@pytest.mark.parametrize("command", ["heatmap", "map", "accuracy", "model", "funding", "oi"])
async def test_every_venue_can_be_named_at_once(command: str) -> None:
    names = [name for name, *_ in VENUES]
    source = Market(*(told(name, days=2) for name in names))
    async with rates_desk(source) as listener:
        reply = await listener.answer(f"{command} btc {' '.join(names)}", WHO)
    assert reply.kind == "answer", reply
    assert "Binance COIN-M" in reply.text() or command in {"accuracy", "heatmap", "map"}
