"""Collecting: the markets that people ask for are kept current, whether or not somebody waits."""

import asyncio
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import BotError, MarketUnavailable, NothingAnswered
from bot.core.instruments import Instrument
from bot.core.language import Said
from bot.desk.backfill import Backfill
from bot.desk.markets import Markets
from bot.desk.pauses import Pauses
from bot.desk.snapshot import Kept, Snapshots
from bot.desk.tasks import Tasks
from bot.ports import Collected, CollectionStore, MarketSource

log = structlog.get_logger()

# Of one venue so many markets are gathered side by side: a person who asks meanwhile waits behind
# the requests of two markets at most, and not behind those of a hundred.
_AT_ONCE = 2

# A bar is asked for so long after its close [ms]: venues need a moment, and not all markets of a
# venue are asked for at the same one.
_LEAST_LATE, _MOST_LATE = 2_000, 12_000

# A question brings its own gathering; its past is looked through when that should be over [ms].
_QUESTION = MINUTE

_LOOK_THROUGH = 6 * HOUR  # [ms] between looks for holes in a market's past
_NAMED = 5 * MINUTE  # [ms] between looks which markets the configured coins have
_NOTED = HOUR  # [ms] by which the time of a market's last question may be stored too early

# So much more [ms] of what the inventory is built from is worth making it again. It has learnt from
# longer than is remembered, and that is lost.
_MUCH, _ESTIMATED_FROM = DAY, ("candles", "open interest")

# Snapshots hold some more, for markets that are asked for and not collected yet.
MOST = 360


@dataclass(slots=True)
class _Market:
    """A market that is kept current."""

    instrument: Instrument
    asked: int  # [ms] when somebody last asked for it, or the bot began to collect it
    stored: int | None = None  # [ms] the same, as stored
    question: int | None = None  # [ms] when somebody last asked for it since the bot was started
    looked: int | None = None  # [ms] when its past was last looked through

    @property
    def late(self) -> int:
        """How long after a bar's close it is gathered [ms]; always the same for one market."""
        spread = _MOST_LATE - _LEAST_LATE
        return _LEAST_LATE + zlib.crc32(self.instrument.key.encode()) % spread


@dataclass(frozen=True, slots=True)
class Report:
    """How collecting stands."""

    markets: tuple[Instrument, ...]
    ticked: int | None  # [ms] of the last tick
    paused: dict[str, tuple[str | Said, int]]  # venue -> why, and when it is asked again [ms]
    filling: dict[Instrument, float]  # the part of its past that is looked through
    not_had: dict[Instrument, dict[str, int]]  # [ms] of each series that its venue has no more


