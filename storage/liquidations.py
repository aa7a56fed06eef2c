"""Liquidations as rows: they come a few at a time, overlap, and are asked for in many ways."""

import asyncio
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.market.liquidations import Liquidations

# Rows handed over at once: enough that a call's own cost does not count, few enough that
# preparing them stops nobody else for more than some milliseconds.
BATCH = 5_000

_ROW = np.dtype([("time", "i8"), ("side", "i1"), ("price", "f8"), ("quantity", "f8")])

SINCE = """
SELECT time_ms, side, price, quantity
FROM liquidation
WHERE market_id = :market_id AND time_ms >= :since
ORDER BY time_ms, side, price, quantity, repeat
"""


async def load(connection: AsyncConnection, market_id: int, since: int) -> Liquidations:
    """Return a market's liquidations from `since` [ms] on; those of one millisecond by size."""
    asked = {"market_id": market_id, "since": since}
    found = await connection.execute(text(SINCE), asked)
    return await asyncio.to_thread(_events, found.all())


def _events(found: Sequence[Row[tuple[int, int, float, float]]]) -> Liquidations:
    rows = np.array([tuple(row) for row in found], dtype=_ROW)
    return Liquidations(*(np.ascontiguousarray(rows[name]) for name in _ROW.names or ()))


# The same statement in both dialects, but each is handed many rows in its own quickest way.
ADD_ROWS = """
INSERT INTO liquidation (market_id, time_ms, side, price, quantity, repeat)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""

ADD_COLUMNS = """
INSERT INTO liquidation (market_id, time_ms, side, price, quantity, repeat)
SELECT %b::bigint, *
FROM unnest(%b::bigint[], %b::smallint[], %b::float8[], %b::float8[], %b::int[])
ON CONFLICT DO NOTHING
"""


async def save(connection: AsyncConnection, market_id: int, events: Liquidations) -> None:
    """Add liquidations; those already there, told by all they consist of, are left alone.

    Equal ones within one batch are different events; equal ones of two batches are the same.
    """
    repeat = repeats(events)
    columns = (events.time, events.side, events.price, events.quantity, repeat)
    by_column = connection.dialect.name == "postgresql"
    for start in range(0, len(events), BATCH):
        part = [values[start : start + BATCH] for values in columns]
        if by_column:
            lists = await asyncio.to_thread(_lists, part)
            await connection.exec_driver_sql(ADD_COLUMNS, (market_id, *lists))
        else:
            rows = await asyncio.to_thread(_rows, market_id, part)
            await connection.exec_driver_sql(ADD_ROWS, rows)


def _lists(part: Sequence[NDArray[np.generic]]) -> list[list[object]]:
    return [values.tolist() for values in part]


def _rows(market_id: int, part: Sequence[NDArray[np.generic]]) -> list[tuple[object, ...]]:
    return list(zip([market_id] * len(part[0]), *_lists(part), strict=True))


def repeats(events: Liquidations) -> NDArray[np.int64]:
    """Count for each event the equal ones before it, shape (N,)."""
    order = np.lexsort((events.quantity, events.price, events.side, events.time))
    columns = (events.time, events.side, events.price, events.quantity)
    number = np.arange(len(events))
    if len(events) == 0:
        return number
    differs = np.any([np.diff(values[order]) != 0 for values in columns], axis=0)
    start = np.maximum.accumulate(np.where(np.concatenate(([True], differs)), number, 0))
    counted = np.empty(len(events), np.int64)
    counted[order] = number - start
    return counted
