"""Evidence of whole histories: gone through once, remembered, and not gone through again."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from bot.core.arrays import DAY, HOUR
from bot.core.evidence.occurrences import (
    Occurrence,
    candles_of,
    market_name,
    model,
    occurrences,
    settled,
)
from bot.core.market.history import MarketHistory
from bot.core.market.scale import scale, scaled
from bot.core.market.series import Candles
from bot.core.signals.density import QUARTER
from bot.core.signals.events import Look
from bot.core.signals.weeks import Week, begun, by_weeks, weeks
from bot.desk.noted import LATE, covering, remembered
from bot.ports import EpisodeStore, GoneThrough


@dataclass(frozen=True, slots=True)
class Built:
    """A market's past, gone through."""

    market: str  # an instrument's key, or keys joined by " + "
    days: float  # of history
    found: tuple[Occurrence, ...]  # all that began in it, oldest first
    simulated: bool
    before: bool  # whether it had been gone through already, and was only read back
    lacks: tuple[str, ...]  # what is not in its data, and what cannot be seen without it
    candles: Candles  # by which it is said what followed


async def built(
    histories: Sequence[MarketHistory],
    store: EpisodeStore | None,
    tick: Callable[[], object] = lambda: None,
) -> Built:
    """Find the episodes of a coin's markets, one or several venues, and what followed them.

    The coin is counted as where it is traded most, as `Markets.find` does. None of the candles may
    be forming. What is real goes into the store in one piece, so that a build that is cut off goes
    on with the market it was at; what is simulated never does. `tick` is called once for each of
    `hours`. StoreUnavailable.
    """
    base = max(histories, key=_turnover).instrument.base
    histories = [scaled(each, scale(each.instrument.base, base)) for each in histories]
    market = market_name(base, [each.instrument for each in histories])
    since, until = _span(histories)
    simulated = any(history.simulated for history in histories)
    days = (until - since) / DAY
    lacks, candles = tuple(_lacks(histories)), candles_of(histories)
    if store is None or simulated:
        found, _ = await asyncio.to_thread(_gone_through, market, histories, tick)
        return Built(market, days, found, simulated, before=False, lacks=lacks, candles=candles)
    data = await asyncio.to_thread(_fingerprint, histories)
    known, gone = await remembered(store, market)
    if any(each.data == data for each in gone):
        within = tuple(each for each in known if since <= each.episode.began <= until)
        return Built(market, days, within, simulated, before=True, lacks=lacks, candles=candles)
    found, looks = await asyncio.to_thread(_gone_through, market, histories, tick)
    await store.keep_looks(market, model(), [each for each in looks if each.time > until - QUARTER])
    went = covering(GoneThrough(market, model(), since, until - LATE, data), gone)
    found = _better(known, found, gone, weeks(begun(histories), until)[0])
    await store.keep(went, found, instead=(since, until))
    return Built(market, days, found, simulated, before=False, lacks=lacks, candles=candles)


def _better(
    known: Sequence[Occurrence],
    found: tuple[Occurrence, ...],
    gone: Sequence[GoneThrough],
    early: Week,
) -> tuple[Occurrence, ...]:
    """Leave what a history that began before told of the weeks that are early in this one."""
    elder = [each.until for each in gone if each.since < early.since <= each.until]
    if not elder:
        return found
    until = min(max(elder), early.until - 1)
    stays = [each for each in known if early.since <= each.episode.began <= until]
    new = [each for each in found if each.episode.began > until]
    return tuple(sorted([*stays, *new], key=lambda each: (each.episode.began, each.name)))


def hours(histories: Sequence[MarketHistory]) -> int:
    """About how many hours of maps there are to walk through, each week by its own walk."""
    held = [each for each in histories if len(each.candles)]
    since, until = _span(held)
    walks = weeks(begun(held), until) if held else ()
    return sum(
        max(min(week.until, until) - max(week.anchor, since), 0) // HOUR * len(held)
        for week in walks
    )


def _gone_through(
    market: str, histories: Sequence[MarketHistory], tick: Callable[[], object]
) -> tuple[tuple[Occurrence, ...], list[Look]]:
    """Walk through histories, each week by its own walk, in a thread."""
    looks: dict[int, Look] = {}

    def seen(week: Week, look: Look) -> None:
        if week.since <= look.time < week.until:
            looks[look.time] = look

    read = by_weeks(market, histories, seen=seen, tick=tick)
    found = occurrences(read.told) if read is not None else ()
    return settled(candles_of(histories), found), [looks[time] for time in sorted(looks)]


def _lacks(histories: Sequence[MarketHistory]) -> Iterator[str]:
    """Say what no venue of a past tells, and which episodes need it."""
    if all(each.funding is None for each in histories):
        yield "without funding no regime can be seen"
    if all(each.open_interest is None for each in histories):
        yield "without open interest no regime can be seen"
    if all(each.liquidations is None for each in histories):
        yield "without single liquidations no cascade can be seen"


def _turnover(history: MarketHistory) -> float:
    """What was traded in all [quote]; it does not depend on how the coin is counted."""
    return float((history.candles.volume * history.candles.close).sum())


def _span(histories: Sequence[MarketHistory]) -> tuple[int, int]:
    """From when and until when there are candles [ms]."""
    candles = [each.candles for each in histories if len(each.candles)]
    since = min((int(each.open_time[0]) for each in candles), default=0)
    return since, max((int(each.close_time[-1]) for each in candles), default=0)


def _fingerprint(histories: Sequence[MarketHistory]) -> str:
    """Name all the data that episodes are found in."""
    digest = hashlib.blake2b(digest_size=12)
    for history in histories:
        digest.update(history.fingerprint().encode())
        totals = history.liquidation_totals
        for field in fields(totals) if totals is not None else ():
            digest.update(np.ascontiguousarray(getattr(totals, field.name)).data)
    return digest.hexdigest()
