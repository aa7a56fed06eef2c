"""Which setups are told, in which order, and with what of the market around them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import STEP, Zone
from bot.core.signals.read import Signals, signals
from bot.core.signals.setups import (
    RECENT,
    Setup,
    extreme,
    market_around,
    risk,
    shown,
    urgent_first,
)
from bot.core.signals.together import told
from bot.core.simulation.simulate import simulate

TARGET = Zone(PositionSide.SHORT, 103.0, 103.5, 1e8)
NOW = 20_000 * DAY


def state(kind: Kind, phase: str, *, began: int = NOW, ended: int | None = None) -> Episode:
    return Episode(
        kind, "m", phase, began, ended or began, 100.0, 100.0, Way.UP, TARGET, TARGET, 98.0,
        ended=ended,
    )  # fmt: skip


def read(*told_: Episode) -> Signals:
    return Signals("m", NOW, 100.0, None, told_, None, 1e9, 30.0)


def setup(base: str, kind: Kind, phase: str, price: float = 100.0) -> Setup:
    return Setup(base, price, (state(kind, phase),), (), "")


def test_what_is_under_way_or_ended_within_a_day_is_told() -> None:
    old = state(Kind.SWEEP, "wrong", began=NOW - 3 * DAY, ended=NOW - RECENT)
    late = state(Kind.SWEEP, "wrong", began=NOW - 2 * DAY, ended=NOW - RECENT + 1)
    regime = state(Kind.SQUEEZE, "on")
    found = shown(read(old, late, regime, state(Kind.MAGNET, "draws")), proven=True)
    assert [states[-1].kind for states in found] == [Kind.SWEEP, Kind.MAGNET]
    assert found[0] == (late,)


def test_an_unproven_map_raises_nothing_and_shows_no_zone() -> None:
    several = [state(kind, "swept") for kind in (Kind.SWEEP, Kind.MAGNET, Kind.CASCADE)]
    ((only,),) = shown(read(*several), proven=False)
    assert (only.kind, only.target) == (Kind.CASCADE, None)


def test_what_is_over_soonest_comes_first() -> None:
    mixed = [
        setup("A", Kind.MAGNET, "draws", price=99.0),
        setup("B", Kind.MAGNET, "draws", price=102.0),
        setup("C", Kind.SWEEP, "swept"),
        setup("D", Kind.SWEEP, "setup"),
        setup("E", Kind.CASCADE, "cascade"),
    ]
    assert [each.base for each in urgent_first(mixed)] == ["E", "D", "C", "B", "A"]


def test_what_is_won_and_lost_is_counted_from_the_price_as_it_is() -> None:
    assert risk(state(Kind.SWEEP, "setup"), 100.0) == pytest.approx((0.03, 0.02))
    assert risk(state(Kind.SWEEP, "setup"), 104.0) is None
    assert risk(replace(state(Kind.SWEEP, "setup"), stop=None), 100.0) is None


@pytest.fixture(scope="module")
def market() -> tuple[MarketHistory, Signals]:
    history = simulate("crash", 7, 12 * 288).history
    found = signals("m", told([history]))
    assert found is not None
    return history, found


def cascades(found: Signals) -> list[Setup]:
    by_name: dict[str, list[Episode]] = {}
    for each in found.of(Kind.CASCADE):
        by_name.setdefault(each.name, []).append(each)
    return [Setup("SOL", found.price, tuple(states), (), "") for states in by_name.values()]


def test_a_picture_shows_all_that_was_liquidated_and_nothing_of_the_future(
    market: tuple[MarketHistory, Signals],
) -> None:
    history, found = market
    for one in cascades(found)[:10]:
        as_of = one.now.time + 2 * MINUTE
        candles, events, amounts, start, end = market_around(one, [history.known_at(as_of)], as_of)
        assert events is not None
        assert amounts is not None
        assert start < one.states[0].began < one.now.time <= end <= as_of
        assert (candles.close_time <= as_of).all()
        assert amounts.interval == STEP
        assert amounts.long_usd.sum() + amounts.short_usd.sum() == pytest.approx(
            events.value.sum(), rel=0.2
        )
        furthest = extreme(one, candles, events)
        assert furthest is not None
        assert (furthest - one.states[0].began_price) * one.now.way.sign >= 0


def test_totals_are_shown_by_their_own_interval(market: tuple[MarketHistory, Signals]) -> None:
    history, found = market
    assert history.liquidations is not None
    totals = history.liquidations.totals(HOUR)
    rough = replace(history, liquidations=None, liquidation_totals=totals)
    one = replace(cascades(found)[0], states=(state(Kind.MAGNET, "draws", began=found.time),))
    _, events, amounts, start, end = market_around(one, [rough], found.time)
    assert events is None
    assert amounts is not None
    assert amounts.interval == HOUR
    inside = (totals.time >= start // HOUR * HOUR) & (totals.time + HOUR <= end)
    known = np.isin(amounts.time, totals.time[inside])
    assert amounts.long_usd[known].sum() == pytest.approx(totals.long_usd[inside].sum())
    silent = replace(rough, liquidation_totals=None)
    assert market_around(one, [silent], found.time)[2] is None


def test_a_sweep_is_as_deep_as_price_went_before_it_was_a_setup(
    market: tuple[MarketHistory, Signals],
) -> None:
    history, _ = market
    bar = history.candles
    began, calm = int(bar.close_time[900]), int(bar.close_time[940])
    first = state(Kind.SWEEP, "swept", began=began)
    later = replace(first, phase="setup", time=calm)
    over = replace(first, phase="wrong", time=calm + 5 * HOUR, ended=calm + 5 * HOUR)
    one = Setup("SOL", 100.0, (first, later, over), (), "")
    assert extreme(one, bar, None) == pytest.approx(float(bar.low[900:941].min()))
    assert extreme(setup("A", Kind.MAGNET, "draws"), bar, None) is None
    assert not math.isnan(extreme(one, bar, None) or math.nan)
