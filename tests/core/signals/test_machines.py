"""Machines say what they see when it is known, never before, and never change it afterwards."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.market.liquidations import PositionSide
from bot.core.signals.cascade import AFTER, LONGEST, CascadeMachine
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import STEP, Bar, Event, Forced, Look, Zone, in_order
from bot.core.signals.machine import Machine, run
from bot.core.signals.magnet import MagnetMachine, profit, strength
from bot.core.signals.regime import RegimeMachine
from bot.core.signals.standing import BEYOND
from bot.core.signals.sweep import CALM, SweepMachine
from bot.core.signals.together import told
from bot.core.simulation.simulate import simulate

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
START = 20_000 * DAY
BAR = 15 * MINUTE
TURNOVER = 45e9  # [USD a day] a major's: dollar figures hold as they are


def machines() -> list[Machine]:
    return [RegimeMachine("m"), MagnetMachine("m"), SweepMachine("m"), CascadeMachine("m")]


@pytest.fixture(scope="module", params=["crash", "alt"])
def events(request: pytest.FixtureRequest) -> list[Event]:
    return list(told([simulate(request.param, 8, 12 * 288).history]))


def test_machines_say_something_of_a_restless_market(events: list[Event]) -> None:
    kinds = {episode.kind for episode in run(events, machines())}
    assert {Kind.CASCADE, Kind.MAGNET} <= kinds


def test_what_was_said_does_not_depend_on_what_came_after(events: list[Event]) -> None:
    whole = list(map(repr, run(events, machines())))
    for part in (0.3, 0.5, 0.71, 0.9):
        cut = int(part * len(events))
        before = list(map(repr, run(events[:cut], machines())))
        assert before == whole[: len(before)]
        assert all(f"time={events[cut - 1].time + 1}" not in said for said in before)


def test_an_episode_begins_goes_on_and_ends_in_the_order_of_time(events: list[Event]) -> None:
    by_name: dict[str, list[Episode]] = {}
    for episode in run(events, machines()):
        by_name.setdefault(episode.name, []).append(episode)
    for states in by_name.values():
        assert [state.time for state in states] == sorted(state.time for state in states)
        assert all(state.ended is None for state in states[:-1])
        assert all(state.began <= state.time for state in states)
        last = states[-1]
        if last.ended is not None:
            assert last.ended == last.time
            assert last.why_ended


def bars(closes: Sequence[float], *, first: int = 0, funding: float = 1e-4) -> list[Event]:
    """Bars that go straight from close to close, of a major's turnover."""
    made: list[Event] = []
    opened = closes[0]
    for place, close in enumerate(closes, start=first):
        low, high = min(opened, close), max(opened, close)
        time, turnover = START + (place + 1) * BAR, TURNOVER / 96
        made.append(Bar(time, opened, high, low, close, turnover, 1e10, funding, BAR))
        opened = close
    return made


def looked(at: int, price: float, *zones: Zone) -> Look:
    ordered = tuple(sorted(zones, key=lambda zone: -zone.usd))
    return Look(at, price, ordered, 3e8, 3e8, 1e10)


def said(machine: Machine, *events: Iterable[Event]) -> list[Episode]:
    return list(run(in_order(*events), [machine]))


# Magnets


def test_the_larger_of_the_nearest_clusters_draws_and_profit_is_taken_before_it() -> None:
    quiet = bars([100.0] * 100)
    at = quiet[-1].time
    above, below = Zone(SHORT, 103, 103.5, 500e6), Zone(LONG, 97, 97.5, 350e6)
    after = bars([100.5, 101.5, 102.95], first=100)
    found = said(MagnetMachine("m"), quiet, [looked(at, 100.0, above, below)], after)
    assert [episode.phase for episode in found] == ["draws", "reached"]
    assert found[0].way is Way.UP
    assert found[0].target == above
    assert found[1].price < profit(above) < above.low or found[1].price < above.low
    assert found[0].stop == pytest.approx(97.0 * (1 - BEYOND))  # as far, beyond a cluster there


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (Zone(SHORT, 103, 103.5, 310e6), Zone(LONG, 97, 97.5, 300e6)),  # as large
        (Zone(SHORT, 103, 103.5, 250e6), Zone(LONG, 97, 97.5, 100e6)),  # too small
        (Zone(SHORT, 108, 108.5, 900e6), Zone(LONG, 90, 90.5, 900e6)),  # too far
        (Zone(SHORT, 100.1, 100.5, 900e6), Zone(LONG, 90, 90.5, 10e6)),  # there already
    ],
)
def test_nothing_draws(above: Zone, below: Zone) -> None:
    quiet = bars([100.0] * 100)
    assert not said(MagnetMachine("m"), quiet, [looked(quiet[-1].time, 100.0, above, below)])


