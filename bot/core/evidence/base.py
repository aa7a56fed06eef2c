"""Episodes beside random times: the only honest way to state an edge.

For each episode, the random times are those of the same market whose last day was as volatile as
the episode's, and which no episode of the kind was near. What followed them, seen the same way
and with the same target, is what would have followed anyhow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, HOUR, Floats, Times, floats, times
from bot.core.evidence.outcomes import HORIZONS, NAMES, Outcomes, outcomes, volatility
from bot.core.market.series import Candles

# Fewer episodes than this say nothing.
FEWEST = 10

# Random times are matched by volatility within this factor, taken each hour, and not within a day
# of an episode, or a quarter of what usually lies between two where they come more often. Of those
# that match so many at most are looked at for each episode.
_ALIKE = 1.25
_EVERY = HOUR
_APART = DAY
_MOST = 400

DRAWS = 1000
TAIL = 0.05  # a range leaves out so much at either end: 90 % lie within
_ROUNDING = 1e-6  # of the spread of all days: a draw that is spread less is of one day alone
_SEED = 1  # any: the same episodes always give the same answer


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Episodes of one kind on one market, as far as evidence looks at them; N of them."""

    time: Times  # [ms] UTC, when it was said
    price: Floats  # [quote/base] then
    sign: Floats  # +1 up was said, -1 down, 0 nothing
    distance: Floats  # [log price] to the target, nan without one


@dataclass(frozen=True, slots=True)
class Range:
    """A figure with its range of 90 %; nan where it cannot be said.

    Where several are looked at together, all of them lie within theirs in 90 % of cases.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Followed:
    """What followed within one horizon, beside random times."""

    horizon: str  # "4h"
    count: int  # episodes whose horizon is over
    move: float  # [log price] mean, the way that was said; without a way its size
    base: float  # [log price] the same at random times
    edge: Range  # [log price] move less base; the range holds for all horizons together
    against: float  # [log price] median of the worst on the way
    reached: float  # [fraction] that came to the target; nan without one
    reached_base: float  # [fraction] of random times that came as far
    past: int = 0  # episodes that are over, whatever is known of what followed
    days: float = np.nan  # of history that they were looked for in; nan: not told

    @property
    def enough(self) -> bool:
        """Whether there are enough episodes to say anything."""
        return self.count >= FEWEST


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """Episodes and what their random times brought; H horizons, N episodes. Markets add up."""

    time: Times  # [ms], shape (N,)
    own: Outcomes  # seen the way that was said
    base_move: Floats  # [log price] mean over the random times, shape (H, N)
    reached: Floats  # 0 or 1, nan where not known or without a target, shape (H, N)
    base_reached: Floats  # [fraction] of the random times, shape (H, N)


def paired(candles: Candles, moments: Moments) -> Paired:
    """Set the episodes of one market beside its random times."""
    own = _seen(candles, moments.time, moments.price, moments.sign)
    hours = random_times(candles, moments.time)
    closes = candles.close[np.searchsorted(candles.close_time, hours, side="right") - 1]
    calm, calm_own = volatility(candles, hours), volatility(candles, moments.time)
    anyhow = outcomes(candles, hours, closes)
    shape = len(HORIZONS), len(moments.time)
    base_move, base_reached = np.full(shape, np.nan), np.full(shape, np.nan)
    rng = np.random.default_rng(_SEED)
    for each in range(len(moments.time)):
        alike = alike_times(calm, float(calm_own[each]))
        if len(alike) > _MOST:
            alike = np.sort(rng.choice(alike, _MOST, replace=False))
        if not len(alike):
            continue
        seen = _said(anyhow.some(alike), np.full(len(alike), moments.sign[each]))
        known = seen.known.any(axis=1)
        base_move[known, each] = np.nanmean(seen.move[known], axis=1)
        if np.isfinite(moments.distance[each]):
            came = np.where(
                seen.known, seen.reached(np.full(len(alike), moments.distance[each])), np.nan
            )
            base_reached[known, each] = np.nanmean(came[known], axis=1)
    has = np.isfinite(moments.distance)
    came_own = own.reached(np.where(has, moments.distance, np.inf))
    reached = np.where(own.known & has, came_own, np.nan)
    return Paired(moments.time, own, base_move, reached, base_reached)


def followed(markets: Sequence[Paired]) -> tuple[Followed, ...]:
    """Sum up the episodes of one kind over markets: what followed, horizon by horizon.

    Ranges come of drawing days again: episodes of one day are one witness, on whatever market.
    They hold for all horizons together: who looks at four finds something in one of them easily.
    """
    if not markets:
        return ()
    time = np.concatenate([each.time for each in markets])
    columns = [
        np.concatenate([each[place] for each in map(_columns, markets)], axis=1)
        for place in range(len(_columns(markets[0])))
    ]
    return tuple(
        _summed(name, time, *(column[row] for column in columns)) for row, name in enumerate(NAMES)
    )


def _columns(one: Paired) -> tuple[Floats, ...]:
    return one.own.move, one.base_move, one.own.down, one.reached, one.base_reached


def _summed(
    name: str, time: Times, move: Floats, base: Floats, against: Floats, *came: Floats
) -> Followed:
    known = np.isfinite(move) & np.isfinite(base)
    edge = drawn(time[known], (move - base)[known], looks=len(HORIZONS))
    reached, reached_base = (_mean(each[known]) for each in came)
    worst = float(np.median(against[known])) if known.any() else np.nan
    return Followed(
        name,
        int(known.sum()),
        _mean(move[known]),
        _mean(base[known]),
        edge,
        worst,
        reached,
        reached_base,
    )


def drawn(time: Times, values: Floats, looks: int = 1) -> Range:
    """Return the mean of some values, and its range when the days they are of are drawn again.

    The spread of each draw is measured by itself (a bootstrap of t), since a mean of ten values
    lies further off than they let it seem. Of several `looks` at the same episodes each range is
    so much wider (Bonferroni) that chance alone leaves any of them out in one case of ten at most.
    """
    if not len(values):
        return Range(np.nan, np.nan, np.nan)
    days, place = np.unique(time // DAY, return_inverse=True)
    sums, counts = floats(np.bincount(place, values)), floats(np.bincount(place))
    mean, spread = _mean_and_spread(sums, counts)
    if len(days) < 2:  # noqa: PLR2004 - one day cannot be drawn again
        return Range(float(mean), np.nan, np.nan)
    drawn = np.random.default_rng(_SEED).integers(len(days), size=(DRAWS, len(days)))
    means, spreads = _mean_and_spread(sums[drawn], counts[drawn])
    off = np.abs(means - mean)
    one_alone = spreads <= _ROUNDING * spread  # rounding seldom leaves nothing
    away = np.divide(off, spreads, out=np.full(DRAWS, np.inf), where=~one_alone)
    furthest = np.quantile(away, 1 - 2 * TAIL / looks, method="higher") if spread > 0 else 0.0
    if not np.isfinite(furthest):  # so few days that many draws are of one alone
        return Range(float(mean), np.nan, np.nan)
    wide = spread * furthest
    return Range(float(mean), float(mean - wide), float(mean + wide))


def _mean_and_spread(sums: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Mean of all values and its standard error, by days (..., D), as days are independent."""
    count, days = counts.sum(axis=-1), counts.shape[-1]
    mean = sums.sum(axis=-1) / count
    left = sums - mean[..., None] * counts
    return mean, np.sqrt((left**2).sum(axis=-1) * days / max(days - 1, 1)) / count


