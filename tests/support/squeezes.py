"""Regimes, rankings and moves that look like real markets, for whoever draws or words them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bot.core.arrays import HOUR, floats
from bot.core.estimate.maps import STEP, LiquidationMap
from bot.core.evidence.base import Followed, Range
from bot.core.market.depth import OrderBook
from bot.core.market.liquidations import PositionSide
from bot.core.signals.density import Density
from bot.core.signals.episode import Episode
from bot.core.signals.events import Bar, Event, Look, Zone
from bot.core.signals.machine import run
from bot.core.signals.regime import RegimeMachine
from bot.core.signals.squeeze import Ranked, RankingReading, SqueezeReading, VenueRegime, ranked
from bot.core.signals.whatif_reading import WhatIfReading, followed
from tests.support.flows import NOW, Venue, _orders
from tests.support.flows import USUAL as VENUES

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
_INTEREST = 9e9  # [USD]


def _surge(hours: int, at: float, length: int) -> np.ndarray:
    """Something that builds up to 1 over `length` hours, ends at a part of all, and falls away."""
    end = round(at * hours)
    rise = np.clip((np.arange(hours) - end + length) / length, 0, 1)
    fall = np.exp(-np.clip(np.arange(hours) - end, 0, None) / 5)
    return np.asarray(rise * fall)


def hours_of(
    *,
    days: int = 40,
    price: float = 97_000.0,
    end: int = NOW // HOUR * HOUR,
    seed: int = 3,
    surges: Sequence[tuple[float, int, float]] = ((0.45, 30, 0.7), (0.75, 20, -0.9), (1.0, 26, 1)),
) -> list[Event]:
    """Bars and looks of an hour each; surges are (when ended, hours, how strong, minus shorts)."""
    rng = np.random.default_rng(seed)
    hours = days * 24
    funding = 1e-4 + np.convolve(rng.normal(0, 3e-5, hours + 7), np.ones(8) / 8, "valid")
    coins = 1e5 * np.exp(np.cumsum(rng.normal(0, 0.0018, hours)) * 0.6)
    near = 0.03 * np.exp(rng.normal(0, 0.05, (2, hours)))
    moves = rng.normal(0, 0.0035, hours)
    for at, length, strength in surges:
        surge = _surge(hours, at, length)
        funding += 5e-4 * strength * surge
        coins *= 1 + 0.09 * abs(strength) * surge
        near[0 if strength > 0 else 1] *= 1 + 1.1 * abs(strength) * surge
        moves -= 0.004 * strength * np.clip(-np.diff(surge, prepend=surge[0]), 0, None)
    path = price * np.exp(np.cumsum(moves) - np.sum(moves))
    made: list[Event] = []
    for hour in range(hours):
        time = end - (hours - 1 - hour) * HOUR
        close, held = float(path[hour]), float(coins[hour] * path[hour])
        made.append(Bar(time, close, close, close, close, 1e9, held, float(funding[hour]), HOUR))
        below = Zone(LONG, 0.962 * close, 0.97 * close, float(0.6 * near[0, hour] * held))
        above = Zone(SHORT, 1.031 * close, 1.04 * close, float(0.5 * near[1, hour] * held))
        zones = tuple(sorted((below, above), key=lambda zone: -zone.usd))
        made.append(
            Look(time, close, zones, float(near[0, hour] * held), float(near[1, hour] * held), held)
        )
    return made


def machine_of(events: Sequence[Event]) -> tuple[RegimeMachine, list[Episode]]:
    """Run the regime over events."""
    machine = RegimeMachine("binance BTC/USDT:USDT")
    return machine, list(run(events, [machine]))


def followed_by(count: int = 23, edge: float = 0.006) -> tuple[Followed, ...]:
    """What came after so many, at each horizon."""
    return tuple(
        Followed(
            name,
            count,
            0.002 + edge,
            0.002,
            Range(edge, edge - 0.004, edge + 0.004),
            -0.009,
            0.52,
            0.31,
        )
        for name in ("15m", "1h", "4h", "24h")
    )


def squeeze_reading(
    base: str = "BTC",
    *,
    price: float = 97_000.0,
    venues: Sequence[str] = ("binance", "bybit", "okx"),
    waiting: Sequence[str] = (),
    failed: Sequence[str] = (),
    count: int = 23,
    grade: str = "good, 412 hours",
    simulated: bool = False,
    seed: int = 3,
    days: int = 40,
    surges: Sequence[tuple[float, int, float]] = ((0.45, 30, 0.7), (0.75, 20, -0.9), (1.0, 26, 1)),
) -> SqueezeReading:
    """A coin's regime as `/squeeze` shows it."""
    machine, _ = machine_of(hours_of(days=days, price=price, seed=seed, surges=surges))
    now = machine.reading
    assert now is not None
    alone = []
    for place, venue in enumerate(venues):
        one, _ = machine_of(hours_of(days=days, price=price, seed=seed + place, surges=surges))
        alone.append(VenueRegime(venue, None if venue in waiting else one.reading))
    density = None if now.side is None else Density(now.side, now.facts[2].value, 0.97, 0.91, 88.0)
    return SqueezeReading(
        base,
        now.time,
        now.price,
        now,
        tuple(machine.hours),
        tuple(alone),
        tuple(waiting),
        density,
        (),
        followed_by(count) if count else (),
        "",
        grade,
        (*venues, *failed),
        tuple(f"{name.capitalize()} is not answering: timed out." for name in failed),
        simulated,
    )