def test_a_magnet_is_wrong_when_price_goes_as_far_the_other_way() -> None:
    quiet, zone = bars([100.0] * 100), Zone(SHORT, 103, 103.5, 500e6)
    after = bars([99.0, 96.9], first=100)
    found = said(MagnetMachine("m"), quiet, [looked(quiet[-1].time, 100.0, zone)], after)
    assert [episode.phase for episode in found] == ["draws", "wrong"]


def test_a_magnet_that_thins_out_draws_no_more() -> None:
    quiet, zone = bars([100.0] * 100), Zone(SHORT, 103, 103.5, 500e6)
    at, after = quiet[-1].time, bars([100.0] * 8, first=100)
    thin = [looked(at, 100.0, zone), looked(at + HOUR, 100.0, Zone(SHORT, 103, 103.5, 200e6))]
    assert [e.phase for e in said(MagnetMachine("m"), quiet, thin, after)] == ["draws", "dissolved"]


def test_a_cluster_on_the_other_side_takes_its_place_once_it_has_drawn_more_for_hours() -> None:
    quiet = bars([100.0] * 100)
    at, after = quiet[-1].time, bars([100.0] * 60, first=100)
    above, below = Zone(SHORT, 103, 103.5, 500e6), Zone(LONG, 97, 97.5, 700e6)
    looks = [
        looked(at, 100.0, above),
        *(looked(at + h * HOUR, 100.0, above, below) for h in range(1, 9)),
    ]
    found = said(MagnetMachine("m"), quiet, looks, after)
    assert [(each.phase, each.way) for each in found] == [
        ("draws", Way.UP),
        ("outdrawn", Way.UP),
        ("draws", Way.DOWN),
    ]
    assert found[1].time - found[0].time == 7 * HOUR
    brief = [looks[0], looks[1], looks[2], *(looked(each.time, 100.0, above) for each in looks[3:])]
    assert [each.phase for each in said(MagnetMachine("m"), quiet, brief, after)] == ["draws"]


def test_dollars_of_a_major_are_less_on_a_smaller_market() -> None:
    small = [
        Bar(b.time, b.open, b.high, b.low, b.close, b.turnover / 100, 1e8, 1e-4, BAR)
        for b in bars([100.0] * 100)
        if isinstance(b, Bar)
    ]
    zone = Zone(SHORT, 103, 103.5, 4e6)
    (found,) = said(MagnetMachine("m"), small, [looked(small[-1].time, 100.0, zone)])
    assert found.facts[0].threshold == pytest.approx(3e6, rel=0.02)


@given(st.floats(1e6, 1e10), st.floats(1e6, 1e10), st.floats(0.006, 0.049), st.floats(0.006, 0.049))
@settings(max_examples=50)
def test_a_larger_or_nearer_cluster_draws_more(
    usd: float, more: float, way: float, farther: float
) -> None:
    usd, more = sorted((usd, more))
    way, farther = sorted((way, farther))
    near = Zone(SHORT, 100 * (1 + way), 110, more)
    far = Zone(SHORT, 100 * (1 + farther), 110, usd)
    assert strength(near, 100.0, 3e8) >= strength(far, 100.0, 3e8)


# Sweeps

ZONE = Zone(LONG, 96, 96.5, 300e6)


def hours_of(quiet: list[Event], usd: float) -> list[Event]:
    """Long liquidations, so much in each hour of some bars."""
    first, last = quiet[0].time // HOUR, quiet[-1].time // HOUR
    return [Forced(h * HOUR, HOUR, usd, usd, math.nan, math.nan) for h in range(first, last + 1)]


