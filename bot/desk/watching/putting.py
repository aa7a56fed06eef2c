"""What ticks have made of watches, put into the outbox; what cannot be kept now is put later."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import replace

import structlog

from bot.core.errors import StoreUnavailable
from bot.delivery.outbox import Outbox
from bot.messages import Alert, Judged

log = structlog.get_logger()


class Putting:
    """Puts states and alerts; remembers what memory could not take, so that nothing is lost."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._waiting: dict[str, Judged] = {}
        self._turn = asyncio.Lock()  # what one has put another does not put again

    @property
    def waiting(self) -> int:
        """How many watches have something that is not kept yet."""
        return len(self._waiting)

    def waits(self, watch: str) -> bool:
        """Whether something of a watch is not kept yet."""
        return watch in self._waiting

    def only(self, watches: Collection[str]) -> None:
        """Forget what waits of watches that are no more."""
        self._waiting = {name: one for name, one in self._waiting.items() if name in watches}

    async def put(self, judged: Iterable[Judged]) -> frozenset[str]:
        """Keep what is new; returns the watches that somebody else has judged at that tick.

        With it goes what could not be kept before. While memory cannot be used it all waits.
        """
        for each in judged:
            earlier = self._waiting.get(each.watch)
            self._waiting[each.watch] = each if earlier is None else then(earlier, each)
        async with self._turn:
            trying = list(self._waiting.values())
            if not trying:
                return frozenset()
            try:
                new = await self._outbox.put(trying)
            except StoreUnavailable as error:
                log.warning("watches not kept yet", many=len(trying), why=error)
                return frozenset()
            for each in trying:
                if self._waiting.get(each.watch) is each:
                    del self._waiting[each.watch]
        return frozenset(each.watch for each in trying) - new


def then(earlier: Judged, later: Judged) -> Judged:
    """Return what two ticks made of a watch as if one had made it."""
    alerts = {each.episode: each for each in earlier.alerts}
    for each in later.alerts:
        alerts[each.episode] = _instead(alerts.get(each.episode), each)
    entries = (*earlier.entries, *later.entries)
    return replace(later, alerts=tuple(alerts.values()), entries=entries)


def _instead(earlier: Alert | None, later: Alert) -> Alert:
    if earlier is None:
        return later
    began = earlier.began if later.began is None else later.began
    return replace(later, began=began, urgency=min(earlier.urgency, later.urgency))
