"""Ledgers of watches: their episodes, what came of them, and whom they were of use to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.ledger import After, Entry, Told
from storage.database import Database
from storage.outbox_rows import chunks

# What a later word does not say stays as it was said before.
_KEEP = """
INSERT INTO watch_episode (
    message, watch, market, began_ms, told_ms, ended_ms, held, price, side, low, high, usd, way,
    markets
)
VALUES (
    :message, :watch, :market, :began_ms, :told_ms, :ended_ms, :held, :price, :side, :low, :high,
    :usd, :way, :markets
)
ON CONFLICT (message) DO UPDATE SET
    began_ms = excluded.began_ms,
    told_ms = coalesce(excluded.told_ms, watch_episode.told_ms),
    ended_ms = coalesce(excluded.ended_ms, watch_episode.ended_ms),
    held = coalesce(excluded.held, watch_episode.held),
    price = coalesce(excluded.price, watch_episode.price),
    side = coalesce(excluded.side, watch_episode.side),
    low = coalesce(excluded.low, watch_episode.low),
    high = coalesce(excluded.high, watch_episode.high),
    usd = coalesce(excluded.usd, watch_episode.usd),
    way = coalesce(excluded.way, watch_episode.way),
    markets = coalesce(excluded.markets, watch_episode.markets)
"""


async def keep_entries(connection: AsyncConnection, entries: Iterable[Entry]) -> None:
    """Write episodes into their ledgers."""
    rows = [_row(entry) for entry in entries]
    if rows:
        await connection.execute(text(_KEEP), rows)


class Ledgers:
    """The part of a WatchStore that keeps ledgers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    ENTRY = "SELECT * FROM watch_episode WHERE message = :message"

    async def entry(self, message: str) -> Entry | None:
        """Return an episode of a ledger."""
        async with self._database.reading() as connection:
            row = (await connection.execute(text(self.ENTRY), {"message": message})).first()
        return None if row is None else _entry(row)

    NOTE = """
    INSERT INTO watch_outcome (message, after_ms, price, move, worst, reached, liquidated)
    SELECT
        :message, :after_ms, :price, :move, :worst,
        CAST(:reached AS BOOLEAN), CAST(:liquidated AS DOUBLE PRECISION)
    WHERE EXISTS (SELECT 1 FROM watch_episode WHERE message = :message)
    ON CONFLICT (message, after_ms) DO NOTHING
    """

    async def note(self, after: After) -> None:
        """Write down what came of an episode; the same again changes nothing."""
        row = {
            "message": after.message,
            "after_ms": after.after,
            "price": after.price,
            "move": after.move,
            "worst": after.worst,
            "reached": after.reached,
            "liquidated": after.liquidated,
        }
        async with self._database.writing() as connection:
            await connection.execute(text(self.NOTE), row)

    VOTE = """
    INSERT INTO watch_vote (message, person, useful)
    SELECT :message, :person, :useful
    WHERE EXISTS (SELECT 1 FROM watch_episode WHERE message = :message)
    ON CONFLICT (message, person) DO UPDATE SET useful = excluded.useful
    """

    async def vote(self, message: str, user: str, *, useful: bool) -> None:
        """Write down whether an episode was of use to somebody; his newest word counts."""
        row = {"message": message, "person": user, "useful": useful}
        async with self._database.writing() as connection:
            await connection.execute(text(self.VOTE), row)

    NEWEST = """
    SELECT *
    FROM watch_episode
    WHERE watch = :watch
    ORDER BY began_ms DESC, message DESC
    LIMIT :limit
    """
    # A key ends with its number: "w12/BTC/3".
    NUMBERS = text("""
    SELECT
        watch, market,
        max(CAST(substr(message, length(watch) + length(market) + 3) AS INTEGER)) AS number
    FROM watch_episode
    WHERE watch IN :watches
    GROUP BY watch, market
    """).bindparams(bindparam("watches", expanding=True))

    async def numbers(self, watches: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Return the highest number of the episodes of watches, by watch and market."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        async with self._database.reading() as connection:
            for some in chunks(watches):
                for row in (await connection.execute(self.NUMBERS, {"watches": some})).all():
                    found[row.watch][row.market] = row.number
        return dict(found)

    OUTCOMES = text("""
    SELECT *
    FROM watch_outcome
    WHERE message IN :messages
    ORDER BY after_ms
    """).bindparams(bindparam("messages", expanding=True))
    VOTES = text("""
    SELECT message, useful, count(*) AS people
    FROM watch_vote
    WHERE message IN :messages
    GROUP BY message, useful
    """).bindparams(bindparam("messages", expanding=True))

    async def ledger(self, watch_id: str, limit: int = 100) -> Sequence[Told]:
        """Return a watch's episodes with what came of them, the newest first."""
        after: dict[str, list[After]] = defaultdict(list)
        votes: dict[tuple[str, bool], int] = {}
        async with self._database.reading() as connection:
            asked = {"watch": watch_id, "limit": limit}
            rows = (await connection.execute(text(self.NEWEST), asked)).all()
            for some in chunks(row.message for row in rows):
                named = {"messages": some}
                for one in (await connection.execute(self.OUTCOMES, named)).all():
                    after[one.message].append(_after(one))
                for one in (await connection.execute(self.VOTES, named)).all():
                    votes[one.message, bool(one.useful)] = one.people
        return [
            Told(
                _entry(row),
                tuple(after[row.message]),
                votes.get((row.message, True), 0),
                votes.get((row.message, False), 0),
            )
            for row in rows
        ]


def _row(entry: Entry) -> dict[str, Any]:
    about = entry.about
    return {
        "message": entry.message,
        "watch": entry.watch,
        "market": entry.market,
        "began_ms": entry.began,
        "told_ms": entry.told,
        "ended_ms": entry.ended,
        "held": entry.held or None,
        "price": entry.price,
        "side": None if about is None else about.side.value,
        "low": None if about is None else about.low,
        "high": None if about is None else about.high,
        "usd": entry.usd,
        "way": entry.way or None,
        "markets": "\n".join(entry.markets) or None,
    }


def _entry(row: Any) -> Entry:
    return Entry(
        row.message,
        row.watch,
        row.market,
        row.began_ms,
        row.told_ms,
        row.ended_ms,
        row.held or "",
        row.price,
        None if row.side is None else About(Side(row.side), row.low, row.high),
        row.usd,
        row.way or "",
        tuple((row.markets or "").split("\n")) if row.markets else (),
    )


def _after(row: Any) -> After:
    reached = None if row.reached is None else bool(row.reached)
    return After(row.message, row.after_ms, row.price, row.move, row.worst, reached, row.liquidated)
