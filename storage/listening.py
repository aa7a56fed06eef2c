"""When a market's liquidations were listened to, stretch by stretch."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.market.heard import Heard

SINCE = """
SELECT start_ms, end_ms
FROM heard
WHERE market_id = :market_id AND end_ms > :since
"""

EVER = """
SELECT 1
FROM heard
WHERE market_id = :market_id
LIMIT 1
"""


async def load(connection: AsyncConnection, market_id: int, since: int) -> Heard | None:
    """Return when a market was listened to from `since` [ms] on; None if that was never said."""
    asked = {"market_id": market_id, "since": since}
    rows = (await connection.execute(text(SINCE), asked)).all()
    if not rows and await connection.scalar(text(EVER), {"market_id": market_id}) is None:
        return None
    return Heard.of((row.start_ms, row.end_ms) for row in rows).between(since, 2**62)


# A stretch that grows keeps its start; one that reaches less far than before changes nothing.
GROW = """
INSERT INTO heard (market_id, start_ms, end_ms)
VALUES (:market_id, :start_ms, :end_ms)
ON CONFLICT (market_id, start_ms) DO UPDATE SET
    end_ms = CASE WHEN excluded.end_ms > heard.end_ms THEN excluded.end_ms ELSE heard.end_ms END
"""


# Of a market not heard for a moment yet: that is to be told from one of which nobody ever said.
_NO_MOMENT = ((0, 0),)


async def save(connection: AsyncConnection, market_id: int, heard: Heard) -> None:
    """Add stretches, or let them grow."""
    rows = [
        {"market_id": market_id, "start_ms": start, "end_ms": end}
        for start, end in heard.spans or _NO_MOMENT
    ]
    await connection.execute(text(GROW), rows)
