"""A kept history and a newer piece of it, made one."""

from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.series import Candles

_Series = TypeVar("_Series")
_EVER = 2**62  # [ms]


def joined(old: MarketHistory, new: MarketHistory) -> MarketHistory:
    """Return `old` up to where each series of `new` begins, and `new` from there on.

    The newer piece is right wherever both speak: its bars may have been forming before. A series
    that `new` lacks is kept as it was. Both must be of one instrument and one candle interval,
    else ValueError.
    """
    if old.instrument != new.instrument or old.candles.interval != new.candles.interval:
        raise ValueError("only pieces of one market and one candle interval can be joined")
    return replace(
        new,
        candles=_joined(old.candles, new.candles) or new.candles,
        open_interest=_joined(old.open_interest, new.open_interest),
        funding=_joined(old.funding, new.funding),
        long_short_ratio=_joined(old.long_short_ratio, new.long_short_ratio),
        liquidation_totals=_joined(old.liquidation_totals, new.liquidation_totals),
        liquidations=_events(old.liquidations, new.liquidations),
        brackets=new.brackets or old.brackets,
        positions=new.positions or old.positions,
        heard=_heard(old, new),
    )


def trimmed(history: MarketHistory, since: int) -> MarketHistory:
    """Return a history without what was observed before `since` [ms]."""
    return replace(
        history,
        candles=history.candles.since(since),
        open_interest=_trimmed(history.open_interest, since),
        funding=_trimmed(history.funding, since),
        long_short_ratio=_trimmed(history.long_short_ratio, since),
        liquidation_totals=_trimmed(history.liquidation_totals, since),
        liquidations=_trimmed(history.liquidations, since),
        heard=None if history.heard is None else history.heard.between(since, _EVER),
    )


def _trimmed(series: _Series | None, since: int) -> _Series | None:
    if series is None:
        return None
    columns: dict[str, Any] = {
        field.name: getattr(series, field.name)
        for field in fields(series)  # type: ignore[arg-type]  # every series is a dataclass
    }
    first = int(np.searchsorted(columns["time"], since, side="left"))
    kept = {n: c[first:] if isinstance(c, np.ndarray) else c for n, c in columns.items()}
    return type(series)(**kept)


def _joined(old: _Series | None, new: _Series | None) -> _Series | None:
    if old is None or new is None:
        return old if new is None else new
    time = "open_time" if isinstance(new, Candles) else "time"
    starts = getattr(new, time)
    if not len(starts):
        return old
    kept = int(np.searchsorted(getattr(old, time), starts[0], side="left"))
    columns: dict[str, Any] = {}
    for field in fields(new):  # type: ignore[arg-type]  # every series is a dataclass
        before, after = getattr(old, field.name), getattr(new, field.name)
        if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
            columns[field.name] = np.concatenate((before[:kept], after))
        elif isinstance(before, np.ndarray) or isinstance(after, np.ndarray):
            columns[field.name] = None  # an optional column stays only if both pieces have it
        else:
            columns[field.name] = after  # an interval
    return type(new)(**columns)


def _events(old: Liquidations | None, new: Liquidations | None) -> Liquidations | None:
    if old is None or new is None or not len(new):
        return new if old is None else old
    kept = int(np.searchsorted(old.time, new.time[0], side="left"))
    return Liquidations(
        np.concatenate((old.time[:kept], new.time)),
        np.concatenate((old.side[:kept], new.side)),
        np.concatenate((old.price[:kept], new.price)),
        np.concatenate((old.quantity[:kept], new.quantity)),
    )


def _heard(old: MarketHistory, new: MarketHistory) -> Heard | None:
    """Say when either was listened to; a piece without liquidations says nothing of them."""
    told = [piece.heard for piece in (old, new) if piece.liquidations is not None]
    if not told or None in told:
        return None
    return Heard.of(span for heard in told if heard for span in heard.spans)
