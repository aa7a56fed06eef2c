"""Watches, their drafts, and how chats want to be spoken to; ledgers are in storage/ledgers.py."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, text

from bot.core.errors import TooManyWatches
from bot.core.language import mark
from bot.messages import Address
from bot.watching import DRAFT_LASTS, Draft, KeptWatch, Manners, Quota
from storage import watches_gone
from storage.database import Database
from storage.ledgers import Ledgers
from storage.outbox_rows import chunks
from storage.watches_gone import number


class Watches(Ledgers):
    """The WatchStore in a database, of one world."""

    def __init__(self, database: Database, world: str = "live") -> None:
        super().__init__(database)
        self._world = world
        self._newest: Mapping[int, KeptWatch] = {}  # all that were read last, by number

    # Of two who add at the same moment the second waits for the first, and then counts it too.
    IN_TURN = "UPDATE outbox_ticket SET next = next"

    SAME = """
    SELECT *
    FROM watch
    WHERE world = :world AND (
        (:draft <> '' AND draft = :draft)
        OR (retired = '' AND chat = :chat AND topic = :topic AND words = :words)
    )
    """

    COUNTS = """
    SELECT
        count(CASE WHEN chat = :chat THEN 1 END) AS of_chat,
        count(CASE WHEN owner = :owner THEN 1 END) AS of_user
    FROM watch
    WHERE world = :world AND retired = '' AND (chat = :chat OR owner = :owner)
    """

    ADD = """
    INSERT INTO watch (
        world, chat, topic, owner, shared, words, made_ms, snoozed_ms, retired, draft
    )
    VALUES (
        :world, :chat, :topic, :owner, :shared, :words, :made_ms, :snoozed_ms, '', :draft
    )
    RETURNING *
    """

    async def add(self, watch: KeptWatch, quota: Quota, *, only_once: str = "") -> KeptWatch:
        """Keep a new watch and give it an id. TooManyWatches."""
        row = {
            "world": self._world,
            "chat": watch.address.chat,
            "topic": watch.address.topic,
            "owner": watch.owner,
            "shared": watch.shared,
            "words": watch.words,
            "made_ms": watch.made,
            "snoozed_ms": watch.snoozed_until,
            "draft": only_once,
        }
        async with self._database.writing() as connection:
            await connection.execute(text(self.IN_TURN))
            there = (await connection.execute(text(self.SAME), row)).first()
            if there is not None:
                return _watch(there)
            counts = (await connection.execute(text(self.COUNTS), row)).one()
            if counts.of_user >= quota.of_user:
                raise TooManyWatches(quota.of_user, mark("One person"))
            if counts.of_chat >= quota.of_chat:
                raise TooManyWatches(quota.of_chat, mark("This chat"))
            return _watch((await connection.execute(text(self.ADD), row)).one())

    ONE = "SELECT * FROM watch WHERE world = :world AND number = :number AND retired = ''"

    async def watch(self, watch_id: str) -> KeptWatch | None:
        """Return a watch that speaks, or None."""
        found = await self._found(self.ONE, number=number(watch_id))
        return found[0] if found else None

    # In parts, so that whoever reads many lets the others have their turn in between.
    ALL = """
    SELECT *
    FROM watch
    WHERE world = :world AND retired = '' AND number > :after
    ORDER BY number
    LIMIT :part
    """
    PART = 500

    async def watches(self) -> Sequence[KeptWatch]:
        """Return all watches that speak, oldest first."""
        found: dict[int, KeptWatch] = {}
        asked = {"world": self._world, "after": 0, "part": self.PART}
        async with self._database.reading() as connection:
            while True:
                rows = (await connection.execute(text(self.ALL), asked)).all()
                for row in rows:
                    # One that has not changed is the same as before: tens of thousands that are
                    # made and let go each minute would be searched for garbage as often.
                    watch, before = _watch(row), self._newest.get(row.number)
                    found[row.number] = watch if before != watch else before
                if len(rows) < self.PART:
                    break
                asked["after"] = rows[-1].number
        self._newest = found
        return list(found.values())

    OF_CHAT = """
    SELECT *
    FROM watch
    WHERE world = :world AND chat = :chat AND (:retired OR retired = '')
    ORDER BY number
    """

    async def of_chat(self, chat: str, *, retired: bool = False) -> Sequence[KeptWatch]:
        """Return the watches of a chat, oldest first."""
        return await self._found(self.OF_CHAT, chat=chat, retired=retired)

    OF_USER = "SELECT * FROM watch WHERE world = :world AND owner = :owner ORDER BY number"

    async def of_user(self, user: str) -> Sequence[KeptWatch]:
        """Return all watches that somebody made, in whatever chat, oldest first."""
        return await self._found(self.OF_USER, owner=user)

    async def _found(self, statement: str, **asked: Any) -> list[KeptWatch]:
        async with self._database.reading() as connection:
            rows = await connection.execute(text(statement), asked | {"world": self._world})
            return [_watch(row) for row in rows.all()]

    # One that was retired speaks again, unless the same was made anew meanwhile.
    SNOOZE = """
    UPDATE watch
    SET snoozed_ms = :until, retired = ''
    WHERE world = :world AND number = :number AND NOT EXISTS (
        SELECT 1
        FROM watch AS there
        WHERE there.number <> watch.number AND there.retired = '' AND there.world = watch.world
            AND there.chat = watch.chat AND there.topic = watch.topic
            AND there.words = watch.words
    )
    """

    async def snooze(self, watch_id: str, until: int) -> None:
        """Have a watch be silent until a time [ms]; one in the past lets it speak."""
        row = {"world": self._world, "number": number(watch_id), "until": until}
        async with self._database.writing() as connection:
            await connection.execute(text(self.SNOOZE), row)

    REWORD = "UPDATE watch SET words = :words WHERE number = :number"

    async def reword(self, watch_id: str, words: str) -> None:
        """Change what a watch says; its state is forgotten."""
        async with self._database.writing() as connection:
            asked = {"world": self._world, "number": number(watch_id)}
            now = (await connection.execute(text(self.ONE), asked)).first()
            if now is None or now.words == words:
                return
            same = {"chat": now.chat, "topic": now.topic, "words": words, "draft": ""}
            if (await connection.execute(text(self.SAME), asked | same)).first() is not None:
                await watches_gone.remove(connection, [watch_id])  # it says so already
                return
            await connection.execute(text(self.REWORD), asked | {"words": words})
            await watches_gone.forget_states(connection, [watch_id])

    async def remove(self, watch_id: str) -> bool:
        """Forget a watch with its state and ledger; says whether there was one."""
        async with self._database.writing() as connection:
            return await watches_gone.remove(connection, [watch_id], self._world) > 0

    RETIRE = """
    UPDATE watch
    SET retired = :why
    WHERE chat = :chat AND retired = '' AND (:every OR number = :number)
    """

    async def retire(self, chat: str, why: str, *, watch: str = "") -> int:
        """Let all watches of a chat, or one of them, speak no more; returns how many."""
        async with self._database.writing() as connection:
            why = why or "the chat is closed"
            row = {"chat": chat, "why": why, "every": not watch, "number": number(watch)}
            return (await connection.execute(text(self.RETIRE), row)).rowcount

    async def move(self, chat: str, to: str) -> None:
        """Have the watches and the settings of a chat belong to the one it has become."""
        async with self._database.writing() as connection:
            await watches_gone.move(connection, chat, to)

    async def forget(self, who: str) -> None:
        """Forget a chat's or a person's watches, drafts, ledgers, votes and manners for good."""
        async with self._database.writing() as connection:
            await watches_gone.forget(connection, who)

    MANNERS = """
    SELECT chat, theme, zone, quiet_from, quiet_until, muted_ms, language
    FROM chat
    """
    OF_CHATS = text(f"{MANNERS} WHERE chat IN :chats").bindparams(
        bindparam("chats", expanding=True)
    )

    async def manners(self, chats: Sequence[str] | None = None) -> Mapping[str, Manners]:
        """Return how chats want to be spoken to; those that have said nothing are left out."""
        async with self._database.reading() as connection:
            rows: list[Any] = []
            if chats is None:
                rows += (await connection.execute(text(self.MANNERS))).all()
            for some in chunks(chats or ()):
                rows += (await connection.execute(self.OF_CHATS, {"chats": some})).all()
        return {row.chat: _manners(row) for row in rows}

    SET_MANNERS = """
    INSERT INTO chat (chat, theme, zone, quiet_from, quiet_until, muted_ms, language)
    VALUES (:chat, :theme, :zone, :quiet_from, :quiet_until, :muted_ms, :language)
    ON CONFLICT (chat) DO UPDATE SET
        theme = excluded.theme, zone = excluded.zone, quiet_from = excluded.quiet_from,
        quiet_until = excluded.quiet_until, muted_ms = excluded.muted_ms,
        language = excluded.language
    """

    async def set_manners(self, chat: str, manners: Manners) -> None:
        """Replace how a chat wants to be spoken to."""
        quiet = manners.quiet or (None, None)
        row = {
            "chat": chat,
            "theme": manners.theme,
            "zone": manners.zone,
            "quiet_from": quiet[0],
            "quiet_until": quiet[1],
            "muted_ms": manners.muted_until,
            "language": manners.language,
        }
        async with self._database.writing() as connection:
            await connection.execute(text(self.SET_MANNERS), row)

    DRAFT = "SELECT * FROM watch_draft WHERE world = :world AND number = :number"

    async def draft(self, draft_id: str) -> Draft | None:
        """Return a draft, None if it was saved or let go."""
        asked = {"world": self._world, "number": number(draft_id, "d")}
        async with self._database.reading() as connection:
            row = (await connection.execute(text(self.DRAFT), asked)).first()
        return None if row is None else _draft(row)

    OLD_DRAFTS = """
    DELETE FROM watch_draft
    WHERE world = :world AND (
        touched_ms < :old OR (chat = :chat AND person = :person AND number <> :number)
    )
    """
    CHANGE_DRAFT = """
    UPDATE watch_draft
    SET words = :words, step = :step, touched_ms = :touched_ms
    WHERE world = :world AND number = :number AND chat = :chat AND person = :person
    RETURNING *
    """
    NEW_DRAFT = """
    INSERT INTO watch_draft (world, chat, person, words, step, touched_ms)
    VALUES (:world, :chat, :person, :words, :step, :touched_ms)
    RETURNING *
    """

    async def keep_draft(self, draft: Draft) -> Draft:
        """Keep a draft, with an id of its own if it has none; others of its person are let go."""
        row = {
            "world": self._world,
            "chat": draft.chat,
            "person": draft.user,
            "words": draft.words,
            "step": draft.step,
            "touched_ms": draft.touched,
            "number": number(draft.id, "d"),
            "old": draft.touched - DRAFT_LASTS,
        }
        async with self._database.writing() as connection:
            await connection.execute(text(self.OLD_DRAFTS), row)
            kept = (await connection.execute(text(self.CHANGE_DRAFT), row)).first()
            if kept is None:
                kept = (await connection.execute(text(self.NEW_DRAFT), row)).one()
            return _draft(kept)

    DROP_DRAFT = "DELETE FROM watch_draft WHERE world = :world AND number = :number"

    async def drop_draft(self, draft_id: str) -> None:
        """Let go of a draft."""
        row = {"world": self._world, "number": number(draft_id, "d")}
        async with self._database.writing() as connection:
            await connection.execute(text(self.DROP_DRAFT), row)


def _watch(row: Any) -> KeptWatch:
    return KeptWatch(
        f"w{row.number}",
        Address(row.chat, row.topic),
        row.owner,
        bool(row.shared),
        row.words,
        row.made_ms,
        row.snoozed_ms,
        row.retired,
    )


def _draft(row: Any) -> Draft:
    return Draft(f"d{row.number}", row.chat, row.person, row.words, row.step, row.touched_ms)


def _manners(row: Any) -> Manners:
    quiet = None if row.quiet_from is None else (row.quiet_from, row.quiet_until)
    return Manners(row.zone or "UTC", quiet, row.muted_ms or 0, row.theme, row.language)
