"""All that is kept of one person or one chat: shown to whom it belongs, and deleted for good."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.watching import Draft, Forgotten, KeptBeside, KeptMessage
from storage import watches_gone
from storage.database import Database
from storage.journal import Journal
from storage.outbox import Outbox
from storage.outbox_rows import decoded, tickets


class Own:
    """The OwnStore in a database; what is forgotten is forgotten in all worlds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    DRAFTS = "SELECT * FROM watch_draft WHERE person = :person ORDER BY number"
    VOTES = "SELECT message, useful FROM watch_vote WHERE person = :person ORDER BY message"
    MESSAGES = """
    SELECT delivery.chat, delivery.put_ms, content.body
    FROM delivery
    LEFT JOIN content ON content.hash = coalesce(nullif(delivery.content, ''), delivery.shown)
    WHERE delivery.chat = :chat
    ORDER BY delivery.put_ms, delivery.id
    """

    async def beside(self, person: str, chats: Sequence[str]) -> KeptBeside:
        """Return what is kept of somebody, and of the chats that are his."""
        messages: list[KeptMessage] = []
        async with self._database.reading() as connection:
            drafts = (await connection.execute(text(self.DRAFTS), {"person": person})).all()
            votes = (await connection.execute(text(self.VOTES), {"person": person})).all()
            for chat in dict.fromkeys(chats):
                rows = await connection.execute(text(self.MESSAGES), {"chat": chat})
                messages += [_message(row) for row in rows.all()]
        return KeptBeside(
            tuple(_draft(row) for row in drafts),
            {row.message: bool(row.useful) for row in votes},
            tuple(messages),
        )

    # A person's private chats, as far as what he watches in them tells.
    PRIVATE = "SELECT DISTINCT chat FROM watch WHERE owner = :person AND NOT shared"

    OF_PERSON: Mapping[str, str] = {
        "votes": "SELECT count(*) FROM watch_vote WHERE person = :who",
        "trades": "SELECT count(*) FROM trade WHERE owner = :who",
        "unnamed": "SELECT count(*) FROM watch WHERE owner = :who AND shared",
    }
    OF_CHAT: Mapping[str, str] = {
        "watches": (
            "SELECT count(*) FROM watch WHERE chat = :who OR (owner = :who AND NOT shared)"
        ),
        "drafts": "SELECT count(*) FROM watch_draft WHERE chat = :who OR person = :who",
        "settings": "SELECT count(*) FROM chat WHERE chat = :who",
        "messages": "SELECT count(*) FROM delivery WHERE chat = :who",
    }

    async def forget(self, chats: Sequence[str], person: str = "") -> Forgotten:
        """Delete what is kept of chats, and of a person with his private chats, all or nothing."""
        counts = dict.fromkeys((*self.OF_PERSON, *self.OF_CHAT), 0)
        async with self._database.writing() as connection:
            await tickets(connection, 1)  # nobody says anything more of them meanwhile
            everyone = list(chats)
            if person:
                counts |= await _counted(connection, self.OF_PERSON, person)
                found = await connection.execute(text(self.PRIVATE), {"person": person})
                everyone += [person, *found.scalars().all()]
            for who in dict.fromkeys(everyone):
                for what, count in (await _counted(connection, self.OF_CHAT, who)).items():
                    counts[what] += count
                await watches_gone.forget(connection, who)
                await _execute(connection, Outbox.FORGET, who)
            if person:
                await connection.execute(text(Journal.FORGET), {"owner": person})
        return Forgotten(**counts)


async def _counted(
    connection: AsyncConnection, counting: Mapping[str, str], who: str
) -> dict[str, int]:
    return {
        what: int((await connection.execute(text(each), {"who": who})).scalar_one())
        for what, each in counting.items()
    }


async def _execute(connection: AsyncConnection, statements: Iterable[str], chat: str) -> None:
    for each in statements:
        await connection.execute(text(each), {"chat": chat} if ":chat" in each else {})


def _draft(row: Any) -> Draft:
    return Draft(f"d{row.number}", row.chat, row.person, row.words, row.step, row.touched_ms)


def _message(row: Any) -> KeptMessage:
    said = "" if row.body is None else decoded(row.body).text()
    return KeptMessage(row.chat, row.put_ms, said)
