"""Scoring: what each map held is compared with what came, as soon as an interval is over."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.core.arrays import DAY, HOUR
from bot.core.errors import BotError
from bot.core.estimate.market import MarketEstimate
from bot.core.instruments import Instrument
from bot.core.judge.accuracy import Accuracy, accuracy
from bot.core.judge.scored import Scored, prices_alone, scored, together
from bot.core.market.history import MarketHistory
from bot.desk.requests import MOST_DAYS, USUAL_DAYS
from bot.desk.shared import Shared
from bot.desk.snapshot import Kept, Snapshots
from bot.ports import MarketSource, ScoreStore

log = structlog.get_logger()

_LOOK = 20.0  # [s] between looks whether an interval is over
_LATE = 60_000  # [ms] after its end at which an interval is scored: feeds tell a little late
_AT_ONCE = 4  # markets gathered side by side for it
_AGAIN = 300_000  # [ms] after which a market that could not be gathered is tried again
_KEPT = 400  # markets whose scores are held; as many as snapshots
_FIGURES_KEPT = 256


@dataclass(frozen=True, slots=True)
class Verdict:
    """How good the maps of one coin's markets have been together."""

    accuracy: Accuracy
    venues: tuple[str, ...]  # those of the exchanges that could be scored


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """One market's scores, and the rival map kept current beside the estimate."""

    rival: MarketEstimate | None  # made when first there is something to score
    rows: Scored | None
    unsaved: Scored | None
    known: int  # [ms] up to which intervals were looked at


class Scoring:
    """Scores of every market held; live ones are remembered, others worked out from history."""

    def __init__(
        self, source: MarketSource, snapshots: Snapshots, store: ScoreStore | None = None
    ) -> None:
        self._source = source
        self._snapshots = snapshots
        self._store = None if source.simulated else store
        self._judged: OrderedDict[str, _Judged] = OrderedDict()
        # As with estimates, the arithmetic holds the interpreter: one market after the other, and
        # a picture before the next.
        self._turn = asyncio.Semaphore(1)
        self._under_way: Shared[tuple[str, int], _Judged] = Shared()
        self._figures: Shared[tuple[object, ...], Verdict | None] = Shared(_FIGURES_KEPT)
        self._tried: dict[str, int] = {}  # [ms] when markets were last gathered for their score
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """See to it that every hour of a live market is scored, also if nobody asks."""
        if self._store is not None:
            self._task = asyncio.create_task(self._watch(), name="scoring")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._under_way.close()
        await self._figures.close()

    async def of(self, kept: Sequence[Kept], days: int = USUAL_DAYS) -> Verdict | None:
        """Return how good the maps of one coin's markets have been; None if nothing was scored."""
        judged = await asyncio.gather(*(self._judge(each) for each in kept))
        rows = {
            each.history.instrument: found.rows
            for each, found in zip(kept, judged, strict=True)
            if found.rows is not None and len(found.rows)
        }
        key = (days, tuple((market.key, len(each), each.until) for market, each in rows.items()))

        async def work() -> Verdict | None:
            return await asyncio.to_thread(_verdict, rows, days)

        return await self._figures.get(key, work)

    async def _judge(self, kept: Kept) -> _Judged:
        """Score what is over of one market; the same work serves all who ask."""
        key, known = kept.history.instrument.key, _known(kept)
        judged = self._judged.get(key)
        if judged is not None and judged.known >= known and judged.unsaved is None:
            self._judged.move_to_end(key)
            return judged
        return await self._under_way.get((key, known), lambda: self._advance(kept, known))

    async def _advance(self, kept: Kept, known: int) -> _Judged:
        key = kept.history.instrument.key
        before = self._judged.get(key)
        earlier = before.rows if before else await self._remembered(key, kept.gathered)
        rival, new = before.rival if before else None, None
        if known > (earlier.until if earlier else 0):
            async with self._turn:
                await self._snapshots.drawn_first()
                rival, new = await asyncio.to_thread(_score, kept, rival, earlier)
        rows = new if earlier is None else earlier if new is None else earlier.then(new)
        waiting = before.unsaved if before else None
        if new is not None and len(new):
            waiting = new if waiting is None else waiting.then(new)
        model = kept.estimate.parameters.version
        judged = _Judged(rival, rows, await self._remember(key, model, waiting), known)
        self._judged[key] = judged
        self._judged.move_to_end(key)
        while len(self._judged) > _KEPT:
            self._judged.popitem(last=False)
        return judged

    async def _remembered(self, market: str, now: int) -> Scored | None:
        if self._store is None:
            return None
        try:
            return await self._store.scored(market, now - MOST_DAYS * DAY)
        except BotError as error:
            log.warning("scores not remembered", market=market, why=error)
            return None

    async def _remember(self, market: str, model: str, rows: Scored | None) -> Scored | None:
        """Store new rows; returns those that are still to be stored."""
        if self._store is None or rows is None:
            return None
        try:
            await self._store.add(market, model, rows)
        except BotError as error:
            log.warning("scores not stored", market=market, why=error)
            return rows
        return None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            try:
                await self._score_all()
            except Exception:
                log.exception("scoring went wrong")

    async def _score_all(self) -> None:
        """Gather and score the markets of which an interval is over."""
        turn = asyncio.Semaphore(_AT_ONCE)

        async def score(kept: Kept) -> None:
            async with turn:
                snapshot = await self._snapshots.of([kept.history.instrument], patient=True)
                await self._judge(snapshot.kept[0])

        due = {key: kept for key, kept in self._snapshots.kept.items() if self._is_due(key, kept)}
        self._tried = {key: self._tried.get(key, 0) for key in self._snapshots.kept}
        self._tried |= {key: self._source.now(kept.history.instrument) for key, kept in due.items()}
        for found in await asyncio.gather(*map(score, due.values()), return_exceptions=True):
            if isinstance(found, Exception):
                log.warning("a market was not scored", why=found)

    def _is_due(self, key: str, kept: Kept) -> bool:
        """Whether an interval is over that nobody has gathered the market since."""
        now, interval = self._source.now(kept.history.instrument), _interval(kept.history)
        over = (now - _LATE) // interval * interval
        return kept.gathered < over + _LATE and now - self._tried.get(key, 0) > _AGAIN


