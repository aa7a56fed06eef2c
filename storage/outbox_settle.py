"""What became of messages that were under way."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.messages import Done, Gone, Later, Moved, Refused, Settled, Unknown
from storage.outbox_rows import tickets

# What was put meanwhile is shown next, from the end of the line.
SHOW = """
UPDATE delivery
SET shown = :content, remote = :remote, attempts = 0, doubts = 0,
    ticket = CASE WHEN content = :content THEN ticket ELSE :ticket END,
    progress = CASE WHEN content = :content THEN 2 ELSE 0 END
WHERE id = :id AND progress = 1
"""

# A change may be made twice; only of a new message there may be two.
TRY_AGAIN = """
UPDATE delivery
SET progress = 0, attempts = attempts + 1,
    doubts = doubts + CASE WHEN remote IS NULL THEN :doubt ELSE 0 END
WHERE id = :id AND progress = 1
"""

# A newer state may be taken where the last one was not.
GIVE_UP = """
UPDATE delivery
SET progress = CASE WHEN content = :content THEN 3 ELSE 0 END, why = :why
WHERE id = :id AND progress = 1
"""

# A chat that was forgotten while something was under way to it stays forgotten.
LEAVE_ALONE = """
INSERT INTO lane (chat, platform, opens_ms, gone)
SELECT :chat, :platform, :opens, FALSE
WHERE EXISTS (SELECT 1 FROM delivery WHERE chat = :chat)
ON CONFLICT (chat) DO UPDATE SET opens_ms = excluded.opens_ms
"""


async def settle(connection: AsyncConnection, settled: Sequence[Settled]) -> None:
    """Write down outcomes; see OutboxStore."""
    ticket = await tickets(connection, len(settled))
    rows: dict[str, list[dict[str, Any]]] = {SHOW: [], TRY_AGAIN: [], GIVE_UP: []}
    for number, each in enumerate(settled):
        errand, outcome = each.errand, each.outcome
        row: dict[str, Any] = {"id": errand.id}
        if isinstance(outcome, Done):
            row |= {"content": errand.content, "remote": outcome.remote, "ticket": ticket + number}
            rows[SHOW].append(row)
        elif isinstance(outcome, Later | Unknown | Moved):
            rows[TRY_AGAIN].append(row | {"doubt": int(isinstance(outcome, Unknown))})
        elif isinstance(outcome, Refused | Gone):
            rows[GIVE_UP].append(row | {"content": errand.content, "why": outcome.why})
    for statement, some in rows.items():
        if some:
            await connection.execute(text(statement), some)
    await connection.execute(text(LEAVE_ALONE), list(_lanes(settled)))
    for each in settled:
        await _follow_chat(connection, each)


def _lanes(settled: Iterable[Settled]) -> Iterable[dict[str, Any]]:
    for each in settled:
        address = each.errand.address
        yield {"chat": address.chat, "platform": address.platform, "opens": each.opens}


async def _follow_chat(connection: AsyncConnection, settled: Settled) -> None:
    outcome, address = settled.outcome, settled.errand.address
    if isinstance(outcome, Gone):
        await _retire(connection, address.chat, outcome.why)
    elif isinstance(outcome, Moved):
        await _move(connection, address.chat, outcome.to)
    elif isinstance(outcome, Done) and outcome.moved_to is not None:
        await _move(connection, address.chat, outcome.moved_to, keep=settled.errand.id)


RETIRE_LANE = "UPDATE lane SET gone = TRUE WHERE chat = :chat AND NOT gone"

RETIRE = """
UPDATE delivery
SET progress = 3, why = :why
WHERE chat = :chat AND progress < 2
"""

NEWS = "INSERT INTO chat_news (chat, moved_to, why) VALUES (:chat, :moved_to, :why)"


async def _retire(connection: AsyncConnection, chat: str, why: str) -> None:
    changed = await connection.execute(text(RETIRE_LANE), {"chat": chat})
    await connection.execute(text(RETIRE), {"chat": chat, "why": why})
    if changed.rowcount:
        await connection.execute(text(NEWS), {"chat": chat, "moved_to": None, "why": why})


MOVE_LANE = """
UPDATE lane
SET moved_to = :to
WHERE chat = :chat AND (moved_to IS NULL OR moved_to <> :to)
"""

# What the old chat calls a message means nothing in the new one: its next state is sent anew.
MOVE = """
UPDATE delivery
SET chat = :to, remote = CASE WHEN id = :keep THEN remote END
WHERE chat = :chat AND NOT EXISTS (
    SELECT 1
    FROM delivery AS there
    WHERE there.chat = :to AND there.episode = delivery.episode
        AND there.after_ms = delivery.after_ms AND there.topic = delivery.topic
)
"""


async def _move(connection: AsyncConnection, chat: str, to: str, *, keep: int = -1) -> None:
    if chat == to:
        return
    changed = await connection.execute(text(MOVE_LANE), {"chat": chat, "to": to})
    await connection.execute(text(MOVE), {"chat": chat, "to": to, "keep": keep})
    # What could not move is there already.
    await connection.execute(text(RETIRE), {"chat": chat, "why": "the chat has moved"})
    if changed.rowcount:
        row = {"chat": chat, "moved_to": to, "why": "the chat has moved"}
        await connection.execute(text(NEWS), row)
