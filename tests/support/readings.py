"""Readings that look like real markets, for whoever draws, words or sends them.

`reading()` is a usual day of BTC; every keyword changes one thing, and the same arguments always
give the same reading. A small market is played for it (played_market.py), so that the picture has
the shapes a real one has.
"""

import numpy as np

from bot.core.arrays import HOUR, MINUTE, Floats, floats, times
from bot.core.estimate.exact import ExactLayer
from bot.core.estimate.maps import (
    STEP,
    Cluster,
    Heatmap,
    LeverageGroups,
    LiquidationMap,
    SweptCluster,
    bin_edges,
)
from bot.core.estimate.reading import MapReading, StripSeries, VenueShare
from bot.core.market.liquidations import Liquidations, PositionSide
from bot.core.market.series import Candles
from bot.core.windows import window as window_named
from tests.support.played_market import GROUPS, Book, Played, Sides, play

AS_OF = 1_767_225_600_000 - 7 * HOUR - 37 * MINUTE  # 31 Dec 2025, 16:23 UTC
_ZONE = 7  # bins of a cluster, each 0.1 %


def _clusters(usd: Floats, edges: Floats, price: float, side: PositionSide) -> list[Cluster]:
    """Take the fullest zones of 0.7 % that do not overlap, at most ten."""
    left, found = usd.copy(), []
    for _ in range(10):
        sums = np.convolve(left, np.ones(_ZONE), "valid")
        at = int(np.argmax(sums))
        total = float(sums[at])
        if total <= 0.004 * usd.sum():
            break
        low, high = float(edges[at]), float(edges[at + _ZONE])
        peak = at + int(np.argmax(left[at : at + _ZONE]))
        centre = float(np.sqrt(edges[peak] * edges[peak + 1]))
        away = (high if side is PositionSide.LONG else low) / price - 1
        found.append(Cluster(side, low, high, centre, total, 0.7 * total, 1.4 * total, away))
        left[max(at - _ZONE, 0) : at + 2 * _ZONE] = 0.0
    return found


def _swept(book: Book, edges: Floats, column_edges: Floats, *, fed: bool) -> list[SweptCluster]:
    """Join what was swept in one column, and keep what is large."""
    columns: dict[int, list[tuple[int, float]]] = {}
    for column, place, usd in book.swept:
        columns.setdefault(column, []).append((place, usd))
    found = []
    for column, rows in columns.items():
        usd = sum(amount for _, amount in rows)
        if column < 1 or usd < 0.005 * book.total:
            continue
        low, high = min(place for place, _ in rows), max(place for place, _ in rows) + 1
        found.append(
            SweptCluster(
                PositionSide(book.side),
                float(edges[low]),
                float(edges[high]),
                usd,
                int(column_edges[max(column - 40, 0)]),
                int(column_edges[column]),
                0.06 * usd if fed else None,
            )
        )
    return found


def _events(played: Played, edges: Floats, until: int, rng: np.random.Generator) -> Liquidations:
    """Report a small part of what was swept, order by order."""
    rows: list[tuple[int, int, float, float]] = []
    for book in played.books:
        for column, place, usd in book.swept:
            if column >= 0 and usd >= 0.001 * book.total:
                start, end = played.column_edges[column : column + 2]
                at = min(int(rng.uniform(float(start), float(end))), until)
                price = float(np.sqrt(edges[place] * edges[place + 1]))
                rows.append((at, book.side, price, float(rng.uniform(0.01, 0.12)) * usd / price))
    rows.sort()
    at_, side, price_, quantity = zip(*rows, strict=True) if rows else ((), (), (), ())
    sides = np.asarray(side, dtype=np.int8)
    return Liquidations(times(at_), sides, floats(price_), floats(quantity))


def _candles(played: Played, rng: np.random.Generator) -> Candles:
    column = int(played.column_edges[1] - played.column_edges[0])
    opened, high, low, close = (np.exp(part) for part in played.shown_prices)
    opened_at = played.column_edges[:-1].copy()
    volume = rng.lognormal(5, 1, len(opened))
    return Candles(opened_at, opened, high, low, close, volume, None, column)