class Collectors:
    """Keeps markets current at each bar's close, and fills in their past; owns all its tasks.

    Venues are gathered side by side and know nothing of one another: one that hangs makes nobody
    wait, and one that fails is left alone for longer and longer.
    """

    def __init__(
        self,
        source: MarketSource,
        snapshots: Snapshots,
        markets: Markets,
        store: CollectionStore,
        backfill: Backfill,
        *,
        always: Sequence[str] = (),
        idle_days: int = 14,
    ) -> None:
        """Coins in `always` are collected though nobody asks; others are dropped when idle."""
        self._source = source
        self._snapshots = snapshots
        self._listing = markets
        self._store = store
        self._backfill = backfill
        self._coins = tuple(always)
        self._idle = idle_days * DAY
        self._markets: dict[Instrument, _Market] = {}
        self._always: frozenset[Instrument] = frozenset()
        self._gone: list[Instrument] = []  # dropped, but still stored
        self._remembered = False
        self._named = 0  # [ms] when the configured coins' markets were last looked up
        self._pauses = Pauses()
        self._failing: dict[str, set[Instrument]] = {}  # since their venue last answered
        self._tasks = Tasks()
        self._ticked: int | None = None

    @property
    def report(self) -> Report:
        """Say how collecting stands."""
        now, venues = self._source.now(), {market.exchange for market in self._markets}
        stopped = {venue: self._pauses.under_way(venue, now) for venue in sorted(venues)}
        lacking = {
            market: {
                series: sum(end - start for start, end in spans)
                for series, spans in self._backfill.not_had(market).items()
                if spans
            }
            for market in self._markets
        }
        return Report(
            tuple(self._markets),
            self._ticked,
            {venue: why for venue, why in stopped.items() if why is not None},
            self._backfill.under_way,
            {market: series for market, series in lacking.items() if series},
        )

    def asked(self, instruments: Sequence[Instrument]) -> None:
        """Take note that somebody asks for markets: they are kept current from now on."""
        now = self._source.now()
        for instrument in instruments:
            market = self._markets.setdefault(instrument, _Market(instrument, now))
            market.asked = market.question = now

    async def tick(self) -> None:
        """See to whatever is due; begins work and waits for none of it."""
        now = self._source.now()
        if not self._remembered:
            await self._remember_all()
        self._drop_idle(now)
        if self._coins and now - self._named >= _NAMED:
            self._tasks.begin("names", self._look_up(now))
        if self._gone or any(_to_note(market) for market in self._markets.values()):
            self._tasks.begin("memory", self._note())
        kept = self._snapshots.kept
        for venue in {market.exchange for market in self._markets}:
            if self._pauses.under_way(venue, now):
                continue
            mine = [one for one in self._markets.values() if one.instrument.exchange == venue]
            if due := [one for one in mine if self._is_due(one, kept.get(one.instrument.key), now)]:
                self._tasks.begin(venue, self._gather_all(due))
            held = [one for one in mine if one.instrument.key in kept or self._waits(one, now)]
            if holed := [one for one in held if _is_unlooked(one, now)]:
                self._tasks.begin((venue, "past"), self._look_through(holed))
        self._ticked = now

    async def close(self) -> None:
        """Stop, and store what is collected."""
        await self._tasks.close()
        if self._remembered:
            await self._note()

    async def _remember_all(self) -> None:
        """Go on with what was collected before a restart."""
        try:
            known = await self._store.collected()
        except BotError as error:
            log.warning("collected markets not remembered", why=error)
            return
        self._remembered = True
        for one in known:
            market = self._markets.setdefault(one.instrument, _Market(one.instrument, one.asked))
            market.stored = one.asked

    async def _look_up(self, now: int) -> None:
        """Find the markets of the coins that are always collected."""
        self._named, before = now, set(self._markets)
        found: set[Instrument] = set()
        for coin in self._coins:
            try:
                found |= {*(await self._listing.find(coin, patient=True)).instruments}
            except BotError as error:
                log.warning("coin not collected", coin=coin, why=error)
        self._always = self._always | found
        for instrument in found - before:
            self._markets[instrument] = _Market(instrument, now)  # it was only we who have asked

    def _drop_idle(self, now: int) -> None:
        free = [one for one in self._markets.values() if one.instrument not in self._always]
        free.sort(key=lambda one: one.asked)
        many = max(len(self._markets) - MOST, 0)
        idle = [one for one in free if now - one.asked > self._idle]
        for market in {one.instrument: one for one in (*free[:many], *idle)}:
            log.info("market dropped", market=market.key)
            del self._markets[market]
            self._gone.append(market)
            self._snapshots.drop(market)

    async def _note(self) -> None:
        """Store which markets are collected, and when they were asked for."""
        gone = [one for one in self._gone if one not in self._markets]
        new = [one for one in self._markets.values() if _to_note(one)]
        try:
            await self._store.drop(gone)
            await self._store.adopt([Collected(one.instrument, one.asked) for one in new])
        except BotError as error:
            log.warning("collected markets not stored", why=error)
            return
        self._gone = [one for one in self._gone if one not in gone and one not in self._markets]
        for market in new:
            market.stored = market.asked

    def _is_due(self, market: _Market, kept: Kept | None, now: int) -> bool:
        """Whether a bar has closed since it was gathered; one never gathered needs its past."""
        if self._pauses.under_way(market.instrument, now):
            return False
        if kept is None:
            return market.looked is not None
        interval = kept.history.candles.interval
        return kept.gathered < (now - market.late) // interval * interval

    def _waits(self, market: _Market, now: int) -> bool:
        """Whether nobody is about to gather a market that is not held."""
        if self._pauses.under_way(market.instrument, now):
            return False
        return market.question is None or now - market.question > _QUESTION

    async def _gather_all(self, due: Sequence[_Market]) -> None:
        turn = asyncio.Semaphore(_AT_ONCE)

        async def gather(market: _Market) -> None:
            async with turn:
                venue, now = market.instrument.exchange, self._source.now()
                if market.instrument not in self._markets or self._pauses.under_way(venue, now):
                    return
                try:
                    await self._snapshots.of([market.instrument], newer=True, patient=True)
                except NothingAnswered as error:
                    self._failed(market, error.failures[0])
                else:
                    self._worked(market)

        await asyncio.gather(*map(gather, sorted(due, key=_asked_last)))

    async def _look_through(self, markets: Sequence[_Market]) -> None:
        """Fill in the past of one venue's markets, one by one, those asked for last first."""
        for market in sorted(markets, key=_asked_last):
            instrument, now = market.instrument, self._source.now()
            if self._pauses.under_way(instrument.exchange, now):
                return
            if instrument not in self._markets or self._pauses.under_way(instrument, now):
                continue
            try:
                gained = await self._backfill.fill(instrument)
            except BotError as error:
                self._failed(market, error)
                continue
            self._worked(market)
            market.looked = self._source.now()
            if gained:
                much = max(gained.get(series, 0) for series in _ESTIMATED_FROM) >= _MUCH
                self._snapshots.read_again(instrument, anew=much)

    def _worked(self, market: _Market) -> None:
        venue = market.instrument.exchange
        self._failing.pop(venue, None)
        self._pauses.over(venue)
        self._pauses.over(market.instrument)

    def _failed(self, market: _Market, error: BotError) -> None:
        """Leave a market alone for a while, and its venue if a second one of it fails, too."""
        venue, now = market.instrument.exchange, self._source.now()
        why = error.reason if isinstance(error, MarketUnavailable) else error.sentence
        self._pauses.begin(market.instrument, now, why)
        if not isinstance(error, MarketUnavailable):
            return  # it is about this market, or about our own memory
        failing = self._failing.setdefault(venue, set())
        failing.add(market.instrument)
        mine = sum(one.exchange == venue for one in self._markets)
        if len(failing) >= min(2, mine):
            self._pauses.begin(venue, now, why)


def _asked_last(market: _Market) -> int:
    return -market.asked


def _to_note(market: _Market) -> bool:
    return market.stored is None or market.asked - market.stored >= _NOTED


def _is_unlooked(market: _Market, now: int) -> bool:
    return market.looked is None or now - market.looked > _LOOK_THROUGH
