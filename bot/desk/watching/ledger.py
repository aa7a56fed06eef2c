"""How a watch has done: its ledger, beside random times of the markets that are held."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from bot.core.errors import BotError
from bot.core.evidence.base import Followed, Paired
from bot.core.evidence.occurrences import candles_of
from bot.core.market.series import Candles
from bot.core.watches.ledger import Entry, Told
from bot.core.watches.record import beside, random_times, record
from bot.desk.signals import known
from bot.desk.watching import ledger_words
from bot.desk.watching.parts import Parts, watch_of
from bot.watching import KeptWatch


async def lines(parts: Parts, kept: KeptWatch) -> tuple[str, ...]:
    """Say what became of a watch's episodes. StoreUnavailable."""
    if parts.store is None:
        return ()
    ledger = await parts.store.ledger(kept.id)
    return ledger_words.lines(ledger, await _random(parts, kept, ledger))


async def _random(parts: Parts, kept: KeptWatch, ledger: Sequence[Told]) -> Followed | None:
    """Say what followed beside random times; None where there are too few to say."""
    found = record(ledger)
    if not found.enough:
        return None
    coins: dict[str, list[Entry]] = defaultdict(list)
    for each in ledger:
        coins[each.entry.market].append(each.entry)
    watch = watch_of(kept)
    venues = () if watch is None else watch.venues
    markets = [
        (candles, coins[name])
        for name in coins
        if (candles := await _candles(parts, name, venues)) is not None
    ]

    def work() -> Followed | None:
        pairs = (beside(candles, some, headed=found.headed) for candles, some in markets)
        told: list[Paired] = [each for each in pairs if each is not None]
        return random_times(told)

    return await asyncio.to_thread(work)


async def _candles(parts: Parts, name: str, venues: Sequence[str]) -> Candles | None:
    """Return a coin's candles as far as they are held; None if it is not."""
    try:
        found = await parts.markets.find(name, venues)
    except BotError:
        return None
    snapshot = parts.snapshot(found)
    if snapshot is None:
        return None
    return candles_of([known(each, found.base) for each in snapshot.kept])
