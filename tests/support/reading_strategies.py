"""Readings of any market that could be met, for properties of pictures and words."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from bot.core.estimate.maps import Cluster
from bot.core.estimate.reading import MapReading
from bot.core.market.liquidations import PositionSide
from bot.core.windows import WINDOWS
from tests.support.readings import reading

_VENUES = ("binance", "bybit", "okx", "gate", "bitget", "kucoin", "htx", "hyperliquid", "dydx")
_BASES = st.one_of(
    st.sampled_from(["BTC", "ETH", "1000PEPE", "SOL", "1MBABYDOGE", "Q"]),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=20),
)
_FAILURES = st.lists(st.text(min_size=1, max_size=120), max_size=12)
_PRICES = st.floats(-5, 5).map(lambda power: float(10.0**power))


@st.composite
def crowded(draw: st.DrawFn, price: float) -> tuple[Cluster, ...]:
    """Clusters anywhere about the price, of any size, on top of each other if need be."""
    found = []
    for _ in range(draw(st.integers(0, 12))):
        away = draw(st.sampled_from([-0.2, -0.06, -0.03, -0.0001, 0.0, 0.0001, 0.03, 0.06, 0.2]))
        away += draw(st.floats(-0.004, 0.004))
        usd = float(10.0 ** draw(st.floats(0, 14)))
        side = PositionSide.LONG if away < 0 else PositionSide.SHORT
        near, far = price * (1 + away), price * (1 + away * 1.002 + (0.006 if away > 0 else -0.006))
        low, high = min(near, far), max(near, far)
        found.append(Cluster(side, low, high, (low * high) ** 0.5, usd, usd / 2, usd * 2, away))
    return tuple(sorted(found, key=lambda cluster: -cluster.usd))


@st.composite
def any_reading(draw: st.DrawFn) -> MapReading:
    """Any market: cheap or dear, empty or crowded, complete or with much of it missing."""
    price = draw(_PRICES)
    names = draw(st.lists(st.sampled_from(_VENUES), min_size=1, max_size=9, unique=True))
    answered = draw(st.integers(1, len(names)))
    made = reading(
        draw(_BASES),
        window=draw(st.sampled_from([window.name for window in WINDOWS])),
        price=price,
        seed=draw(st.integers(0, 10_000)),
        volatility=draw(st.sampled_from([0.0, 0.3, 1.0, 4.0, 15.0])),
        open_interest_usd=float(10.0 ** draw(st.floats(2, 13))),
        sides=draw(st.sampled_from(["both", "both", "longs", "shorts", "none"])),
        venues=tuple(names[:answered]),
        failed=tuple(names[answered:]),
        failures=tuple(draw(_FAILURES)),
        open_interest=draw(st.booleans()),
        funding=draw(st.booleans()),
        liquidations=draw(st.booleans()),
        forming=draw(st.booleans()),
        simulated=draw(st.booleans()),
        grade=draw(st.sampled_from(["unproven", "poor", "fair", "good"])),
        exact_share=draw(st.sampled_from([None, 0.0003, 0.12, 1.0])),
    )
    if draw(st.booleans()):
        made = replace(made, clusters=draw(crowded(price)))
    behind = draw(st.sampled_from([0, 20 * 60_000, 3 * 86_400_000]))
    stale = tuple(replace(venue, as_of=venue.as_of - behind) for venue in made.venues)
    return replace(made, venues=stale)


def thinned(made: MapReading) -> MapReading:
    """Return a reading whose first half of columns is not known."""
    heatmap = made.heatmap
    half = heatmap.long_usd.shape[0] // 2
    long_usd, short_usd = heatmap.long_usd.copy(), heatmap.short_usd.copy()
    long_usd[:half] = np.float32(0)
    short_usd[:half] = np.float32(0)
    return replace(made, heatmap=replace(heatmap, long_usd=long_usd, short_usd=short_usd))