def swept(after: Sequence[float], spike: float = 80e6) -> list[Episode]:
    """Let price fall through a cluster after five quiet days, and go on as told."""
    wobble = [100 + 0.2 * math.sin(i) for i in range(5 * 96)]
    quiet = bars(wobble)
    at = quiet[-1].time
    fall = bars([98.0, 95.5, *after], first=5 * 96)
    looks = [looked(START + h * HOUR, 100.0, ZONE) for h in range(1, 5 * 24 + 1)]
    noise = np.random.default_rng(1).uniform(0.5, 1.5, 200).tolist()
    usual = [
        Forced(e.time, HOUR, e.long_usd * noise[n % 200], e.short_usd, math.nan, math.nan)
        for n, e in enumerate(hours_of(quiet, 1e6))
        if isinstance(e, Forced)
    ]
    waves = [Forced(at + 2 * BAR, STEP, spike, 0.0, 95.5, 96.5)]
    return said(SweepMachine("m"), quiet, looks, usual, waves, fall)


def test_a_sweep_that_was_confirmed_and_is_calm_for_two_hours_is_a_setup() -> None:
    found = swept([95.6, 95.8, 96.0, 96.1, 96.2, 96.1, 96.0, 96.3, 96.4, 96.5])
    assert [episode.phase for episode in found] == ["swept", "confirmed", "setup"]
    setup = found[-1]
    assert setup.way is Way.UP
    assert setup.stop is not None
    assert setup.stop < 95.5
    assert setup.time - found[0].time >= CALM
    assert setup.target is not None
    assert setup.target.near > setup.price


def test_a_sweep_without_a_spike_of_liquidations_is_none() -> None:
    found = swept([95.6] * 20, spike=0.0)
    assert [episode.phase for episode in found] == ["swept", "unconfirmed"]


def test_price_that_keeps_making_new_extremes_is_not_faded() -> None:
    found = swept([95.0 - 0.1 * i for i in range(30)])
    assert found[-1].phase == "went on"
    assert not any(episode.phase == "setup" for episode in found)


def test_a_setup_ends_at_its_stop_or_its_target() -> None:
    calm = [95.6, 95.8, 96.0, 96.1, 96.2, 96.1, 96.0, 96.3]
    assert swept([*calm, 95.0])[-1].phase == "wrong"
    assert swept([*calm, 97.5, 99.5])[-1].phase == "reached"


def test_nothing_is_said_before_the_sweep() -> None:
    quiet = bars([100.0] * 480)
    looks = [looked(START + h * HOUR, 100.0, ZONE) for h in range(1, 121)]
    assert not said(SweepMachine("m"), quiet, looks, bars([97.0, 96.8, 98.0], first=480))


# Cascades


def tape(*minutes: tuple[int, float, float], side: PositionSide = LONG) -> list[Event]:
    """Steps of liquidations: seconds after two quiet days, USD, price."""
    at = START + 2 * DAY
    return [
        Forced(at + 1000 * s, STEP, *((usd, 0.0) if side is LONG else (0.0, usd)), price, price)
        for s, usd, price in minutes
    ]


def usual() -> list[Event]:
    """Two days with a small wave each hour."""
    return [Forced(START + h * HOUR + 20 * MINUTE, STEP, 2e5, 2e5, 100.0, 100.0) for h in range(48)]


def test_a_wave_that_others_follow_at_new_prices_is_a_cascade() -> None:
    wobble = bars([100 + 0.2 * math.sin(i) for i in range(192)])
    storm = tape((10, 4e6, 99.5), (20, 1e6, 99.3), (60, 3e6, 98.5), (70, 2e6, 98.0))
    after = bars([98.0] * 8, first=192)
    target = Zone(LONG, 97, 97.5, 1e8)
    looks = [looked(START + 2 * DAY - HOUR, 100.0, target)]
    found = said(CascadeMachine("m"), wobble, usual(), looks, storm, after)
    assert [episode.phase for episode in found] == ["cascade", "over"]
    assert (found[0].way, found[0].target) == (Way.DOWN, target)
    assert found[0].time - found[0].began >= AFTER
    assert found[1].time - found[0].began <= LONGEST + BAR
    assert found[1].facts[-1].value == pytest.approx(10e6)


