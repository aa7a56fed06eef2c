"""The answer that Telegram wants for each press of a button."""

import asyncio
from types import TracebackType
from typing import Self

import structlog
from telegram import CallbackQuery
from telegram.error import TelegramError

from bot.chats.telegram import wire

log = structlog.stdlib.get_logger(__name__)

# Telegram forgets a press after some 15 s; until it is answered the button shows a wait [s].
_PATIENCE = 8.0


class Press:
    """Answers a press once, in time, whatever happens inside the `async with`."""

    def __init__(self, query: CallbackQuery) -> None:
        self._query = query
        self._answered = False
        self._timer: asyncio.TimerHandle | None = None
        self._in_time: asyncio.Task[bool] | None = None

    async def __aenter__(self) -> Self:
        self._timer = asyncio.get_running_loop().call_later(_PATIENCE, self._hurry)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._in_time is not None:
            await self._in_time
        await self.answer()

    async def answer(self, text: str = "", *, alert: bool = False) -> bool:
        """Answer, perhaps with a note (or an alert) of up to 200 characters.

        Returns False if the press had been answered before, or the note cannot be shown.
        """
        if self._answered:
            return False
        self._answered = True
        try:
            await wire.repeated(
                lambda: self._query.answer(text or None, show_alert=True if alert else None)
            )
        except TelegramError as error:
            log.debug("press not answered", why=str(error))
            return False
        return True

    def _hurry(self) -> None:
        self._in_time = asyncio.get_running_loop().create_task(self.answer())
