"""Maps that were shown, kept so that they can be drawn and judged again."""

import zlib
from collections.abc import Sequence

import numpy as np
from sqlalchemy import text

from bot.core.arrays import floats
from bot.core.estimate.maps import LiquidationMap
from bot.ports import KeptMap
from storage.database import Database

_ROWS = 6  # long, short, and low and high end of each


class Maps:
    """The MapStore in a database.

    USD are kept as float32, right to seven digits, which no estimate is; all else is exact.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # What was shown first stands: a map of the same time made later may know what came after it.
    KEEP = """
    INSERT INTO map (market, time_ms, model, data_hash, price, first_bin, body)
    VALUES (:market, :time_ms, :model, :data_hash, :price, :first_bin, :body)
    ON CONFLICT (market, time_ms, model) DO UPDATE SET model = excluded.model
    RETURNING id
    """

    async def keep(self, kept: KeptMap) -> int:
        """Keep a map; returns its number. The same market, time and model twice is the first."""
        row = {
            "market": kept.market,
            "time_ms": kept.map.time,
            "model": kept.model,
            "data_hash": kept.data_hash,
            "price": kept.map.price,
            "first_bin": kept.map.first_bin,
            "body": packed(kept.map),
        }
        async with self._database.writing() as connection:
            return int((await connection.execute(text(self.KEEP), row)).scalar_one())

    SINCE = """
    SELECT time_ms, model, data_hash, price, first_bin, body
    FROM map
    WHERE market = :market AND time_ms >= :since
    ORDER BY time_ms, id
    """

    async def kept(self, market: str, since: int) -> Sequence[KeptMap]:
        """Return a market's maps from `since` [ms] on, oldest first."""
        async with self._database.reading() as connection:
            asked = {"market": market, "since": since}
            rows = (await connection.execute(text(self.SINCE), asked)).all()
        return [
            KeptMap(
                market,
                unpacked(row.time_ms, row.price, row.first_bin, row.body),
                row.model,
                row.data_hash,
            )
            for row in rows
        ]


def packed(shown: LiquidationMap) -> bytes:
    """Put a map's dollars into a blob, a seventh of the size of its arrays."""
    rows = (shown.long_usd, shown.short_usd, *shown.long_range, *shown.short_range)
    return zlib.compress(np.stack(rows).astype("<f4").tobytes())


def unpacked(time: int, price: float, first_bin: int, body: bytes) -> LiquidationMap:
    """Undo `packed`."""
    usd = floats(np.frombuffer(zlib.decompress(body), "<f4").reshape(_ROWS, -1))
    return LiquidationMap(time, price, first_bin, usd[0], usd[1], usd[2:4], usd[4:6])
