"""All that is remembered, behind one door."""

from dataclasses import dataclass

from bot.journals import JournalStore
from bot.messages import OutboxStore
from bot.ports import (
    CollectionStore,
    EpisodeStore,
    EstimateStore,
    HistoryStore,
    MapStore,
    ScoreStore,
    SettingsStore,
)
from bot.watching import OwnStore, WatchStore
from storage.collected import Collections
from storage.database import Database, open_database
from storage.episodes import Episodes
from storage.estimates import Estimates
from storage.history import Markets
from storage.journal import Journal
from storage.maps import Maps
from storage.outbox import Outbox
from storage.own import Own
from storage.retention import prune
from storage.scores import Scores
from storage.settings import Settings
from storage.watches import Watches


@dataclass(frozen=True, slots=True)
class Memory:
    """The stores of one database; close it when done."""

    database: Database
    history: HistoryStore
    maps: MapStore
    scores: ScoreStore
    settings: SettingsStore
    estimates: EstimateStore
    collections: CollectionStore
    episodes: EpisodeStore
    outbox: OutboxStore
    watches: WatchStore
    journal: JournalStore
    own: OwnStore

    async def prune(self, now: int) -> dict[str, int]:
        """Forget what is out of date at `now` [ms]; once a day is enough. StoreUnavailable."""
        return await prune(self.database, now)

    async def close(self) -> None:
        """Let go of every connection."""
        await self.database.close()


async def open_memory(url: str, *, upgrade: bool = True, world: str = "live") -> Memory:
    """Open the database at DATABASE_URL, its tables brought up to date unless told not to.

    What is watched in one world, "live", "sim" or "replay", is not known in another.
    BadSetting if the address is none, StoreUnavailable if the database cannot be used.
    """
    database = await open_database(url, upgrade=upgrade)
    return Memory(
        database,
        Markets(database),
        Maps(database),
        Scores(database),
        Settings(database),
        Estimates(database),
        Collections(database),
        Episodes(database),
        Outbox(database),
        Watches(database, world),
        Journal(database, world),
        Own(database),
    )
