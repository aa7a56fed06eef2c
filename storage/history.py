"""Remembered markets: their series as blobs, their liquidations as rows."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.instruments import Contract, Instrument, instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, LiquidationTotals
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from storage import liquidations, listening
from storage.database import Database
from storage.series import Block, Series, block, changes, column, joined

_CANDLES = "candles"
_TOTALS = "liquidation totals"
_OPEN_INTEREST = Series("open interest", 0)
_FUNDING = Series("funding", 0)
_RATIO = Series("long/short ratio", 0)

# Rows of a block, its time included.
_WIDTH = {_CANDLES: 7, _TOTALS: 3, _OPEN_INTEREST.name: 2, _FUNDING.name: 2, _RATIO.name: 2}


class Markets:
    """The HistoryStore in a database.

    Remembered are candles, open interest, funding, long/short ratio, liquidations, their totals
    and what the feed is like. Positions and brackets are not: they are what a venue says *now*.
    Of candles and totals, those at the interval that was saved last are returned.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    KNOWN = """
    SELECT id, candle_interval_ms, totals_interval_ms, follows_liquidations, liquidation_feed
    FROM market
    WHERE exchange = :exchange AND symbol = :symbol AND contract = :contract
    """

    STRETCHES = """
    SELECT series, interval_ms, body
    FROM stretch
    WHERE market_id = :market_id AND end_ms > :since
      AND interval_ms IN (0, :candle_interval_ms, :totals_interval_ms)
    ORDER BY end_ms
    """

    async def load(self, instrument: Instrument, since: int) -> MarketHistory | None:
        """Return what is remembered from `since` [ms] on; None if no candle is."""
        async with self._database.reading() as connection:
            found = await connection.execute(text(self.KNOWN), _identity(instrument))
            market = found.one_or_none()
            if market is None or market.candle_interval_ms is None:
                return None
            asked = {
                "market_id": market.id,
                "since": since,
                "candle_interval_ms": market.candle_interval_ms,
                "totals_interval_ms": market.totals_interval_ms or 0,
            }
            rows = (await connection.execute(text(self.STRETCHES), asked)).all()
            events = (
                await liquidations.load(connection, market.id, since)
                if market.follows_liquidations
                else None
            )
            heard = await listening.load(connection, market.id, since)
        blobs: dict[Series, list[bytes]] = {}
        for name, interval, body in rows:
            blobs.setdefault(Series(name, interval), []).append(body)
        seen = {series: joined(bodies, _WIDTH[series.name]) for series, bodies in blobs.items()}
        since_then = {
            series: rows[:, np.searchsorted(rows[0], since) :] for series, rows in seen.items()
        }
        candles = _candles(since_then, market.candle_interval_ms)
        if candles is None:
            return None
        return MarketHistory(
            instrument,
            candles,
            _open_interest(since_then),
            _funding(since_then),
            _ratio(since_then),
            events,
            _totals(since_then, market.totals_interval_ms or 0),
            liquidation_feed=market.liquidation_feed,
            heard=heard,
        )

    # The newest intervals and words stand; what was not to be had this time stays as it was.
    # Writing the market's row first also holds off other writers of the same market.
    SEEN = """
    INSERT INTO market (exchange, symbol, contract, candle_interval_ms, totals_interval_ms,
                        follows_liquidations, liquidation_feed)
    VALUES (:exchange, :symbol, :contract, :candle_interval_ms, :totals_interval_ms,
            :follows_liquidations, :liquidation_feed)
    ON CONFLICT (exchange, symbol, contract) DO UPDATE SET
        candle_interval_ms = COALESCE(excluded.candle_interval_ms, market.candle_interval_ms),
        totals_interval_ms = COALESCE(excluded.totals_interval_ms, market.totals_interval_ms),
        follows_liquidations = excluded.follows_liquidations OR market.follows_liquidations,
        liquidation_feed = CASE WHEN excluded.liquidation_feed = ''
            THEN market.liquidation_feed ELSE excluded.liquidation_feed END
    RETURNING id
    """

    BETWEEN = """
    SELECT end_ms, body
    FROM stretch
    WHERE market_id = :market_id AND series = :series AND interval_ms = :interval_ms
      AND end_ms > :first AND end_ms <= :last
    """

    REPLACE = """
    INSERT INTO stretch (market_id, end_ms, series, interval_ms, body)
    VALUES (:market_id, :end_ms, :series, :interval_ms, :body)
    ON CONFLICT (market_id, end_ms, series, interval_ms) DO UPDATE SET body = excluded.body
    """

    async def save(self, history: MarketHistory) -> None:
        """Remember a history, all of it or nothing; rows already there are replaced.

        ValueError for a simulated market: nothing simulated is ever kept as a market.
        """
        if history.simulated:
            raise ValueError(f"{history.instrument.key} is simulated and is not kept as a market")
        totals, events = history.liquidation_totals, history.liquidations
        market = {
            **_identity(history.instrument),
            "candle_interval_ms": history.candles.interval if len(history.candles) else None,
            "totals_interval_ms": totals.interval if totals and len(totals.time) else None,
            "follows_liquidations": events is not None,
            "liquidation_feed": history.liquidation_feed,
        }
        async with self._database.writing() as connection:
            market_id = (await connection.execute(text(self.SEEN), market)).scalar_one()
            for series, rows in _series(history):
                await self._save(connection, market_id, series, rows)
            if events is not None:
                await liquidations.save(connection, market_id, events)
            if history.heard is not None:
                await listening.save(connection, market_id, history.heard)

    async def save_liquidations(
        self, instrument: Instrument, events: Liquidations, heard: Heard
    ) -> None:
        """Remember liquidations as they come, and when they were listened to; all or nothing."""
        market = {
            **_identity(instrument),
            "candle_interval_ms": None,
            "totals_interval_ms": None,
            "follows_liquidations": True,
            "liquidation_feed": "",
        }
        async with self._database.writing() as connection:
            market_id = (await connection.execute(text(self.SEEN), market)).scalar_one()
            await liquidations.save(connection, market_id, events)
            await listening.save(connection, market_id, heard)

    FOLLOWED = """
    SELECT exchange, symbol, contract
    FROM market
    WHERE id IN (SELECT market_id FROM heard WHERE end_ms >= :since)
    ORDER BY id
    """

    async def followed(self, since: int) -> Sequence[Instrument]:
        """Name the markets whose liquidations were listened to at `since` [ms] or later."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(text(self.FOLLOWED), {"since": since})).all()
        return [instrument(row.exchange, row.symbol, Contract(row.contract)) for row in rows]

    async def _save(
        self, connection: AsyncConnection, market_id: int, series: Series, rows: Block
    ) -> None:
        key = {"market_id": market_id, "series": series.name, "interval_ms": series.interval}
        first, last = int(rows[0, 0]), int(rows[0, -1]) + series.span
        between = {**key, "first": first, "last": last}
        found = (await connection.execute(text(self.BETWEEN), between)).all()
        known = {row.end_ms: row.body for row in found}
        changed = [
            {**key, "end_ms": end, "body": body} for end, body in changes(known, rows, series)
        ]
        if changed:
            await connection.execute(text(self.REPLACE), changed)


def _identity(instrument: Instrument) -> dict[str, str]:
    return {
        "exchange": instrument.exchange,
        "symbol": instrument.symbol,
        "contract": instrument.contract.value,
    }


def _series(history: MarketHistory) -> Iterator[tuple[Series, Block]]:
    """Every series of a history that has a row, as a block."""
    candles, totals = history.candles, history.liquidation_totals
    taker = candles.taker_buy_volume
    taker = np.full(len(candles), np.nan) if taker is None else taker
    prices = (candles.open, candles.high, candles.low, candles.close)
    blocks = {
        Series(_CANDLES, candles.interval): block(candles.open_time, *prices, candles.volume, taker)
    }
    if history.open_interest:
        blocks[_OPEN_INTEREST] = block(history.open_interest.time, history.open_interest.quantity)
    if history.funding:
        blocks[_FUNDING] = block(history.funding.time, history.funding.rate)
    if history.long_short_ratio:
        blocks[_RATIO] = block(history.long_short_ratio.time, history.long_short_ratio.ratio)
    if totals:
        money = (totals.long_usd, totals.short_usd)
        blocks[Series(_TOTALS, totals.interval)] = block(totals.time, *money)
    return ((series, rows) for series, rows in blocks.items() if rows.shape[1])


_Seen = Mapping[Series, Block]


def _rows(seen: _Seen, series: Series) -> Block | None:
    rows = seen.get(series)
    return rows if rows is not None and rows.shape[1] else None


def _candles(seen: _Seen, interval: int) -> Candles | None:
    rows = _rows(seen, Series(_CANDLES, interval))
    if rows is None:
        return None
    taker = column(rows, 6)
    return Candles(
        rows[0],
        column(rows, 1),
        column(rows, 2),
        column(rows, 3),
        column(rows, 4),
        column(rows, 5),
        None if np.isnan(taker).any() else taker,  # of every bar, or it is not said at all
        interval,
    )


def _open_interest(seen: _Seen) -> OpenInterest | None:
    rows = _rows(seen, _OPEN_INTEREST)
    return None if rows is None else OpenInterest(rows[0], column(rows, 1))


def _funding(seen: _Seen) -> FundingRates | None:
    rows = _rows(seen, _FUNDING)
    return None if rows is None else FundingRates(rows[0], column(rows, 1))


def _ratio(seen: _Seen) -> LongShortRatio | None:
    rows = _rows(seen, _RATIO)
    return None if rows is None else LongShortRatio(rows[0], column(rows, 1))


def _totals(seen: _Seen, interval: int) -> LiquidationTotals | None:
    rows = _rows(seen, Series(_TOTALS, interval)) if interval else None
    if rows is None:
        return None
    return LiquidationTotals(rows[0], column(rows, 1), column(rows, 2), interval)
