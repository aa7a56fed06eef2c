"""One gathering of a market, shared by all who ask for it, and the estimate kept beside it."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from bot.core.arrays import DAY, HOUR
from bot.core.errors import BotError, MarketUnavailable, NothingAnswered
from bot.core.estimate.market import MarketEstimate
from bot.core.figures import ago
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.join import joined, trimmed
from bot.core.market.liquidations import Liquidations
from bot.desk.shared import Shared
from bot.desk.states import States, unfit
from bot.desk.tapes import Tapes, merged
from bot.ports import EstimateStore, HistoryStore, KeptCalibration, MarketSource

log = structlog.get_logger()

_FRESH = 15_000  # [ms] of market time that a gathering serves all askers
_FRESH_ON_REFRESH = 2_000  # [ms] the same when somebody asks for newer data
_KEPT_MARKETS = 400  # those least recently asked for are dropped beyond
_SLOWEST = 30.0  # [s] a venue that takes longer is left out of this answer
# What is held of a market is shown, with its age, where nothing newer comes within so long [s] and
# it is not older than so long [ms]. The gathering goes on for whoever asks next.
_PATIENCE = 3.0
_OLDEST = HOUR


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A market as last gathered."""

    history: MarketHistory
    estimate: MarketEstimate
    gathered: int  # [ms] market time


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Every venue's market of one coin, as good as it could be had now."""

    kept: tuple[Kept, ...]
    failures: tuple[str, ...]
    now: int  # [ms] market time of the newest gathering in it


