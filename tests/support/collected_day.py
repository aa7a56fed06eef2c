"""What a long run of collecting has come to: what was told, what is stored, what it took."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bot.core.arrays import DAY, HOUR
from bot.core.instruments import Instrument
from bot.core.market.gaps import gaps
from bot.core.market.heard import Heard
from bot.core.market.liquidations import Liquidations
from storage.memory import Memory

# BitMEX tells no time: what it tells happened when it was heard.
UNTIMED = {"bitmex"}


class Event(NamedTuple):
    """A liquidation; equal ones are the same, for prices are told in a grid, and by few at a time.

    Quantities have gone through the venue's contracts and back, and are compared to nine digits.
    """

    time: int  # [ms]; 0 if the venue does not tell
    side: int
    price: float
    quantity: float  # [base]


def event(market: Instrument, time: int, side: int, price: float, quantity: float) -> Event:
    """Make the event of a market by which what was told and what is stored are compared."""
    return Event(0 if market.exchange in UNTIMED else time, side, price, float(f"{quantity:.9g}"))


class Told:
    """What a venue has told of a market; in a file, for it is our own memory that is measured."""

    _ROW = struct.Struct("dddd")

    def __init__(self, file: Path) -> None:
        self._file = file
        self._count = 0
        self._read: bytes | None = None

    def add(self, time: int, side: int, price: float, quantity: float) -> None:
        """Note one event."""
        with self._file.open("ab") as file:
            file.write(self._ROW.pack(time, side, price, quantity))
        self._count += 1

    def read(self) -> None:
        """Read the file, once nothing is measured any more."""
        self._read = self._file.read_bytes() if self._count else b""

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[int, int, float, float]]:
        assert self._read is not None, "the file has not been read"
        for time, side, price, quantity in self._ROW.iter_unpack(self._read):
            yield int(time), int(side), price, quantity


@dataclass(slots=True)
class Market:
    """One market's day."""

    instrument: Instrument
    folder: Path
    told: Told = field(init=False)
    stored: list[tuple[int, Event]] = field(default_factory=list)  # with its time as stored [ms]
    heard: Heard = field(default_factory=Heard)  # as stored
    hours: float = 0.0  # of candles stored, of the day

    def __post_init__(self) -> None:
        name = self.instrument.key.replace("/", "-").replace(":", "-")
        self.told = Told(self.folder / f"{name}.told")

    def _missing(self) -> Iterator[int]:
        """When those were told [ms] that are not stored."""
        stored = {one for _, one in self.stored}
        for told in self.told:
            if event(self.instrument, *told) not in stored:
                yield told[0]

    @property
    def lost(self) -> int:
        """How many of what was told while the market was heard are not stored."""
        return sum(self.heard.covers(at, at) for at in self._missing())

    @property
    def deaf(self) -> int:
        """How many, since it was first heard, were told to a line that was broken just then."""
        first = self.heard.spans[0][0] if self.heard.spans else 0
        return sum(at >= first and not self.heard.covers(at, at) for at in self._missing())

    def made_up(self, late: int) -> int:
        """How many are stored that were not told, or twice, or `late` [ms] and more after it."""
        told = {event(self.instrument, *one): one[0] for one in self.told}
        right = {one for at, one in self.stored if one in told and 0 <= at - told[one] < late}
        return len(self.stored) - len(right)


@dataclass(slots=True)
class Day:
    """What happened, as the far end knows it and as it was stored."""

    late: int  # [ms] within which an event that bears no time is heard
    markets: dict[Instrument, Market]
    holes: list[str] = field(default_factory=list)  # in candles
    # [ms], [MB] of the process every two hours since the restart
    memory: list[tuple[int, float]] = field(default_factory=list)
    tasks: set[str] = field(default_factory=set)  # left over at the end, by name
    hours: float = 0.0  # of the market's time
    faults: int = 0

    @property
    def telling(self) -> list[Instrument]:
        """The markets of which liquidations were told."""
        return [instrument for instrument, market in self.markets.items() if len(market.told)]

    @property
    def events(self) -> int:
        """How many liquidations the venues told."""
        return sum(len(market.told) for market in self.markets.values())

    @property
    def wrong(self) -> dict[str, tuple[int, int]]:
        """How many are lost and made up, of each market of which any is."""
        found = {
            one.instrument.key: (one.lost, one.made_up(self.late)) for one in self.markets.values()
        }
        return {key: counts for key, counts in found.items() if any(counts)}

    def growth(self, over: int) -> float:
        """How much larger the process was at the end than so long [ms] before it [MB].

        By the medians of a sixth of what was noted, for more or less is under way at a time.
        """
        few = len(self.memory) // 6 + 1
        before = self.memory[-1][0] - over
        early = [size for at, size in self.memory if at <= before][-few:]
        return median(size for _, size in self.memory[-few:]) - median(early)

    async def compare(self, memory: Memory, start: int) -> None:
        """Read what is stored of all markets since `start` [ms]."""
        for instrument, market in self.markets.items():
            market.told.read()
            found = await memory.history.load(instrument, start - DAY)
            if found is None:
                continue
            candles = found.candles
            market.hours = len(candles.since(start)) * candles.interval / HOUR
            self.holes += [str(gap) for gap in gaps(found) if gap.series == "candles"]
            if found.liquidations is not None:
                market.heard = found.heard or Heard()
                market.stored = [*_events(instrument, found.liquidations)]


def _events(market: Instrument, events: Liquidations) -> Iterator[tuple[int, Event]]:
    columns: Iterable[list[float]] = (
        column.tolist() for column in (events.time, events.side, events.price, events.quantity)
    )
    for time, side, price, quantity in zip(*columns, strict=True):
        yield int(time), event(market, int(time), int(side), price, quantity)
