"""Messages that go out by themselves, kept until they are shown."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.messages import (
    Address,
    Backlog,
    Due,
    Errand,
    FollowUp,
    Judged,
    News,
    Settled,
    Urgency,
)
from bot.reply import Reply
from storage import outbox_put, outbox_settle
from storage.database import Database
from storage.outbox_rows import TAKEN_BACK, chunks, decoded

# An alert to 2,000 chats is one content; a few are on their way at the same time. Each may hold
# a picture of 100 kB or so.
_CONTENTS = 32

# A process that was killed may have written to a chat just now [ms].
_AFTER_A_KILL = 1_000


class Outbox:
    """The OutboxStore in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._contents: OrderedDict[str, Reply] = OrderedDict()

    async def put(self, judged: Sequence[Judged], now: int) -> frozenset[str]:
        """Keep new states of watches and what is to be said; returns the watches that were new."""
        if not judged:
            return frozenset()
        async with self._database.writing() as connection:
            return await outbox_put.put(connection, judged, now)

    # In parts, so that whoever reads many lets the others have their turn in between.
    STATES = """
    SELECT watch, body
    FROM watch_state
    WHERE watch > :after
    ORDER BY watch
    LIMIT :part
    """
    PART = 500

    async def states(self) -> Mapping[str, bytes]:
        """Return the newest state of every watch."""
        found: dict[str, bytes] = {}
        asked = {"after": "", "part": self.PART}
        async with self._database.reading() as connection:
            while True:
                rows = (await connection.execute(text(self.STATES), asked)).all()
                found |= {row.watch: bytes(row.body) for row in rows}
                if len(rows) < self.PART:
                    return found
                asked["after"] = rows[-1].watch

    DROP = text("DELETE FROM watch_state WHERE watch IN :watches").bindparams(
        bindparam("watches", expanding=True)
    )

    async def drop(self, watches: Sequence[str]) -> None:
        """Forget the states of watches that are no more."""
        async with self._database.writing() as connection:
            for some in chunks(watches):
                await connection.execute(self.DROP, {"watches": some})

    # Only of a new message there may be two; a change may be made twice.
    RECOVER = """
    UPDATE delivery
    SET progress = 0, attempts = attempts + 1,
        doubts = doubts + CASE WHEN remote IS NULL THEN 1 ELSE 0 END
    WHERE platform = :platform AND progress < 2 AND progress = 1
    RETURNING chat
    """

    REST = """
    INSERT INTO lane (chat, platform, opens_ms, gone)
    VALUES (:chat, :platform, :opens, FALSE)
    ON CONFLICT (chat) DO UPDATE SET
        opens_ms = CASE WHEN lane.opens_ms > :opens THEN lane.opens_ms ELSE :opens END
    """

    async def recover(self, platform: str, now: int) -> int:
        """Take up what an earlier process left under way; returns how many messages."""
        async with self._database.writing() as connection:
            found = await connection.execute(text(self.RECOVER), {"platform": platform})
            chats = found.scalars().all()
            rest = {"platform": platform, "opens": now + _AFTER_A_KILL}
            if chats:
                await connection.execute(text(self.REST), [rest | {"chat": chat} for chat in chats])
        return len(chats)

    # A line's first open message stands for its chat: the others wait behind it.
    DUE = """
    SELECT delivery.id, delivery.chat, delivery.topic, delivery.urgency
    FROM delivery LEFT JOIN lane ON lane.chat = delivery.chat
    WHERE delivery.platform = :platform AND delivery.progress < 2
        AND delivery.progress = 0
        AND (lane.opens_ms IS NULL OR lane.opens_ms <= :now)
        AND NOT EXISTS (
            SELECT 1
            FROM delivery AS ahead
            WHERE ahead.chat = delivery.chat AND ahead.progress < 2
                AND ahead.ticket < delivery.ticket
        )
    ORDER BY delivery.urgency, delivery.ticket
    LIMIT :limit
    """

    async def due(self, platform: str, now: int, limit: int) -> Sequence[Due]:
        """Return the next message of each chat that may be written to, the urgent ones first."""
        asked = {"platform": platform, "now": now, "limit": limit}
        async with self._database.reading() as connection:
            rows = (await connection.execute(text(self.DUE), asked)).all()
        return [Due(row.id, Address(row.chat, row.topic), Urgency(row.urgency)) for row in rows]

    CLAIM = text("""
    UPDATE delivery
    SET progress = 1, tried_ms = coalesce(tried_ms, :now)
    WHERE id IN :ids AND progress = 0
    RETURNING id
    """).bindparams(bindparam("ids", expanding=True))

    # The message that a follow-up answers stands in the same chat and topic.
    ERRANDS = text("""
    SELECT delivery.*, living.remote AS answers
    FROM delivery
    LEFT JOIN delivery AS living
        ON delivery.after_ms > 0 AND living.after_ms = 0 AND living.episode = delivery.episode
        AND living.chat = delivery.chat AND living.topic = delivery.topic
    WHERE delivery.id IN :ids
    """).bindparams(bindparam("ids", expanding=True))

    async def claim(self, ids: Sequence[int], now: int) -> Mapping[int, Errand]:
        """Write down that messages are under way, and return what they say now."""
        errands = {}
        async with self._database.writing() as connection:
            for some in chunks(ids):
                claimed = await connection.execute(self.CLAIM, {"ids": some, "now": now})
                mine = claimed.scalars().all()
                if not mine:
                    continue
                for row in (await connection.execute(self.ERRANDS, {"ids": mine})).all():
                    errands[row.id] = _errand(row, await self._content(connection, row.content))
        return errands

    CONTENT = "SELECT body FROM content WHERE hash = :hash"

    async def _content(self, connection: AsyncConnection, name: str) -> Reply | None:
        if name == TAKEN_BACK:
            return None
        reply = self._contents.pop(name, None)
        if reply is None:
            body = (await connection.execute(text(self.CONTENT), {"hash": name})).scalar_one()
            reply = decoded(bytes(body))
        self._contents[name] = reply  # the last to be let go
        if len(self._contents) > _CONTENTS:
            self._contents.popitem(last=False)
        return reply

    async def settle(self, settled: Sequence[Settled], now: int) -> None:  # noqa: ARG002 - the port's
        """Write down what became of messages."""
        if not settled:
            return
        async with self._database.writing() as connection:
            await outbox_settle.settle(connection, settled)

    SHIFT = "UPDATE lane SET opens_ms = opens_ms + :by WHERE platform = :platform"

    async def shift(self, platform: str, by: int) -> None:
        """Move the times until which chats are left alone."""
        async with self._database.writing() as connection:
            await connection.execute(text(self.SHIFT), {"platform": platform, "by": by})

    FOLLOW_UPS = """
    SELECT episode, max(after_ms) AS after_ms
    FROM follow_up
    WHERE NOT done AND due_ms <= :now
    GROUP BY episode
    ORDER BY max(due_ms)
    LIMIT :limit
    """

    async def due_follow_ups(self, now: int, limit: int) -> Sequence[FollowUp]:
        """Return the latest follow-up of each episode whose time has come."""
        async with self._database.reading() as connection:
            asked = {"now": now, "limit": limit}
            rows = (await connection.execute(text(self.FOLLOW_UPS), asked)).all()
        return [FollowUp(row.episode, row.after_ms) for row in rows]

    async def follow(self, due: FollowUp, reply: Reply | None, now: int) -> None:
        """Keep a follow-up for every chat that was told of the episode."""
        async with self._database.writing() as connection:
            await outbox_put.follow(connection, due, reply, now)

    TO_TELL = "SELECT id, chat, moved_to, why FROM chat_news ORDER BY id LIMIT :limit"

    async def news(self, limit: int) -> Sequence[News]:
        """Return what is to be told of chats, oldest first."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(text(self.TO_TELL), {"limit": limit})).all()
        return [News(row.id, row.chat, row.moved_to, row.why) for row in rows]

    TOLD = "DELETE FROM chat_news WHERE id = :id"

    async def told(self, news: Sequence[News]) -> None:
        """Forget news that have been acted upon."""
        if not news:
            return
        async with self._database.writing() as connection:
            await connection.execute(text(self.TOLD), [{"id": each.id} for each in news])

    WELCOME = "UPDATE lane SET gone = FALSE, opens_ms = 0 WHERE chat = :chat"

    async def welcome(self, chat: str) -> None:
        """Write to a chat again that was gone."""
        async with self._database.writing() as connection:
            await connection.execute(text(self.WELCOME), {"chat": chat})

    FORGET = (
        "DELETE FROM delivery WHERE chat = :chat",
        "DELETE FROM chat_news WHERE chat = :chat OR moved_to = :chat",
        "DELETE FROM lane WHERE chat = :chat OR moved_to = :chat",
        "DELETE FROM watch_state WHERE watch IN ('test ' || :chat, 'groups ' || :chat)",
        "DELETE FROM content WHERE hash NOT IN (SELECT content FROM delivery)",
    )

    async def forget(self, chat: str) -> None:
        """Forget everything about a chat, also what has not been shown yet."""
        async with self._database.writing() as connection:
            for statement in self.FORGET:
                given = {"chat": chat} if ":chat" in statement else {}
                await connection.execute(text(statement), given)
        self._contents.clear()

    BACKLOG = """
    SELECT count(*) AS waiting, min(put_ms) AS oldest
    FROM delivery
    WHERE platform = :platform AND progress < 2
    """

    async def backlog(self, platform: str) -> Backlog:
        """Say how much waits, and since when."""
        async with self._database.reading() as connection:
            found = await connection.execute(text(self.BACKLOG), {"platform": platform})
            row = found.one()
        return Backlog(row.waiting, row.oldest)


def _errand(row: Any, reply: Reply | None) -> Errand:
    return Errand(
        row.id,
        Address(row.chat, row.topic),
        row.content,
        reply,
        f"{row.episode}/{row.after_ms}/{row.chat}/{row.topic}",
        row.remote,
        row.answers,
        row.attempts,
        row.doubts,
        row.tried_ms,
    )
