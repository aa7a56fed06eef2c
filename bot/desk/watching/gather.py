"""From what is held of markets to the columns that watches are judged by; takes a thread's time."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, times
from bot.core.estimate.merge import bins_of
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.scale import scale, scaled
from bot.core.signals.episode import Episode
from bot.core.signals.events import Zone
from bot.core.signals.looks import Seen, look
from bot.core.watches.columns import About, Column, Columns, Key, clusters_of
from bot.core.watches.figures import Figure, Measure
from bot.core.watches.gathered import signals_of
from bot.core.watches.mapped import delta, standing
from bot.core.watches.together import figures_together, priced
from bot.core.watches.tree import Sign, Signal
from bot.desk.snapshot import Kept
from bot.desk.tapes import merged

PRICE = Figure(Measure.PRICE)
_OF_TAPE = {Measure.LIQUIDATED, Measure.LIQUIDATED_TIMES}
_NORMAL = 8 * DAY  # what is normal is looked for in a week
# Feeds tell of a liquidation so much later at most [ms]: only these are looked for twice.
_LATE = 10 * MINUTE
_MAPS_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Judged:
    """Signals of a coin that are under way, and what they have seen."""

    episodes: tuple[Episode, ...]
    known_at: int  # [ms] of the newest event they know; 0: nobody has looked


@dataclass(frozen=True, slots=True)
class Tape:
    """What a market's feed has told, and when it was heard."""

    pieces: tuple[Liquidations, ...]
    heard: Heard


@dataclass(frozen=True, slots=True)
class Part:
    """What is held of one row."""

    base: str  # as its prices count the coin
    kept: tuple[Kept, ...]
    keys: frozenset[Key]
    at: int  # [ms] UTC, now
    tapes: Mapping[Instrument, Tape]
    prices: Mapping[Instrument, tuple[int, float]]  # [ms] when told, [quote/base]
    signals: Judged | None
    cascades: Judged | None


@dataclass(frozen=True, slots=True)
class _Map:
    time: int  # [ms] of the oldest of its venues that are worked out
    seen: tuple[Seen, ...]
    zones: tuple[Zone, ...]


class Maps:
    """The maps of rows, made once for each gathering."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._made: OrderedDict[tuple[str, tuple[tuple[str, int], ...]], _Map] = OrderedDict()

    def of(self, base: str, kept: Sequence[Kept]) -> _Map:
        """Return the map of a coin's markets as they are held."""
        stamp = base, tuple((each.history.instrument.key, each.estimate.time) for each in kept)
        with self._turn:
            made = self._made.get(stamp)
            if made is None:
                made = self._made[stamp] = _map(base, kept)
            self._made.move_to_end(stamp)
            while len(self._made) > _MAPS_KEPT:
                self._made.popitem(last=False)
        return made


def _map(base: str, kept: Sequence[Kept]) -> _Map:
    moved = [bins_of(scale(each.history.instrument.base, base)) for each in kept]
    pairs = zip(kept, moved, strict=True)
    seen = tuple(standing(each.estimate.inventory, by) for each, by in pairs)
    lead = max(kept, key=lambda each: each.estimate.inventory.interest)
    return _Map(lead.estimate.time, seen, look(seen).zones)


def gathered(parts: Sequence[Part], maps: Maps) -> Columns:
    """Work out the figures of rows, each once, shape (rows,)."""
    keys = {key for part in parts for key in part.keys} | {PRICE}
    value = {key: np.full(len(parts), np.nan) for key in keys}
    known_at = {key: np.zeros(len(parts), dtype=np.int64) for key in keys}
    shown: list[tuple[float, Sequence[Zone], int] | None] = [None] * len(parts)
    for row, part in enumerate(parts):
        if not part.kept:
            continue
        for key, column in _figures(part).items():
            value[key][row], known_at[key][row] = column.value[0], column.known_at[0]
        price, made = float(value[PRICE][row]), maps.of(part.base, part.kept)
        if not np.isnan(price):
            shown[row] = price, made.zones, made.time
            for key in part.keys:
                if isinstance(key, Figure) and key.measure is Measure.DELTA:
                    value[key][row] = delta(made.seen, price, key.within)
                    known_at[key][row] = made.time
    figures: dict[Key, Column] = {
        key: Column(value[key], known_at[key]) for key in keys if isinstance(key, Figure)
    }
    abouts: dict[Signal, tuple[About | None, ...]] = {}
    for cascade in (True, False):
        some = [key for key in keys if _is_signal(key, cascade=cascade)]
        judged = [part.cascades if cascade else part.signals for part in parts]
        seen_at = times([0 if each is None else each.known_at for each in judged])
        episodes = [None if each is None else each.episodes for each in judged]
        columns, about = signals_of(some, episodes, seen_at)
        figures |= columns
        abouts |= about
    at = np.array([part.at for part in parts], dtype=np.int64)
    return Columns(at, figures, clusters_of(shown), abouts)


def _is_signal(key: Key, *, cascade: bool) -> bool:
    return isinstance(key, Signal) and (key.sign is Sign.CASCADE) is cascade


def _figures(part: Part) -> dict[Key, Column]:
    """Work out a row's figures from its histories."""
    asked = [key for key in part.keys if isinstance(key, Figure)]
    tape = [key for key in asked if key.measure in _OF_TAPE]
    normal = any(key.measure is Measure.LIQUIDATED_TIMES for key in tape)
    longest = max((key.window for key in asked), default=0)
    since = part.at - max(longest, _NORMAL if normal else 0) - HOUR
    histories = []
    for kept in part.kept:
        history, item = kept.history, kept.history.instrument
        if tape:
            history = _with_tape(history, kept.gathered, part.tapes.get(item), since)
        told = _newest(kept, part.prices.get(item))
        histories.append(scaled(priced(history, since, part.at, told), scale(item.base, part.base)))
    return figures_together(histories, {*asked, PRICE}, times([part.at]))


def _newest(kept: Kept, told: tuple[int, float] | None) -> tuple[int, float]:
    """Return the newest price and when it was told: a bar that is forming has one, too."""
    candles = kept.history.candles
    forming = min(kept.gathered, int(candles.close_time[-1])), float(candles.close[-1])
    return forming if told is None or told[0] <= forming[0] else told


def _with_tape(
    history: MarketHistory, gathered_at: int, tape: Tape | None, since: int
) -> MarketHistory:
    """Return a history with the liquidations after `since` [ms], those of its feed too."""
    events = history.liquidations
    late = max(gathered_at - _LATE, since)
    if events is not None:
        events = _after(events, since)
        first = int(np.searchsorted(events.time, late))
        events, again = events.sliced(slice(0, first)), events.sliced(slice(first, None))
        history = replace(history, liquidations=again)
    if tape is not None:
        history = merged(history, [_after(each, late) for each in tape.pieces], tape.heard)
    newest = history.liquidations
    if events is None or newest is None:
        return history
    return replace(history, liquidations=_then(events, newest))


def _after(events: Liquidations, since: int) -> Liquidations:
    return events.sliced(slice(int(np.searchsorted(events.time, since)), None))


def _then(first: Liquidations, second: Liquidations) -> Liquidations:
    return Liquidations(
        *(
            np.concatenate((getattr(first, name), getattr(second, name)))
            for name in ("time", "side", "price", "quantity")
        )
    )
