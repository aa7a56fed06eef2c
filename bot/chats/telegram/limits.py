"""How fast Telegram lets a bot write.

Telegram names no exact limits: about one message a second to a chat, with short bursts, 20 a
minute to a group and 30 a second to all. What it says with a refusal (`retry_after`) comes first.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

# In any stretch of time at most `burst + stretch / every` messages go out: with these figures
# 20 in a group's minute and 30 in a second over all chats.
_PRIVATE = (1.0, 3)
_GROUP = (4.0, 5)
_ALL = (1 / 25, 5)

# A person does not wait longer than this for an answer [s].
LONGEST_WAIT = 60.0
_MANY_CHATS = 4096

_FREE = ("sendChatAction",)
_WRITING = ("send", "edit", "copy", "forward")


class Pace:
    """Slots for messages: `burst` at once, then one `every` so many seconds."""

    def __init__(self, every: float, burst: int) -> None:
        self._every = every
        self._slack = every * (burst - 1)
        self._next = 0.0

    def book(self, now: float) -> float:
        """Take the next slot; returns the seconds until it."""
        slot = max(self._next, now)
        self._next = slot + self._every
        return max(0.0, slot - self._slack - now)

    def rested(self, now: float) -> bool:
        """Whether the whole burst is there again."""
        return self._next <= now


class Limits(BaseRateLimiter[int]):
    """Keeps a bot below Telegram's limits, and tries once more after being told to wait."""

    def __init__(
        self,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._all = Pace(*_ALL)
        self._chats: dict[object, Pace] = {}
        self._closed_until: dict[object, float] = {}

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to let go."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,  # noqa: ARG002 - the library's signature
    ) -> Any:
        """Make a request when its turn has come; RetryAfter if Telegram insists."""
        chat = data.get("chat_id")
        where = chat or endpoint
        if chat is not None and endpoint.startswith(_WRITING) and endpoint not in _FREE:
            await self._sleep(self._pace(chat).book(self._now()))
            await self._sleep(self._all.book(self._now()))
        await self._until_open(where)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as refusal:
            if self._close(where, refusal) > LONGEST_WAIT:
                raise
        await self._until_open(where)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as refusal:
            self._close(where, refusal)
            raise

    def _now(self) -> float:
        return self._clock() if self._clock else asyncio.get_running_loop().time()

    def _pace(self, chat: object) -> Pace:
        if chat not in self._chats:
            if len(self._chats) >= _MANY_CHATS:
                now = self._now()
                self._chats = {c: pace for c, pace in self._chats.items() if not pace.rested(now)}
            private = isinstance(chat, int) and chat > 0
            self._chats[chat] = Pace(*(_PRIVATE if private else _GROUP))
        return self._chats[chat]

    def _close(self, where: object, refusal: RetryAfter) -> float:
        wait = refusal.retry_after
        seconds = wait if isinstance(wait, int) else wait.total_seconds()
        self._closed_until[where] = max(self._closed_until.get(where, 0.0), self._now() + seconds)
        return seconds

    async def _until_open(self, where: object) -> None:
        while (wait := self._closed_until.get(where, 0.0) - self._now()) > 0:
            await self._sleep(wait)
        self._closed_until.pop(where, None)