def _heatmap(played: Played, *, forming: bool) -> Heatmap:
    """Show what was traded, and as far again on either side."""
    _, high, low, _ = played.shown_prices
    margin = min(max(float(high.max() - low.min()), 0.04), 0.15)
    first = int(np.floor((low.min() - margin) / STEP)) - played.first_bin
    last = int(np.ceil((high.max() + margin) / STEP)) - played.first_bin
    long_usd, short_usd = (book.shown[:, first:last].copy() for book in played.books)
    return Heatmap(played.column_edges, played.first_bin + first, long_usd, short_usd, forming)


def _map(played: Played, until: int, price: float) -> LiquidationMap:
    long_usd, short_usd = (book.usd.sum(axis=0) for book in played.books)
    doubt = np.array([[0.7], [1.4]])
    return LiquidationMap(
        until, price, played.first_bin, long_usd, short_usd, doubt * long_usd, doubt * short_usd
    )


def _interest(played: Played, until: int, usd: float, rng: np.random.Generator) -> StripSeries:
    drift = 1 + np.cumsum(rng.normal(0, 0.0025, len(played.column_edges) - 1))
    return StripSeries(np.append(played.column_edges[1:-1], until), usd * drift / drift[-1])


def _funding(first: int, until: int, rng: np.random.Generator) -> StripSeries:
    paid = np.arange(-(-first // (8 * HOUR)) * 8 * HOUR, until, 8 * HOUR, dtype=np.int64)
    return StripSeries(paid, rng.normal(0.00008, 0.00012, len(paid)))


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
    failed: tuple[str, ...] = (),
    failures: tuple[str, ...] = (),
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
    played = play(span, until, price, volatility, open_interest_usd, sides, rng)
    longs, shorts = played.books
    edges = bin_edges(played.first_bin, longs.usd.shape[1])
    clusters = [
        cluster
        for book in played.books
        for cluster in _clusters(book.usd.sum(axis=0), edges, price, PositionSide(book.side))
    ]
    swept = [
        cluster
        for book in played.books
        for cluster in _swept(book, edges, floats(played.column_edges), fed=liquidations)
    ]
    there = {"open interest": open_interest, "funding": funding}
    missing = tuple(word for word, has in there.items() if not has)
    feed = "complete" if liquidations else "none"
    first = int(played.column_edges[0])
    return MapReading(
        base=base,
        quote="USDT",
        window=span,
        as_of=until,
        price=price,
        candles=_candles(played, rng),
        heatmap=_heatmap(played, forming=forming),
        now=_map(played, until, price),
        groups=LeverageGroups(GROUPS, longs.by_group(), shorts.by_group()),
        clusters=tuple(sorted(clusters, key=lambda cluster: -cluster.usd)),
        swept=tuple(sorted(swept, key=lambda cluster: -cluster.swept)),
        open_interest=_interest(played, until, open_interest_usd, rng) if open_interest else None,
        funding=_funding(first, until, rng) if funding else None,
        liquidations=_events(played, edges, until, rng) if liquidations else None,
        venues=tuple(
            VenueShare(
                name,
                open_interest_usd / len(venues),
                until - 20_000 * place,
                missing,
                feed,
                interval=5 * 60_000,
            )
            for place, name in enumerate(venues)
        ),
        asked=venues + failed,
        failures=failures,
        simulated=simulated,
        grade=grade,
        exact_share=exact_share,
        exact=None if exact_share is None else _exact(_map(played, until, price), exact_share, rng),
    )


def _exact(now: LiquidationMap, share: float, rng: np.random.Generator) -> ExactLayer:
    """Take single positions out of a map: `share` of its USD, in a few bins."""
    known = rng.random(len(now.long_usd)) < share
    long_usd, short_usd = now.long_usd * known, now.short_usd * known
    return ExactLayer(now.time, int(known.sum()), long_usd, short_usd, share)
