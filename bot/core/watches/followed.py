"""What became of a market after something was told of it: prices, and what was liquidated.

Nothing is looked at that was not known by the end of the stretch. Of prices only bars count that
open after it began; of the one that was under way only its close, which came later.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import Floats, Signs
from bot.core.evidence.occurrences import candles_of
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.grouping import TOGETHER
from bot.core.watches.ledger import After, Entry, Told

# A feed heard for this part of a stretch was heard in it: reconnecting takes seconds.
_HEARD = 0.9
_LONG, _SHORT = 1, -1


@dataclass(frozen=True, slots=True)
class Liquidated:
    """What was liquidated in a stretch, as far as somebody listened."""

    long_usd: float
    short_usd: float
    inside_usd: float | None  # [USD] of the cluster's side at its prices; None: not told singly
    heard: tuple[str, ...]  # exchanges heard all along
    partly: tuple[str, ...]  # those heard for some of it

    @property
    def usd(self) -> float:
        """Both sides [USD]."""
        return self.long_usd + self.short_usd


@dataclass(frozen=True, slots=True)
class Since:
    """One market over a stretch of time."""

    start: int  # [ms] UTC
    end: int  # [ms] UTC
    price: float  # [quote/base] last known at the end
    low: float  # [quote/base]
    high: float  # [quote/base]
    liquidated: Liquidated | None  # None: nobody listened


def since(
    histories: Sequence[MarketHistory], start: int, end: int, about: About | None = None
) -> Since | None:
    """Sum up what the markets of one coin, counted alike, did after `start` until `end` [ms].

    None where the bar that closes last before the end is not known.
    """
    candles = candles_of(histories).closed(end) if histories else None
    if candles is None or not len(candles):
        return None
    closes = candles.close_time
    if closes[-1] <= start or end - closes[-1] >= candles.interval:
        return None
    after = closes > start
    whole = candles.open_time >= start
    low = np.where(whole, candles.low, candles.close)[after]
    high = np.where(whole, candles.high, candles.close)[after]
    return Since(
        start,
        end,
        float(candles.close[-1]),
        float(low.min()),
        float(high.max()),
        liquidated(histories, start, end, about),
    )


def liquidated(
    histories: Iterable[MarketHistory], start: int, end: int, about: About | None = None
) -> Liquidated | None:
    """Sum up liquidations after `start` until `end` [ms]; None where no feed was heard."""
    long, short, inside = 0.0, 0.0, 0.0
    singly = False
    heard: list[str] = []
    partly: list[str] = []
    for history in histories:
        part = _heard(history, start, end)
        if not part:
            continue
        (heard if part >= _HEARD else partly).append(history.instrument.exchange)
        events = history.liquidations
        if events is not None:
            first, last = np.searchsorted(events.time, [start, end], side="right").tolist()
            some = events.sliced(slice(first, last))
            long += float(some.value[some.side == _LONG].sum())
            short += float(some.value[some.side == _SHORT].sum())
            inside += _inside(some.side, some.price, some.value, about)
            singly = True
        elif history.liquidation_totals is not None:
            totals = history.liquidation_totals
            within = (totals.time >= start) & (totals.time + totals.interval <= end)
            long += float(totals.long_usd[within].sum())
            short += float(totals.short_usd[within].sum())
    if not heard and not partly:
        return None
    return Liquidated(
        long,
        short,
        inside if singly and about is not None else None,
        tuple(dict.fromkeys(heard)),
        tuple(dict.fromkeys(each for each in partly if each not in heard)),
    )


def _heard(history: MarketHistory, start: int, end: int) -> float:
    """Return for which part of a stretch a feed was heard."""
    if history.liquidations is None and history.liquidation_totals is None:
        return 0.0
    if history.heard is None:
        return 1.0
    spans = Heard.of(history.heard.spans).between(start, end).spans
    return sum(b - a for a, b in spans) / max(end - start, 1)


def _inside(side: Signs, price: Floats, value: Floats, about: About | None) -> float:
    if about is None:
        return 0.0
    sign = _LONG if about.side is Side.BELOW else _SHORT
    there = (side == sign) & (price >= about.low) & (price <= about.high)
    return float(value[there].sum())


def sign_of(way: str) -> int:
    """Return +1 up, -1 down, 0 where no way is said."""
    return {"up": 1, "down": -1}.get(way, 0)


def worst(low: float, high: float, price: float, way: str) -> float:
    """Return how far price went against a way [signed fraction of the price]; 0: it did not.

    >>> [round(worst(97.0, 101.0, 100.0, way), 4) for way in ("up", "down", "")]
    [-0.03, 0.01, 0.0]
    """
    sign = sign_of(way)
    if not sign:
        return 0.0
    return min(low / price - 1, 0.0) if sign > 0 else max(high / price - 1, 0.0)


def touches(about: About, low: float, high: float) -> bool:
    """Say whether prices came into a cluster, or went through it."""
    return high >= about.low if about.side is Side.ABOVE else low <= about.high


def after(entry: Entry, found: Since, lapse: int) -> After | None:
    """Say what came of an episode `lapse` [ms] after; None where its price was not known.

    Whether a cluster was reached is only asked where the price had not come to it before.
    """
    price = entry.price
    if price is None:
        return None
    about = entry.about
    reached = None
    if about is not None and not touches(about, price, price):
        reached = touches(about, found.low, found.high)
    return After(
        entry.message,
        lapse,
        found.price,
        found.price / price - 1,
        worst(found.low, found.high, price, entry.way),
        reached,
        None if found.liquidated is None else found.liquidated.usd,
    )


def of_group(entry: Entry, ledger: Iterable[Told]) -> tuple[Entry, ...]:
    """Return the episodes that share a message, `entry` first: one cascade over several coins.

    They are those of the same way that began, one after the other, so soon that grouping.py
    leads them to one message.
    """
    others = [
        each.entry
        for each in ledger
        if each.entry.way == entry.way
        and each.entry.market != entry.market
        and each.entry.began >= entry.began
        and each.entry.told is not None
    ]
    found = [entry]
    for each in sorted(others, key=lambda one: one.began):
        if each.began - found[-1].began > TOGETHER:
            break
        if all(each.market != one.market for one in found):
            found.append(each)
    return tuple(found)
