"""Somebody who listens to a venue's liquidations in the background."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from bot.core.instruments import Instrument
from bot.exchanges.feed import Pulse
from bot.exchanges.live import VenueSource
from bot.exchanges.registry import ALL_VENUES
from tests.support.loopback_markets import MARKETS
from tests.support.markets_of import coin
from tests.support.venues import LoopbackVenues

if TYPE_CHECKING:
    from bot.ports import LiveLiquidations

QUICK = Pulse(ping=0.05, silence=1.0, first_pause=0.02, longest_pause=0.2)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.005)


class Listener:
    """Listens to a venue in the background, and remembers what it heard."""

    def __init__(self, source: VenueSource, instruments: Sequence[Instrument]) -> None:
        self.source = source
        self.instruments = instruments
        self.heard: list[LiveLiquidations] = []
        self.pace = 0.0  # [s] taken over each batch

    async def listen(self) -> None:
        async with aclosing(self.source.liquidations(self.instruments)) as live:
            async for some in live:
                self.heard.append(some)
                if self.pace:
                    await asyncio.sleep(self.pace)

    @property
    def events(self) -> list[tuple[str, int, float, float]]:
        """Everything heard: coin, side, price, quantity [base]."""
        return [
            (some.instrument.base, int(side), float(price), round(float(quantity), 9))
            for some in self.heard
            for side, price, quantity in zip(
                some.events.side, some.events.price, some.events.quantity, strict=True
            )
        ]

    async def until(self, count: int) -> None:
        await until(lambda: len(self.events) >= count)


@asynccontextmanager
async def listening(
    venues: LoopbackVenues, name: str, bases: Sequence[str] = tuple(MARKETS), pulse: Pulse = QUICK
) -> AsyncIterator[Listener]:
    source = VenueSource(ALL_VENUES[name], venues.base, pulse=pulse)
    listener = Listener(source, [coin(name, base) for base in bases])
    task = asyncio.create_task(listener.listen())
    try:
        yield listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await source.close()