def _mean(values: Floats) -> float:
    kept = values[np.isfinite(values)]
    return float(kept.mean()) if len(kept) else float("nan")


def _seen(candles: Candles, at: Times, price: Floats, sign: Floats) -> Outcomes:
    """Return what followed, seen the way that was said; without a way a move counts by its size."""
    return _said(outcomes(candles, at, price), sign)


def _said(plain: Outcomes, sign: Floats) -> Outcomes:
    turned = plain.towards(np.where(sign == 0, 1.0, sign))
    return Outcomes(np.where(sign == 0, np.abs(plain.move), turned.move), turned.up, turned.down)


def alike_times(calm: Floats, own: float) -> Times:
    """Return the places of those as volatile as `own`; none if nothing moved or is known."""
    if not own > 0:
        return np.empty(0, np.int64)
    ratio = np.where(calm > 0, calm, np.nan) / own
    return times(np.flatnonzero((ratio <= _ALIKE) & (ratio >= 1 / _ALIKE)))


def random_times(candles: Candles, episodes: Times) -> Times:
    """Return each hour at which a bar closed and which no episode is near [ms]."""
    closes = candles.close_time
    hours = times(closes[closes % max(_EVERY, candles.interval) == 0])
    if not len(episodes):
        return hours
    ordered = np.sort(episodes)
    after = np.clip(np.searchsorted(ordered, hours), 0, len(ordered) - 1)
    before = np.maximum(after - 1, 0)
    near = np.minimum(np.abs(hours - ordered[after]), np.abs(hours - ordered[before]))
    apart = min(_APART, float(np.median(np.diff(ordered))) / 4) if len(ordered) > 1 else _APART
    return times(hours[near >= apart])
