"""Carries what one platform is to show out of storage, at least once and in order in each chat."""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from functools import partial

import structlog

from bot.core.errors import BotError
from bot.delivery.gate import Gate
from bot.delivery.gathered import Gathered
from bot.messages import (
    Chat,
    Done,
    Due,
    Errand,
    Gone,
    Later,
    Moved,
    OutboxStore,
    Outcome,
    Refused,
    Settled,
    Unknown,
    Urgency,
)
from bot.ports import Clock

log = structlog.get_logger(__name__)

# Messages of one urgency that wait for the platform's limit here; all others wait in storage.
_AT_HAND = 48

_LOOK = 0.25  # [s] between looks into storage while there is something to do
_REST = 1.0  # [s] between looks otherwise; what is put by this process is seen at once

# What an earlier process wrote in its last second counts towards the platform's limit.
_QUIET_START = 1.0  # [s]

# Before trying again [s]: what certainly did not arrive may be tried soon, each attempt at what
# may have arrived may be one message more.
_FIRST_WAIT, _LONGEST_WAIT, _LONGEST_IN_DOUBT = 1.0, 8.0, 60.0
# After so many failures in a row the line is down: one message at a time finds out when it is not.
_DOWN = 5
_STORE_WAIT = 0.5  # [s] before memory is asked again that could not be used
_SET_BY = 2.0  # [s] by which a clock may differ from the machine's without having been set


