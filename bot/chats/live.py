"""Messages that are kept current for a while: at most one in each chat.

A card lives in the message that was sent: it is asked for again every few seconds, and the chat
changes the message. It ends after its time, when a newer card begins in the same chat, when its
message cannot be changed any more, or when the desk fails too often; then the message says so.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, replace

import structlog

from bot.chats.hears import Desk
from bot.core.language import mark, say
from bot.desk.requests import BY_ITSELF, Asker
from bot.languages import spoken
from bot.reply import Live, Reply

log = structlog.stdlib.get_logger(__name__)

ENDED = mark("Live has ended: this stands still now.")
_PATIENCE = 3  # problems in a row after which a card ends
_COMPLETED = 2  # times at most that a message is changed to what was still on its way

# Puts a reply in place of the message; False if the message cannot be changed any more.
Show = Callable[[Reply], Awaitable[bool]]


@dataclass(slots=True, eq=False)
class _Card:
    message: Hashable
    live: Live
    asker: Asker
    show: Show
    over: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class LiveCards:
    """The live cards of all chats of one platform; owns their tasks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._cards: dict[Hashable, _Card] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._coming: dict[tuple[Hashable, Hashable], asyncio.Task[None]] = {}

    def begin(
        self, chat: Hashable, message: Hashable, live: Live, asker: Asker, show: Show
    ) -> None:
        """Keep a message current from now on; the chat's earlier card ends."""
        asker = replace(asker, effort=BY_ITSELF)
        before = self._cards.get(chat)
        if before is not None:
            self._end(chat, before, quietly=before.message == message)
        card = self._cards[chat] = _Card(message, live, asker, show)
        card.task = asyncio.create_task(self._keep(chat, card), name=f"live card in {chat}")
        self._tasks.add(card.task)
        card.task.add_done_callback(self._tasks.discard)

    def complete(
        self, chat: Hashable, message: Hashable, words: str, asker: Asker, show: Show
    ) -> None:
        """Change a message once or twice, when what was still on its way has come."""
        before = self._coming.get((chat, message))
        if before is not None:
            before.cancel()
        work = self._completed(words, replace(asker, effort=BY_ITSELF), show)
        task = asyncio.create_task(work, name=f"completing in {chat}")
        self._coming[chat, message] = task
        task.add_done_callback(lambda done: self._let_go(chat, message, done))

    async def _completed(self, words: str, asker: Asker, show: Show) -> None:
        shown: Reply | None = None
        for _ in range(_COMPLETED):
            reply = await self._desk.answer(words, asker)
            if reply.kind == "problem":
                return  # what is there is better
            if shown is None or reply.image != shown.image or reply.lines != shown.lines:
                if not await show(reply):
                    return
                shown = reply
            words = reply.coming
            if not words:
                return

    def _let_go(self, chat: Hashable, message: Hashable, done: asyncio.Task[None]) -> None:
        if self._coming.get((chat, message)) is done:
            del self._coming[chat, message]
        if not done.cancelled() and (error := done.exception()) is not None:
            log.error("reply not completed", exc_info=error)

    def touched(self, chat: Hashable, message: Hashable) -> None:
        """Let go of a message that somebody is changing to something else."""
        if (coming := self._coming.get((chat, message))) is not None:
            coming.cancel()
        card = self._cards.get(chat)
        if card is not None and card.message == message:
            self._end(chat, card, quietly=True)

    async def completed(self, within: float) -> None:
        """Wait for what is still on its way, at most so many seconds."""
        if self._coming:
            await asyncio.wait(set(self._coming.values()), timeout=within)

    async def close(self, within: float) -> None:
        """End all cards; they have so many seconds to say that they have ended."""
        completing = list(self._coming.values())
        for task in completing:
            task.cancel()
        await asyncio.gather(*completing, return_exceptions=True)
        for chat, card in list(self._cards.items()):
            self._end(chat, card, quietly=False)
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _end(self, chat: Hashable, card: _Card, *, quietly: bool) -> None:
        self._cards.pop(chat, None)
        card.over.set()
        if quietly and card.task is not None:
            card.task.cancel()

    async def _keep(self, chat: Hashable, card: _Card) -> None:
        try:
            await self._refresh(card)
        except Exception:  # whatever breaks, only this card is over
            log.exception("live card broke", words=card.live.words)
        finally:
            if self._cards.get(chat) is card:
                del self._cards[chat]

    async def _refresh(self, card: _Card) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + card.live.lasts
        failed = 0
        last: Reply | None = None
        while failed < _PATIENCE and (left := until - loop.time()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(card.live.every, left)):
                    await card.over.wait()
            if card.over.is_set() or loop.time() >= until:
                break
            reply = await self._desk.answer(card.live.words, card.asker)
            failed = failed + 1 if reply.kind == "problem" else 0
            if failed:
                continue
            last = reply
            if not await card.show(reply):
                log.info("live card let go", words=card.live.words)
                return
        reply = await self._desk.answer(card.live.ended, card.asker)
        if reply.kind == "problem":
            if last is None:
                return
            reply = last
        with spoken(reply.language):
            ended = say(ENDED)
        await card.show(replace(reply, lines=(ended, *reply.lines), live=None))
