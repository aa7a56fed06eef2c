"""A source whose past is told stretch by stretch, as far as its venue remembers."""

import asyncio
from dataclasses import replace

import numpy as np

from bot.core.errors import MarketUnavailable
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.join import trimmed
from bot.ports import Past
from tests.support.markets import Market


class PastMarket(Market):
    """Markets in memory whose past can be asked for; what was asked is noted."""

    def __init__(self, *histories: MarketHistory) -> None:
        super().__init__(*histories)
        self.stretches: list[tuple[Instrument, int, int]] = []
        self.failing: tuple[str, ...] = ()  # series that do not answer
        self.never: tuple[str, ...] = ()  # series whose past is not told at all
        self.hanging: set[str] = set()  # venues that never answer
        self.dies_after: int | None = None  # stretches, then the venue is away
        self.at_once: dict[str, int] = {}  # histories in flight by venue
        self.most_at_once: dict[str, int] = {}

    async def history(self, instrument: Instrument, since: int) -> MarketHistory:
        venue = instrument.exchange
        self.at_once[venue] = self.at_once.get(venue, 0) + 1
        self.most_at_once[venue] = max(self.most_at_once.get(venue, 0), self.at_once[venue])
        try:
            if venue in self.hanging:
                await asyncio.Event().wait()
            return trimmed(await super().history(instrument, since), since)
        finally:
            self.at_once[venue] -= 1

    async def past(self, instrument: Instrument, start: int, end: int) -> Past:
        if instrument.exchange in self.hanging:
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        if self.dies_after is not None and len(self.stretches) >= self.dies_after:
            raise MarketUnavailable(instrument.exchange, "it cannot be reached")
        if instrument.exchange in self.down:
            raise MarketUnavailable(instrument.exchange, self.down[instrument.exchange])
        self.stretches.append((instrument, start, end))
        whole = trimmed(self.histories[instrument].known_at(self.time), start)
        told = replace(
            whole,
            candles=whole.candles.sliced(slice(0, _upto(whole.candles.open_time, end))),
            open_interest=whole.open_interest and whole.open_interest.until(end),
            funding=whole.funding and whole.funding.until(end),
            long_short_ratio=whole.long_short_ratio and whole.long_short_ratio.until(end),
            liquidations=None,
            liquidation_feed="",
        )
        parts = {
            "open interest": "open_interest",
            "funding": "funding",
            "long/short ratio": "long_short_ratio",
        }
        gone = {parts[series]: None for series in (*self.failing, *self.never)}
        told = replace(told, **gone)  # type: ignore[arg-type]  # all are None
        return Past(told, self.failing, self.never)


def _upto(time: np.ndarray[tuple[int], np.dtype[np.int64]], end: int) -> int:
    return int(np.searchsorted(time, end, side="right"))