class Snapshots:
    """Markets people have asked for, brought up to date when they ask again."""

    def __init__(
        self,
        source: MarketSource,
        store: HistoryStore | None,
        history_days: int = 30,
        tapes: Tapes | None = None,
        estimates: EstimateStore | None = None,
    ) -> None:
        self._source = source
        self._store = store
        self._tapes = tapes or Tapes()
        self._states = States(None if source.simulated else estimates)
        self._depth = history_days * DAY
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._gathering: Shared[str, Kept] = Shared()
        # Markets of which more is remembered than is held, and whether to estimate them anew.
        self._again: dict[str, bool] = {}

    @property
    def kept(self) -> dict[str, Kept]:
        """The markets held in memory, by an instrument's key."""
        return dict(self._kept)

    async def of(
        self, instruments: Sequence[Instrument], *, newer: bool = False, patient: bool = False
    ) -> Snapshot:
        """Gather markets side by side; NothingAnswered if none could be had.

        Who is `patient` waits for what is new, and is not shown what is held instead.
        """
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._try(item, newer=newer, patient=patient))
                for item in instruments
            ]
        results = [task.result() for task in tasks]
        kept = tuple(held for held, _ in results if held is not None)
        failed = [error for _, error in results if error is not None]
        if not kept:
            raise NothingAnswered(failed)
        newest = max(each.gathered for each in kept)
        return Snapshot(kept, tuple(str(error) for error in failed), newest)

    async def learnt(self, instrument: Instrument, since: int) -> Sequence[KeptCalibration]:
        """Return what was learnt of a market until days from `since` [ms] on, oldest first."""
        return await self._states.learnt(instrument, since)

    def drop(self, instrument: Instrument) -> None:
        """Let go of a market that nobody asks for any more; what is remembered stays."""
        self._kept.pop(instrument.key, None)

    def read_again(self, instrument: Instrument, *, anew: bool) -> None:
        """Have the next gathering begin with all that is remembered: more of it is known now.

        The estimate goes on, and keeps what it has learnt, unless it is to be made `anew`.
        """
        if instrument.key in self._kept:
            self._again[instrument.key] = anew or self._again.get(instrument.key, False)

    async def close(self) -> None:
        """Stop gathering, and keep the estimates for the next start."""
        await self._gathering.close()
        await self._states.close()

    async def _try(
        self, instrument: Instrument, *, newer: bool, patient: bool
    ) -> tuple[Kept | None, BotError | None]:
        """Return a market as good as it can be had now, and why it is not better."""
        kept = self._kept.get(instrument.key)
        age = 0 if kept is None else self._source.now(instrument) - kept.gathered
        if kept is not None and age < (_FRESH_ON_REFRESH if newer else _FRESH):
            self._kept.move_to_end(instrument.key)
            return kept, None
        held = kept if age <= _OLDEST and not patient else None
        patience = _SLOWEST if held is None else _PATIENCE
        try:
            async with asyncio.timeout(patience):
                gathering = self._gathering.get(instrument.key, lambda: self._gather(instrument))
                return await gathering, None
        except TimeoutError:
            why = f"no answer within {patience:.0f} s"
            return held, _aged(MarketUnavailable(instrument.exchange, why), held, age)
        except BotError as error:
            log.warning("market not gathered", market=instrument.key, why=str(error))
            return held, _aged(error, held, age)

    async def _gather(self, instrument: Instrument) -> Kept:
        now = self._source.now(instrument)
        kept, again = self._kept.get(instrument.key), self._again.get(instrument.key)
        since = now - self._depth
        before: MarketHistory | None
        estimate: MarketEstimate | None
        if kept is not None and again is None:
            before, estimate = kept.history, kept.estimate
        else:
            before, estimate = await self._begun(instrument, since)
            estimate = None if again else kept.estimate if kept else estimate
        if before is not None:
            newest = await self._source.history(instrument, int(before.candles.open_time[-1]))
            if before.candles.interval != newest.candles.interval:
                before = None  # the venue is now asked for other bars: begin again
        if before is None:
            newest = await self._source.history(instrument, since)
        told = self._tapes.pieces(instrument), self._tapes.heard(instrument)
        result = await asyncio.to_thread(_gathered, estimate, before, newest, told, since, now)
        self._kept[instrument.key] = result
        if again is not None:
            del self._again[instrument.key]
        self._kept.move_to_end(instrument.key)
        while len(self._kept) > _KEPT_MARKETS:
            self._kept.popitem(last=False)
        await self._remember(newest)
        if not result.history.simulated:
            self._states.note(result.estimate)
        return result

    async def _begun(
        self, instrument: Instrument, since: int
    ) -> tuple[MarketHistory | None, MarketEstimate | None]:
        """Return what is remembered of a market that nobody asked for since the start."""
        estimate = await self._states.of(instrument)
        if self._store is None:
            return None, estimate
        try:
            history = await self._store.load(instrument, since)
        except BotError as error:  # a picture does not wait for a broken memory
            log.warning("history not remembered", market=instrument.key, why=str(error))
            return None, estimate
        if history is None or not len(history.candles):
            return None, estimate
        # A memory that begins much later would leave the estimate without its beginning, unless
        # it has one already.
        begun = int(history.candles.open_time[0])
        if estimate is not None and estimate.expected.time[0] - begun > DAY:
            estimate = None  # more of the past was remembered since it began
        goes_on = estimate is not None and begun <= estimate.time
        return (history if goes_on or begun - since < DAY else None), estimate

    async def _remember(self, history: MarketHistory) -> None:
        if self._store is None or history.simulated:
            return
        try:
            await self._store.save(history)
        except BotError as error:
            log.warning("history not saved", market=history.instrument.key, why=str(error))


def _aged(error: BotError, held: Kept | None, age: int) -> BotError:
    """Say how old what is shown instead is."""
    if held is None or not isinstance(error, MarketUnavailable):
        return error
    return MarketUnavailable(error.exchange, f"{error.why}; shown as of {ago(age)}")


def _gathered(
    estimate: MarketEstimate | None,
    before: MarketHistory | None,
    newest: MarketHistory,
    told: tuple[Sequence[Liquidations], Heard],
    since: int,
    now: int,
) -> Kept:
    """Put together what was known, what is new and what the feed told, and go on from there."""
    history = merged(newest if before is None else joined(before, newest), *told)
    begun = history.candles.open_time[:1]
    if (begun < since - DAY).any():  # once a day, so that what is kept does not grow
        history = trimmed(history, since)
        if estimate is not None:
            estimate = replace(estimate, expected=estimate.expected.since(since))
    if estimate is not None:
        why = unfit(estimate, history, now)
        if not why:
            return Kept(history, estimate.advanced(history, as_of=now), now)
        log.info("estimate made again from history", market=history.instrument.key, why=why)
    return Kept(history, MarketEstimate.of(history, as_of=now), now)
