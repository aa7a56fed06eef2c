"""Two hundred markets of any kind, the same ones at every run."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.estimate.maps import Cluster
from bot.core.estimate.reading import MapReading
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.windows import WINDOWS
from tests.support.panels import END, told
from tests.support.played_market import Sides
from tests.support.readings import reading

SEEDS = range(200)
_LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_ODD = ("币安人生", "龙BTC", "WWWWWWWWWWWWWWWWWWWW", "I", "DOGE🚀", "ΣΩ", "1000000MOG", "한국")
_VENUES = (
    "binance",
    "bybit",
    "okx",
    "bitget",
    "gate",
    "hyperliquid",
    "mexc",
    "kucoin",
    "htx",
    "kraken",
    "bitmex",
    "deribit",
    "dydx",
    "binancecoinm",
    "bybitinverse",
    "bitfinex",
    "lighter",
)
_GRADES = ("unproven", "poor, 90 hours", "fair, 180 hours", "good, 4,120 hours")
_SIDES: tuple[Sides, ...] = ("both", "both", "longs", "shorts", "none")


@dataclass(frozen=True)
class Market:
    """What any picture may meet."""

    seed: int
    base: str  # 1 to 20 letters
    price: float  # 0.00001 to 100,000
    venues: tuple[str, ...]  # 1 to 17
    failed: tuple[str, ...]
    simulated: bool
    grade: str
    random: np.random.Generator

    def chance(self, share: float) -> bool:
        """Say yes so often."""
        return bool(self.random.random() < share)

    def size(self, low: float, high: float) -> float:
        """Return a size between powers of ten."""
        return float(10 ** self.random.uniform(low, high))


def market(seed: int) -> Market:
    """Return the same market for the same seed; the first few are the ends of what there is."""
    random = np.random.default_rng(seed)
    name = "".join(random.choice(_LETTERS, int(random.integers(1, 21))).tolist())
    base = _ODD[seed // 12 % len(_ODD)] if seed % 12 == 0 else name
    prices = {0: 1e-5, 1: 1e5, 2: 0.99999, 3: 9.9999}
    order = random.permutation(len(_VENUES)).tolist()
    count = (1, len(_VENUES))[seed % 2] if seed < 6 else int(random.integers(1, len(_VENUES) + 1))
    failed = order[count : count + int(random.integers(0, 5))]
    return Market(
        seed,
        base,
        prices.get(seed, float(10 ** random.uniform(-5, 5))),
        tuple(_VENUES[at] for at in order[:count]),
        tuple(_VENUES[at] for at in failed),
        bool(random.random() < 0.5),
        str(random.choice(_GRADES)),
        random,
    )


def _clusters(of: Market) -> tuple[Cluster, ...]:
    """Any clusters, enormous ones and such as lie on each other, on both sides or one."""
    found = []
    for _ in range(int(of.random.integers(0, 13))):
        away = float(of.random.choice([-0.2, -0.03, -1e-4, 1e-4, 0.03, 0.06, 0.2]))
        away += float(of.random.uniform(-0.004, 0.004))
        side = PositionSide.LONG if away < 0 else PositionSide.SHORT
        ends = sorted(
            (of.price * (1 + away), of.price * (1 + away * 1.002 + 0.006 * np.sign(away)))
        )
        usd = of.size(0, 14)
        middle = (ends[0] * ends[1]) ** 0.5
        found.append(Cluster(side, ends[0], ends[1], middle, usd, usd / 2, usd * 2, away))
    return tuple(sorted(found, key=lambda cluster: -cluster.usd))


@cache
def map_of(seed: int) -> MapReading:
    """Return a market as the heatmap is given it."""
    of = market(seed)
    made = reading(
        of.base,
        window=WINDOWS[int(of.random.integers(len(WINDOWS)))].name,
        price=of.price,
        seed=seed,
        volatility=float(of.random.choice([0.0, 0.3, 1.0, 4.0, 15.0])),
        open_interest_usd=of.size(2, 13),
        sides=_SIDES[int(of.random.integers(len(_SIDES)))],
        venues=of.venues,
        failed=of.failed,
        failures=tuple(f"{venue} is not answering: timed out." for venue in of.failed),
        open_interest=of.chance(0.7),
        funding=of.chance(0.7),
        liquidations=of.chance(0.7),
        forming=of.chance(0.7),
        simulated=of.simulated,
        grade=of.grade,
        exact_share=of.size(-4, 0) if of.chance(0.3) else None,
    )
    if of.chance(0.5):
        made = replace(made, clusters=_clusters(of))
    ages = of.random.choice([0, 0, 20 * MINUTE, 3 * DAY], len(made.venues)).tolist()
    venues = zip(made.venues, ages, strict=True)
    return replace(
        made, venues=tuple(replace(each, as_of=each.as_of - age) for each, age in venues)
    )


def histories_of(of: Market) -> list[MarketHistory]:
    """Return what its venues tell of funding, open interest and ratio; some tell nothing."""
    histories = [
        told(
            name,
            base=of.base,
            days=float(of.random.choice([0.3, 2, 12])),
            price=of.price,
            interest=of.size(3, 11) / of.price,
            rate=float(of.random.choice([-0.02, -1e-6, 0.0, 1e-4, 0.0123])),
            ratio=of.size(-1.5, 1.5),
            every=int(of.random.choice([1, 4, 8])) * HOUR,
            seed=at,
            end=END - int(of.random.choice([0, 0, 3, 40])) * HOUR,
            simulated=of.simulated,
        )
        for at, name in enumerate(of.venues if of.seed % 4 == 0 else of.venues[:4])
    ]
    return [
        replace(each, funding=None, open_interest=None, long_short_ratio=None)
        if of.chance(0.15)
        else each
        for each in histories
    ]
