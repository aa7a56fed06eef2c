"""The door to all that goes out by itself: put in here, sent from here, followed up from here."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from bot.core.errors import BotError
from bot.delivery.sender import Sender
from bot.messages import Backlog, Chat, FollowUps, Judged, News, OutboxStore
from bot.ports import Clock

log = structlog.get_logger(__name__)

_TICK = 1.0  # [s] between looks for follow-ups and for news of chats
_MANY = 50
_FAREWELL = 2.0  # [s] that messages under way have to arrive when the bot stops; all in 5

# Retires or moves what a chat has asked for; called again until it returns.
Tell = Callable[[News], Awaitable[None]]


class Outbox:
    """What the desk puts in reaches its chats, whatever happens in between."""

    def __init__(
        self,
        store: OutboxStore,
        clock: Clock,
        *,
        follow_ups: FollowUps | None = None,
        tell: Tell | None = None,
        market: Clock | None = None,
    ) -> None:
        """`clock` is that of the wall; episodes are followed up by that of the `market`."""
        self._store = store
        self._clock = clock
        self._market = market or clock
        self._follow_ups = follow_ups
        self._tell = tell
        self._senders: dict[str, Sender] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def put(self, judged: Sequence[Judged]) -> frozenset[str]:
        """Keep new states of watches with what is to be said of them, all or nothing.

        Returns the watches whose tick was new. StoreUnavailable: nothing was kept.
        """
        new = await self._store.put(judged, self._clock.now())
        for sender in self._senders.values():
            sender.wake()
        return new

    async def backlog(self) -> Mapping[str, Backlog]:
        """Say of each platform what waits. StoreUnavailable."""
        return {platform: await self._store.backlog(platform) for platform in self._senders}

    def carry(self, chat: Chat) -> None:
        """Begin to send what a platform is to show; a loop must be running."""
        sender = self._senders[chat.platform] = Sender(self._store, chat, self._clock)
        self._tasks.append(asyncio.create_task(sender.run(), name=f"outbox of {chat.platform}"))

    def start(self) -> None:
        """Begin to follow up and to tell of chats; a loop must be running."""
        self._tasks.append(asyncio.create_task(self._tick(), name="follow-ups"))

    async def close(self) -> None:
        """Stop; what is under way has a few seconds to arrive, the rest stays kept."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(sender.close(_FAREWELL) for sender in self._senders.values()))

    async def _tick(self) -> None:
        while True:
            for work in (self._follow_up, self._tell_of_chats):
                try:
                    await work()
                except BotError as error:
                    log.warning("outbox not looked through", why=str(error))
                except Exception:
                    log.exception("outbox not looked through")
            await asyncio.sleep(_TICK)

    async def _follow_up(self) -> None:
        if self._follow_ups is None:
            return
        for due in await self._store.due_follow_ups(self._market.now(), _MANY):
            try:
                reply = await self._follow_ups.follow_up(due)
            except BotError as error:
                log.info("follow-up waits", episode=due.episode, why=str(error))
                continue
            await self._store.follow(due, reply, self._clock.now())
            for sender in self._senders.values():
                sender.wake()

    async def _tell_of_chats(self) -> None:
        if self._tell is None:
            return
        for news in await self._store.news(_MANY):
            await self._tell(news)
            await self._store.told([news])
