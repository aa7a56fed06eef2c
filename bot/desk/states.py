"""Estimates kept for the next start of the bot, and a record of what was learnt day by day."""

import asyncio
from collections.abc import Sequence

import numpy as np
import structlog

from bot.core.arrays import DAY, HOUR
from bot.core.errors import BotError
from bot.core.estimate.calibration import calibration
from bot.core.estimate.market import MarketEstimate
from bot.core.estimate.saved import MODEL, read_back, saved
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.ports import EstimateStore, KeptCalibration

log = structlog.get_logger()

_LOOK = 60.0  # [s] between looks at what is to be saved
# [s] between saves of one market: a megabyte and a half each, and a bar more to go on with costs
# next to nothing.
_APART = 900.0
_AT_THE_END = 15.0  # [s] for the last saves; what is not saved is made again from history

# A hole in the new bars that is gone across: some venues leave out bars without a trade.
_HOLE = HOUR
# A bar that closed this far [log price] from where the saved estimate says is of other units.
_FAR = 0.05


class States:
    """Saves estimates in the background, one at a time and in a thread; nobody waits for it."""

    def __init__(
        self, store: EstimateStore | None, *, look: float = _LOOK, apart: float = _APART
    ) -> None:
        """Without a store nothing is kept; `look` and `apart` [s] are shorter in tests."""
        self._store = store
        self._look = look
        self._apart = apart
        self._waiting: dict[str, MarketEstimate] = {}
        self._tried: dict[str, float] = {}  # [s] of the loop's clock
        self._learnt: dict[str, int] = {}  # day since 1970 whose record is stored
        self._task: asyncio.Task[None] | None = None

    async def of(self, instrument: Instrument) -> MarketEstimate | None:
        """Return the saved estimate of a market; None if there is none that can be used."""
        if self._store is None:
            return None
        waiting = self._waiting.get(instrument.key)
        if waiting is not None:  # it was let go of since, but not saved yet
            return waiting
        try:
            body = await self._store.load(instrument)
            if body is None:
                return None
            return await asyncio.to_thread(read_back, body, instrument)
        except BotError as error:
            log.warning("saved estimate not used", market=instrument.key, why=error)
            return None

    def note(self, estimate: MarketEstimate) -> None:
        """Have an estimate saved, sooner or later; the newest one of its market."""
        if self._store is None:
            return
        self._waiting[estimate.instrument.key] = estimate
        if self._task is None:
            self._task = asyncio.create_task(self._save_again(self._store), name="states")

    async def learnt(self, instrument: Instrument, since: int) -> Sequence[KeptCalibration]:
        """Return what was learnt of a market until days from `since` [ms] on, oldest first."""
        if self._store is None:
            return ()
        try:
            return await self._store.learnt(instrument, since)
        except BotError as error:
            log.warning("records not remembered", market=instrument.key, why=error)
            return ()

    async def close(self) -> None:
        """Stop, and save what is newer than what was saved."""
        if self._store is None or self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        try:
            async with asyncio.timeout(_AT_THE_END):
                for market in [*self._waiting]:
                    await self._save(self._store, market)
        except TimeoutError:
            log.warning("not all estimates saved at the end", left=len(self._waiting))

    async def _save_again(self, store: EstimateStore) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(self._look)
            for market in [*self._waiting]:
                if clock() - self._tried.get(market, -self._apart) >= self._apart:
                    self._tried[market] = clock()
                    await self._save(store, market)

    async def _save(self, store: EstimateStore, market: str) -> None:
        """Save one market; what goes wrong is noted, and tried again with a newer estimate."""
        estimate = self._waiting[market]
        try:
            body = await asyncio.to_thread(saved, estimate)
            await store.save(estimate.instrument, estimate.time, body)
            learner = estimate.learner
            if learner.intervals and learner.last != self._learnt.get(market):
                model = f"{MODEL} / {estimate.parameters.version}"
                record = calibration(estimate)
                await store.learn(KeptCalibration(model, learner.last * DAY, record))
                self._learnt[market] = learner.last
        except BotError as error:
            log.warning("estimate not saved", market=market, why=error)
        except Exception:
            log.exception("saving an estimate went wrong", market=market)
        else:
            if self._waiting[market] is estimate:
                del self._waiting[market]


def unfit(estimate: MarketEstimate, history: MarketHistory, now: int) -> str:
    """Say why a history known at `now` [ms] cannot be gone on with; nothing if it can."""
    candles = history.candles.closed(now)
    if candles.interval != estimate.interval:
        return "its bars are of another length"
    if estimate.time > now:
        return "it is of the future"
    if not len(candles) or candles.open_time[0] > estimate.time:
        return "the bars after it are no longer to be had"
    new = candles.open_time[candles.open_time >= estimate.time]
    steps = np.diff(new, prepend=estimate.time - candles.interval) - candles.interval
    if (steps > max(_HOLE, candles.interval)).any():
        return "bars are missing since"
    there = candles.close_time == estimate.time
    moved = np.log(candles.close[there] / estimate.inventory.mark)
    if (np.abs(moved) > _FAR).any():
        return "its prices are others"
    return ""
