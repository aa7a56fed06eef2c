"""Watches that are removed, forgotten, or move with their chat."""

from collections.abc import Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.outbox_rows import chunks, tickets


def number(name: str, letter: str = "w") -> int:
    """Return the number of an id; -1 if it is none, which nothing is called.

    >>> number("w12"), number("w12x"), number("d3", "d")
    (12, -1, 3)
    """
    digits = name.removeprefix(letter)
    sound = name.startswith(letter) and digits.isascii() and digits.isdigit()
    return int(digits) if sound and len(digits) <= 15 else -1  # noqa: PLR2004 - fits any database


_SHARED = "groups "  # before a chat: the name of what its watches share


def sharing(name: str) -> str:
    """Return the chat whose watches share what is kept under a name; "" if it is no such name.

    >>> sharing("groups telegram:7"), sharing("w12")
    ('telegram:7', '')
    """
    return name.removeprefix(_SHARED) if name.startswith(_SHARED) else ""


_STATES = text("DELETE FROM watch_state WHERE watch IN :watches").bindparams(
    bindparam("watches", expanding=True)
)


async def forget_states(connection: AsyncConnection, watches: Sequence[str]) -> None:
    """Forget where watches stand."""
    for some in chunks(watches):
        await connection.execute(_STATES, {"watches": some})


# What has not been shown yet of a watch that is no more is not wanted any more.
_OF_LEDGER = (
    (
        "DELETE FROM watch_vote WHERE message IN "
        "(SELECT message FROM watch_episode WHERE watch = :watch)"
    ),
    (
        "DELETE FROM watch_outcome WHERE message IN "
        "(SELECT message FROM watch_episode WHERE watch = :watch)"
    ),
    "DELETE FROM watch_episode WHERE watch = :watch",
    "UPDATE follow_up SET done = TRUE WHERE episode LIKE :prefix",
    (
        "UPDATE delivery SET progress = 3, why = 'its watch was removed' "
        "WHERE episode LIKE :prefix AND progress = 0 AND remote IS NULL"
    ),
)

_REMOVE = "DELETE FROM watch WHERE number = :number AND (:world = '' OR world = :world)"


async def remove(connection: AsyncConnection, watches: Sequence[str], world: str = "") -> int:
    """Forget watches with their states and ledgers; returns how many there were.

    Until that is written nobody writes messages: a tick under way says nothing of them any more.
    """
    if watches:
        await tickets(connection, 1)
    removed = 0
    for watch in watches:
        row = {"number": number(watch), "world": world}
        if not (await connection.execute(text(_REMOVE), row)).rowcount:
            continue
        removed += 1
        await forget_states(connection, [watch])
        for statement in _OF_LEDGER:
            given = {"watch": watch, "prefix": f"{watch}/%"}
            used = {name: value for name, value in given.items() if f":{name}" in statement}
            await connection.execute(text(statement), used)
    return removed


_MOVE = (
    # What is said there already need not be said twice.
    (
        "DELETE FROM watch WHERE chat = :chat AND EXISTS (SELECT 1 FROM watch AS there "
        "WHERE there.chat = :to AND there.world = watch.world AND there.topic = watch.topic "
        "AND there.words = watch.words AND there.retired = '')"
    ),
    "UPDATE watch SET chat = :to WHERE chat = :chat",
    "DELETE FROM watch_draft WHERE chat = :chat",
    (
        "UPDATE chat SET chat = :to WHERE chat = :chat "
        "AND NOT EXISTS (SELECT 1 FROM chat AS there WHERE there.chat = :to)"
    ),
)


async def move(connection: AsyncConnection, chat: str, to: str) -> None:
    """Have the watches and the settings of a chat belong to the one it has become."""
    if chat == to:
        return
    for statement in _MOVE:
        given = {"chat": chat, "to": to} if ":to" in statement else {"chat": chat}
        await connection.execute(text(statement), given)


# A shared watch belongs to its chat; it only forgets who made it.
_MINE = """
SELECT number
FROM watch
WHERE chat = :who OR (owner = :who AND NOT shared)
"""
_FORGET = (
    "UPDATE watch SET owner = '' WHERE owner = :who",
    "DELETE FROM watch_draft WHERE chat = :who OR person = :who",
    "DELETE FROM watch_vote WHERE person = :who",
    "DELETE FROM chat WHERE chat = :who",
)


async def forget(connection: AsyncConnection, who: str) -> None:
    """Forget all that is kept of a chat's or a person's watches."""
    numbers = (await connection.execute(text(_MINE), {"who": who})).scalars().all()
    await remove(connection, [f"w{number}" for number in numbers])
    for statement in _FORGET:
        await connection.execute(text(statement), {"who": who})
