"""One coin counted in two ways: a venue trades PEPE, another a thousand of it at a time."""

from dataclasses import replace

from bot.core.instruments import Coin
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.positions import Positions
from bot.core.market.series import Candles, OpenInterest
from bot.core.market.summary import Summary


def scale(base: str, wanted: str) -> float:
    """Return how many times as high prices are when `base` is counted as `wanted`.

    >>> scale("PEPE", "1000PEPE"), scale("1000PEPE", "PEPE"), scale("BTC", "BTC")
    (1000.0, 0.001, 1.0)
    """
    return Coin.of(wanted).multiple / Coin.of(base).multiple


def scaled(history: MarketHistory, factor: float) -> MarketHistory:
    """Return the same market with prices `factor` times as high and as many less coins.

    What anything is worth in dollars does not change. The instrument keeps its name.
    """
    if factor == 1:
        return history
    interest, events = history.open_interest, history.liquidations
    return replace(
        history,
        candles=scaled_candles(history.candles, factor),
        open_interest=interest and OpenInterest(interest.time, interest.quantity / factor),
        liquidations=None if events is None else scaled_events(events, factor),
        positions=history.positions and _positions(history.positions, factor),
    )


def scaled_events(events: Liquidations, factor: float) -> Liquidations:
    """Return the same liquidations with prices `factor` times as high and as many less coins."""
    if factor == 1:
        return events
    return Liquidations(events.time, events.side, events.price * factor, events.quantity / factor)


def scaled_summary(summary: Summary, factor: float) -> Summary:
    """Return the same line of a market with prices `factor` times as high."""
    interest = summary.open_interest
    return replace(
        summary,
        price=summary.price * factor,
        open_interest=None if interest is None else interest / factor,
    )


def scaled_candles(candles: Candles, factor: float) -> Candles:
    """Return the same bars with prices `factor` times as high and as many less coins."""
    taker = candles.taker_buy_volume
    return Candles(
        candles.open_time,
        candles.open * factor,
        candles.high * factor,
        candles.low * factor,
        candles.close * factor,
        candles.volume / factor,
        None if taker is None else taker / factor,
        candles.interval,
    )


def _positions(positions: Positions, factor: float) -> Positions:
    return replace(
        positions,
        quantity=positions.quantity / factor,
        entry_price=positions.entry_price * factor,
        liquidation_price=positions.liquidation_price * factor,
    )
