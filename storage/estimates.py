"""Estimates to go on from after a restart, and what was learnt of each market, day by day."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import text

from bot.core.estimate.calibration import Calibration
from bot.core.instruments import Instrument
from bot.ports import KeptCalibration
from storage.database import Database


class Estimates:
    """The EstimateStore in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Of two processes the one that writes last is right enough: from the older state it is some
    # bars more to the same maps.
    SAVE = """
    INSERT INTO estimate (market, time_ms, body)
    VALUES (:market, :time_ms, :body)
    ON CONFLICT (market) DO UPDATE SET time_ms = excluded.time_ms, body = excluded.body
    """

    async def save(self, instrument: Instrument, time: int, body: bytes) -> None:
        """Keep a market's estimate as it stood at `time` [ms], instead of the one kept before."""
        row = {"market": instrument.key, "time_ms": time, "body": body}
        async with self._database.writing() as connection:
            await connection.execute(text(self.SAVE), row)

    LOAD = """
    SELECT body
    FROM estimate
    WHERE market = :market
    """

    async def load(self, instrument: Instrument) -> bytes | None:
        """Return the estimate of a market that was kept last; None if there is none."""
        async with self._database.reading() as connection:
            body = await connection.scalar(text(self.LOAD), {"market": instrument.key})
        return None if body is None else bytes(body)

    # What was learnt first of a day is what was used on the next one.
    LEARN = """
    INSERT INTO calibration (venue, symbol, model, day_ms, body)
    VALUES (:venue, :symbol, :model, :day_ms, :body)
    ON CONFLICT DO NOTHING
    """

    async def learn(self, kept: KeptCalibration) -> None:
        """Keep what was learnt of a market until a day; the first record of a day stands."""
        row = {
            "venue": kept.learnt.venue,
            "symbol": kept.learnt.market,
            "model": kept.model,
            "day_ms": kept.day,
            "body": msgspec.json.encode(kept.learnt).decode(),
        }
        async with self._database.writing() as connection:
            await connection.execute(text(self.LEARN), row)

    SINCE = """
    SELECT model, day_ms, body
    FROM calibration
    WHERE venue = :venue AND symbol = :symbol AND day_ms >= :since
    ORDER BY day_ms, model
    """

    async def learnt(self, instrument: Instrument, since: int) -> Sequence[KeptCalibration]:
        """Return what was learnt of a market until days from `since` [ms] on, oldest first.

        Records in which an older version wrote down other figures are left out.
        """
        asked = {"venue": instrument.exchange, "symbol": instrument.symbol, "since": since}
        async with self._database.reading() as connection:
            rows = (await connection.execute(text(self.SINCE), asked)).all()
        found = []
        for row in rows:
            try:
                learnt = msgspec.json.decode(row.body, type=Calibration)
            except msgspec.DecodeError:
                continue
            found.append(KeptCalibration(row.model, row.day_ms, learnt))
        return found
