"""Histories of one coin on several venues, and the panels that are read from them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, Floats, floats
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.core.market.summary import Summary
from bot.core.panels.panel import panel
from bot.core.panels.reading import Kind, PanelReading

END = 1_767_196_800_000  # 2025-12-31 16:00 UTC


def told(
    exchange: str = "binance",
    *,
    base: str = "BTC",
    days: float = 30,
    price: float = 90_000.0,
    interest: float = 80_000.0,
    rate: float = 1e-4,
    ratio: float = 1.5,
    every: int = 8 * HOUR,
    seed: int = 1,
    end: int = END,
    simulated: bool = False,
) -> MarketHistory:
    """A venue that tells everything, around the figures given; the same seed, the same walk."""
    random = np.random.default_rng(seed)
    bars = int(days * DAY / (15 * MINUTE))
    opened = end - 15 * MINUTE * np.arange(bars, 0, -1, dtype=np.int64)
    path = price * np.exp(_walk(random, bars, 0.002))
    hours = end - HOUR * np.arange(int(days * 24), -1, -1, dtype=np.int64)
    paid = end // every * every - every * np.arange(
        int(days * DAY // every), -1, -1, dtype=np.int64
    )
    return MarketHistory(
        Instrument(exchange, base, "USDT", "USDT"),
        Candles(
            opened, path, path * 1.001, path * 0.999, path, np.full(bars, 50.0), None, 15 * MINUTE
        ),
        open_interest=OpenInterest(hours, interest * np.exp(_walk(random, len(hours), 0.004))),
        funding=FundingRates(
            paid, rate * every / (8 * HOUR) * (1 + 12 * _walk(random, len(paid), 0.06))
        ),
        long_short_ratio=LongShortRatio(hours, ratio * np.exp(_walk(random, len(hours), 0.012))),
        simulated=simulated,
    )


def _walk(random: np.random.Generator, count: int, size: float) -> Floats:
    """Wander around zero and end near it."""
    steps = np.cumsum(random.normal(0, size, count))
    return floats(steps - np.linspace(0, steps[-1], count)) if count else np.zeros(0)


VENUES = (
    ("binance", 1.0, 8),
    ("bybit", 0.6, 8),
    ("okx", 0.4, 8),
    ("bitget", 0.35, 8),
    ("gate", 0.3, 8),
    ("hyperliquid", 0.25, 1),
    ("mexc", 0.2, 8),
    ("kucoin", 0.12, 8),
    ("htx", 0.1, 8),
    ("kraken", 0.05, 1),
    ("bitmex", 0.04, 8),
    ("deribit", 0.03, 8),
    ("dydx", 0.01, 1),
    ("binancecoinm", 0.2, 8),
)


def panel_of(
    kind: Kind,
    *histories: MarketHistory,
    base: str = "BTC",
    summaries: Mapping[Instrument, Summary] | None = None,
    failed: tuple[str, ...] = (),
    as_of: int = END,
) -> PanelReading:
    """Read a panel; those who failed were asked as well."""
    asked = (*(history.instrument.exchange for history in histories), *failed)
    said = tuple(f"{venue} is not answering: timed out." for venue in failed)
    return panel(kind, base, histories, summaries or {}, as_of, asked, said)


def many(
    count: int = len(VENUES), days: float = 30, *, simulated: bool = False
) -> tuple[MarketHistory, ...]:
    """Venues as large and as often paid as the usual ones are to each other."""
    return tuple(
        told(
            name,
            interest=80_000 * size,
            every=every * HOUR,
            seed=at + 1,
            rate=1e-4 * (1 + 0.3 * np.sin(at)),
            ratio=1.5 + 0.4 * np.cos(at),
            days=days,
            simulated=simulated,
        )
        for at, (name, size, every) in enumerate(VENUES[:count])
    )


def scarce() -> tuple[MarketHistory, ...]:
    """A young coin: three days of it, one venue silent about a figure, one long behind."""
    one = told("okx", base="NEW", days=3, price=2.5, interest=4e6, rate=-6e-4, ratio=0.8)
    other = told("bybit", base="NEW", days=3, price=2.5, interest=1e6, seed=5, end=END - 10 * HOUR)
    third = told("gate", base="NEW", days=0.5, price=2.5, seed=7)
    return one, other, replace(third, open_interest=None, funding=None, long_short_ratio=None)
