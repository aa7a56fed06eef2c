"""Which language somebody is answered in: what the chat chose, or what his phone speaks."""

import time
from collections import OrderedDict
from collections.abc import Callable

import structlog

from bot import languages
from bot.core.errors import BotError
from bot.core.language import ENGLISH, Tongue
from bot.desk.requests import Asker
from bot.watching import WatchStore

log = structlog.get_logger()

_LASTS = 30.0  # [s] that a choice is believed: another process may have changed it
_MOST = 10_000  # chats


class Speech:
    """Knows each chat's language; asked with every question, so choices are kept for a while."""

    def __init__(
        self,
        watches: WatchStore | None,
        usual: str = ENGLISH.code,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without `watches` nothing is ever chosen; `usual` is spoken where nothing says more."""
        self._watches = watches
        self._usual = usual
        self._clock = clock
        self._chosen: OrderedDict[str, tuple[str | None, float]] = OrderedDict()

    async def of(self, asker: Asker) -> Tongue:
        """Return the language for one answer; a chat of many is not turned by one of them."""
        own = None if asker.shared else languages.known(asker.language)
        return languages.tongue(await self.chosen(asker.chat) or own or self._usual)

    async def chosen(self, chat: str) -> str | None:
        """Return what a chat has chosen, None if nothing; it never fails."""
        kept = self._chosen.get(chat)
        if kept is not None and self._clock() < kept[1]:
            return kept[0]
        chosen = None
        if self._watches is not None:
            try:
                manners = (await self._watches.manners([chat])).get(chat)
                chosen = languages.known(manners.language) if manners else None
            except BotError as error:
                log.warning("language not read", chat=chat, why=error)
        self._chosen[chat] = (chosen, self._clock() + _LASTS)
        self._chosen.move_to_end(chat)
        while len(self._chosen) > _MOST:
            self._chosen.popitem(last=False)
        return chosen

    def changed(self, chat: str) -> None:
        """Look again: a chat has chosen."""
        self._chosen.pop(chat, None)
