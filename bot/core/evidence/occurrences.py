"""Occurrences: episodes one by one, each with what followed as far as that is over."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.core.arrays import Floats, floats, times
from bot.core.estimate.parameters import prior
from bot.core.estimate.saved import MODEL
from bot.core.evidence.backtest import ENTRY
from bot.core.evidence.base import Followed, Moments, Paired, followed, paired
from bot.core.evidence.outcomes import NAMES, Outcomes
from bot.core.instruments import Coin, Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles
from bot.core.signals.episode import Episode, Kind

# To be raised when the same events lead to other episodes, or to other figures of what followed.
RULES = "signals 5"

# The phase in which an episode counts as seen: a regime when it begins, a strategy when it is
# acted on.
PHASES = {
    Kind.SQUEEZE: "on",
    Kind.FUEL: "on",
    Kind.EXHAUSTION: "on",
    **{kind: phase for kind, (phase, _) in ENTRY.items()},
}

_NAN = math.nan


@dataclass(frozen=True, slots=True)
class After:
    """What followed an episode within one horizon that is over, beside random times."""

    horizon: str  # "4h"
    move: float  # [log price] the way that was said; without a way its size
    against: float  # [log price] worst on the way, not above 0
    reached: bool | None  # whether price came to the target zone; None without one
    base: float  # [log price] mean of the move at random times; nan if none are alike
    base_reached: float  # [fraction] of random times that came as far; nan without a target


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An episode as it stood last, and what followed the moment that counts."""

    episode: Episode
    moment: Episode | None  # as it stood when it counted as seen; None: it never did, or not yet
    after: tuple[After, ...] = ()  # horizons that are over, shortest first

    @property
    def name(self) -> str:
        """The episode's name."""
        return self.episode.name


def model() -> str:
    """Name what episodes were found by: rules, estimate and assumptions."""
    return f"{RULES} / {MODEL} / {prior().version}"


def occurrences(told: Iterable[Episode]) -> tuple[Occurrence, ...]:
    """Sum up all states of all episodes, in the order in which they began; nothing followed yet."""
    newest: dict[str, Episode] = {}
    moments: dict[str, Episode] = {}
    for state in told:
        newest[state.name] = state
        if state.phase == PHASES[state.kind]:
            moments.setdefault(state.name, state)
    found = (Occurrence(state, moments.get(name)) for name, state in newest.items())
    return tuple(sorted(found, key=lambda each: (each.episode.began, each.name)))


def candles_of(histories: Sequence[MarketHistory]) -> Candles:
    """Return the candles of the venue that turned over most; its prices stand for the coin's."""
    candles = [history.candles for history in histories]
    return max(candles, key=lambda each: float((each.volume * each.close).sum()))


def settled(candles: Candles, found: Sequence[Occurrence]) -> tuple[Occurrence, ...]:
    """Say of each occurrence of one market what followed; none of the candles may be forming.

    Horizons that are not over are left out. What was settled before stays where these candles do
    not reach back to it.
    """
    after: dict[str, tuple[After, ...]] = {}
    first = int(candles.open_time[0]) if len(candles) else math.inf
    for kind in Kind:
        counted = {
            each.name: each.moment
            for each in found
            if each.episode.kind is kind and each.moment is not None and each.moment.time >= first
        }
        over = all(len(each.after) == len(NAMES) for each in found if each.name in counted)
        if counted and not over:
            beside = paired(candles, _moments([*counted.values()]))
            after |= {name: after_of(beside, at) for at, name in enumerate(counted)}
    return tuple(
        replace(each, after=after_joined(each.after, after.get(each.name))) for each in found
    )


def after_joined(old: tuple[After, ...], new: tuple[After, ...] | None) -> tuple[After, ...]:
    """Add what is over by now; what was said stands, unless nothing could be set beside it."""
    said = [each for each in old if not math.isnan(each.base)]
    by_name = {each.horizon: each for each in (*old, *(new or ()), *said)}
    return tuple(by_name[name] for name in NAMES if name in by_name)


def gone_on(
    known: Sequence[Occurrence], told: Sequence[Occurrence], gone: Sequence[tuple[int, int]]
) -> tuple[Occurrence, ...]:
    """Go on with what is known of a market after its history has been read again.

    Of the stretches `gone` [ms, from and until] all that began is known. Histories are cut off
    further and further on, and what is told of the first weeks of one depends on where it begins
    (it is `early`); so what is told now of such a stretch under another name is an occurrence that
    is known already.
    """
    now = {each.name: each for each in told}
    names = {each.name for each in known}
    kept = [_newer(each, now.get(each.name)) for each in known]
    new = [
        each
        for each in told
        if each.name not in names
        and not any(since <= each.episode.began <= until for since, until in gone)
    ]
    return tuple(sorted([*kept, *new], key=lambda each: (each.episode.began, each.name)))


