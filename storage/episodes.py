"""Episodes of signals with what followed them, and hourly looks at maps."""

import math
import zlib
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import text

from bot.core.evidence.occurrences import Occurrence
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Kind
from bot.core.signals.events import Look, Zone
from bot.ports import GoneThrough
from storage.database import Database

_OF_A_LOOK = 4  # figures before its zones
_OF_A_ZONE = 4


class Episodes:
    """The EpisodeStore in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    KEEP = """
    INSERT INTO episode (market, model, name, kind, began_ms, body)
    VALUES (:market, :model, :name, :kind, :began_ms, :body)
    ON CONFLICT (market, model, name) DO UPDATE
    SET kind = excluded.kind, began_ms = excluded.began_ms, body = excluded.body
    """

    # Stretches never overlap: the new one stands for those it touches.
    REPLACE = """
    DELETE FROM gone_through
    WHERE market = :market AND model = :model AND since_ms <= :until_ms AND until_ms >= :since_ms
    """

    GO = """
    INSERT INTO gone_through (market, model, since_ms, until_ms, data_hash)
    VALUES (:market, :model, :since_ms, :until_ms, :data_hash)
    """

    FORGET = """
    DELETE FROM episode
    WHERE market = :market AND model = :model AND began_ms BETWEEN :since_ms AND :until_ms
    """

    async def keep(
        self,
        gone: GoneThrough,
        found: Sequence[Occurrence],
        *,
        instead: tuple[int, int] | None = None,
    ) -> None:
        """Remember episodes of a market as they stand, and the stretch that was gone through.

        The stretch takes the place of those it overlaps; the caller has it cover them. What was
        known to have begun in `instead` (from and until [ms]) is forgotten first.
        """
        of = {"market": gone.market, "model": gone.model}
        span = {**of, "since_ms": gone.since, "until_ms": gone.until}
        rows = [
            {
                **of,
                "name": each.name,
                "kind": each.episode.kind.value,
                "began_ms": each.episode.began,
                "body": written(each),
            }
            for each in found
        ]
        async with self._database.writing() as connection:
            await connection.execute(text(self.REPLACE), span)
            await connection.execute(text(self.GO), {**span, "data_hash": gone.data})
            if instead is not None:
                since, until = instead
                forgotten = {**of, "since_ms": since, "until_ms": until}
                await connection.execute(text(self.FORGET), forgotten)
            if rows:
                await connection.execute(text(self.KEEP), rows)

    GONE = """
    SELECT since_ms, until_ms, data_hash FROM gone_through
    WHERE market = :market AND model = :model
    ORDER BY since_ms
    """

    async def gone_through(self, market: str, model: str) -> Sequence[GoneThrough]:
        """Return the stretches of a market that were gone through, oldest first; none overlap."""
        async with self._database.reading() as connection:
            asked = {"market": market, "model": model}
            rows = (await connection.execute(text(self.GONE), asked)).all()
        return [
            GoneThrough(market, model, row.since_ms, row.until_ms, row.data_hash) for row in rows
        ]

    OF_MARKET = """
    SELECT body FROM episode WHERE market = :key AND model = :model ORDER BY began_ms, name
    """

    async def of_market(self, market: str, model: str) -> Sequence[Occurrence]:
        """Return all that is remembered of a market, in the order in which it began."""
        return await self._read(self.OF_MARKET, market, model)

    OF_KIND = """
    SELECT body FROM episode WHERE kind = :key AND model = :model ORDER BY began_ms, market, name
    """

    async def of_kind(self, kind: Kind, model: str) -> Sequence[Occurrence]:
        """Return all that is remembered of a kind, on all markets, in the order of time."""
        return await self._read(self.OF_KIND, kind.value, model)

    async def _read(self, query: str, key: str, model: str) -> Sequence[Occurrence]:
        async with self._database.reading() as connection:
            asked = {"key": key, "model": model}
            rows = (await connection.execute(text(query), asked)).all()
        return [each for each in (read(row.body) for row in rows) if each is not None]

    # What was seen first stands: a look made later of the same time may know what came after it.
    LOOK = """
    INSERT INTO look (market, model, time_ms, body) VALUES (:market, :model, :time_ms, :body)
    ON CONFLICT DO NOTHING
    """

    async def keep_looks(self, market: str, model: str, looks: Sequence[Look]) -> None:
        """Remember looks at a market's map; what is there already stands."""
        if not looks:
            return
        rows = [
            {"market": market, "model": model, "time_ms": look.time, "body": packed(look)}
            for look in looks
        ]
        async with self._database.writing() as connection:
            await connection.execute(text(self.LOOK), rows)

    LOOKS = """
    SELECT time_ms, body FROM look
    WHERE market = :market AND model = :model AND time_ms >= :since
    ORDER BY time_ms
    """

    async def looks(self, market: str, model: str, since: int) -> Sequence[Look]:
        """Return the looks at a market's map from `since` [ms] on, oldest first."""
        async with self._database.reading() as connection:
            asked = {"market": market, "model": model, "since": since}
            rows = (await connection.execute(text(self.LOOKS), asked)).all()
        return [unpacked(row.time_ms, row.body) for row in rows]


def written(one: Occurrence) -> str:
    """Write an occurrence as JSON; what is no number is the word "nan", which JSON has not."""
    return msgspec.json.encode(_told(msgspec.to_builtins(one))).decode()


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _told(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_told(each) for each in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def read(body: str) -> Occurrence | None:
    """Undo `written`; None if another version of the bot wrote what is no occurrence now."""
    try:
        return msgspec.json.decode(body, type=Occurrence, strict=False)
    except msgspec.MsgspecError:
        return None


def packed(look: Look) -> bytes:
    """Put a look into a blob; nothing is rounded."""
    figures = [look.price, look.long_near, look.short_near, look.interest]
    for zone in look.zones:
        figures += [zone.side.value, zone.low, zone.high, zone.usd]
    return zlib.compress(np.array(figures, "<f8").tobytes())


def unpacked(time: int, body: bytes) -> Look:
    """Undo `packed`."""
    figures = np.frombuffer(zlib.decompress(body), "<f8")
    price, long_near, short_near, interest = figures[:_OF_A_LOOK].tolist()
    zones = tuple(
        Zone(PositionSide(int(side)), low, high, usd)
        for side, low, high, usd in figures[_OF_A_LOOK:].reshape(-1, _OF_A_ZONE).tolist()
    )
    return Look(time, price, zones, long_near, short_near, interest)
