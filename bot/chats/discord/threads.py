"""Threads under alerts: what followed an episode is told where it does not fill the channel.

A thread that is made of a message bears the message's number, so nothing need be remembered of it:
whoever follows up after a restart finds the same one.
"""

import asyncio
from typing import Final, TypeVar

import discord
import structlog

from bot.chats.discord import dress, send

log = structlog.get_logger(__name__)
T = TypeVar("T")

_NAME = 100  # letters of a thread's name
_QUIET: Final = 1440  # [min] after which Discord puts a thread away; a follow-up brings it back
_UNNAMED = "What came of it"
_THERE_ALREADY = 160004
_SERVER_ERRORS = 500
_MANY = 429
# Where no thread may be made is not tried again for a while: Discord counts refusals.
_CLOSED_FOR = 3600.0  # [s]
_REMEMBERED = 10_000  # channels; threads


class NotMade(Exception):
    """It could not be found out whether there is a thread; nothing of the message has left."""


class Threads:
    """Finds or makes the thread of a message, wherever Discord lets a bot do that."""

    def __init__(self) -> None:
        self._made: dict[int, None] = {}
        self._closed: dict[int, float] = {}  # channels, and until when [s] of the loop's clock

    async def of(self, client: discord.Client, channel: int, message: int) -> int | None:
        """Return the thread of a message; None if there can be none. NotMade, HTTPException 429."""
        if message in self._made:
            return message
        if self._closed.get(channel, 0.0) > asyncio.get_running_loop().time():
            return None
        try:
            await self._make(client, channel, message)
        except discord.RateLimited:
            return None  # threads are made more slowly than messages; this one is not waited for
        except discord.HTTPException as error:
            if error.status == _MANY:
                raise
            if error.status >= _SERVER_ERRORS:
                raise NotMade(f"HTTP {error.status}") from error
            if error.code != _THERE_ALREADY:
                self.close(channel, f"HTTP {error.status}, code {error.code}")
                return None
        except send.LINE_FAILED as error:
            raise NotMade(type(error).__name__) from error
        _remember(self._made, message, None)
        return message

    def close(self, channel: int, why: str) -> None:
        """Make no threads in a channel for a while."""
        log.info("no threads here", channel=channel, why=why)
        _remember(self._closed, channel, asyncio.get_running_loop().time() + _CLOSED_FOR)

    def lost(self, thread: int) -> None:
        """Forget a thread that cannot be written to any more."""
        self._made.pop(thread, None)

    async def _make(self, client: discord.Client, channel: int, message: int) -> None:
        alert = await client.get_partial_messageable(channel).fetch_message(message)
        if not alert.flags.has_thread:
            title = next((embed.title for embed in alert.embeds if embed.title), "")
            name = dress.unescaped(title)[:_NAME].strip() or _UNNAMED
            await client.http.start_thread_with_message(
                channel, message, name=name, auto_archive_duration=_QUIET
            )


def _remember(what: dict[int, T], key: int, value: T) -> None:
    what.pop(key, None)
    what[key] = value
    if len(what) > _REMEMBERED:
        del what[next(iter(what))]
