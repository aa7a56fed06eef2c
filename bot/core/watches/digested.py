"""A coin's day in a few figures, for a summary of what is watched."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY
from bot.core.evidence.occurrences import candles_of
from bot.core.language import Said
from bot.core.market.history import MarketHistory
from bot.core.signals.episode import Episode
from bot.core.signals.read import Signals
from bot.core.signals.regime_reading import Reading
from bot.core.watches.followed import Liquidated, liquidated
from bot.core.watches.ledger import Told


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest position that was liquidated."""

    base: str
    exchange: str
    side: int  # +1 a long, -1 a short
    price: float  # [quote/base]
    usd: float


@dataclass(frozen=True, slots=True)
class CoinDay:
    """One coin as it stands, and its last day."""

    base: str
    as_of: int  # [ms] UTC
    price: float  # [quote/base]
    move: float | None  # [signed fraction] in a day; None: no price of a day ago is known
    regime: Reading | None
    current: tuple[Episode, ...]  # setups under way
    liquidated: Liquidated | None  # within a day; None: nobody listened
    largest: Largest | None
    grade: str | Said


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the watches of a chat have said in a stretch of time."""

    told: int  # episodes
    useful: int  # of these, those that more people called useful than not
    judged: int  # of these, those that somebody said anything of
    held: Mapping[str, int]  # what was held back, by reason


def coin_day(
    base: str,
    signals: Signals,
    current: Sequence[Episode],
    histories: Sequence[MarketHistory],
    grade: str | Said,
) -> CoinDay:
    """Sum up the day before a coin's newest bar; histories are counted as `base` counts."""
    now = signals.time
    candles = candles_of(histories)
    before = candles.closed(now - DAY)
    near = len(before) and now - DAY - int(before.close_time[-1]) < candles.interval
    move = signals.price / float(before.close[-1]) - 1 if near else None
    return CoinDay(
        base,
        now,
        signals.price,
        move,
        signals.regime,
        tuple(current),
        liquidated(histories, now - DAY, now),
        largest(base, histories, now - DAY, now),
        grade,
    )


def largest(base: str, histories: Iterable[MarketHistory], start: int, end: int) -> Largest | None:
    """Return the largest single liquidation after `start` until `end` [ms], if any was told."""
    found: list[Largest] = []
    for history in histories:
        events = history.liquidations
        if events is None:
            continue
        first, last = np.searchsorted(events.time, [start, end], side="right").tolist()
        if first < last:
            at = first + int(np.argmax(events.value[first:last]))
            side, price, usd = (column[at] for column in (events.side, events.price, events.value))
            exchange = history.instrument.exchange
            found.append(Largest(base, exchange, int(side), float(price), float(usd)))
    return max(found, key=lambda one: one.usd, default=None)


def spoken(ledger: Iterable[Told], start: int, end: int) -> Spoken:
    """Count what watches told and held back after `start` until `end` [ms]."""
    told = useful = judged = 0
    held: dict[str, int] = {}
    for each in ledger:
        entry = each.entry
        if not start < (entry.began if entry.told is None else entry.told) <= end:
            continue
        if entry.told is None:
            if entry.held:
                held[entry.held] = held.get(entry.held, 0) + 1
            continue
        told += 1
        judged += bool(each.useful or each.useless)
        useful += each.useful > each.useless
    return Spoken(told, useful, judged, held)
