"""What is remembered of markets from before that which is held for the estimate."""

import asyncio

import structlog

from bot.core.arrays import DAY
from bot.core.errors import BotError
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.join import joined
from bot.core.market.thin import hourly
from bot.desk.shared import Shared
from bot.ports import HistoryStore

log = structlog.get_logger()

_MARKETS = 100  # kept by the hour, at most half a megabyte each


class Remembered:
    """The last months of markets, looked up once a day for each."""

    def __init__(self, store: HistoryStore | None, days: int = 90) -> None:
        self._store = store
        self._days = days
        self._kept: Shared[tuple[str, int], MarketHistory | None] = Shared(_MARKETS)

    async def longer(self, history: MarketHistory, now: int) -> MarketHistory:
        """Return a history with what is remembered from before it; as it is if nothing is."""
        if self._store is None or history.simulated:
            return history
        item = history.instrument
        older = await self._kept.get((item.key, now // DAY), lambda: self._load(item, now))
        if older is None or older.candles.interval != history.candles.interval:
            return history
        return joined(older, history)

    async def close(self) -> None:
        """Stop looking things up."""
        await self._kept.close()

    async def _load(self, instrument: Instrument, now: int) -> MarketHistory | None:
        assert self._store is not None  # noqa: S101 - seen to by `longer`
        try:
            history = await self._store.load(instrument, now - self._days * DAY)
        except BotError as error:  # a percentile of fewer days is better than none
            log.warning("the past is not remembered", market=instrument.key, why=error)
            return None
        return None if history is None else await asyncio.to_thread(hourly, history)