class Sender:
    """Sends the messages of one platform for as long as it runs."""

    def __init__(self, store: OutboxStore, chat: Chat, clock: Clock) -> None:
        self._store = store
        self._chat = chat
        self._clock = clock
        self._claims: Gathered[Due, Errand | None] = Gathered(self._claim)
        self._settling: Gathered[Settled, None] = Gathered(self._settle)
        self._at_hand: dict[str, tuple[Urgency, asyncio.Task[None]]] = {}
        self._aside: dict[str, float] = {}  # chats that are closed for longer, until when
        self._failed = 0  # attempts in a row that the line broke
        self._under_way: set[str] = set()  # chats of `_at_hand` whose message is written down
        self._gate = Gate(chat.ahead)
        self._wake = asyncio.Event()
        self._offset: float | None = None  # [s] of the clock to the loop's

    def wake(self) -> None:
        """Say that something new may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; whatever goes wrong with memory is waited out."""
        await self._recover()
        await asyncio.sleep(_QUIET_START)
        while True:
            self._wake.clear()
            try:
                await self._follow_clock()
                begun = await self._begin()
            except BotError as error:
                log.warning("outbox not read", platform=self._chat.platform, why=str(error))
                await asyncio.sleep(_STORE_WAIT)
                continue
            busy = (begun or self._at_hand) and self._failed < _DOWN
            await self._pause(_LOOK if busy else _REST)

    async def close(self, within: float) -> None:
        """Let what is under way arrive and be written down, at most for so many seconds."""
        tasks = {chat: task for chat, (_, task) in self._at_hand.items()}
        for chat, task in tasks.items():
            if chat not in self._under_way:
                task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks.values(), timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _recover(self) -> None:
        while True:
            try:
                found = await self._store.recover(self._chat.platform, self._now())
            except BotError as error:
                log.warning("outbox not taken up", why=str(error))
                await asyncio.sleep(_STORE_WAIT)
            else:
                if found:
                    log.info("outbox taken up", platform=self._chat.platform, in_doubt=found)
                return

    async def _follow_clock(self) -> None:
        """Keep waits as long as they were when somebody sets the clock."""
        offset = self._measured()
        if self._offset is not None and abs(offset - self._offset) > _SET_BY:
            log.info("clock was set", by=round(offset - self._offset))
            await self._store.shift(self._chat.platform, round(1000 * (offset - self._offset)))
        self._offset = offset

    def _measured(self) -> float:
        return self._clock.now() / 1000 - asyncio.get_running_loop().time()

    def _now(self) -> int:
        """Return the time [ms] by the clock as it went when its waits were last looked at."""
        if self._offset is None:
            self._offset = self._measured()
        return round(1000 * (asyncio.get_running_loop().time() + self._offset))

    async def _begin(self) -> int:
        """Take messages at hand as far as there is room; returns how many."""
        room = _AT_HAND if self._failed < _DOWN else 1
        passed = asyncio.get_running_loop().time()
        self._aside = {chat: until for chat, until in self._aside.items() if until > passed}
        limit = len(self._at_hand) + len(self._aside) + room
        due = await self._store.due(self._chat.platform, self._now(), limit)
        begun = 0
        for each in due:
            chat = each.address.chat
            # What is more urgent finds room beside what waits already.
            before = sum(urgency <= each.urgency for urgency, _ in self._at_hand.values())
            if chat in self._at_hand or chat in self._aside or before >= room:
                continue
            task = asyncio.create_task(self._deliver(each), name=f"to {chat}")
            self._at_hand[chat] = (each.urgency, task)
            task.add_done_callback(partial(self._ended, chat))
            begun += 1
        return begun

    def _ended(self, chat: str, task: asyncio.Task[None]) -> None:
        self._at_hand.pop(chat, None)
        self._under_way.discard(chat)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("message not delivered", chat=chat, exc_info=error)
        if len(self._at_hand) < _AT_HAND // 2 and self._failed < _DOWN:
            self._wake.set()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    # One message

    async def _deliver(self, due: Due) -> None:
        if (wait := await self._chat.rested(due.address)) > 0:
            self._aside[due.address.chat] = asyncio.get_running_loop().time() + wait
            return
        errand = await self._begun(due)
        if errand is not None:
            outcome = await self._attempt(errand, due.urgency)
            self._failed = self._failed + 1 if _line_broke(outcome) else 0
            await self._settling.do(Settled(errand, outcome, self._opens(errand, outcome)))

    async def _begun(self, due: Due) -> Errand | None:
        """Write down that a message is under way; the gate stays entered until its turn comes."""
        await self._gate.enter(due.urgency)
        self._under_way.add(due.address.chat)
        errand = None
        try:
            errand = await self._claims.do(due)  # None: forgotten, or another process was quicker
        except BotError as error:
            log.warning("message not begun", why=str(error))
            await asyncio.sleep(_STORE_WAIT)
        finally:
            if errand is None:
                self._gate.leave()
        return errand

    async def _attempt(self, errand: Errand, urgency: Urgency) -> Outcome:
        async with contextlib.AsyncExitStack() as turn:
            try:
                if errand.reply is None and errand.remote is None:
                    return Refused("taken back before it was shown")
                await turn.enter_async_context(self._chat.turn(errand.address, urgency))
            finally:
                self._gate.leave()
            try:
                if errand.reply is None:
                    return await self._chat.delete(errand)
                if errand.remote is not None:
                    return await self._chat.edit(errand, errand.reply)
                return await self._chat.send(errand, errand.reply)
            except Exception:
                # A chat translates what its platform does; this is for what it did not foresee.
                log.exception("chat broke", chat=errand.address.chat)
                return Unknown("not foreseen")

    def _opens(self, errand: Errand, outcome: Outcome) -> int:
        """Return until when [ms] the chat is left alone."""
        chat = errand.address.chat
        match outcome:
            case Done(rest=rest):
                wait = rest
            case Later(why=why, wait=asked):
                wait = _growing(errand.attempts, _LONGEST_WAIT) if asked is None else asked
                log.info("message waits", chat=chat, why=why, seconds=round(wait, 1))
            case Unknown(why=why):
                wait = _growing(errand.attempts, _LONGEST_IN_DOUBT)
                log.warning("message perhaps not delivered", chat=chat, why=why)
            case Refused(why=why):
                wait = 0.0
                log.warning("message given up", chat=chat, key=errand.key, why=why)
            case Gone(why=why):
                wait = 0.0
                log.info("chat is gone", chat=chat, why=why)
            case Moved(to=to):
                wait = 0.0
                log.info("chat has moved", chat=chat, to=to)
        return self._now() + round(1000 * wait)

    async def _claim(self, due: Sequence[Due]) -> Sequence[Errand | None]:
        claimed = await self._store.claim([each.id for each in due], self._now())
        return [claimed.get(each.id) for each in due]

    async def _settle(self, settled: Sequence[Settled]) -> Sequence[None]:
        """Write outcomes down, however long memory cannot be used: they are known only here."""
        while True:
            try:
                await self._store.settle(settled, self._now())
            except BotError as error:
                log.warning("outcomes not written down", many=len(settled), why=str(error))
                await asyncio.sleep(_STORE_WAIT)
            else:
                return [None] * len(settled)


def _line_broke(outcome: Outcome) -> bool:
    match outcome:
        case Unknown() | Later(wait=None):
            return True
        case _:
            return False


def _growing(attempts: int, longest: float) -> float:
    """Return a wait [s] that doubles with each attempt, and differs from chat to chat."""
    wait: float = min(_FIRST_WAIT * 2 ** min(attempts, 16), longest)
    return wait * random.uniform(0.8, 1.2)  # noqa: S311 - spread, not secrecy
