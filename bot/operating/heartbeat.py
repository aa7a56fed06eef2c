"""Tells a watchman outside again and again that all is well; silence is the alarm."""

import asyncio

import aiohttp
import structlog

from bot.operating.health import Health

log = structlog.get_logger(__name__)

EVERY = 60.0  # [s]
_PATIENCE = 10.0  # [s]


class Heartbeat:
    """Asks for an address as long as everything is well."""

    def __init__(self, url: str, health: Health, *, every: float = EVERY) -> None:
        """The address may hold a secret: it is never logged."""
        self._url = url
        self._health = health
        self._every = every
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; a loop must be running."""
        self._task = asyncio.create_task(self._beat(), name="heartbeat")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _beat(self) -> None:
        timeout = aiohttp.ClientTimeout(total=_PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                states = await self._health.states()
                ill = {name: state.said for name, state in states.items() if not state.well}
                if ill:
                    log.warning("no heartbeat", **{"not well": ill})
                else:
                    await self._tell(session)
                await asyncio.sleep(self._every)

    async def _tell(self, session: aiohttp.ClientSession) -> None:
        try:
            async with session.get(self._url) as answer:
                if answer.status >= 400:  # noqa: PLR2004 - HTTP's own line
                    log.warning("heartbeat refused", status=answer.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("heartbeat not heard", why=type(error).__name__)
