"""What is known of the markets that are watched, gathered for all watches at once."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import structlog
from numpy.typing import NDArray

from bot.core.errors import BotError
from bot.core.instruments import Coin, Instrument
from bot.core.language import Said
from bot.core.market.summary import Summary
from bot.core.signals.episode import Kind
from bot.core.watches.columns import Columns, Key
from bot.core.watches.tree import Sign, Signal
from bot.desk.cascades import CascadeDesk
from bot.desk.overview import Overview
from bot.desk.signals import Seeing, SignalDesk
from bot.desk.snapshot import Snapshot
from bot.desk.tapes import Tapes
from bot.desk.tasks import Tasks
from bot.desk.watching.gather import PRICE, Judged, Maps, Part, Tape, gathered
from bot.desk.watching.wanted import Row, Wanted
from bot.ports import MarketSource

log = structlog.get_logger()

Keys: TypeAlias = Mapping[Row, frozenset[Key]]  # the figures that are needed of each row

_PATIENCE = 2.0  # [s] a tick waits for what is newer
_GATHERED = 10.0  # [s] the same where nobody else keeps markets current, and time may run
_PRICES = 30.0  # [s] an overview of prices serves so long


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """All that watches are judged by at one time; N rows."""

    now: int  # [ms] UTC
    rows: tuple[Row, ...]
    columns: Columns
    ready: NDArray[np.bool_]  # shape (N,); the others are not judged yet
    errors: tuple[str | Said, ...]  # a sentence where there is no such market
    ways: tuple[str, ...]  # where a cascade that is under way is headed: "up", "down"
    places: dict[Row, int] = field(init=False)  # where each row stands
    failing: NDArray[np.bool_] = field(init=False)  # where there is an error, shape (N,)

    def __post_init__(self) -> None:
        places = {row: place for place, row in enumerate(self.rows)}
        object.__setattr__(self, "places", places)
        failing = np.array([bool(each) for each in self.errors], dtype=np.bool_)
        object.__setattr__(self, "failing", failing)

    def price(self, row: int) -> float | None:
        """Return the newest price of a row [quote/base]; None if it is not known."""
        found = float(self.columns.values(PRICE)[row])
        return None if np.isnan(found) else found


class Rows:
    """Gathers what is known of all rows; never waits long for anything newer."""

    def __init__(
        self,
        source: MarketSource,
        wanted: Wanted,
        signals: SignalDesk,
        tapes: Tapes,
        cascades: CascadeDesk | None = None,
        overview: Overview | None = None,
    ) -> None:
        """With an overview prices are known between two bars, too."""
        self._source = source
        self._wanted = wanted
        self._signals = signals
        self._tapes = tapes
        self._cascades = cascades
        self._overview = overview
        self._keys: dict[Row, frozenset[Key]] = {}
        self._seeings: dict[Row, Seeing] = {}
        self._maps = Maps()
        self._tasks = Tasks()

    def want(self, keys: Keys) -> None:
        """Say which rows are wanted from now on, and the figures of each."""
        self._keys = dict(keys)
        self._seeings = {row: each for row, each in self._seeings.items() if row in keys}
        self._wanted.want(keys)

    async def refresh(self, now: int) -> None:
        """Begin to bring everything up to date."""
        await self._wanted.refresh(now, _GATHERED)
        self._tasks.begin("signals", self._read())

    async def view(self, now: int, rows: Sequence[Row] | None = None) -> View:
        """Gather what is known of all rows, or of some, at `now` [ms]."""
        chosen = tuple(self._keys if rows is None else rows)
        told: Mapping[Instrument, Summary] = {}
        if self._overview is not None and chosen:
            told = await self._overview.within(_PATIENCE, _PRICES)
        chosen = tuple(row for row in chosen if row in self._keys)  # others are wanted by now
        parts = [self._part(row, now, told) for row in chosen]
        ready = np.array([self._wanted.ready(row, now) for row in chosen], dtype=np.bool_)
        errors = tuple(map(self._wanted.error, chosen))
        columns = await asyncio.to_thread(gathered, parts, self._maps)
        return View(now, chosen, columns, ready, errors, tuple(map(_way, parts)))

    async def close(self) -> None:
        """Stop reading and gathering."""
        await self._tasks.close()
        await self._wanted.close()

    def _part(self, row: Row, now: int, told: Mapping[Instrument, Summary]) -> Part:
        """Put together what is held of a row; it is worked out elsewhere."""
        found, keys = self._wanted.found(row), self._keys[row]
        kept = self._wanted.held(row)
        items = [each.history.instrument for each in kept]
        at = min([now, *(self._source.now(item) for item in items)])
        tapes = {item: Tape(self._tapes.pieces(item), self._tapes.heard(item)) for item in items}
        prices = {item: (told[item].time, told[item].price) for item in items if item in told}
        base = row.coin if found is None else found.base
        signals, cascades = self._judged(row), self._cascading(row, base, now)
        return Part(base, kept, keys, at, tapes, prices, signals, cascades or signals)

    def _judged(self, row: Row) -> Judged | None:
        seeing = self._seeings.get(row)
        return None if seeing is None else Judged(seeing.signals.current, seeing.signals.time)

    def _cascading(self, row: Row, base: str, now: int) -> Judged | None:
        """Return the cascades of a coin as they are followed live; None where they are not."""
        if self._cascades is None or row.venues:
            return None
        items = self._cascades.markets(base)
        if not items:
            return None
        ends = [self._tapes.heard(each).spans[-1:] for each in items]
        heard = max((end for spans in ends for _, end in spans), default=0)
        going = [one.episode for one in self._cascades.under_way(Coin.of(base).name)]
        return Judged(tuple(going), min(heard, now))

    async def _read(self) -> None:
        """Read the signals of coins of which something newer is held, one after another."""
        for row in [row for row, keys in self._keys.items() if self._reads(row, keys)]:
            kept, found = self._wanted.held(row), self._wanted.found(row)
            if not kept or found is None:
                continue
            newest = max(each.gathered for each in kept)
            before = self._seeings.get(row)
            if before is not None and before.snapshot.now >= newest:
                continue
            try:
                seeing = await self._signals.read(found, Snapshot(kept, (), newest))
            except BotError as error:
                log.info("signals of a watched coin not read", coin=row.coin, why=error)
            except Exception:
                log.exception("signals of a watched coin not read", coin=row.coin)
            else:
                self._seeings[row] = seeing
            await asyncio.sleep(0)

    def _reads(self, row: Row, keys: Iterable[Key]) -> bool:
        """Whether a row's figures need more than the cascades that are followed anyway."""
        signals = [key for key in keys if isinstance(key, Signal)]
        live = self._cascades is not None and not row.venues
        return any(key.sign is not Sign.CASCADE or not live for key in signals)


def _way(part: Part) -> str:
    episodes = () if part.cascades is None else part.cascades.episodes
    return next((each.way.value for each in episodes if each.kind is Kind.CASCADE), "")
