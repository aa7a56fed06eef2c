"""How messages stand in rows: their progress, their words, the tickets of their lines."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import TypeVar

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.reply import Reply

T = TypeVar("T")

# delivery.progress: 0 waiting, 1 under way, 2 shown, 3 given up. Statements say the numbers.
WAITING, GIVEN_UP = 0, 3

TAKEN_BACK = ""  # instead of a content's fingerprint

_DECODER = msgspec.msgpack.Decoder(Reply)

TAKE = """
UPDATE outbox_ticket
SET next = next + :count
RETURNING next
"""


async def tickets(connection: AsyncConnection, count: int) -> int:
    """Take `count` consecutive tickets; returns the first.

    Holds off every other writer of messages until the transaction is over.
    """
    taken: int = (await connection.execute(text(TAKE), {"count": count})).scalar_one()
    return taken - count


KEEP = """
INSERT INTO content (hash, body, put_ms)
VALUES (:hash, :body, :now)
ON CONFLICT (hash) DO UPDATE SET put_ms = excluded.put_ms
"""


async def keep_contents(
    connection: AsyncConnection, replies: Iterable[Reply | None], now: int
) -> dict[Reply | None, str]:
    """Keep what is said, once however many chats are to show it; returns the fingerprints."""
    bodies = {each: msgspec.msgpack.encode(each) for each in replies if each is not None}
    names: dict[Reply | None, str] = {None: TAKEN_BACK}
    names |= {each: blake2b(body, digest_size=16).hexdigest() for each, body in bodies.items()}
    rows = [{"hash": names[each], "body": body, "now": now} for each, body in bodies.items()]
    if rows:
        await connection.execute(text(KEEP), rows)
    return names


def decoded(body: bytes) -> Reply:
    """Read what is to be said."""
    return _DECODER.decode(body)


def chunks(items: Iterable[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Yield items in lists that fit into one statement.

    >>> list(chunks("abc", 2))
    [['a', 'b'], ['c']]
    """
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
