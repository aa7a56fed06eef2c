"""A market source whose feeds are told what to say, may break and may be deaf."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.ports import LiveLiquidations
from tests.support.markets import Market


def event(time: int, price: float = 90_000.0, *, side: int = 1) -> Liquidations:
    return Liquidations(
        np.array([time]), np.array([side], np.int8), np.array([price]), np.array([0.5])
    )


@dataclass(eq=False)
class Line:
    """One feed that was opened."""

    instruments: tuple[Instrument, ...]
    since: int | None  # [ms] when it began to be heard; None: not yet
    told: asyncio.Queue[LiveLiquidations | Exception] = field(default_factory=asyncio.Queue)

    async def tell(self, instrument: Instrument, events: Liquidations) -> None:
        await self.told.put(LiveLiquidations(instrument, events))


class Lines(Market):
    """Markets in memory, with live feeds; liquidations are not in their histories."""

    def __init__(self, *histories: MarketHistory) -> None:
        super().__init__(*histories)
        self.open: list[Line] = []
        self.opened = 0
        self.slow = False  # a new feed is heard only when a test says so

    async def liquidations(
        self, instruments: Sequence[Instrument]
    ) -> AsyncIterator[LiveLiquidations]:
        line = Line(tuple(instruments), None if self.slow else self.time)
        self.open.append(line)
        self.opened += 1
        try:
            while True:
                said = await line.told.get()
                if isinstance(said, Exception):
                    raise said
                yield said
        finally:
            self.open.remove(line)

    def heard(self, instrument: Instrument) -> Heard:
        return Heard.of(
            (line.since, self.time)
            for line in self.open
            if line.since is not None and instrument in line.instruments
        )
