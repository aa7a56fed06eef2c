"""What a signal is told: in the order in which it became known, and never of the future."""

from itertools import pairwise

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.estimate.market import MarketEstimate
from bot.core.market.liquidations import Liquidations, PositionSide
from bot.core.signals.events import STEP, Bar, Event, Forced, Look, bars, steps
from bot.core.signals.looks import Seen, look, seen, walked
from bot.core.signals.machine import Past, Size
from bot.core.signals.together import told
from bot.core.simulation.simulate import SimulatedMarket, simulate

DAYS = 6


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return simulate("crash", 5, DAYS * 288)


def _all(market: SimulatedMarket) -> list[Event]:
    return list(told([market.history]))


def test_events_come_in_the_order_in_which_they_became_known(market: SimulatedMarket) -> None:
    events = _all(market)
    assert all(one.time <= next_.time for one, next_ in pairwise(events))
    at_midday = [type(event) for event in events if event.time == events[-1].time]
    assert at_midday.index(Bar) < at_midday.index(Look)
    assert sum(isinstance(event, Bar) for event in events) == DAYS * 288
    assert sum(isinstance(event, Look) for event in events) == DAYS * 24


def test_what_was_told_does_not_depend_on_what_came_after(market: SimulatedMarket) -> None:
    history, cut = market.history, market.history.candles.open_time[0] + 4 * DAY
    early = history.known_at(int(cut))
    before = [event for event in told([early]) if not isinstance(event, Forced)]
    whole = [event for event in told([history]) if not isinstance(event, Forced)]
    assert list(map(repr, before)) == list(map(repr, whole[: len(before)]))  # nan is not nan


def test_looks_are_those_of_the_estimate_that_was_kept_current(market: SimulatedMarket) -> None:
    by_time = {each.column.time: each for each in seen(market.history)}
    kept = [each for each in MarketEstimate.of(market.history).columns if each.time % HOUR == 0]
    assert len(kept) > 3 * 24
    for column in kept:
        then = by_time[column.time]
        assert look([Seen(column, then.interest)]) == look([then])


def test_zones_of_longs_lie_below_the_price_and_those_of_shorts_above(
    market: SimulatedMarket,
) -> None:
    seen = [zone for each in walked([market.history]) for zone in each.zones]
    assert {zone.side for zone in seen} == {PositionSide.LONG, PositionSide.SHORT}
    for each in walked([market.history]):
        for zone in each.zones:
            assert zone.low < zone.high
            side = zone.side is PositionSide.LONG
            assert (zone.low < each.price) if side else (zone.high > each.price)
            assert 0 <= zone.distance(each.price) < 0.13


def test_liquidations_are_summed_by_steps_that_are_over() -> None:
    time = np.array([0, 1, STEP - 1, STEP, 5 * STEP])
    side = np.array([1, -1, 1, 1, -1], np.int8)
    events = Liquidations(time, side, np.array([10.0, 20, 30, 40, 50]), np.ones(5))
    assert list(steps(events)) == [
        Forced(STEP, STEP, 40.0, 20.0, 10.0, 30.0),
        Forced(2 * STEP, STEP, 40.0, 0.0, 40.0, 40.0),
        Forced(6 * STEP, STEP, 0.0, 50.0, 50.0, 50.0),
    ]


def test_no_bar_is_told_twice_and_its_money_is_that_of_the_candles(market: SimulatedMarket) -> None:
    closed = list(bars(market.history))
    candles = market.history.candles
    turnover = sum(bar.turnover for bar in closed)
    assert turnover == pytest.approx(float(np.sum(candles.volume * candles.close)), rel=0.01)
    assert {round(bar.time - bar.interval) for bar in closed} == set(candles.open_time.tolist())


def test_a_market_is_as_large_as_its_turnover_of_the_last_week() -> None:
    size = Size()
    for hour in range(1, 24 * 20 + 1):
        usd = 1e6 if hour <= 24 * 10 else 2e6
        size.take(Bar(hour * HOUR, 1, 1, 1, 1, usd, np.nan, np.nan, HOUR))
        if hour < 24:
            assert np.isnan(size.turnover)
        if hour == 24 * 10:
            assert size.turnover == pytest.approx(24e6)
    assert size.turnover == pytest.approx(48e6)


def test_the_past_forgets_what_is_too_old_and_ranks_what_is_left() -> None:
    past, values = Past(length=100), np.random.default_rng(1).normal(size=300)
    for time, value in enumerate(values.tolist()):
        past.take(time, value)
    left = values[-100:]
    assert len(past) == 100
    assert past.rank(0.1) == pytest.approx(float((left < 0.1).mean()))
    assert past.score(float(np.median(left))) == pytest.approx(0, abs=0.1)


def test_venues_together_hold_what_each_of_them_holds(market: SimulatedMarket) -> None:
    other = simulate("crash", 6, DAYS * 288, open_interest=1e8, price=150.0).history
    both = list(told([market.history, other]))
    alone = [list(told([each])) for each in (market.history, other)]

    def total(events: list[Event], kind: type, name: str) -> float:
        return float(np.nansum([getattr(event, name) for event in events if type(event) is kind]))

    for kind, name in (
        (Bar, "turnover"),
        (Bar, "interest"),
        (Forced, "long_usd"),
        (Look, "interest"),
    ):
        apart = sum(total(events, kind, name) for events in alone)
        assert total(both, kind, name) == pytest.approx(apart)
    same = list(told([market.history, market.history]))
    twice = [event for event in same if isinstance(event, Look)]
    for one, two in zip((e for e in alone[0] if isinstance(e, Look)), twice, strict=True):
        assert two.long_near == pytest.approx(2 * one.long_near, rel=1e-5)
        assert [zone.side for zone in two.zones] == [zone.side for zone in one.zones]
