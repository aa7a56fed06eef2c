"""A coin's figures from the histories of all its venues, as one market.

The price is that of the venue with the most open interest, open interest and liquidations are
summed, funding and the ratio are weighted by open interest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, Times
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles
from bot.core.watches.columns import Column, Key, stale_after
from bot.core.watches.figures import Figure, Measure
from bot.core.watches.gathered import figures_of, liquidated, of_liquidations

# What a venue with a smaller part of the whole told last is counted though it is old. One that
# holds more and is silent makes the figure as old as its own.
_MATTERS = 0.1
# Liquidations are known where venues with this part of the open interest were heard.
_HEARD = 0.5

_OF_PRICE = {Measure.PRICE, Measure.PRICE_CHANGE}
_OF_TAPE = {Measure.LIQUIDATED, Measure.LIQUIDATED_TIMES}
_INTEREST = Figure(Measure.INTEREST)


def figures_together(
    histories: Sequence[MarketHistory], keys: Iterable[Key], at: Times
) -> dict[Key, Column]:
    """Work out the figures of one coin on several venues at given times [ms], shape (T,).

    All histories count the coin in the same way. Signals, and what is read from maps, are left
    out, as in `figures_of`; a figure that no venue tells is nan.
    """
    if len(histories) == 1:
        return figures_of(histories[0], keys, at)
    asked = [key for key in keys if isinstance(key, Figure)]
    plain = [key for key in asked if key.measure not in _OF_TAPE]
    alone = [figures_of(history, [*plain, _INTEREST], at) for history in histories]
    held = np.array([_known(one[_INTEREST].value) for one in alone]).reshape(-1, len(at))
    held = np.where(held.sum(axis=0) > 0, held, 1.0)
    found: dict[Key, Column] = {}
    for key in plain:
        told = [one[key] for one in alone if key in one]
        if len(told) != len(histories) or not told:
            continue  # read from maps
        value, known_at = np.stack([e.value for e in told]), np.stack([e.known_at for e in told])
        if key.measure in _OF_PRICE:
            found[key] = _leading(key, value, known_at, held, at)
        else:
            found[key] = _joined(key, value, known_at, held)
    for key in asked:
        if key.measure in _OF_TAPE:
            found[key] = _liquidated(histories, key, held, at)
    return found


def _known(value: Floats) -> Floats:
    return np.where(np.isfinite(value) & (value > 0), value, 0.0)


def _leading(
    key: Key, value: Floats, known_at: NDArray[np.int64], held: Floats, at: Times
) -> Column:
    """Take the largest venue whose figure is fresh, or else what was told last."""
    told = np.isfinite(value)
    fresh = told & (at - known_at <= stale_after(key))
    largest = np.argmax(np.where(fresh, held, -1.0), axis=0)
    newest = np.argmax(np.where(told, known_at, -1), axis=0)
    place = np.where(fresh.any(axis=0), largest, newest)
    column = np.arange(len(at))
    return Column(value[place, column], known_at[place, column])


def _joined(key: Figure, value: Floats, known_at: NDArray[np.int64], held: Floats) -> Column:
    """Sum or weigh what venues tell; as old as the oldest that matters."""
    told = np.isfinite(value)
    weight = np.where(told, held, 0.0)
    whole = weight.sum(axis=0)
    some = whole > 0
    part = np.divide(weight, whole, out=np.zeros_like(weight), where=some)
    matters = part >= _MATTERS
    oldest = np.where(matters, known_at, np.iinfo(np.int64).max).min(axis=0)
    figure = np.where(told, value, 0.0)
    if key.measure is Measure.INTEREST:
        joined = figure.sum(axis=0)
    elif key.measure is Measure.INTEREST_CHANGE:  # of the sums, now and then
        before = np.divide(weight, 1 + figure, out=np.zeros_like(weight), where=figure > -1)
        then = before.sum(axis=0)
        joined = np.divide(whole, then, out=np.full(len(whole), np.nan), where=then > 0) - 1
    else:
        joined = (part * figure).sum(axis=0)
    return Column(np.where(some, joined, np.nan), np.where(matters.any(axis=0), oldest, 0))


def _liquidated(
    histories: Sequence[MarketHistory], figure: Figure, held: Floats, at: Times
) -> Column:
    """Sum what was liquidated on the venues that were heard; unknown if too few of them were."""
    telling = [
        place
        for place, each in enumerate(histories)
        if each.liquidations is not None or each.liquidation_totals is not None
    ]
    total, normal = np.full(len(at), np.nan), np.full(len(at), np.nan)
    if telling:
        parts = [liquidated(histories[place], figure, at) for place in telling]
        totals, normals = np.stack([one for one, _ in parts]), np.stack([one for _, one in parts])
        times_normal = figure.measure is Measure.LIQUIDATED_TIMES
        known = np.isfinite(totals) & (np.isfinite(normals) if times_normal else True)
        heard = np.where(known, held[telling], 0.0).sum(axis=0)
        enough = known.any(axis=0) & (heard >= _HEARD * held[telling].sum(axis=0))
        total = np.where(enough, np.where(known, totals, 0.0).sum(axis=0), np.nan)
        if times_normal:
            normal = np.where(known, normals, 0.0).sum(axis=0)
    return of_liquidations(figure, total, normal, at)


def priced(history: MarketHistory, since: int, at: int, newest: tuple[int, float]) -> MarketHistory:
    """Return a history as it is known at `at` [ms], with the newest price as a bar of its own.

    Candles that open before `since` [ms] are left out. `newest` is when a price was told [ms], and
    the price: between two bars nothing else says where it stands.
    """
    candles, (time, price) = history.candles, newest
    last = int(np.searchsorted(candles.close_time, at, side="right"))
    first = min(int(np.searchsorted(candles.open_time, since)), max(last - 1, 0))
    bars = candles.sliced(slice(first, last))
    closed = int(bars.close_time[-1]) if len(bars) else 0
    if closed < time <= at and price > 0:
        bars = Candles(
            np.append(bars.open_time, time - bars.interval),
            np.append(bars.open, price),
            np.append(bars.high, price),
            np.append(bars.low, price),
            np.append(bars.close, price),
            np.append(bars.volume, 0.0),
            None,
            bars.interval,
        )
    return replace(history, candles=bars)
