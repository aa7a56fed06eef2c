"""Somebody's positions, worked out on a made map, for pictures and their tests."""

from collections.abc import Sequence

from bot.core.instruments import Instrument
from bot.core.margin.bundled import brackets_for
from bot.core.margin.position import Position, liquidation
from bot.core.margin.rules import MarginMode
from bot.core.market.liquidations import PositionSide
from bot.core.signals.position_reading import PositionReading, stop_for
from tests.support.flows import NOW
from tests.support.squeezes import map_of, zones_near

VENUES = ("binance", "bybit", "okx")


def position_reading(
    side: PositionSide = PositionSide.LONG,
    leverage: float = 20.0,
    *,
    entry: float = 1.0,
    value: float | None = 50_000.0,
    wallet: float | None = None,
    base: str = "BTC",
    price: float = 97_000.0,
    venues: Sequence[str] = VENUES,
    usd: float = 4e6,
    grade: str = "good, 412 hours",
    simulated: bool = False,
) -> PositionReading:
    """A position opened at so many times the price."""
    mode = MarginMode.ISOLATED if wallet is None else MarginMode.CROSS
    position = Position(side, entry * price, leverage, value, mode, wallet)
    markets = [Instrument(venue, base, "USDT", "USDT") for venue in venues]
    tables = [brackets_for(market, price) for market in markets]
    found = tuple(
        liquidation(position, market, table) for market, table in zip(markets, tables, strict=True)
    )
    zones = zones_near(price) if usd > 1 else ()
    return PositionReading(
        base,
        "USDT",
        NOW,
        price,
        position,
        found,
        (),
        map_of(price, usd=usd),
        zones,
        stop_for(position, price, found[0], tables[0], zones),
        grade,
        tuple(venues),
        tuple(venues),
        (),
        simulated,
    )
