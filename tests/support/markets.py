"""A small, honest market source: histories it was given, cut to what is asked."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from bot.core.errors import MarketUnavailable, NothingAnswered
from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.offer import Offer
from bot.core.market.summary import Summary, summary_of
from bot.ports import LiveLiquidations


class Market:
    """Implements the MarketSource port over histories in memory; its clock is moved by hand."""

    name = "fake"
    simulated = False

    def __init__(self, *histories: MarketHistory, down: dict[str, str] | None = None) -> None:
        self.histories = {item.instrument: item for item in histories}
        self.down = down or {}  # venue -> why
        self.time = max(int(item.candles.close_time[-1]) for item in histories)
        self.asked: list[tuple[Instrument, int]] = []
        self.pause = 0.0  # [s] each history takes
        self.closed = False
        self.listened: dict[Instrument, Heard] = {}
        self.books: dict[Instrument, OrderBook] = {}
        self.traded: dict[Instrument, Trades] = {}
        self.offered: list[Offer] = []

    def now(self, instrument: Instrument | None = None) -> int:  # noqa: ARG002 - one clock for all
        return self.time

    async def instruments(self) -> Sequence[Instrument]:
        up = [item for item in self.histories if item.exchange not in self.down]
        if not up:
            raise NothingAnswered([MarketUnavailable(*item) for item in self.down.items()])
        return up

    async def history(self, instrument: Instrument, since: int) -> MarketHistory:
        self.asked.append((instrument, since))
        await asyncio.sleep(self.pause)
        if instrument.exchange in self.down:
            raise MarketUnavailable(instrument.exchange, self.down[instrument.exchange])
        whole = self.histories[instrument].known_at(self.time)
        return replace(whole, candles=whole.candles.since(since))

    async def liquidations(
        self, instruments: Sequence[Instrument]
    ) -> AsyncIterator[LiveLiquidations]:
        for item in instruments:
            events = self.histories[item].liquidations
            if events is not None:
                yield LiveLiquidations(item, events)

    async def summaries(self) -> Mapping[Instrument, Summary]:
        up = await self.instruments()
        told = {item: summary_of(self.histories[item], self.time) for item in up}
        return {item: summary for item, summary in told.items() if summary is not None}

    async def book(self, instrument: Instrument) -> OrderBook:
        if instrument.exchange in self.down or instrument not in self.books:
            raise MarketUnavailable(instrument.exchange, self.down.get(instrument.exchange, "none"))
        return self.books[instrument]

    async def trades(self, instrument: Instrument) -> Trades:
        if instrument.exchange in self.down or instrument not in self.traded:
            raise MarketUnavailable(instrument.exchange, self.down.get(instrument.exchange, "none"))
        return self.traded[instrument]

    def offers(self) -> Sequence[Offer]:
        return self.offered

    def heard(self, instrument: Instrument) -> Heard:
        return self.listened.get(instrument, Heard())

    def failures(self) -> dict[str, str]:
        return dict(self.down)

    async def close(self) -> None:
        self.closed = True
