"""A desk that remembers what chats choose and people keep, over a made market."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.chats.hears import Listener
from bot.core.arrays import DAY
from bot.core.panels.reading import Kind
from bot.desk.accuracy import AccuracyDesk
from bot.desk.export import ExportDesk
from bot.desk.forget import ForgetDesk
from bot.desk.front import Front
from bot.desk.heatmap import HeatmapDesk
from bot.desk.markets import Markets
from bot.desk.overview import Overview
from bot.desk.own import OwnDesk
from bot.desk.preferences import SettingsDesk
from bot.desk.privacy import KeptFor
from bot.desk.rates import RatesDesk
from bot.desk.requests import Asker
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Snapshots
from bot.desk.status import Running
from bot.desk.usual import Usual
from bot.ports import MarketSource
from bot.reply import Reply
from storage.memory import Memory, open_memory
from tests.support.watching_desk import ANN, button


@dataclass
class Clock:
    """A monotonic clock that a test moves."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class OwnWorld:
    """Asks in words and presses buttons, as a chat does."""

    listener: Listener
    memory: Memory
    clock: Clock = field(default_factory=Clock)
    changes: int = 0

    def changed(self) -> None:
        """Count that watches were to be looked at again."""
        self.changes += 1

    async def say(self, words: str, who: Asker = ANN) -> Reply:
        """Return the answer to typed words."""
        return await self.listener.answer(words, who)

    async def press(self, reply: Reply, label: str, who: Asker = ANN) -> Reply:
        """Press a button of an answer."""
        return await self.say(button(reply, label).words, who)


@asynccontextmanager
async def own_world(source: MarketSource, folder: Path) -> AsyncIterator[OwnWorld]:
    """Build the desk over a source and a new database, and take both down again."""
    memory = await open_memory(f"sqlite:///{folder / 'own.sqlite3'}")
    overview = Overview(source)
    markets, snapshots = Markets(source, overview), Snapshots(source, None)
    scoring = Scoring(source, snapshots, None)
    heatmaps = HeatmapDesk(markets, snapshots, settings=memory.settings, maps=None, scoring=scoring)
    clock = Clock()
    counted: list[OwnWorld] = []

    def changed(_chat: str = "") -> None:
        for world in counted:
            world.changed()

    settings = SettingsDesk(memory.settings, memory.watches, markets, source.now, changed)
    own = OwnDesk(
        settings,
        ExportDesk(source, settings, memory.watches, memory.journal, memory.own),
        ForgetDesk(memory.own, changed, clock),
        KeptFor(messages=8 * DAY, ledgers=400 * DAY),
        Usual(memory.settings, markets),
    )
    front = Front(
        source,
        markets,
        snapshots,
        heatmaps,
        AccuracyDesk(markets, snapshots, scoring),
        Running(),
        {kind.value: RatesDesk(kind, markets, snapshots, overview) for kind in Kind},
        overview,
        own=own,
    )
    world = OwnWorld(Listener(front), memory, clock)
    counted.append(world)
    try:
        yield world
    finally:
        await scoring.close()
        await front.close()
        await memory.close()
