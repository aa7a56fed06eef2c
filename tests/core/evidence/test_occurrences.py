"""Occurrences are known when they are, what followed when it is over, and each counts once."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.evidence.base import Moments, followed, paired
from bot.core.evidence.occurrences import (
    PHASES,
    After,
    Occurrence,
    by_coin,
    candles_of,
    coin_of,
    gone_on,
    occurrences,
    settled,
    summed,
)
from bot.core.evidence.outcomes import HORIZONS, NAMES
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.signals.density import densities
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import Look, Zone
from bot.core.signals.read import signals
from bot.core.signals.together import feeds, told
from bot.core.simulation.simulate import simulate
from tests.support.episodes import magnets

DAYS = 12
KEY = "binance BTC/USDT:USDT"
HORIZON = dict(zip(NAMES, HORIZONS, strict=True))


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    return simulate("crash", 5, DAYS * 288).history


def found_in(history: MarketHistory) -> tuple[Occurrence, ...]:
    read = signals(history.instrument.key, told([history]), feeds([history]))
    assert read is not None
    return settled(history.candles, occurrences(read.told))


@pytest.fixture(scope="module")
def whole(history: MarketHistory) -> tuple[Occurrence, ...]:
    """Every nine hours something, and once what never counted."""
    every = occurrences(magnets(history, range(30, DAYS * 24, 9)))
    swept = replace(every[3].episode, kind=Kind.SWEEP, phase="swept")
    return settled(history.candles, (*every, Occurrence(swept, None)))


@pytest.mark.parametrize("hours", [5 * 24, 9 * 24 + 1, 11 * 24 + 13.25])
def test_what_came_later_changes_no_occurrence_and_nothing_that_followed(
    history: MarketHistory, hours: float
) -> None:
    whole = found_in(history)
    at = int(history.candles.open_time[0] + hours * HOUR)
    early = {each.name: each for each in found_in(history.known_at(at))}
    late = {each.name: each for each in whole if each.episode.began <= at}
    known = {
        name: each
        for name, each in late.items()
        if each.moment is not None and each.moment.time <= at
    }
    assert known
    for name, each in early.items():
        assert name in late
        assert each.moment in (None, late[name].moment)
    for name, each in known.items():
        assert early[name].moment == each.moment
        over = {one.horizon: one for one in each.after}
        for one in early[name].after:
            assert (one.move, one.against, one.reached) == (
                over[one.horizon].move,
                over[one.horizon].against,
                over[one.horizon].reached,
            )


def test_nothing_is_said_of_a_horizon_that_is_not_over(
    history: MarketHistory, whole: tuple[Occurrence, ...]
) -> None:
    end = int(history.candles.close_time[-1])
    for each in whole:
        if each.moment is None:
            assert each.after == ()
            continue
        over = [name for name in NAMES if each.moment.time + HORIZON[name] <= end]
        said = [one.horizon for one in each.after]
        assert set(said) <= set(over)
        # A moment between two bars is followed from the next one on.
        assert len(said) >= len(over) - 1
    last = [each for each in whole if each.moment and each.moment.time + DAY > end]
    assert last
    assert not any("24h" in [one.horizon for one in each.after] for each in last)


def test_what_followed_is_the_price_then_and_the_worst_on_the_way(
    history: MarketHistory, whole: tuple[Occurrence, ...]
) -> None:
    candles = history.candles
    checked = 0
    for each in whole:
        moment = each.moment
        for one in each.after if moment is not None and moment.way.sign else ():
            assert moment is not None
            first = int(np.searchsorted(candles.open_time, moment.time))
            last = first + HORIZON[one.horizon] // candles.interval
            sign, price = moment.way.sign, math.log(moment.price)
            moved = sign * (math.log(candles.close[last - 1]) - price)
            worst = candles.low[first:last].min() if sign > 0 else candles.high[first:last].max()
            assert one.move == pytest.approx(moved)
            assert one.against == pytest.approx(min(sign * (math.log(worst) - price), 0.0))
            if one.reached is not None and moment.target is not None:
                best = candles.high[first:last].max() if sign > 0 else candles.low[first:last].min()
                assert one.reached == (sign * (best - moment.target.near) >= 0)
            checked += 1
    assert checked > 20


def test_the_sum_of_occurrences_is_that_of_the_moments_themselves(
    history: MarketHistory, whole: tuple[Occurrence, ...]
) -> None:
    moments = [e.moment for e in whole if e.episode.kind is Kind.MAGNET and e.moment is not None]
    straight = paired(
        history.candles,
        Moments(
            np.array([m.time for m in moments]),
            np.array([m.price for m in moments]),
            np.array([float(m.way.sign) for m in moments]),
            np.array([m.way.sign * math.log(m.target.near / m.price) for m in moments if m.target]),
        ),
    )
    found = summed(each for each in whole if each.episode.kind is Kind.MAGNET)
    assert repr(found) == repr(followed([straight]))
    assert summed([]) == ()


def an_episode(began: int, phase: str = "draws", market: str = KEY, **what: object) -> Episode:
    made = Episode(Kind.MAGNET, market, phase, began, began, 100.0, 100.0, Way.UP)
    return replace(made, **what)  # type: ignore[arg-type]  # as the test names them


def an_occurrence(
    began: int, market: str = KEY, phase: str = "draws", **what: object
) -> Occurrence:
    seen = an_episode(began, phase, market, **what)
    return Occurrence(seen, seen)


def test_an_occurrence_is_its_newest_state_and_the_moment_that_counts() -> None:
    begun = an_episode(5, "draws")
    over = an_episode(5, "reached", time=9, ended=9)
    other = replace(an_episode(3, "swept"), kind=Kind.SWEEP)
    assert occurrences([begun, other, over]) == (Occurrence(other, None), Occurrence(over, begun))
    still = replace(begun, time=7)  # what it said first is what could be acted on
    assert occurrences([begun, still]) == (Occurrence(still, begun),)


def test_every_kind_has_a_moment_that_counts() -> None:
    assert set(PHASES) == set(Kind)


def test_the_same_past_read_from_a_later_day_on_adds_nothing() -> None:
    known = [an_occurrence(10), an_occurrence(20)]
    artefact, new = an_occurrence(15), an_occurrence(31)
    before = an_occurrence(2)
    found = gone_on(known, [before, artefact, known[1], new], [(5, 30)])
    assert [each.episode.began for each in found] == [2, 10, 20, 31]


def test_between_two_stretches_that_were_gone_through_all_is_new() -> None:
    found = gone_on([], [an_occurrence(time) for time in (1, 5, 9)], [(0, 2), (8, 10)])
    assert [each.episode.began for each in found] == [5]


def test_what_is_known_takes_on_its_newest_state_and_keeps_what_followed() -> None:
    after = (After("15m", 0.01, 0.0, None, 0.0, math.nan),)
    going = Occurrence(an_episode(10), an_episode(10), after)
    ended = an_occurrence(10, phase="wrong", time=14, ended=14)
    [found] = gone_on([going], [Occurrence(ended.episode, None)], [(0, 12)])
    assert found == Occurrence(ended.episode, an_episode(10), after)
    [still] = gone_on([found], [going], [(0, 20)])
    assert still == found  # a state that is older changes nothing


def test_what_was_said_to_have_followed_stands_whatever_is_read_later(
    history: MarketHistory, whole: tuple[Occurrence, ...]
) -> None:
    said = After("15m", 0.5, -0.5, None, 0.25, math.nan)
    before = [replace(each, after=(said,) if each.moment else ()) for each in whole]
    again = settled(history.candles, before)
    for each, first in zip(again, whole, strict=True):
        assert repr(each.after[1:]) == repr(first.after[1:])
        if each.moment is not None:
            assert each.after[0] == said
    begun = int(history.candles.open_time[0]) + 6 * DAY
    later = settled(history.candles.since(begun), whole)
    assert [each.after for each in later][:3] == [each.after for each in whole][:3]


def test_a_coin_counts_once_however_many_of_its_markets_saw_it() -> None:
    pair = f"{KEY} + okx BTC/USDT:USDT"
    pepe = "binance 1000PEPE/USDT:USDT"
    own = [an_occurrence(5), an_occurrence(9)]
    joint = [an_occurrence(time, pair) for time in (5, 9, 12)]
    unseen = [Occurrence(an_episode(time, "swept"), None) for time in (1, 2, 3, 4)]
    last = an_occurrence(5, "okx BTC/USDT:USDT")
    coins = by_coin([*own, *unseen, *joint, last, an_occurrence(7, pepe)])
    assert coins == {"BTC": joint, "PEPE": [an_occurrence(7, pepe)]}
    assert coin_of("okx PEPE/USDT:USDT + binance 1000PEPE/USDT:USDT") == "PEPE"


def test_prices_of_a_coin_are_those_of_the_venue_that_turns_over_most(
    history: MarketHistory,
) -> None:
    candles = history.candles
    smaller = replace(history, candles=replace(candles, volume=candles.volume / 2))
    assert candles_of([smaller, history]) is candles


def a_look(day: float, long_near: float, interest: float = 100.0) -> Look:
    zone = Zone(PositionSide.LONG, 99.0, 99.5, long_near)
    return Look(int(day * DAY), 100.0, (zone,), long_near, 7.0, interest)


def test_clusters_are_ranked_among_a_month_and_three() -> None:
    looks = [a_look(day, 50.0 if day < 50 else 10.0) for day in range(80)]
    long, short = densities([*looks, a_look(80, 30.0)])
    assert long.side is PositionSide.LONG
    assert long.share == pytest.approx(0.3)
    assert long.month == pytest.approx((29 + 0.5) / 30)  # the last thirty days held less
    assert long.quarter == pytest.approx((30 + 0.5) / 81)  # most of what is remembered held more
    assert long.days == pytest.approx(80)
    assert short.share == pytest.approx(0.07)


def test_a_market_without_open_interest_has_no_density() -> None:
    assert densities([]) == ()
    assert densities([a_look(1, 5.0, interest=0.0)]) == ()


def test_a_target_that_price_is_in_already_is_not_one_to_be_reached(
    history: MarketHistory,
) -> None:
    candles = history.candles
    at = int(candles.close_time[5 * 288])
    price = float(candles.close[5 * 288])
    seen = an_episode(at, price=price, target=Zone(PositionSide.SHORT, price * 0.99, price, 1e6))
    [inside] = settled(candles, [Occurrence(seen, seen)])
    assert [one.reached for one in inside.after] == [None] * 4
    ahead = replace(seen, target=Zone(PositionSide.SHORT, price * 1.0001, price * 1.01, 1e6))
    [reached] = settled(candles, [Occurrence(ahead, ahead)])
    assert all(one.reached is not None for one in reached.after)
    assert HORIZON["15m"] == 15 * MINUTE
