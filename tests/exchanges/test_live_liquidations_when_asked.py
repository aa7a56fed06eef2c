"""Liquidations of venues that tell them only when asked: each once, in base coin, none made up."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

import pytest

from bot.core.instruments import Instrument
from bot.exchanges.live import VenueSource
from bot.exchanges.venue import Venue
from bot.exchanges.venues.bitget import BITGET
from bot.exchanges.venues.gate import GATE
from tests.support import loopback_bitget, loopback_gate, loopback_now
from tests.support.loopback_markets import MARKETS
from tests.support.venues import loopback_venues

TOLD = {
    "bitget": (BITGET, loopback_bitget.LIQUIDATIONS_EVERY),
    "gate": (GATE, loopback_gate.LIQUIDATIONS_EVERY),
}
_HASTE = 200  # seconds of the market in one of ours


def _hasty(start: int) -> Callable[[], int]:
    begun = time.monotonic()
    return lambda: start + int((time.monotonic() - begun) * 1000 * _HASTE)


def _often(venue: Venue) -> Venue:
    assert venue.polled is not None
    return replace(venue, polled=replace(venue.polled, every=0.1))


@pytest.mark.parametrize("name", TOLD)
async def test_each_liquidation_comes_once_with_the_side_of_the_position(name: str) -> None:
    venue, every = TOLD[name]
    wanted = Instrument(name, "BTC", "USDT", "USDT")
    clock = _hasty(time.time_ns() // 1_000_000)
    heard: list[tuple[int, int, float, float]] = []
    async with loopback_venues(clock=clock) as far_end:
        source = VenueSource(_often(venue), far_end.base, clock=clock)
        async with asyncio.timeout(60), aclosing(source.liquidations([wanted])) as live:
            async for some in live:
                assert some.instrument == wanted
                events = some.events
                heard += zip(
                    events.time.tolist(),
                    events.side.tolist(),
                    events.price.tolist(),
                    events.quantity.tolist(),
                    strict=True,
                )
                if len(heard) > 20:
                    break
        await source.close()
    expected = loopback_now.prints(MARKETS["BTC"], heard[0][0], heard[-1][0], every)
    assert [one[:2] for one in heard] == [(one.time, one.side) for one in expected]
    assert [one[2] for one in heard] == pytest.approx([one.price for one in expected])
    assert [one[3] for one in heard] == pytest.approx([one.quantity for one in expected])