def _interval(history: MarketHistory) -> int:
    totals = history.liquidation_totals
    return totals.interval if totals is not None else max(HOUR, history.candles.interval)


def _known(kept: Kept) -> int:
    """Return the end of the newest interval [ms] that may have been seen and heard whole."""
    history, known = kept.history, kept.estimate.time
    if history.liquidations is None and history.liquidation_totals is None:
        return 0
    if history.heard is not None and history.liquidation_totals is None:
        known = min(known, history.heard.spans[-1][1] if history.heard.spans else 0)
    interval = _interval(history)
    return known // interval * interval


def _score(
    kept: Kept, rival: MarketEstimate | None, earlier: Scored | None
) -> tuple[MarketEstimate, Scored | None]:
    """Bring the rival up to date and score what is new, in a thread."""
    plain = prices_alone(kept.history)
    if rival is not None and rival.interval == kept.history.candles.interval:
        rival = rival.advanced(plain, kept.gathered)
    else:
        rival = MarketEstimate.of(plain, as_of=kept.gathered)
    return rival, scored(kept.history.known_at(kept.gathered), kept.estimate, rival, earlier)


def _verdict(rows: dict[Instrument, Scored], days: int) -> Verdict | None:
    """Judge several markets together, where their intervals are of one length."""
    lengths = [each.interval for each in rows.values()]
    same = {market: each for market, each in rows.items() if each.interval == lengths[0]}
    found = together([*same.values()])
    if found is None:
        return None
    judged = accuracy(found.since(found.until - days * DAY))
    if judged is None:
        return None
    return Verdict(judged, tuple(market.exchange for market in same))
