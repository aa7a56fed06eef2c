"""One gathering of a market, shared by all who ask for it, and the estimate kept beside it."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog

from bot.core.arrays import DAY, HOUR
from bot.core.errors import (
    BotError,
    MarketUnavailable,
    NothingAnswered,
    NotYetAllowed,
    StillAsked,
)
from bot.core.estimate.market import MarketEstimate
from bot.core.figures import span
from bot.core.instruments import Instrument
from bot.core.language import Said, later
from bot.core.market.history import MarketHistory
from bot.desk.advanced import advanced
from bot.desk.shared import Shared
from bot.desk.states import States
from bot.desk.tapes import Tapes
from bot.errands import Errand, Urgency, on
from bot.patience import left, left_out
from bot.ports import EstimateStore, HistoryStore, KeptCalibration, MarketSource

log = structlog.get_logger()

_FRESH = 15_000  # [ms] of market time that a gathering serves all askers
_FRESH_ON_REFRESH = 2_000  # [ms] the same when somebody asks for newer data
_KEPT_MARKETS = 400  # those least recently asked for are dropped beyond
_SLOWEST = 30.0  # [s] a venue that takes longer is left out of this answer
# What is held of a market is shown, with its age, where nothing newer comes within so long [s] and
# it is not older than so long [ms]. The gathering goes on for whoever asks next.
PATIENCE = 3.0
_OLDEST = HOUR
# Our own waiting is told where it is at least so long [ms]; shorter ones are the pace of asking.
_TOLD_WAIT = 1_000
_NOW = 5_000  # [ms] as figures.ago has it
# The arithmetic holds the interpreter for most of its time. Side by side, all of it would be ready
# at the end only: one market is estimated at a time, and beside it one that nobody waits for. It
# also lets a picture be drawn first, but not for longer than so long [s].
_ESTIMATING, _STANDS_BACK = 1, 1.0


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Kept:
    """A market as last gathered."""

    history: MarketHistory
    estimate: MarketEstimate
    gathered: int  # [ms] market time


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Every venue's market of one coin, as good as it could be had now."""

    kept: tuple[Kept, ...]
    lacking: tuple[str | Said, ...]  # why the others are not in it, a sentence each
    now: int  # [ms] market time of the newest gathering in it
    coming: bool = False  # some of `lacking` are still asked

    @property
    def failures(self) -> tuple[str, ...]:
        """What is lacking, said now."""
        return tuple(map(str, self.lacking))


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
        self._errands: dict[str, Errand] = {}  # of the gatherings under way
        self._turns = {urgent: asyncio.Semaphore(_ESTIMATING) for urgent in (True, False)}
        self._drawing = 0
        self._nothing_drawn = asyncio.Event()
        self._nothing_drawn.set()
        # Markets of which more is remembered than is held, and whether to estimate them anew.
        self._again: dict[str, bool] = {}

    @property
    def kept(self) -> dict[str, Kept]:
        """The markets held in memory, by an instrument's key."""
        return dict(self._kept)

    async def of(
        self,
        instruments: Sequence[Instrument],
        *,
        newer: bool = False,
        patient: bool = False,
        within: float | None = None,
    ) -> Snapshot:
        """Gather markets side by side; NothingAnswered if none could be had.

        Who has not told within so long [s] is left out, and goes on being asked; but one is waited
        for. Unless that is said, it is as long as the question is waited for (bot/patience.py). Who
        is `patient` waits for what is new, and is not shown what is held instead.
        """
        if within is None:
            within = _SLOWEST if patient else left(_SLOWEST)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._try(item, newer=newer, patient=patient, within=within))
                for item in instruments
            ]
        results = [task.result() for task in tasks]
        late = any(isinstance(error, StillAsked) for _, error in results)
        if late and within < _SLOWEST and all(held is None for held, _ in results):
            results = await self._first(instruments, within)
        kept = tuple(held for held, _ in results if held is not None)
        failed = [error for _, error in results if error is not None]
        if not kept:
            raise NothingAnswered(failed)
        newest = max(each.gathered for each in kept)
        coming = any(isinstance(error, StillAsked) for error in failed)
        if coming:
            left_out()
        return Snapshot(kept, tuple(error.sentence for error in failed), newest, coming)

    @contextmanager
    def standing_back(self) -> Iterator[None]:
        """Let a picture be drawn before more markets are estimated."""
        self._drawing += 1
        self._nothing_drawn.clear()
        try:
            yield
        finally:
            self._drawing -= 1
            if not self._drawing:
                self._nothing_drawn.set()

    async def drawn_first(self) -> None:
        """Wait until no picture is drawn that somebody waits for, but not for long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_STANDS_BACK):
                await self._nothing_drawn.wait()

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

    async def _first(
        self, instruments: Sequence[Instrument], within: float
    ) -> list[tuple[Kept | None, BotError | None]]:
        """Wait until one market is had, or none can be; say of the others that they come later."""
        trying = {
            asyncio.create_task(self._try(item, newer=False, patient=False, within=_SLOWEST)): item
            for item in instruments
        }
        waiting, had = set(trying), False
        try:
            while waiting and not had:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                had = any(task.result()[0] is not None for task in done)
        finally:
            for task in waiting:
                task.cancel()
        return [
            (None, self._late(item, within)) if task in waiting else task.result()
            for task, item in trying.items()
        ]

    async def _try(
        self, instrument: Instrument, *, newer: bool, patient: bool, within: float
    ) -> tuple[Kept | None, BotError | None]:
        """Return a market as good as it can be had now, and why it is not better."""
        kept = self._kept.get(instrument.key)
        age = 0 if kept is None else self._source.now(instrument) - kept.gathered
        if kept is not None and age < (_FRESH_ON_REFRESH if newer else _FRESH):
            self._kept.move_to_end(instrument.key)
            return kept, None
        held = kept if age <= _OLDEST and not patient else None
        had = None if kept is None else kept.gathered
        del kept  # two of a market would be held while its venue and the store are waited for
        patience = within if held is None else min(within, PATIENCE)
        try:
            async with asyncio.timeout(patience):
                return await self._gathered(instrument, patient=patient), None
        except TimeoutError:
            newest = self._kept.get(instrument.key)
            if newest is not None and newest.gathered != had:
                return newest, None  # it is but not stored yet
            return held, _aged(self._late(instrument, patience), held, age)
        except BotError as error:
            log.warning("market not gathered", market=instrument.key, why=error)
            return held, _aged(error, held, age)

    async def _gathered(self, instrument: Instrument, *, patient: bool) -> Kept:
        """Join the gathering under way, which is people's from when one of them waits for it."""
        urgency = Urgency.COLLECTING if patient else Urgency.PEOPLE
        errand = self._errands.setdefault(instrument.key, Errand(urgency))
        errand.hurry(urgency)
        with on(errand):
            return await self._gathering.get(instrument.key, lambda: self._gather(instrument))

    def _late(self, instrument: Instrument, seconds: float) -> StillAsked:
        """Say whether it is a venue that has not answered, or we who may not ask it yet."""
        errand = self._errands.get(instrument.key)
        until = None if errand is None else errand.held_until
        if until is not None and until - 1000 * time.time() > _TOLD_WAIT:
            return NotYetAllowed(instrument.exchange, until)
        return StillAsked(instrument.exchange, seconds)

    async def _gather(self, instrument: Instrument) -> Kept:
        try:
            kept, newest = await self._gather_on(instrument, self._errands[instrument.key])
            await self._remember(newest)  # what was held before is let go of meanwhile
        finally:
            del self._errands[instrument.key]
        if not kept.history.simulated:
            self._states.note(kept.estimate)
        return kept

    async def _gather_on(
        self, instrument: Instrument, errand: Errand
    ) -> tuple[Kept, MarketHistory]:
        """Bring a market up to date; return it, and what is new of it."""
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
        async with self._turns[errand.urgency is Urgency.PEOPLE]:
            await self.drawn_first()
            made = await asyncio.to_thread(advanced, estimate, before, newest, told, since, now)
        result = Kept(*made, now)
        self._kept[instrument.key] = result
        if again is not None:
            del self._again[instrument.key]
        self._kept.move_to_end(instrument.key)
        while len(self._kept) > _KEPT_MARKETS:
            self._kept.popitem(last=False)
        return result, newest

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
            log.warning("history not remembered", market=instrument.key, why=error)
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
            log.warning("history not saved", market=history.instrument.key, why=error)


def _aged(error: BotError, held: Kept | None, age: int) -> BotError:
    """Say how old what is shown instead is."""
    if held is None or not isinstance(error, MarketUnavailable):
        return error
    if age < _NOW:
        return error.also(later("shown as of just now"))
    return error.also(later("shown as of {span} ago", span=span(age)))
