"""What followed cascades of the market as a whole, beside random times of its coins.

The market has no price. What followed is the mean over the coins that cascaded together when it was
told, each counted alike and beside random times of its own, as volatile. Not the largest of them:
it is the one that such a move carries least, and who holds another would be told too little.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from bot.core.arrays import floats, times
from bot.core.evidence.base import Moments, paired
from bot.core.evidence.occurrences import (
    After,
    Occurrence,
    after_joined,
    after_of,
    by_coin,
    occurrences,
)
from bot.core.evidence.outcomes import NAMES
from bot.core.market.series import Candles
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.wide import MARKET, WITHIN, WideMachine, coins_of


def wide_occurrences(found: Iterable[Occurrence]) -> tuple[Occurrence, ...]:
    """Group what the cascades of coins were into those of the market; nothing followed yet.

    Of several markets of a coin, the one that tells most stands for it.
    """
    alone = [
        each
        for each in found
        if each.episode.kind is Kind.CASCADE and each.episode.market != MARKET
    ]
    states = []
    for coin, those in by_coin(alone).items():
        for each in those:
            if each.moment is not None:
                states.append((coin, each.moment))
                if each.episode.ended is not None:
                    states.append((coin, each.episode))
    machine, said = WideMachine(), list[Episode]()
    for coin, state in sorted(states, key=_order):
        said += machine.take(coin, state)
    return occurrences(said)


def _order(one: tuple[str, Episode]) -> tuple[int, bool, int, str]:
    coin, state = one
    return state.time, state.ended is not None, state.began, coin


def wide_settled(
    candles: Mapping[str, Candles], found: Sequence[Occurrence]
) -> tuple[Occurrence, ...]:
    """Say what followed each, as the mean over those of its coins whose candles are there.

    Horizons that are not over for all of these are left out; what was said before stands.
    """
    parts: dict[str, list[tuple[After, ...]]] = {}
    for coin, held in candles.items():
        first = int(held.open_time[0]) if len(held) else 2**62
        those = {
            each.name: each.moment
            for each in found
            if each.moment is not None
            and coin in coins_of(each.moment)
            and each.moment.time >= first
            and int(held.close_time[-1]) > each.moment.time
        }
        if those:
            for name, after in zip(those, _followed(held, [*those.values()]), strict=True):
                parts.setdefault(name, []).append(after)
    return tuple(replace(each, after=_mean(each, parts.get(each.name, []))) for each in found)


def _followed(candles: Candles, states: Sequence[Episode]) -> list[tuple[After, ...]]:
    """Say what one coin did after each of some moments, beside its own random times."""
    at = times([state.time for state in states])
    closes = np.searchsorted(candles.close_time, at, side="right") - 1
    price = np.where(closes >= 0, candles.close[np.maximum(closes, 0)], candles.open[0])
    sign = floats([float(state.way.sign) for state in states])
    beside = paired(candles, Moments(at, floats(price), sign, np.full(len(at), np.nan)))
    return [after_of(beside, place) for place in range(len(states))]


def _mean(one: Occurrence, parts: Sequence[tuple[After, ...]]) -> tuple[After, ...]:
    """Average what followed over coins."""
    if not parts:
        return one.after
    told = []
    for name in NAMES:
        each = [after for part in parts for after in part if after.horizon == name]
        if len(each) == len(parts):
            rows = np.array([(after.move, after.against, after.base) for after in each])
            move, against, base = rows.mean(axis=0).tolist()
            told.append(After(name, move, against, None, base, np.nan))
    return after_joined(one.after, tuple(told))


def wide_joined(known: Sequence[Occurrence], told: Sequence[Occurrence]) -> tuple[Occurrence, ...]:
    """Put what is known and what is told now together; of one cascade that is in both, the wider.

    How many coins a cascade took in hangs on how many were followed.
    """
    kept: list[Occurrence] = []
    for each in sorted((*known, *told), key=_widest):
        if not any(_same(each, other) for other in kept):
            kept.append(each)
    return tuple(sorted(kept, key=lambda one: (one.episode.began, one.name)))


def _widest(one: Occurrence) -> tuple[int, bool, int]:
    """The widest comes first, of those one that is over, then one whose outcome is known."""
    return -len(coins_of(one.episode)), one.episode.ended is None, -len(one.after)


def _same(one: Occurrence, other: Occurrence) -> bool:
    """Whether two are one cascade of the market: the same way, and at the same time."""
    mine, yours = one.episode, other.episode
    return (
        mine.way is yours.way
        and mine.began <= (yours.ended or yours.time) + WITHIN
        and yours.began <= (mine.ended or mine.time) + WITHIN
    )
