"""Digests and pictures at their times, each of them once."""

import asyncio

import structlog

from bot.core.arrays import MINUTE
from bot.core.errors import BotError
from bot.core.language import later, say, speaking
from bot.core.watches import hours
from bot.core.watches.saved import saved
from bot.core.watches.schedule import Call, Scheduled, begun, called
from bot.desk.tasks import Tasks
from bot.desk.watching.kept import Book, Watched
from bot.desk.watching.putting import Putting
from bot.desk.watching.telling import Teller
from bot.messages import Alert, Judged, Message, Urgency
from bot.reply import Reply

log = structlog.get_logger()

_TRIED = 15 * MINUTE  # [ms] what cannot be had is tried again for so long, then it is said
_PATIENCE = 60.0  # [s] for one digest or picture
_AT_ONCE = 2  # of them made side by side: people who ask come first


class Schedules:
    """Calls on watches that speak at a time; owns its tasks."""

    def __init__(self, book: Book, teller: Teller, putting: Putting) -> None:
        self._book = book
        self._teller = teller
        self._putting = putting
        self._tasks = Tasks()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def tick(self, now: int) -> None:
        """See to whatever is due at `now` [ms]; begins work and waits for none of it."""
        passed: list[tuple[Watched, Scheduled, int]] = []
        judged: list[Judged] = []
        for watched in self._book.of_time:
            schedule, call = watched.of_time, None
            if schedule is None:
                continue
            if isinstance(watched.state, Scheduled):
                state, call = called(watched.state, schedule, now, watched.rules)
            else:
                state = begun(schedule, now, watched.rules.zone)
            if call is not None and now < watched.kept.snoozed_until:
                state, call = Scheduled(state.last, state.held + 1), None
            if call is not None:
                self._tasks.begin(watched.kept.id, self._call(watched, state, call, now))
            elif state != watched.state:
                passed.append((watched, state, max(now, watched.tick + 1)))
                judged.append(_judged(*passed[-1]))
        await self._put(judged, passed)

    async def close(self) -> None:
        """Stop."""
        await self._tasks.close()

    def next_due(self, watched: Watched, now: int) -> int | None:
        """Return when a watch speaks next [ms]; None if it does not speak at a time."""
        schedule = watched.of_time
        return None if schedule is None else hours.upcoming(schedule, now, watched.rules.zone)

    async def _call(self, watched: Watched, state: Scheduled, call: Call, now: int) -> None:
        """Make what is due, and have it sent; what cannot be had is tried again."""
        async with self._room:
            reply = await self._made(watched, call, now)
        if reply is None or self._book.watches.get(watched.kept.id) is not watched:
            return
        tick = max(now, watched.tick + 1)
        message = Message(watched.kept.address, reply)
        alert = Alert(call.key, tick, (message,), Urgency.LATER)
        await self._put([_judged(watched, state, tick, alert)], [(watched, state, tick)])

    async def _made(self, watched: Watched, call: Call, now: int) -> Reply | None:
        kept, manners = watched.kept, watched.manners
        why: object
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._teller.schedule(kept, watched.watch, manners, call)
        except BotError as error:
            why = error
        except TimeoutError:
            why = later("It took too long.")
        except Exception:
            log.exception("a schedule was not put into words", watch=kept.id)
            why = later("Something went wrong here, and it has been noted.")
        if now - call.at < _TRIED:
            log.info("schedule waits", watch=kept.id, why=str(why))
            return None
        tongue = self._teller.tongue(manners)
        with speaking(tongue):
            said = say("“{watch}” cannot be made now", watch=watched.watch)
            lines = (str(why), say("The next one comes at its time."))
        return Reply(said, lines, kind="problem", as_of=now, language=tongue.code)

    async def _put(
        self, judged: list[Judged], passed: list[tuple[Watched, Scheduled, int]]
    ) -> None:
        if not judged:
            return
        if await self._putting.put(judged):
            self._book.forget()
        for watched, state, tick in passed:
            watched.state, watched.tick, watched.new = state, tick, False


def _judged(watched: Watched, state: Scheduled, tick: int, *alerts: Alert) -> Judged:
    return Judged(watched.kept.id, tick, saved(state, tick), alerts)
