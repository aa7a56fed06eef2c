"""What maps said of intervals that are over, beside what came."""

import numpy as np
from sqlalchemy import text

from bot.core.arrays import floats, times
from bot.core.judge.scored import Scored
from storage.database import Database

# As the fields of Scored, longs before shorts.
_FIGURES = tuple(
    f"{side}_{what}"
    for what in ("expected", "told", "prices", "move", "reported")
    for side in ("long", "short")
)


class Scores:
    """The ScoreStore in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # What was scored first stands: nobody may improve on it with hindsight.
    ADD = """
    INSERT INTO score (market, interval_ms, time_ms, model,
                       long_expected, short_expected, long_told, short_told,
                       long_prices, short_prices, long_move, short_move,
                       long_reported, short_reported)
    VALUES (:market, :interval_ms, :time_ms, :model,
            :long_expected, :short_expected, :long_told, :short_told,
            :long_prices, :short_prices, :long_move, :short_move,
            :long_reported, :short_reported)
    ON CONFLICT DO NOTHING
    """

    async def add(self, market: str, model: str, rows: Scored) -> None:
        """Remember intervals of a market; what is there already stands.

        ValueError if a figure is none.
        """
        if not len(rows):
            return
        key = {"market": market, "interval_ms": rows.interval, "model": model}
        parts = (rows.expected, rows.told, rows.prices, rows.move, rows.reported)
        figures = np.concatenate(parts)
        if not np.isfinite(figures).all():
            raise ValueError(f"a score of {market} is not a number")
        columns = figures.T.tolist()
        added = [
            {**key, "time_ms": time, **dict(zip(_FIGURES, row, strict=True))}
            for time, row in zip(rows.time.tolist(), columns, strict=True)
        ]
        async with self._database.writing() as connection:
            await connection.execute(text(self.ADD), added)

    SINCE = """
    SELECT interval_ms, time_ms,
           long_expected, short_expected, long_told, short_told,
           long_prices, short_prices, long_move, short_move,
           long_reported, short_reported
    FROM score
    WHERE market = :market AND time_ms >= :since
      AND (interval_ms, model) = (SELECT interval_ms, model FROM score WHERE market = :market
                                  ORDER BY time_ms DESC, interval_ms LIMIT 1)
    ORDER BY time_ms
    """

    async def scored(self, market: str, since: int) -> Scored | None:
        """Return a market's intervals from `since` [ms] on, of the newest one's length and model.

        What an older model foretold says nothing of the one that is used now.
        """
        async with self._database.reading() as connection:
            asked = {"market": market, "since": since}
            rows = (await connection.execute(text(self.SINCE), asked)).all()
        if not rows:
            return None
        figures = floats([tuple(row)[2:] for row in rows]).T.reshape(5, 2, -1)
        return Scored(times([row.time_ms for row in rows]), rows[0].interval_ms, *figures)
