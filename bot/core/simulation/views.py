"""What can be seen of a simulated market: as its venue would publish it, and as it really is."""

import numpy as np

from bot.core.arrays import Floats, floats
from bot.core.language import mark
from bot.core.market.history import MarketHistory
from bot.core.market.positions import Positions
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.core.simulation.market import SUBSTEP, Market
from bot.core.simulation.traders import FAR

FEED = mark("simulated, and lossy as a venue's: at most one order a second, the largest")


def observed(
    market: Market, since: int, now: int | None = None, interval: int | None = None
) -> MarketHistory:
    """Return what the venue would have published from `since` to `now` [ms] (None: all there is).

    Candles are of `interval` [ms], which must be a multiple of the market's step (None: that).
    Where `now` lies within a step, the last candle is forming and holds what was traded by then.
    Asked for a later `now`, nothing that had closed is different.
    """
    length = interval or market.step_length
    if length % market.step_length:
        raise ValueError("a candle is a whole number of the market's steps")
    record, step = market.record, market.step_length
    until = market.time if now is None else min(now, market.time)
    closed = max((until - record.start) // step, 0)
    first = min(max(-(-(since - record.start) // step), 0), closed)
    candles = record.candles(first, closed, length)
    if length == step and closed < record.bars.count:
        candles = _with_forming(market, candles, closed, until)
    times = record.start + step * np.arange(first + 1, closed + 1, dtype=np.int64)
    paid = record.funding.rows
    paid = paid[(paid[:, 0] >= since) & (paid[:, 0] <= until)]
    return MarketHistory(
        market.instrument,
        candles,
        open_interest=OpenInterest(times, record.column("open_interest", first, closed)),
        funding=FundingRates(paid[:, 0].astype(np.int64), paid[:, 1].copy()),
        long_short_ratio=LongShortRatio(times.copy(), record.column("ratio", first, closed)),
        liquidations=record.reported(since, until),
        brackets=market.brackets,
        liquidation_feed=FEED,
        simulated=True,
    )


def _with_forming(market: Market, candles: Candles, place: int, until: int) -> Candles:
    opened = market.record.start + place * market.step_length
    substeps = (until - opened) // SUBSTEP
    if substeps < 1:
        return candles
    forming = market.record.forming(place, substeps)
    columns = [
        getattr(candles, name)
        for name in ("open", "high", "low", "close", "volume", "taker_buy_volume")
    ]
    grown = [np.append(old, new) for old, new in zip(columns, forming, strict=True)]
    first, highest, lowest, last, volume, bought = grown
    times = np.append(candles.open_time, opened)
    return Candles(times, first, highest, lowest, last, volume, bought, candles.interval)


def positions(market: Market) -> Positions:
    """Return every open position as it is now, those of market makers among them."""
    book, dealers = market.book, market.dealers
    holds = np.abs(dealers.inventory) > 0
    count = int(holds.sum())
    inventory = dealers.inventory[holds]
    value = np.abs(inventory) * market.price
    levels = np.concatenate(
        (book["liquidation"], dealers.liquidations(market.price, market.brackets)[holds])
    )
    price = np.where(np.abs(levels) < FAR / 2, np.exp(levels), np.nan)

    def both(traders: Floats, makers: Floats) -> Floats:
        return np.concatenate((traders, makers))

    return Positions(
        np.full(len(levels), market.time, dtype=np.int64),
        both(book["side"], np.sign(inventory)).astype(np.int8),
        both(book["quantity"], np.abs(inventory)),
        both(np.exp(book["entry"]), np.full(count, market.price)),
        both(book["leverage"], np.maximum(value / dealers.wallet[holds], 1.0)),
        price,
        both(book["isolated"], np.zeros(count)) > 0,
    )


def true_map(held: Positions, edges: Floats) -> tuple[Floats, Floats]:
    """USD of longs and of shorts liquidated in each bin of price; two arrays of shape (B,).

    `edges` ascend, shape (B + 1,) [quote/base]. A position counts in the bin of its liquidation
    price with its value there; one that cannot be liquidated, or outside the edges, does not.
    """
    price = held.liquidation_price
    usd = held.quantity * price
    place = np.searchsorted(edges, price, side="right") - 1  # nan sorts last
    inside = (place >= 0) & (place < len(edges) - 1)
    is_long = held.side > 0

    def summed(kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
        return floats(np.bincount(place[kept], weights=usd[kept], minlength=len(edges) - 1))

    return summed(inside & is_long), summed(inside & ~is_long)
