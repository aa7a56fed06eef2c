"""How fast Telegram lets a bot write.

Telegram names no exact limits: about one message a second to a chat, with short bursts, 20 a
minute to a group and 30 a second to all. What it says with a refusal (`retry_after`) comes first.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.delivery.window import Window
from bot.messages import Urgency

# In any stretch of time at most `burst + stretch / every` messages go out: with these figures
# 20 in a group's minute. Only who asks gets the burst; an alert waits until the chat has rested,
# and leaves it alone for one step: a second, or a fifteenth of a group's minute.
_PRIVATE = (1.0, 3)
_GROUP = (4.0, 5)
_ALL = (30, 1.0)

# An alert waits no longer [s] for a chat to rest in which somebody asks all the time.
_RESTLESS = 20.0

# An alert does not stand in line [s] for a chat that is closed for longer.
_LONG = 5.0

# Two chats refused within so many seconds: it is the bot that is to wait, not the chats.
_TOGETHER = 2.0

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

    def rests_in(self, now: float) -> float:
        """Return the seconds until the whole burst is there again."""
        return self._next - now

    def rested(self, now: float) -> bool:
        """Whether the whole burst is there again."""
        return self._next <= now


@dataclass(slots=True)
class _Turn:
    """A place among the requests that its holder's next request takes, whatever it is."""

    urgency: Urgency
    fresh: bool = True


_held: ContextVar[_Turn | None] = ContextVar("held", default=None)


class Limits(BaseRateLimiter[int]):
    """Keeps a bot below Telegram's limits, and tries once more after being told to wait."""

    def __init__(
        self,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
    ) -> None:
        self._sleep = sleep
        self._all = Window(*_ALL, clock, sleep)
        self._chats: dict[object, Pace] = {}
        self._closed_until: dict[object, float] = {}
        self._bot_closed_until = 0.0
        self._refused: tuple[object, float] = (None, float("-inf"))  # the last one, and when

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
        turn = _held.get()
        if turn is not None and turn.fresh:
            turn.fresh = False
            return await self._at_once(where, lambda: callback(*args, **kwargs))
        urgency = Urgency.ANSWER if turn is None else turn.urgency
        counted = chat is not None and endpoint.startswith(_WRITING) and endpoint not in _FREE
        if counted:
            await self._sleep(self._pace(chat).book(self._now()))
        for last in (False, True):
            await self._until_open(where)
            try:
                if not counted:
                    return await callback(*args, **kwargs)
                async with self._place(where, urgency):
                    return await callback(*args, **kwargs)
            except RetryAfter as refusal:
                if self._close(where, refusal) > LONGEST_WAIT or last:
                    raise
        raise AssertionError("the last attempt returns or raises")

    # What the outbox waits for

    async def rested(self, chat: int) -> float:
        """Wait until a chat has had no message for a while, and take the next one's place.

        Returns 0 then; if the chat is closed for long, at once the seconds until it opens.
        """
        if (wait := self._opens_in(chat)) > _LONG:
            return wait
        await self._until_open(chat)
        patience = self._now() + _RESTLESS
        while (wait := self._pace(chat).rests_in(self._now())) > 0 and self._now() < patience:
            await self._sleep(wait)
        await self._sleep(self._pace(chat).book(self._now()))
        return 0.0

    @asynccontextmanager
    async def turn(self, urgency: Urgency) -> AsyncIterator[None]:
        """Hold a place among all requests, behind those that somebody waits for.

        The next request of the same task takes it and goes out at once, or RetryAfter says that
        its chat is closed; nothing is tried again.
        """
        async with self._place(None, urgency):
            token = _held.set(_Turn(urgency))
            try:
                yield
            finally:
                _held.reset(token)

    async def _at_once(self, where: object, call: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        if (wait := self._opens_in(where)) > 0:
            raise RetryAfter(timedelta(seconds=wait))
        try:
            return await call()
        except RetryAfter as refusal:
            self._close(where, refusal)
            raise

    @asynccontextmanager
    async def _place(self, where: object, urgency: Urgency) -> AsyncIterator[None]:
        """Take a place among all requests; whoever had to wait asks again whether it may."""
        while True:
            await self._all.take(urgency)
            if self._opens_in(where) <= 0:
                break
            self._all.give()
            await self._until_open(where)
        try:
            yield
        finally:
            self._all.give()

    def _now(self) -> float:
        return self._all.now()

    def _pace(self, chat: object) -> Pace:
        if chat not in self._chats:
            if len(self._chats) >= _MANY_CHATS:
                now = self._now()
                self._chats = {c: pace for c, pace in self._chats.items() if not pace.rested(now)}
            private = isinstance(chat, int) and chat > 0
            self._chats[chat] = Pace(*(_PRIVATE if private else _GROUP))
        return self._chats[chat]

    def _close(self, where: object, refusal: RetryAfter) -> float:
        seconds, now = asked_wait(refusal), self._now()
        until = max(self._closed_until.get(where, 0.0), now + seconds)
        self._closed_until[where] = until
        other, when = self._refused
        if other != where and now - when < _TOGETHER and self._opens_in(other) > 0:
            self._bot_closed_until = max(self._bot_closed_until, until)
        self._refused = (where, now)
        return seconds

    def _opens_in(self, where: object) -> float:
        until = max(self._closed_until.get(where, 0.0), self._bot_closed_until)
        return until - self._now()

    async def _until_open(self, where: object) -> None:
        while (wait := self._opens_in(where)) > 0:
            await self._sleep(wait)
        self._closed_until.pop(where, None)


def rest(chat: int) -> float:
    """Return how long [s] a chat is left alone after an alert."""
    return (_PRIVATE if chat > 0 else _GROUP)[0]


def asked_wait(refusal: RetryAfter) -> float:
    """Return how long [s] Telegram wants to be left alone."""
    wait = refusal.retry_after
    return wait if isinstance(wait, int) else wait.total_seconds()