@pytest.mark.parametrize(
    "storm",
    [
        tape((10, 9e6, 99.5)),  # one wave, and nothing after it
        tape((10, 9e6, 99.0), (60, 9e6, 99.2), (90, 9e6, 99.1)),  # no new price
        tape((10, 4e6, 99.0), (600, 4e6, 98.0)),  # too late
        tape((10, 3e5, 99.0), (60, 3e5, 98.5), (90, 3e5, 98.0)),  # as usual
        tape((10, 9e6, 99.0), (60, 1e5, 98.5)),  # hardly anything after it
    ],
)
def test_no_cascade(storm: list[Event]) -> None:
    wobble = bars([100 + 0.2 * math.sin(i) for i in range(192)])
    assert not said(CascadeMachine("m"), wobble, usual(), storm, bars([99.0] * 8, first=192))


def test_a_cascade_of_shorts_goes_up() -> None:
    wobble = bars([100 + 0.2 * math.sin(i) for i in range(192)])
    storm = tape((10, 9e6, 101.0), (60, 9e6, 102.0), side=SHORT)
    found = said(CascadeMachine("m"), wobble, usual(), storm)
    assert [episode.way for episode in found] == [Way.UP]


def test_a_market_that_was_not_heard_for_a_day_has_no_normal() -> None:
    early = [
        Forced(e.time - 47 * HOUR, STEP, e.long_usd, e.short_usd, e.low, e.high)
        for e in tape((10, 9e6, 99.0), (60, 9e6, 98.0))
        if isinstance(e, Forced)
    ]
    assert not said(CascadeMachine("m"), bars([100.0] * 20), early)


# Regimes


def months(days: int, funding: float, interest: float, near: float) -> list[Event]:
    """Days of an ordinary market, and at the end one that is not."""
    rng = np.random.default_rng(4)
    made: list[Event] = []
    for hour in range(days * 24):
        time = START + (hour + 1) * HOUR
        late = hour >= days * 24 - 6
        paid = funding if late else float(rng.normal(1e-4, 3e-5))
        held = 1e10 * (1 + (interest if late else float(rng.normal(0, 0.005))))
        share = near if late else float(rng.normal(0.03, 0.004))
        made.append(Bar(time, 100, 100.5, 99.5, 100, TURNOVER / 24, held, paid, HOUR))
        zone = Zone(LONG, 97, 97.5, 2e8)
        made.append(Look(time, 100.0, (zone,), share * held, 0.03 * held, held))
    return made


@pytest.mark.parametrize(
    ("funding", "interest", "near", "kind"),
    [
        (8e-4, 0.06, 0.06, Kind.SQUEEZE),
        (1.7e-4, 0.03, 0.04, Kind.FUEL),
        (8e-4, 0.00, 0.06, None),  # open interest does not rise
        (8e-4, 0.06, 0.02, None),  # nothing stands near
        (1e-4, 0.06, 0.06, None),  # funding says nothing
    ],
)
def test_a_regime_takes_all_three_readings(
    funding: float, interest: float, near: float, kind: Kind | None
) -> None:
    machine = RegimeMachine("m")
    found = [e for e in run(months(20, funding, interest, near), [machine]) if e.ended is None]
    reading = machine.reading
    assert reading is not None
    assert reading.kind is kind
    assert len(reading.facts) == len(reading.passed) == 3
    assert bool(found) is (kind is not None) or kind is None
    if kind is not None:
        assert reading.crowded is LONG
        assert (found[-1].kind, found[-1].way) == (kind, Way.DOWN)
        assert reading.ends.startswith("it ends when")
    else:
        assert reading.ends


def test_nothing_is_usual_in_a_market_that_is_new() -> None:
    machine = RegimeMachine("m")
    assert not list(run(months(5, 8e-4, 0.06, 0.06), [machine]))
    assert machine.reading is not None
    assert "too few" in machine.reading.ends