def ranking_reading(
    bases: Sequence[str] = ("BTC", "ETH", "SOL", "1000PEPE", "XRP", "DOGE", "WIF"),
    *,
    simulated: bool = False,
    waiting: int = 0,
) -> RankingReading:
    """Coins in different states."""
    coins = []
    for place, base in enumerate(bases):
        strength = (1.0, 0.0, -0.8, 0.45, 0.2, 0.0, -0.3)[place % 7]
        machine, _ = machine_of(hours_of(seed=place, price=100.0, surges=((1.0, 26, strength),)))
        assert machine.reading is not None
        coins.append(Ranked(base, 100.0, machine.reading.time, machine.reading, _INTEREST, "fair"))
    return RankingReading(
        max((one.as_of for one in coins), default=NOW), ranked(coins), 1, waiting, 0, (), simulated
    )


def map_of(price: float = 97_000.0, *, usd: float = 4e6, seed: int = 6) -> LiquidationMap:
    """A map with three clusters on each side."""
    rng = np.random.default_rng(seed)
    here, bins = int(np.log(price) / STEP), 440
    first = here - bins // 2
    away = (np.arange(bins) - bins // 2) * STEP
    dollars = usd * np.exp(rng.normal(0, 0.3, bins)) * np.exp(-np.abs(away) / 0.12)
    for at, times in ((0.018, 9), (0.047, 14), (0.09, 10), (-0.022, 10), (-0.051, 18), (-0.1, 12)):
        dollars *= 1 + times * np.exp(-(((away - at) / 0.0035) ** 2))
    long, short = np.where(away < 0, dollars, 0.0), np.where(away > 0, dollars, 0.0)
    return LiquidationMap(
        NOW,
        price,
        first,
        floats(long),
        floats(short),
        np.array((0.6 * long, 1.5 * long)),
        np.array((0.6 * short, 1.5 * short)),
    )


def zones_near(price: float = 97_000.0) -> tuple[Zone, ...]:
    """The clusters of `map_of`."""
    made = []
    for at, usd in (
        (0.018, 3e8),
        (0.047, 3.6e8),
        (0.09, 2e8),
        (-0.022, 3e8),
        (-0.051, 4e8),
        (-0.1, 2e8),
    ):
        side = LONG if at < 0 else SHORT
        made.append(Zone(side, price * np.exp(at - 0.004), price * np.exp(at + 0.004), usd))
    return tuple(sorted(made, key=lambda zone: -zone.usd))


def books_of(price: float = 97_000.0, venues: Sequence[Venue] = VENUES) -> list[OrderBook]:
    """A book of each venue."""
    rng = np.random.default_rng(8)
    return [
        OrderBook(
            NOW,
            _orders(rng, price, venue, -1, walls=False),
            _orders(rng, price, venue, 1, walls=False),
        )
        for venue in venues
    ]


def whatif_reading(
    move: float = -0.04,
    *,
    base: str = "BTC",
    price: float = 97_000.0,
    books: bool = True,
    grade: str = "good, 412 hours",
    simulated: bool = False,
    usd: float = 4e6,
    lacking: Sequence[str] = (),
    depth: float = 1.0,
) -> WhatIfReading:
    """A move followed through a map and, if there are any, books."""
    venues = tuple(venue.name for venue in VENUES)
    deep = [replace(venue, usd=depth * venue.usd) for venue in VENUES if venue.name not in lacking]
    told = books_of(price, deep) if books else []
    zones, now = zones_near(price), map_of(price, usd=usd)
    found, share, lost = followed(now, move, told, zones)
    had = tuple(name for name in venues if books and name not in lacking)
    return WhatIfReading(
        base,
        "USDT",
        NOW,
        found,
        now,
        zones,
        had,
        tuple(name for name in venues if name not in had),
        share,
        lost,
        grade,
        venues,
        venues,
        (),
        simulated,
    )
