"""A coin's past for previews: read as fully as a watch asks for, and no further.

Signals and maps of a coin that nobody has asked for take long to read; price, funding and open
interest are there as soon as its history is.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.errors import NotEnoughData, NothingAnswered
from bot.core.language import mark, say
from bot.core.market.history import MarketHistory
from bot.core.watches.columns import Columns, keys_of, needed
from bot.core.watches.figures import Measure
from bot.core.watches.margin import kept
from bot.core.watches.past_columns import past, past_times
from bot.core.watches.tree import Clause, Condition, Digest, HeatmapEvery, Signal, Watch, leaves
from bot.desk.markets import Markets
from bot.desk.signals import Seeing, SignalDesk, known
from bot.desk.snapshot import Snapshots
from bot.desk.watching.past import PAST, past_columns

_OF_MAP = {Measure.CLUSTER, Measure.NEAREST, Measure.DISTANCE, Measure.DELTA}
_GATHERED = mark("History of {coin} is being gathered; what it would have done is said after that.")
_NOT_NOW = mark("What it would have done cannot be said now. {why}")


@dataclass(frozen=True, slots=True)
class CoinPast:
    """A coin with what is held of its past."""

    base: str
    asked: tuple[str, ...]  # venues
    histories: tuple[MarketHistory, ...]  # counted as the coin is, none of their candles forming
    until: int  # [ms] UTC
    price: float  # [quote/base] then
    simulated: bool
    seeing: Seeing | None = None  # its signals and maps, where they were asked for

    def columns(self, watch: Watch) -> Columns:
        """Gather what a watch would have been judged by; takes a thread's time."""
        if self.seeing is not None:
            return past_columns(watch, self.seeing)
        keys = needed(_conditions(watch))
        at = past_times(self.histories, self.until - PAST, self.until)
        return past(keys, self.histories, (), (), {}, at)


@dataclass(frozen=True, slots=True)
class Unread:
    """Why nothing can be said of a past, in words."""

    why: str
    gathering: bool = False  # it is on its way


class Pasts:
    """Reads the pasts of coins."""

    def __init__(self, markets: Markets, signals: SignalDesk, snapshots: Snapshots) -> None:
        self._markets = markets
        self._signals = signals
        self._snapshots = snapshots

    async def of(
        self, coin: str, venues: Sequence[str], watch: Watch | None, patience: float
    ) -> CoinPast | Unread:
        """Read a coin as a watch asks, within so many seconds. UnknownSymbol, UnknownVenue."""
        found = await self._markets.find(coin, venues)
        try:
            async with asyncio.timeout(patience):
                if watch is not None and _of_signals(watch):
                    return _seen(await self._signals.of(found))
                snapshot = await self._snapshots.of(found.instruments, patient=True)
        except TimeoutError:
            return Unread(say(_GATHERED, coin=found.base), gathering=True)
        except (NothingAnswered, NotEnoughData) as error:
            return Unread(say(_NOT_NOW, why=error))
        histories = tuple(
            history for one in snapshot.kept if len((history := known(one, found.base)).candles)
        )
        if not histories:
            return Unread(_nothing(found.base))
        newest = max(histories, key=lambda each: int(each.candles.close_time[-1]))
        return CoinPast(
            found.base,
            found.asked,
            histories,
            int(newest.candles.close_time[-1]),
            float(newest.candles.close[-1]),
            any(each.simulated for each in histories),
        )


def _nothing(coin: str) -> str:
    return say(_NOT_NOW, why=say("No closed candle of {coin} is known.", coin=coin))


def _seen(seeing: Seeing) -> CoinPast:
    return CoinPast(
        seeing.base,
        seeing.asked,
        seeing.histories,
        seeing.signals.time,
        seeing.signals.price,
        seeing.simulated,
        seeing,
    )


def _conditions(watch: Watch) -> list[Condition]:
    """Return what a watch begins and goes on by."""
    if isinstance(watch.what, Digest | HeatmapEvery):
        raise ValueError("a schedule has nothing to be previewed")  # noqa: TRY004 - of its kind
    return [watch.what, kept(watch.what, watch.options)]


def _of_signals(watch: Watch) -> bool:
    """Say whether a watch asks for what only maps and signals tell."""
    return any(
        isinstance(key, Signal) or key.measure in _OF_MAP
        for condition in _conditions(watch)
        for leaf in leaves(condition)
        for key in (keys_of(leaf) if not isinstance(leaf, Clause) else (leaf.figure,))
    )
