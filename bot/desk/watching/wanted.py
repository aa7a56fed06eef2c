"""Which markets are watched: found by their words, and kept current as far as nobody else does."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from bot.core.arrays import MINUTE
from bot.core.errors import BotError, UnknownSymbol, UnknownVenue
from bot.core.instruments import Coin, Instrument
from bot.core.language import Said
from bot.desk.held import coins_held
from bot.desk.markets import Found, Markets, named
from bot.desk.snapshot import Kept, Snapshots
from bot.desk.tasks import Tasks
from bot.ports import MarketSource

log = structlog.get_logger()

_FOUND = 30 * MINUTE  # [ms] between looks which markets a word means; so often they are asked for
_AGAIN = 5 * MINUTE  # [ms] before a market that could not be had is tried again
_AT_ONCE = 4  # markets gathered side by side
# Until all its venues are held a coin is not judged, but not for longer than so [ms]: after a
# start nothing is known for a while, and what one venue of many tells is not what all tell.
_COMING = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Row:
    """A market as watches name it: a coin on all venues, or on some."""

    coin: str  # as typed, "BTC"; where all markets are watched a coin's own name
    venues: tuple[str, ...] = ()
    followed: bool = False  # watched because it is held, and not by its name


@dataclass(slots=True)
class _Place:
    """What is known of a row's markets."""

    found: Found | None = None
    error: str | Said = ""  # a sentence: there is no such market
    looked: int | None = None  # [ms] when it was last looked for
    since: int | None = None  # [ms] when it was first wanted


class Wanted:
    """Finds the markets of rows, and has them kept current; owns its tasks."""

    def __init__(
        self,
        source: MarketSource,
        markets: Markets,
        snapshots: Snapshots,
        *,
        collected: bool,
        interval: int,
    ) -> None:
        """Where markets are `collected` others keep them current once they have been asked for."""
        self._source = source
        self._markets = markets
        self._snapshots = snapshots
        self._collected = collected
        self._interval = interval
        self._places: dict[Row, _Place] = {}
        self._tried: dict[Instrument, int] = {}  # [ms]
        self._tasks = Tasks()
        self._room = asyncio.Semaphore(_AT_ONCE)

    def want(self, rows: Iterable[Row]) -> None:
        """Say which rows are wanted from now on."""
        self._places = {row: self._places.get(row) or _Place() for row in rows}

    def followed(self, venues: Sequence[str]) -> Mapping[str, Found]:
        """Return the coins that are held, of all venues or of some, by their names."""
        held = self._snapshots.kept
        known = sorted({each.history.instrument.exchange for each in held.values()})
        meant = [_named(venue, known) for venue in venues]
        return {Coin.of(found.base).name: found for found, _ in coins_held(held.values(), meant)}

    def found(self, row: Row) -> Found | None:
        """Return a row's markets, as far as they are known."""
        place = self._places.get(row)
        return None if place is None else place.found

    def error(self, row: Row) -> str | Said:
        """Say why there is no such market; empty if there may be."""
        return self._places[row].error

    def ready(self, row: Row, now: int) -> bool:
        """Say whether a row can be judged, or should be after so long."""
        place = self._places[row]
        if place.error:
            return True
        held = self._snapshots.kept
        items = () if place.found is None else place.found.instruments
        if items and all(each.key in held for each in items):
            return True
        coming = max(_COMING, 2 * self._interval)
        return place.since is not None and not 0 <= now - place.since < coming

    def held(self, row: Row) -> tuple[Kept, ...]:
        """Return what is held of a row's markets."""
        found, held = self.found(row), self._snapshots.kept
        items = () if found is None else found.instruments
        return tuple(held[each.key] for each in items if each.key in held)

    async def refresh(self, now: int, patience: float) -> None:
        """Begin to bring all rows up to date; where nobody else does, wait for it a little [s]."""
        venues = {row.venues for row in self._places if row.followed}
        follow = {each: self.followed(each) for each in venues}
        unknown = []
        for row, place in self._places.items():
            if place.since is None or place.since > now:
                place.since = now
            if row.followed:
                place.found = follow[row.venues].get(row.coin) or place.found
            elif place.looked is None or not 0 <= now - place.looked < _FOUND:
                unknown.append(row)
        if unknown:
            self._tasks.begin("names", self._find(unknown))
        due = [each for each in self._instruments() if self._is_due(each, now)]
        if due:
            self._tasks.begin("markets", self._gather(due, now))
        if not self._collected:
            await self._tasks.settled("markets", patience)

    async def close(self) -> None:
        """Stop."""
        await self._tasks.close()

    def _instruments(self) -> list[Instrument]:
        found = (place.found for place in self._places.values())
        return [*dict.fromkeys(item for each in found if each for item in each.instruments)]

    def _is_due(self, instrument: Instrument, now: int) -> bool:
        """Whether a market is to be gathered here: it is not held, or nobody else does it."""
        kept = self._snapshots.kept.get(instrument.key)
        tried = self._tried.get(instrument)
        if kept is None:
            return tried is None or not 0 <= now - tried < _AGAIN
        return not self._collected and not 0 <= now - kept.gathered < self._interval

    async def _gather(self, due: Sequence[Instrument], now: int) -> None:
        """Bring markets up to date, a few at a time."""

        async def gather(instrument: Instrument) -> None:
            async with self._room:
                self._tried[instrument] = now
                try:
                    await self._snapshots.of([instrument], newer=True, patient=True)
                except BotError as error:
                    log.info("watched market not had", market=instrument.key, why=error)

        await asyncio.gather(*map(gather, due))

    async def _find(self, rows: Sequence[Row]) -> None:
        """Look up what rows mean; with it their markets are asked for."""
        for row in rows:
            place = self._places.get(row)
            if place is None:
                continue  # nobody watches it any more
            try:
                found = await self._markets.find(row.coin, row.venues)
            except (UnknownSymbol, UnknownVenue) as error:
                # Where a venue does not answer, it may be that one which lists the coin.
                if not self._source.failures():
                    place.error, place.looked = _sentence(error), self._source.now()
            except BotError as error:
                log.info("watched market not found", coin=row.coin, why=error)
            else:
                place.found, place.error = found, ""
                # Some venues of it have not answered: they are asked again soon.
                place.looked = (
                    None if found.failures and not found.instruments else (self._source.now())
                )


def _sentence(error: BotError) -> str | Said:
    """Return what an error says, to be said in the language of each chat that is told of it."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Said) else str(error)


def _named(venue: str, known: Sequence[str]) -> str:
    try:
        return named(venue, known) if known else venue
    except UnknownVenue:
        return venue
