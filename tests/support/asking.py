"""A desk as a chat has it, over a source a test has made."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.chats.hears import Listener
from bot.desk.accuracy import AccuracyDesk
from bot.desk.front import Front
from bot.desk.heatmap import HeatmapDesk
from bot.desk.markets import Markets
from bot.desk.panels import Panel
from bot.desk.requests import Asker
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Snapshots
from bot.desk.status import Running
from bot.desk.tapes import Tapes
from bot.ports import MarketSource
from bot.reply import Reply

WHO = Asker("test:1", "test:2")


class Asking:
    """Asks one panel in words, and keeps the parts it stands on."""

    def __init__(self, listener: Listener, snapshots: Snapshots, tapes: Tapes) -> None:
        self.snapshots = snapshots
        self.tapes = tapes
        self._listener = listener

    async def say(self, words: str) -> Reply:
        """Return the answer to typed words."""
        return await self._listener.answer(words, WHO)


@asynccontextmanager
async def asking(
    source: MarketSource, name: str, make: Callable[[Markets, Snapshots, Tapes], Panel]
) -> AsyncIterator[Asking]:
    """Build the desk with one panel, and take it down again."""
    tapes = Tapes()
    markets, snapshots = Markets(source), Snapshots(source, None, tapes=tapes)
    scoring = Scoring(source, snapshots, None)
    heatmaps = HeatmapDesk(markets, snapshots, settings=None, maps=None, scoring=scoring)
    accuracies = AccuracyDesk(markets, snapshots, scoring)
    panels = {name: make(markets, snapshots, tapes)}
    front = Front(source, markets, snapshots, heatmaps, accuracies, Running(), panels)
    try:
        yield Asking(Listener(front), snapshots, tapes)
    finally:
        await scoring.close()
        await front.close()
