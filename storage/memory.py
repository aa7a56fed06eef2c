"""All that is remembered, behind one door."""

from dataclasses import dataclass

from bot.ports import HistoryStore, MapStore, ScoreStore, SettingsStore
from storage.database import Database, open_database
from storage.history import Markets
from storage.maps import Maps
from storage.scores import Scores
from storage.settings import Settings


@dataclass(frozen=True, slots=True)
class Memory:
    """The stores of one database; close it when done."""

    database: Database
    history: HistoryStore
    maps: MapStore
    scores: ScoreStore
    settings: SettingsStore

    async def close(self) -> None:
        """Let go of every connection."""
        await self.database.close()


async def open_memory(url: str, *, upgrade: bool = True) -> Memory:
    """Open the database at DATABASE_URL, its tables brought up to date unless told not to.

    BadSetting if the address is none, StoreUnavailable if the database cannot be used.
    """
    database = await open_database(url, upgrade=upgrade)
    return Memory(database, Markets(database), Maps(database), Scores(database), Settings(database))
