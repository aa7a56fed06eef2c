"""Readings of order books and of liquidations that look like real markets, for whoever draws."""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, floats, times
from bot.core.estimate.maps import Cluster
from bot.core.flow.book import BookReading, ToldBook, read_book
from bot.core.flow.liquidated import LiquidatedReading, ToldMarket
from bot.core.flow.read_liquidated import read_liquidated
from bot.core.instruments import Instrument
from bot.core.market.depth import OrderBook, Orders, Trades
from bot.core.market.heard import Heard
from bot.core.market.liquidations import Liquidations, PositionSide
from bot.core.market.series import Candles

NOW = 1_767_225_600_000 - 7 * HOUR - 37 * MINUTE  # 31 Dec 2025, 16:23 UTC
COMPLETE = "every liquidation is published, at its bankruptcy price"
LOSSY = "at most one liquidation a second of each market is published"


@dataclass(frozen=True)
class Venue:
    """How one venue's book looks: `reach` [fraction], `usd` within 1 % of each side."""

    name: str
    reach: float = 0.06
    usd: float = 4e7
    age: int = 0  # [ms]


USUAL = (Venue("binance", usd=9e7), Venue("okx", usd=4e7), Venue("bybit", usd=5e7))


def _orders(
    rng: np.random.Generator, price: float, venue: Venue, sign: int, *, walls: bool
) -> Orders:
    count = 900
    away = np.sort(rng.uniform(0.00001, 1, count) ** 1.3) * venue.reach
    value = rng.lognormal(0, 0.8, count) * (0.4 + away / venue.reach)
    value *= venue.usd * max(venue.reach / 0.01, 1.0) / value.sum()
    if walls:
        for at in rng.uniform(0.15, 0.95, 2):
            value[int(at * count)] += value.sum() * rng.uniform(0.08, 0.22)
    prices = price * (1 + sign * (away + 1e-6))
    return Orders(floats(prices), floats(value / prices))


def _trades(rng: np.random.Generator, price: float, venue: Venue, now: int, span: int) -> Trades:
    count = 800
    time = np.sort(now - rng.integers(0, span, count))
    usd = rng.lognormal(0, 1.3, count) * venue.usd * 5e-6
    usd[rng.integers(0, count, 6)] *= rng.uniform(15, 80, 6)
    prices = price * np.exp(rng.normal(0, 0.0003, count))
    side = rng.choice(np.array([1, -1], dtype=np.int8), count)
    return Trades(times(time), side, floats(prices), floats(usd / prices))


def _cluster(price: float, away: float, usd: float) -> Cluster:
    side = PositionSide.SHORT if away > 0 else PositionSide.LONG
    low = price * (1 + away)
    high = low * 1.007
    return Cluster(side, low, high, low * 1.003, usd, 0.7 * usd, 1.4 * usd, away)


def book_reading(
    base: str = "BTC",
    *,
    price: float = 97_412.5,
    venues: tuple[Venue, ...] = USUAL,
    failed: tuple[str, ...] = (),
    seed: int = 5,
    walls: bool = True,
    traded: bool = True,
    clusters: tuple[tuple[float, float], ...] | None = (
        (-0.012, 4.2e8),
        (-0.031, 1.6e8),
        (0.017, 3.1e8),
        (0.036, 5.4e8),
    ),
    span: int = 4 * MINUTE,
    simulated: bool = False,
) -> BookReading:
    """Read books of some venues; `clusters` are distances from the price and dollars."""
    rng = np.random.default_rng(seed)
    told = []
    for venue in venues:
        own = price * float(np.exp(rng.normal(0, 0.0001)))
        bids, asks = (_orders(rng, own, venue, sign, walls=walls) for sign in (-1, 1))
        made = _trades(rng, own, venue, NOW, span) if traded else None
        instrument = Instrument(venue.name, base, "USDT", "USDT")
        told.append(ToldBook(instrument, OrderBook(NOW - venue.age, bids, asks), made))
    near = None if clusters is None else tuple(_cluster(price, *each) for each in clusters)
    asked = tuple(venue.name for venue in venues) + failed
    return read_book(told, near, NOW, asked, simulated=simulated)


def _events(rng: np.random.Generator, price: Candles, count: int, usd: float) -> Liquidations:
    calm = rng.uniform(0, 1, count)
    storm = rng.normal(0.72, 0.02, count)
    share = np.sort(np.clip(np.where(rng.random(count) < 0.5, calm, storm), 0, 0.9999))
    time = (NOW - DAY + share * DAY).astype(np.int64)
    at = np.clip(np.searchsorted(price.open_time, time) - 1, 0, len(price) - 1)
    falling = price.close[at] < price.open[at]
    side = np.where(rng.random(count) < np.where(falling, 0.85, 0.15), 1, -1).astype(np.int8)
    value = rng.lognormal(np.log(usd), 2.2, count)
    return Liquidations(times(time), side, price.close[at], floats(value / price.close[at]))


def _candles(rng: np.random.Generator, price: float) -> Candles:
    count = DAY // (5 * MINUTE)
    time = NOW // (5 * MINUTE) * 5 * MINUTE - 5 * MINUTE * np.arange(count)[::-1]
    path = np.cumsum(rng.normal(0, 0.0012, count))
    path[int(0.7 * count) : int(0.75 * count)] -= np.linspace(
        0, 0.02, int(0.75 * count) - int(0.7 * count)
    )
    path[int(0.75 * count) :] -= 0.02
    close = price * np.exp(path - path[-1])
    opened = np.append(close[:1], close[:-1])
    high, low = np.maximum(opened, close) * 1.0005, np.minimum(opened, close) * 0.9995
    return Candles(
        times(time),
        floats(opened),
        floats(high),
        floats(low),
        floats(close),
        np.ones(count),
        None,
        5 * MINUTE,
    )


def liquidated_reading(
    base: str = "BTC",
    *,
    price: float = 97_412.5,
    venues: tuple[str, ...] = ("binance", "okx", "bybit"),
    others: tuple[str, ...] = (),
    failed: tuple[str, ...] = (),
    count: int = 500,
    usd: float = 4_000.0,
    deaf: float = 0.0,
    seed: int = 3,
    simulated: bool = False,
) -> LiquidatedReading:
    """Read a day of liquidations; the last venue was deaf for the first `deaf` of the day.

    `others` are further coins: with them the reading is of all markets.
    """
    rng = np.random.default_rng(seed)
    told = []
    for rank, coin in enumerate((base, *others)):
        candles = _candles(rng, price)
        for place, venue in enumerate(venues):
            events = _events(rng, candles, max(count // (rank + 1), 0), usd) if count else None
            heard = None
            if deaf and place == len(venues) - 1:
                heard = Heard(((int(NOW - (1 - deaf) * DAY), NOW - 5_000),))
                events = (
                    None
                    if events is None
                    else events.sliced(
                        slice(int(np.searchsorted(events.time, heard.spans[0][0])), None)
                    )
                )
            told.append(
                ToldMarket(
                    Instrument(venue, coin, "USDT", "USDT"),
                    events,
                    heard or (Heard(((0, NOW),))),
                    LOSSY if place < len(venues) - 1 else COMPLETE,
                    candles=candles,
                )
            )
    return read_liquidated(
        "" if others else base, told, NOW, (*venues, *failed), simulated=simulated
    )
