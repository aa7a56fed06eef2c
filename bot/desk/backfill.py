"""Back-fill: what is missing of a market's past is asked for stretch by stretch, and kept."""

import asyncio
import time
from collections.abc import Iterable, Mapping

import structlog

from bot.core.arrays import DAY, HOUR
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard, Span
from bot.core.market.history import MarketHistory
from bot.core.market.holes import SERIES, holes, stretches, unsought
from bot.ports import CollectionStore, HistoryStore, PastSource

log = structlog.get_logger()

# Some pages of each series at most venues: enough to be worth the asking, little to do again after
# a kill.
STRETCH = 2 * DAY  # [ms]

# What is younger may not have been published yet, and the next gathering asks for it anyway.
_SETTLED = HOUR  # [ms]

# What venues remember longest is told by the day: rows that far apart are no gap to speak of.
_SPARSE = DAY  # [ms]

# After each stretch as long a pause as it took, so that half of what a venue allows is left to
# people; after a slow one not for ever.
_LONGEST_PAUSE = 10.0  # [s]


class Backfill:
    """Fills in the past of markets in storage, oldest first; what is stored is not asked again.

    A stretch that a venue has told all of is remembered as sought, whatever was missing in it: of
    a hole that remains there it is known that the venue has no more. What a venue never tells of
    is sought everywhere at once: it costs one stretch, and not the allowance of all of them.
    """

    def __init__(
        self, source: PastSource, store: HistoryStore, collections: CollectionStore, days: int
    ) -> None:
        self._source = source
        self._store = store
        self._collections = collections
        self._depth = days * DAY
        self._done: dict[Instrument, float] = {}
        self._not_had: dict[Instrument, Mapping[str, tuple[Span, ...]]] = {}

    @property
    def under_way(self) -> dict[Instrument, float]:
        """The markets being filled in now, with the part of their past that is looked through."""
        return dict(self._done)

    def not_had(self, instrument: Instrument) -> Mapping[str, tuple[Span, ...]]:
        """Say what is missing of each series of a market for good: its venue has no more."""
        return self._not_had.get(instrument, {})

    async def fill(self, instrument: Instrument) -> Mapping[str, int]:
        """Ask for what is missing of a market; returns how much [ms] more is known of each series.

        UnknownSymbol, MarketUnavailable, StoreUnavailable: what came until then is kept, and the
        next call goes on from there.
        """
        now = self._source.now(instrument)
        since, until = now - self._depth, now - _SETTLED
        before = holes(await self._store.load(instrument, since), since, until)
        sought = dict(await self._collections.sought(instrument))
        lacking = before
        if unsought(before, sought):
            try:
                await self._ask(instrument, before, sought)
            finally:
                self._done.pop(instrument, None)
            lacking = holes(await self._store.load(instrument, since), since, until)
        self._not_had[instrument] = {
            series: tuple(
                (start, end)
                for span in spans
                for start, end in sought.get(series, Heard()).between(*span).spans
                if series == "candles" or end - start >= _SPARSE
            )
            for series, spans in lacking.items()
        }
        gained = {
            series: _length(spans) - _length(lacking.get(series, ()))
            for series, spans in before.items()
        }
        return {series: length for series, length in gained.items() if length > 0}

    async def _ask(
        self,
        instrument: Instrument,
        lacking: Mapping[str, tuple[Span, ...]],
        sought: dict[str, Heard],
    ) -> None:
        wanted = [*stretches(unsought(lacking, sought), STRETCH)]
        log.info("back-filling", market=instrument.key, stretches=len(wanted))
        while wanted:
            start, end = wanted[0]
            left = sum(last - first for first, last in wanted)
            self._done[instrument] = max(0.0, 1 - left / self._depth)
            began = time.monotonic()
            told = await self._source.past(instrument, start, end)
            if _rows(told.history):
                await self._store.save(told.history)
            for series in SERIES:
                if series in told.never:
                    sought[series] = sought.get(series, Heard()).also(lacking.get(series, ()))
                elif series not in told.failed:
                    sought[series] = sought.get(series, Heard()).also([(start, end)])
            await self._collections.seek(instrument, sought)
            wanted = _after(end, stretches(unsought(lacking, sought), STRETCH))
            await asyncio.sleep(min(time.monotonic() - began, _LONGEST_PAUSE))


def _after(time: int, wanted: Iterable[Span]) -> list[Span]:
    """Return what is still wanted later on; what failed earlier waits for the next look."""
    return [(max(start, time), end) for start, end in wanted if end > time]


def _rows(history: MarketHistory) -> int:
    """Count what a stretch brought."""
    instants = (history.open_interest, history.funding, history.long_short_ratio)
    return len(history.candles) + sum(len(part.time) for part in instants if part is not None)


def _length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)