def _newer(known: Occurrence, told: Occurrence | None) -> Occurrence:
    if told is None or told.episode.time < known.episode.time:
        return known
    return Occurrence(told.episode, known.moment or told.moment, known.after)


def _moments(states: Sequence[Episode]) -> Moments:
    return Moments(
        times([state.time for state in states]),
        floats([state.price for state in states]),
        floats([float(state.way.sign) for state in states]),
        floats([_distance(state) for state in states]),
    )


def _distance(state: Episode) -> float:
    """How far the target zone is [log price]; nan without one, or where price is in it already."""
    if state.target is None or not state.way.sign:
        return _NAN
    away = state.way.sign * math.log(state.target.near / state.price)
    return away if away > 0 else _NAN


def after_of(beside: Paired, at: int) -> tuple[After, ...]:
    """Return what followed the episode at a place, horizon by horizon as far as they are over."""
    rows = []
    for row, name in enumerate(NAMES):
        if beside.own.known[row, at]:
            came = float(beside.reached[row, at])
            rows.append(
                After(
                    name,
                    float(beside.own.move[row, at]),
                    float(beside.own.down[row, at]),
                    None if math.isnan(came) else bool(came),
                    float(beside.base_move[row, at]),
                    float(beside.base_reached[row, at]),
                )
            )
    return tuple(rows)


def market_name(base: str, instruments: Iterable[Instrument]) -> str:
    """Name what is read together, whichever venue answered first: one name, one past.

    Where a coin is counted otherwise than a venue does, the name says so: prices differ.

    >>> from bot.core.instruments import instrument
    >>> both = [instrument(venue, "PEPE/USDT:USDT") for venue in ("okx", "bybit")]
    >>> market_name("PEPE", both)
    'bybit PEPE/USDT:USDT + okx PEPE/USDT:USDT'
    >>> market_name("1000PEPE", both[:1])
    'okx PEPE/USDT:USDT as 1000PEPE'
    """
    known = list(instruments)
    name = " + ".join(sorted(each.key for each in known))
    return name if all(each.base == base for each in known) else f"{name} as {base}"


def coin_of(market: str) -> str:
    """Return the coin of a market's key, or of keys that were joined.

    >>> coin_of("binance 1000PEPE/USDT:USDT + okx PEPE/USDT:USDT")
    'PEPE'
    """
    return Coin.of(market.split(" ")[1].partition("/")[0]).name


def by_coin(found: Iterable[Occurrence]) -> dict[str, list[Occurrence]]:
    """Sort what counted by coin; of several markets of one, the one that tells most.

    What happened to a coin happened once, on however many venues it was seen.
    """
    markets: dict[str, list[Occurrence]] = defaultdict(list)
    for each in found:
        if each.moment is not None:
            markets[each.episode.market].append(each)
    coins: dict[str, list[Occurrence]] = {}
    for market, those in sorted(markets.items()):
        coin = coin_of(market)
        if len(those) > len(coins.get(coin, ())):
            coins[coin] = those
    return coins


def summed(found: Iterable[Occurrence], days: float = _NAN) -> tuple[Followed, ...]:
    """Sum up what followed occurrences of one kind, on whatever markets.

    `days` of history were gone through for them; where that is not told, () if none counted.
    """
    over, counted = 0, []
    for one in found:
        if one.moment is not None:
            counted.append((one.moment.time, one.after))
            over += one.episode.ended is not None
    if not counted and math.isnan(days):
        return ()
    when = times([time for time, _ in counted])
    figures = np.full((5, len(NAMES), len(counted)), np.nan)
    for place, (_, after) in enumerate(counted):
        for each in after:
            came = _NAN if each.reached is None else float(each.reached)
            row = each.move, each.base, each.against, came, each.base_reached
            figures[:, NAMES.index(each.horizon), place] = row
    move, base, against, reached, base_reached = (floats(each) for each in figures)
    own = Outcomes(move, _unknown(move), against)
    rows = followed([Paired(when, own, base, reached, base_reached)])
    return tuple(replace(each, past=over, days=days) for each in rows)


def _unknown(like: Floats) -> Floats:
    return np.full(like.shape, np.nan)
