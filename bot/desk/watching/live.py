"""What happens within seconds: a cascade moves, and its watches are judged at once."""

import asyncio

import structlog

from bot.desk.cascades import Cascade, CascadeDesk
from bot.desk.watching.tick import Judge
from bot.ports import MarketSource

log = structlog.get_logger()


class AtOnce:
    """Hears of cascades and has their coins judged, one after another; owns its task."""

    def __init__(self, source: MarketSource, cascades: CascadeDesk, judge: Judge) -> None:
        self._source = source
        self._judge = judge
        self._waiting: dict[str, int] = {}  # [ms] of the newest state, by coin
        self._wake = asyncio.Event()
        self._leave = cascades.subscribe(self._hear)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; a loop must be running."""
        self._task = asyncio.create_task(self._run(), name="watches at once")

    async def close(self) -> None:
        """Stop; a second time does nothing."""
        self._leave()
        self._leave = _nothing
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _hear(self, cascade: Cascade) -> None:
        if cascade.coin:  # that of the market as a whole is of all its coins
            self._waiting[cascade.coin] = cascade.episode.time
            self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            waiting, self._waiting = self._waiting, {}
            for coin, time in waiting.items():
                try:
                    await self._judge.coin(coin, time, self._source.now())
                except Exception:
                    log.exception("watches were not judged at once", coin=coin)


def _nothing() -> None:
    """Leave what has been left."""
