"""A cascade's timeline says of every step what the cascade itself was judged by."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import MINUTE
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, PositionSide
from bot.core.signals.cascade import FADED_FOR, CascadeMachine
from bot.core.signals.cascade_timeline import Timeline, timeline
from bot.core.signals.episode import Episode, Way
from bot.core.signals.events import STEP, bars, in_order, steps
from bot.core.signals.machine import run
from bot.core.signals.setups import Setup, market_around
from bot.core.simulation.simulate import simulate
from tests.support.setups import START, cascade_chart


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    return simulate("crash", 5, 6 * 288).history


@pytest.fixture(scope="module")
def cascades(history: MarketHistory) -> list[tuple[Episode, ...]]:
    """All cascades of a crash, each as its states told it."""
    assert history.liquidations is not None
    found: dict[str, list[Episode]] = {}
    for state in run(in_order(steps(history.liquidations), bars(history)), [CascadeMachine("m")]):
        found.setdefault(state.name, []).append(state)
    return [tuple(states) for states in found.values()]


def told(states: Sequence[Episode], history: MarketHistory) -> Timeline:
    setup = Setup("SIM", states[-1].price, tuple(states), (), "")
    until = int(history.candles.close_time[-1])
    _, events, amounts, _, end = market_around(setup, [history], until)
    assert amounts is not None
    return timeline(setup, amounts, events, end)


def test_every_cascade_of_a_crash_has_waves_from_its_beginning_on(
    cascades: list[tuple[Episode, ...]], history: MarketHistory
) -> None:
    assert len(cascades) > 1
    for states in cascades:
        now, line = states[-1], told(states, history)
        assert line.waves
        assert line.waves[0].start <= now.began
        assert line.confirmed == states[0].time
        assert now.ended is not None
        for wave, after in zip(line.waves, (*line.waves[1:], None), strict=True):
            assert now.began - 2 * MINUTE <= wave.start < wave.end <= now.ended + STEP
            assert after is None or wave.end <= after.start
            of_wave = (line.time >= wave.start) & (line.time < wave.end)
            assert wave.usd == pytest.approx(line.usd[of_wave].sum())


def test_one_that_faded_faded_for_as_long_as_it_takes_to_be_over(
    cascades: list[tuple[Episode, ...]], history: MarketHistory
) -> None:
    faded = [states for states in cascades if states[-1].why_ended == "liquidations faded"]
    assert faded
    for states in faded:
        line = told(states, history)
        assert states[-1].ended is not None
        assert line.fading is not None
        assert states[-1].ended - line.fading == FADED_FOR


def test_a_minute_is_the_sum_of_its_steps() -> None:
    line = chart_line()
    for place in range(len(line.time)):
        assert line.minute_usd[place] == pytest.approx(
            line.usd[max(place - 5, 0) : place + 1].sum()
        )


def test_prices_are_those_of_the_side_that_is_liquidated_by_value() -> None:
    made, line = cascade_chart(), chart_line()
    assert made.events is not None
    longs = made.events.side == 1
    for place in np.flatnonzero(np.isfinite(line.price)).tolist():
        here = longs & ((made.events.time - START) // STEP == place)
        weights = made.events.value[here]
        mean = float((weights * made.events.price[here]).sum() / weights.sum())
        assert line.price[place] == pytest.approx(mean)
    assert np.array_equal(np.isfinite(line.price), line.usd > 0)


def chart_line(*, over: bool = True) -> Timeline:
    made = cascade_chart(over=over)
    assert made.amounts is not None
    return timeline(made.setup, made.amounts, made.events, made.end)


def test_three_waves_are_three_and_what_is_under_way_does_not_fade() -> None:
    line = chart_line()
    assert [round((wave.start - START) / MINUTE) for wave in line.waves] == [16, 20, 28]
    assert line.fading is not None
    assert line.fading > line.waves[-1].start
    assert chart_line(over=False).fading is None


def test_a_cascade_of_shorts_is_the_same_the_other_way() -> None:
    made, down = cascade_chart(), chart_line()
    assert made.amounts is not None
    assert made.events is not None
    states = tuple(replace(state, way=Way.UP) for state in made.setup.states)
    amounts = replace(
        made.amounts, long_usd=made.amounts.short_usd, short_usd=made.amounts.long_usd
    )
    told_of = made.events
    events = Liquidations(told_of.time, -told_of.side, told_of.price, told_of.quantity)
    up = timeline(replace(made.setup, states=states), amounts, events, made.end)
    assert up.side is PositionSide.SHORT
    assert up.waves == down.waves
    assert np.array_equal(up.price, down.price, equal_nan=True)


def test_without_what_it_takes_there_are_no_waves_and_without_a_tape_no_prices() -> None:
    made = cascade_chart()
    assert made.amounts is not None
    states = tuple(replace(state, facts=()) for state in made.setup.states)
    line = timeline(replace(made.setup, states=states), made.amounts, None, made.end)
    assert line.waves == ()
    assert math.isnan(line.wave_usd)
    assert np.isnan(line.price).all()
