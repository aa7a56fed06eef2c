"""Copies of pictures that Telegram holds already."""

from typing import Protocol

import structlog
from telegram.ext import ExtBot

from bot.core.errors import BotError

log = structlog.stdlib.get_logger(__name__)


class UploadMemory(Protocol):
    """Remembers what Telegram holds already; the half of a SettingsStore that is needed here."""

    async def uploaded(self, platform: str, key: str) -> str | None:
        """Return the file id of a picture."""
        ...

    async def remember_upload(self, platform: str, key: str, file_id: str) -> None:
        """Remember the file id of a picture."""
        ...


def photo_key(key: str) -> str:
    """Name a picture as Telegram shows it, for a picture's file has an id of its own."""
    return f"photo:{key}"


class Uploads:
    """Ids of pictures that Telegram holds already; without a memory each is sent anew.

    An id belongs to the bot that uploaded it, so the bot's own number is part of the name.
    """

    def __init__(self, bot: ExtBot[int], memory: UploadMemory | None) -> None:
        self._bot = bot
        self._memory = memory

    async def known(self, key: str) -> str | None:
        """Return the id of a picture; None if it has to be uploaded."""
        if self._memory is None:
            return None
        try:
            return await self._memory.uploaded(self._platform, key)
        except BotError as error:
            log.warning("upload not looked up", why=str(error))
            return None

    async def remember(self, key: str, file_id: str) -> None:
        """Remember the id of a picture."""
        if self._memory is None:
            return
        try:
            await self._memory.remember_upload(self._platform, key, file_id)
        except BotError as error:
            log.warning("upload not remembered", why=str(error))

    @property
    def _platform(self) -> str:
        return f"telegram:{self._bot.id}"
