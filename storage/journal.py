"""People's own trades; nothing of a trade is known but to its owner."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import text

from bot.core.journal.trade import Trade
from storage.database import Database
from storage.watches_gone import number

_DECODER = msgspec.json.Decoder(Trade)


class Journal:
    """The JournalStore in a database, of one world."""

    def __init__(self, database: Database, world: str = "live") -> None:
        self._database = database
        self._world = world

    SAME = """
    SELECT number, body
    FROM trade
    WHERE world = :world AND owner = :owner AND source = :source AND source <> ''
    """
    ADD = """
    INSERT INTO trade (world, owner, source, opened_ms, body)
    VALUES (:world, :owner, :source, :opened_ms, :body)
    ON CONFLICT DO NOTHING
    RETURNING number, body
    """

    async def add(self, trade: Trade) -> Trade:
        """Keep a new trade and give it an id; one from the same source is kept once."""
        row = {
            "world": self._world,
            "owner": trade.owner,
            "source": trade.source,
            "opened_ms": trade.opened,
            "body": _body(trade),
        }
        async with self._database.writing() as connection:
            added = (await connection.execute(text(self.ADD), row)).first()
            if added is None:
                added = (await connection.execute(text(self.SAME), row)).one()
        return _trade(added)

    CHANGE = """
    UPDATE trade
    SET body = :body, opened_ms = :opened_ms
    WHERE world = :world AND owner = :owner AND number = :number
    """

    async def change(self, trade: Trade) -> bool:
        """Replace a trade of its owner; says whether there is one."""
        row = self._asked(trade.owner, trade.id) | {
            "body": _body(trade),
            "opened_ms": trade.opened,
        }
        async with self._database.writing() as connection:
            return (await connection.execute(text(self.CHANGE), row)).rowcount > 0

    REMOVE = "DELETE FROM trade WHERE world = :world AND owner = :owner AND number = :number"

    async def remove(self, owner: str, trade_id: str) -> bool:
        """Forget a trade; says whether there was one."""
        async with self._database.writing() as connection:
            gone = await connection.execute(text(self.REMOVE), self._asked(owner, trade_id))
        return gone.rowcount > 0

    ONE = """
    SELECT number, body
    FROM trade
    WHERE world = :world AND owner = :owner AND number = :number
    """

    async def trade(self, owner: str, trade_id: str) -> Trade | None:
        """Return a trade of somebody's own."""
        async with self._database.reading() as connection:
            asked = self._asked(owner, trade_id)
            row = (await connection.execute(text(self.ONE), asked)).first()
        return None if row is None else _trade(row)

    ALL = """
    SELECT number, body
    FROM trade
    WHERE world = :world AND owner = :owner
    ORDER BY opened_ms, number
    """

    async def trades(self, owner: str) -> Sequence[Trade]:
        """Return all trades of somebody, oldest first."""
        async with self._database.reading() as connection:
            asked = {"world": self._world, "owner": owner}
            rows = (await connection.execute(text(self.ALL), asked)).all()
        return [_trade(row) for row in rows]

    FORGET = "DELETE FROM trade WHERE owner = :owner"

    async def forget(self, owner: str) -> int:
        """Forget all trades of somebody, of all worlds; returns how many."""
        async with self._database.writing() as connection:
            return (await connection.execute(text(self.FORGET), {"owner": owner})).rowcount

    def _asked(self, owner: str, trade_id: str) -> dict[str, Any]:
        return {"world": self._world, "owner": owner, "number": number(trade_id, "t")}


def _body(trade: Trade) -> bytes:
    return msgspec.json.encode(trade)


def _trade(row: Any) -> Trade:
    return replace(_DECODER.decode(row.body), id=f"t{row.number}")
