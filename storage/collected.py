"""Which markets are kept current, and what of their past the venues have been asked for."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from bot.core.instruments import Contract, Instrument, instrument
from bot.core.market.heard import Heard
from bot.ports import Collected
from storage.database import Database


class Collections:
    """The CollectionStore in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    ALL = """
    SELECT exchange, symbol, contract, asked_ms
    FROM collected
    ORDER BY asked_ms DESC, exchange, symbol, contract
    """

    async def collected(self) -> Sequence[Collected]:
        """Name the markets that are kept current, the one asked for last first."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(text(self.ALL))).all()
        return [
            Collected(instrument(row.exchange, row.symbol, Contract(row.contract)), row.asked_ms)
            for row in rows
        ]

    ADOPT = """
    INSERT INTO collected (exchange, symbol, contract, asked_ms)
    VALUES (:exchange, :symbol, :contract, :asked_ms)
    ON CONFLICT (exchange, symbol, contract) DO UPDATE SET asked_ms = excluded.asked_ms
    """

    async def adopt(self, markets: Sequence[Collected]) -> None:
        """Remember that markets are kept current, and when they were asked for."""
        if not markets:
            return
        rows = [{**_named(one.instrument), "asked_ms": one.asked} for one in markets]
        async with self._database.writing() as connection:
            await connection.execute(text(self.ADOPT), rows)

    DROP = """
    DELETE FROM collected
    WHERE exchange = :exchange AND symbol = :symbol AND contract = :contract
    """

    async def drop(self, markets: Sequence[Instrument]) -> None:
        """Remember that markets are no longer kept current."""
        if not markets:
            return
        async with self._database.writing() as connection:
            await connection.execute(text(self.DROP), [_named(one) for one in markets])

    SOUGHT = """
    SELECT series, start_ms, end_ms
    FROM sought
    WHERE market = :market
    """

    async def sought(self, instrument: Instrument) -> Mapping[str, Heard]:
        """Say of each series of which stretches the venue has told all that it has."""
        async with self._database.reading() as connection:
            asked = {"market": instrument.key}
            rows = (await connection.execute(text(self.SOUGHT), asked)).all()
        found: dict[str, Heard] = {}
        for row in rows:
            found[row.series] = found.get(row.series, Heard()).also([(row.start_ms, row.end_ms)])
        return found

    FORGET = """
    DELETE FROM sought
    WHERE market = :market AND series = :series
    """

    SEEK = """
    INSERT INTO sought (market, series, start_ms, end_ms)
    VALUES (:market, :series, :start_ms, :end_ms)
    """

    async def seek(self, instrument: Instrument, sought: Mapping[str, Heard]) -> None:
        """Remember stretches instead of those remembered of the same series."""
        keys = [{"market": instrument.key, "series": series} for series in sought]
        rows = [
            {"market": instrument.key, "series": series, "start_ms": start, "end_ms": end}
            for series, stretches in sought.items()
            for start, end in stretches.spans
        ]
        async with self._database.writing() as connection:
            if keys:
                await connection.execute(text(self.FORGET), keys)
            if rows:
                await connection.execute(text(self.SEEK), rows)


def _named(market: Instrument) -> dict[str, str]:
    return {
        "exchange": market.exchange,
        "symbol": market.symbol,
        "contract": market.contract.value,
    }
