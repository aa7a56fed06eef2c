"""Readings that look like real markets, for whoever draws, words or sends them.

`reading()` is a usual BTC market; every keyword changes one thing. The same arguments always give
the same reading. Positions are opened around the price at a few leverages, decay, and are swept
when price goes through them, so that the picture has the shapes a real one has.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, Floats, floats, times
from bot.core.estimate.maps import (
    STEP,
    Cluster,
    Heatmap,
    LeverageGroups,
    LiquidationMap,
    SweptCluster,
)
from bot.core.estimate.reading import MapReading, StripSeries, VenueShare
from bot.core.market.liquidations import Liquidations, PositionSide
from bot.core.market.series import Candles
from bot.core.windows import window as window_named

Sides: TypeAlias = Literal["both", "longs", "shorts", "none"]

AS_OF = 1_767_225_600_000 - 7 * HOUR - 37 * MINUTE  # 31 Dec 2025, 16:23 UTC
_GROUPS = ("up to 5x", "5x to 20x", "20x to 50x", "above 50x")
_LEVERAGE = np.array([3.0, 10.0, 30.0, 75.0])
_SHARE = np.array([0.40, 0.33, 0.19, 0.08])
_LIFETIME = np.array([20.0, 6.0, 1.5, 0.5]) * DAY
_REACH = 0.26  # log price kept beyond the traded range, each side
_BARS_BEFORE = 300  # columns lived through before the window opens


@dataclass(slots=True)
class _Book:
    """Positions of one side while the market is played: USD by (group, bin)."""

    side: int
    usd: Floats
    noise: np.random.Generator
    swept: list[tuple[int, int, float]] = field(default_factory=list)  # column, bin, USD

    def live_through(self, column: int, bins: slice, centre: float, opened: float, dt: int) -> None:
        """Sweep what the bar reached, let positions close, open new ones around its price."""
        gone = self.usd[:, bins].sum(axis=0)
        first = bins.start or 0
        self.swept += [(column, first + int(i), float(gone[i])) for i in np.flatnonzero(gone > 0)]
        self.usd[:, bins] = 0.0
        self.usd *= np.exp(-dt / _LIFETIME)[:, None]
        for group, leverage in enumerate(_LEVERAGE):
            entry = centre + self.noise.normal(0, 0.0012, 6)
            own = leverage * np.exp(self.noise.normal(0, 0.16, 6))
            level = entry + np.log1p(-self.side * 0.95 / own)
            place = np.floor(level / STEP).astype(np.int64)
            inside = (place >= 0) & (place < self.usd.shape[1])
            np.add.at(self.usd[group], place[inside], opened * _SHARE[group] / 6)


def _path(bars: int, volatility: float, rng: np.random.Generator) -> Floats:
    """Log prices around 0 with calm and stormy hours, shape (bars + 1,)."""
    storm = np.exp(0.8 * np.convolve(rng.normal(size=bars + 23), np.ones(24) / 24**0.5, "valid"))
    steps = volatility * storm * rng.standard_t(4, bars) / 2**0.5
    path = np.concatenate([[0.0], np.cumsum(steps)])
    return floats(np.clip(path - path[-1], -0.2, 0.2))


def _clusters(usd: Floats, edges: Floats, price: float, side: PositionSide) -> list[Cluster]:
    """Take the fullest zones of 0.7 % that do not overlap."""
    left, found, width = usd.copy(), [], 7
    for _ in range(4):
        sums = np.convolve(left, np.ones(width), "valid")
        at = int(np.argmax(sums))
        if sums[at] <= 0.004 * usd.sum() or sums[at] <= 0:
            break
        low, high = float(edges[at]), float(edges[at + width])
        peak = at + int(np.argmax(left[at : at + width]))
        near = high if side is PositionSide.LONG else low
        total = float(sums[at])
        found.append(
            Cluster(
                side,
                low,
                high,
                float(np.sqrt(edges[peak] * edges[peak + 1])),
                total,
                0.7 * total,
                1.4 * total,
                near / price - 1,
            )
        )
        left[max(at - width, 0) : at + 2 * width] = 0.0
    return found


def _view(low: float, high: float, first_bin: int) -> slice:
    """Bins shown: what was traded [log price], and as far again on either side."""
    margin = min(max(high - low, 0.04), 0.15)
    return slice(
        int(np.floor((low - margin) / STEP)) - first_bin,
        int(np.ceil((high + margin) / STEP)) - first_bin,
    )


def _swept(book: _Book, edges: Floats, column_edges: Floats, *, fed: bool) -> list[SweptCluster]:
    """Join what was swept in one column to clusters and keep the large ones."""
    side = PositionSide(book.side)
    columns: dict[int, list[tuple[int, float]]] = {}
    for column, place, usd in book.swept:
        columns.setdefault(column, []).append((place, usd))
    sums = {column: sum(usd for _, usd in rows) for column, rows in columns.items()}
    floor = 0.012 * float(book.usd.sum())
    found = []
    for column, rows in columns.items():
        if column < 1 or sums[column] < floor:
            continue
        low = float(edges[min(place for place, _ in rows)])
        high = float(edges[max(place for place, _ in rows) + 1])
        swept, usd = int(column_edges[column]), sums[column]
        formed = int(column_edges[max(column - 40, 0)])
        found.append(SweptCluster(side, low, high, usd, formed, swept, 0.3 * usd if fed else None))
    return found


def _events(
    books: tuple[_Book, ...], edges: Floats, column_edges: Floats, rng: np.random.Generator
) -> Liquidations:
    """Report a part of what was swept, order by order."""
    rows: list[tuple[int, int, float, float]] = []
    for book in books:
        for column, place, usd in book.swept:
            if column < 0 or usd < 0.001 * book.usd.sum():
                continue
            start, end = column_edges[column], column_edges[column + 1]
            at = int(min(rng.uniform(start, end), AS_OF))
            price = float(np.sqrt(edges[place] * edges[place + 1]))
            rows.append((at, book.side, price, float(rng.uniform(0.01, 0.12)) * usd / price))
    rows.sort()
    time, side, price_, quantity = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Liquidations(
        times(time), np.asarray(side, dtype=np.int8), floats(price_), floats(quantity)
    )


def reading(
    base: str = "BTC",
    *,
    window: str = "24h",
    price: float = 97_412.5,
    seed: int = 1,
    volatility: float = 1.0,
    open_interest_usd: float = 14.2e9,
    sides: Sides = "both",
    venues: tuple[str, ...] = ("binance", "bybit", "okx"),
    failures: tuple[str, ...] = (),
    failed: tuple[str, ...] = (),
    open_interest: bool = True,
    funding: bool = True,
    liquidations: bool = True,
    forming: bool = True,
    simulated: bool = True,
    grade: str = "unproven",
    exact_share: float | None = None,
) -> MapReading:
    """Make a reading; `volatility` 1 is a usual day of BTC, `failed` are asked but not in it."""
    rng = np.random.default_rng(seed)
    span = window_named(window)
    until = AS_OF if forming else AS_OF // span.column * span.column
    first = span.start(until)
    column_edges = np.arange(first, until + span.column, span.column, dtype=np.int64)
    if column_edges[-1] < until:
        column_edges = np.append(column_edges, column_edges[-1] + span.column)
    count = len(column_edges) - 1

    bars = count + _BARS_BEFORE
    path = _path(bars, 0.0011 * volatility * (span.column / (5 * MINUTE)) ** 0.5, rng)
    log_price = np.log(price) + path
    wick = np.abs(rng.normal(0, 0.5 * np.std(np.diff(path)) + 1e-9, (2, bars)))
    opens, closes = log_price[:-1], log_price[1:]
    highs, lows = np.maximum(opens, closes) + wick[0], np.minimum(opens, closes) - wick[1]

    first_bin = int(np.floor((lows.min() - _REACH) / STEP))
    bins = int(np.ceil((highs.max() + _REACH) / STEP)) - first_bin
    edges = np.exp(STEP * np.arange(first_bin, first_bin + bins + 1))
    origin = first_bin * STEP
    books = tuple(_Book(side, np.zeros((len(_SHARE), bins)), rng) for side in (1, -1))
    kept = {1: sides in ("both", "longs"), -1: sides in ("both", "shorts")}
    shown = {side: np.zeros((count, bins), dtype=np.float32) for side in (1, -1)}
    for bar in range(bars):
        column = bar - _BARS_BEFORE
        activity = float(np.exp(rng.normal(0, 0.8)))
        for book in books:
            if not kept[book.side]:
                continue
            here = int(np.floor((opens[bar] - origin) / STEP))
            reach = int(np.floor(((lows if book.side > 0 else highs)[bar] - origin) / STEP))
            path_bins = slice(reach, here + 1) if book.side > 0 else slice(here, reach + 1)
            middle = 0.5 * (opens[bar] + closes[bar]) - origin
            book.live_through(column, path_bins, middle, activity, span.column)
            if column >= 0:
                shown[book.side][column] = book.usd.sum(axis=0)
    for book in books:
        total = float(book.usd.sum())
        unit = open_interest_usd / total if total else 0.0
        book.usd *= unit
        shown[book.side] *= np.float32(unit)
        book.swept = [(column, place, usd * unit) for column, place, usd in book.swept]
    longs, shorts = books

    long_usd, short_usd = longs.usd.sum(axis=0), shorts.usd.sum(axis=0)
    range_of = np.array([[0.7], [1.4]])
    now = LiquidationMap(
        until, price, first_bin, long_usd, short_usd, range_of * long_usd, range_of * short_usd
    )
    clusters = [
        cluster
        for book, side in ((longs, PositionSide.LONG), (shorts, PositionSide.SHORT))
        for cluster in _clusters(book.usd.sum(axis=0), edges, price, side)
    ]
    swept = [
        cluster
        for book in books
        for cluster in _swept(book, edges, floats(column_edges), fed=liquidations)
    ]
    inside = slice(_BARS_BEFORE, None)
    view = _view(float(lows[inside].min()), float(highs[inside].max()), first_bin)
    drift = np.cumsum(rng.normal(0, 0.0025, count)) + 1
    hours = np.arange(-(-first // (8 * HOUR)) * 8 * HOUR, until, 8 * HOUR, dtype=np.int64)
    every_column = np.append(column_edges[1:-1], until)
    feed = "complete" if liquidations else "none"
    missing = tuple(
        word for word, has in (("open interest", open_interest), ("funding", funding)) if not has
    )
    return MapReading(
        base=base,
        quote="USDT",
        window=span,
        as_of=until,
        price=price,
        candles=Candles(
            column_edges[:-1].copy(),
            np.exp(opens[inside]),
            np.exp(highs[inside]),
            np.exp(lows[inside]),
            np.exp(closes[inside]),
            rng.lognormal(5, 1, count),
            None,
            span.column,
        ),
        heatmap=Heatmap(
            column_edges,
            first_bin + view.start,
            np.ascontiguousarray(shown[1][:, view]),
            np.ascontiguousarray(shown[-1][:, view]),
            forming,
        ),
        now=now,
        groups=LeverageGroups(_GROUPS, longs.usd, shorts.usd),
        clusters=tuple(sorted(clusters, key=lambda cluster: -cluster.usd)),
        swept=tuple(sorted(swept, key=lambda cluster: -cluster.swept)),
        open_interest=(
            StripSeries(every_column, open_interest_usd * drift / drift[-1])
            if open_interest
            else None
        ),
        funding=StripSeries(hours, rng.normal(0.00008, 0.00012, len(hours))) if funding else None,
        liquidations=_events(books, edges, floats(column_edges), rng) if liquidations else None,
        venues=tuple(
            VenueShare(name, open_interest_usd / len(venues), until - 20_000 * i, missing, feed)
            for i, name in enumerate(venues)
        ),
        asked=venues + failed,
        failures=failures,
        simulated=simulated,
        grade=grade,
        exact_share=exact_share,
    )
