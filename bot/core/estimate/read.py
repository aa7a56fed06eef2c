"""Reading one market, or several venues of one coin together, for a picture and its words."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bot.core.arrays import times
from bot.core.errors import NotEnoughData
from bot.core.estimate.clusters import clusters
from bot.core.estimate.columns import Column
from bot.core.estimate.exact import exact_layer
from bot.core.estimate.inventory import Inventory
from bot.core.estimate.maps import STEP, LiquidationMap
from bot.core.estimate.market import MarketEstimate, map_of
from bot.core.estimate.merge import bins_of, parts
from bot.core.estimate.picture import heatmap, price_range
from bot.core.estimate.reading import MapReading, VenueShare
from bot.core.estimate.strips import funding_strip, interest_strip, interest_usd
from bot.core.estimate.swept import swept_clusters
from bot.core.judge.grade import UNPROVEN
from bot.core.language import Said, later
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.scale import scale, scaled
from bot.core.windows import Window

# How far from the price a profile looks each way, at most [fraction].
_FURTHEST = 0.25


def read(
    estimates: Sequence[MarketEstimate],
    histories: Sequence[MarketHistory],
    window: Window,
    as_of: int,
    asked: tuple[str, ...],
    failures: tuple[str | Said, ...],
    grade: str | Said = UNPROVEN,
    base: str | None = None,
) -> MapReading:
    """Return all that `/heatmap` and `/map` show of one coin at `as_of` [ms].

    `estimates[i]` is the estimate of `histories[i]`, with every bar that has closed by `as_of`
    taken in. A candle beyond those is the one that is forming: what it has reached counts as
    liquidated in the current map, and nothing else of it is believed yet. Venues are summed in
    USD, bin by bin, each by its own margin rule; where they count the coin by different multiples
    (PEPE, 1000PEPE), all are counted as `base` says, or as the market with the most open interest
    does. NotEnoughData if there is no market to read.
    """
    if not estimates or len(estimates) != len(histories):
        raise NotEnoughData(later("no market to read"))
    inventories = [
        _with_forming(estimate, history, as_of)
        for estimate, history in zip(estimates, histories, strict=True)
    ]
    lead = int(np.argmax([inventory.interest for inventory in inventories]))
    base = base or histories[lead].instrument.base
    factors = [scale(history.instrument.base, base) for history in histories]
    moved = [bins_of(factor) for factor in factors]
    histories = [scaled(each, by) for each, by in zip(histories, factors, strict=True)]
    interest = [_last_interest(history, as_of) for history in histories]
    candles = histories[lead].candles
    price = inventories[lead].mark * factors[lead]
    shown = candles.since(window.start(as_of))
    bins = price_range(shown, price)
    picture = heatmap(
        [_columns(each.columns, by) for each, by in zip(estimates, moved, strict=True)],
        [_map(each, by) for each, by in zip(inventories, moved, strict=True)],
        window,
        [estimate.time for estimate in estimates],
        max(estimate.interval for estimate in estimates),
        as_of,
        bins,
    )
    around = parts(inventories, as_of, price, moved)
    held = [usd for usd in interest if usd is not None]
    bins_around = around.usd.shape[2]
    exact = exact_layer(histories, around.first, bins_around, sum(held) or None, as_of)
    start = int(picture.column_edges[0])
    quotes = {history.instrument.quote for history in histories}
    return MapReading(
        base=base,
        quote=quotes.pop() if len(quotes) == 1 else "USD",
        window=window,
        as_of=as_of,
        price=price,
        candles=shown,
        heatmap=picture,
        now=around.map(),
        groups=around.groups(),
        clusters=clusters(price, around.first, around.usd, around.doubt, around.grain, bins),
        swept=swept_clusters(picture, shown, histories),
        open_interest=interest_strip(histories, start, as_of),
        funding=funding_strip(histories, start, as_of),
        liquidations=_events(histories, start, as_of),
        venues=tuple(
            VenueShare(
                history.instrument.exchange,
                usd,
                estimate.time,
                history.missing,
                history.liquidation_feed,
                estimate.interval,
            )
            for history, estimate, usd in zip(histories, estimates, interest, strict=True)
        ),
        asked=asked,
        failures=failures,
        simulated=any(history.simulated for history in histories),
        grade=grade,
        exact_share=None if exact is None else exact.share,
        exact=exact,
        map_clusters=clusters(
            price, around.first, around.usd, around.doubt, around.grain, _profile(price)
        ),
    )


def _columns(columns: Sequence[Column], by: int) -> Sequence[Column]:
    """Return columns `by` bins higher."""
    return [replace(each, first=each.first + by) for each in columns] if by else columns


def _map(inventory: Inventory, by: int) -> LiquidationMap:
    """Return the map of an inventory `by` bins higher."""
    current = map_of(inventory)
    return replace(current, first_bin=current.first_bin + by) if by else current


def _profile(price: float) -> tuple[int, int]:
    """First bin and number of bins of what a profile may show."""
    first = math.floor(math.log(price / (1 + _FURTHEST)) / STEP)
    return first, math.floor(math.log(price * (1 + _FURTHEST)) / STEP) - first + 1


def _with_forming(estimate: MarketEstimate, history: MarketHistory, as_of: int) -> Inventory:
    """Return a market's inventory, less what the bar that is forming has reached."""
    candles = history.candles.since(estimate.time)
    if not len(candles) or int(candles.open_time[-1]) >= as_of:
        return estimate.inventory
    inventory = estimate.inventory.copy()
    logs = (np.log(column) / STEP for column in (candles.open, candles.low, candles.high))
    for opened, low, high in zip(*logs, strict=True):
        inventory.sweep(float(opened), float(low), float(high))
    inventory.mark = float(candles.close[-1])
    inventory.price = math.log(inventory.mark) / STEP
    return inventory


def _last_interest(history: MarketHistory, as_of: int) -> float | None:
    usd = float(interest_usd(history, times([as_of]))[0])
    return usd if np.isfinite(usd) else None


def _events(histories: Sequence[MarketHistory], start: int, as_of: int) -> Liquidations | None:
    """Join the events of all venues within start..as_of [ms], in the order of time."""
    feeds = [history.liquidations for history in histories if history.liquidations is not None]
    if not feeds:
        return None
    time = np.concatenate([feed.time for feed in feeds])
    order = np.argsort(time, kind="stable")
    order = order[(time[order] >= start) & (time[order] <= as_of)]
    return Liquidations(
        time[order],
        *(
            np.concatenate([getattr(feed, name) for feed in feeds])[order]
            for name in ("side", "price", "quantity")
        ),
    )
