"""Clusters shift, hide and thin out between looks; what is said of them rests on what they were."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.market.heard import Heard
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Way
from bot.core.signals.events import STEP, Bar, Event, Forced, Look, Zone, in_order
from bot.core.signals.machine import MAJOR_TURNOVER, Machine, run
from bot.core.signals.magnet import LONGEST, MagnetMachine
from bot.core.signals.standing import BEYOND, GONE, sheltered
from bot.core.signals.sweep import SPIKE_RANK, SweepMachine

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
START = 20_000 * DAY
BAR = 15 * MINUTE
QUIET = 5 * 96  # bars
AT = START + QUIET * BAR
ZONE = Zone(LONG, 96.0, 96.5, 300e6)


def bars(closes: Sequence[float], *, first: int = 0) -> list[Event]:
    """Bars straight from close to close, of a major's turnover."""
    made: list[Event] = []
    opened = closes[0]
    for place, close in enumerate(closes, start=first):
        time = START + (place + 1) * BAR
        low, high = min(opened, close), max(opened, close)
        made.append(Bar(time, opened, high, low, close, MAJOR_TURNOVER / 96, 1e10, 1e-4, BAR))
        opened = close
    return made


def looks(hours: Iterable[int], *zones: Zone, price: float = 100.0) -> list[Event]:
    """Look at the same map at given hours after AT."""
    ordered = tuple(sorted(zones, key=lambda zone: -zone.usd))
    return [Look(AT + hour * HOUR, price, ordered, 3e8, 3e8, 1e10) for hour in hours]


def said(machine: Machine, *events: Iterable[Event]) -> list[Episode]:
    return list(run(in_order(*events), [machine]))


def phases(found: Iterable[Episode]) -> list[str]:
    return [episode.phase for episode in found]


# Magnets

DRAWS = Zone(SHORT, 103.0, 103.5, 500e6)


def drawn(*later: Iterable[Event], after: Sequence[float] = (100.0,) * 96) -> list[Episode]:
    quiet = bars([100.0] * QUIET)
    return said(
        MagnetMachine("m"), quiet, looks([0], DRAWS), bars([100.0, *after], first=QUIET), *later
    )


def test_a_cluster_that_a_look_does_not_name_is_hidden_before_it_is_gone() -> None:
    hidden = looks(range(1, 6))
    assert phases(drawn(hidden, looks(range(6, 12), DRAWS))) == ["draws"]
    gone = drawn(looks(range(1, 12)))
    assert phases(gone) == ["draws", "dissolved"]
    assert gone[1].time - gone[0].time == GONE


def test_a_cluster_whose_edges_shift_by_half_a_percent_is_the_same() -> None:
    shifted = replace(DRAWS, low=103.6, high=104.2)
    assert phases(drawn(looks(range(1, 20), shifted))) == ["draws"]
    elsewhere = replace(DRAWS, low=104.7, high=105.2)
    assert phases(drawn(looks(range(1, 20), elsewhere)))[:2] == ["draws", "dissolved"]


def test_a_cluster_that_did_not_draw_does_not_begin_again_while_it_stands() -> None:
    hours = LONGEST // HOUR + 30
    still = (100.0,) * (hours * 4)
    found = drawn(looks(range(1, hours), DRAWS), after=still)
    assert phases(found) == ["draws", "expired"]
    other = replace(DRAWS, low=101.5, high=102.0)
    more = drawn(looks(range(1, hours), DRAWS), looks([hours], other), after=still)
    assert phases(more) == ["draws", "expired", "draws"]


@given(st.floats(90, 110), st.sampled_from([Way.UP, Way.DOWN]))
def test_a_stop_never_stands_in_a_cluster(price: float, way: Way) -> None:
    zones = [Zone(LONG, 97.0, 97.8, 1e8), Zone(SHORT, 102.0, 102.6, 1e8)]
    stop = sheltered(price, way, zones)
    assert not any(zone.low <= stop <= zone.high for zone in zones)
    assert (price - stop) * way.sign >= 0  # only further away
    assert abs(stop / price - 1) < 0.02


# Sweeps


def usual(usd: float = 1e6, *, every: int = HOUR) -> list[Event]:
    """Long liquidations as usual until AT."""
    count = (AT - START) // every
    return [
        Forced(START + (n + 1) * every, every, usd * (0.5 + n % 7 / 7), usd, math.nan, math.nan)
        for n in range(count)
    ]


def wave(time: int, usd: float = 80e6) -> list[Event]:
    return [Forced(time, STEP, usd, 0.0, 95.5, 96.5)]


def swept(
    path: Sequence[float],
    *more: Iterable[Event],
    past: Sequence[Event] | None = None,
    before: Sequence[float] | None = None,
    heard: Heard | None = None,
) -> list[Episode]:
    """Let price go along a path after five days at 100 with ZONE below."""
    quiet = bars([100 + 0.2 * math.sin(n) for n in range(QUIET)] if before is None else before)
    known = looks(range(-100, 1), ZONE)
    told = usual() if past is None else past
    return said(SweepMachine("m", heard), quiet, known, told, bars(path, first=QUIET), *more)


CALM = (95.6, 95.8, 96.0, 96.1, 96.2, 96.1, 96.0, 96.3, 96.3)


def test_a_cluster_that_thins_out_while_price_goes_through_it_is_swept_as_it_stood() -> None:
    slowly = [98.0, 97.0, 96.45, 96.4, 96.4, 96.35, 96.35, 96.3, 96.2, 95.5, *CALM]
    thinner = looks([1, 2], Zone(LONG, 96.0, 96.3, 220e6), price=96.4)
    found = swept(slowly, thinner, wave(AT + 10 * BAR))
    assert phases(found) == ["swept", "confirmed", "setup"]
    assert found[0].zone == ZONE


def test_a_cluster_that_price_turns_away_from_is_not_swept() -> None:
    touched = [98.0, 96.4, *[97.5] * 20]
    assert not swept(touched, looks([1, 2, 3, 4, 5], ZONE, price=97.5))


def test_nothing_is_said_of_a_map_that_was_not_looked_at_for_hours() -> None:
    late = [100.0] * (GONE // BAR + 1) + [98.0, 95.5]
    assert not swept(late)


def test_a_bar_that_is_older_than_the_look_sweeps_nothing() -> None:
    opened = 100.0
    old = Bar(AT - BAR, opened, 100.0, 95.0, 99.0, 1e8, 1e10, 1e-4, BAR)
    machine = SweepMachine("m")
    list(run(in_order(bars([100.0] * QUIET), looks(range(-9, 1), ZONE)), [machine]))
    assert not list(machine.take(old))


def test_totals_of_an_hour_that_come_after_the_bar_confirm_a_sweep() -> None:
    total: list[Event] = [Forced(AT + HOUR, HOUR, 80e6, 0.0, math.nan, math.nan)]
    found = swept([98.0, 95.5, *CALM], total)
    assert phases(found) == ["swept", "confirmed", "setup"]
    assert found[1].time == AT + HOUR
    too_late: list[Event] = [Forced(AT + 4 * HOUR, HOUR, 80e6, 0.0, math.nan, math.nan)]
    assert phases(swept([98.0, 95.5, *CALM, *CALM], too_late)) == ["swept", "unconfirmed"]


def test_where_hardly_anything_is_liquidated_one_small_liquidation_is_no_spike() -> None:
    rare = [event for n, event in enumerate(usual(40e6)) if n % 25 == 0]
    assert len(rare) / 120 < 1 - SPIKE_RANK
    found = swept([98.0, 95.5, *CALM], wave(AT + 2 * BAR, 2e6), past=rare)
    assert phases(found) == ["swept", "unconfirmed"]


@pytest.mark.parametrize(
    ("past", "heard"),
    [
        ([], None),  # never told of anything
        (usual()[-30:], None),  # told of for a day only
        (usual(), Heard(((AT - DAY, AT + DAY),))),  # what was told before was not heard
    ],
)
def test_a_spike_takes_a_past_that_was_heard(past: list[Event], heard: Heard | None) -> None:
    found = swept([98.0, 95.5, *CALM], wave(AT + 2 * BAR), past=past, heard=heard)
    assert phases(found) == ["swept", "unconfirmed"]
    assert "not been heard" in found[1].why_ended


def test_a_strong_trend_that_ran_before_the_sweep_is_not_faded() -> None:
    down = [112 - 12 * n / QUIET for n in range(QUIET)]
    found = swept([98.0, 95.5, *CALM], wave(AT + 2 * BAR), before=down)
    assert phases(found) == ["swept", "confirmed", "against the trend"]
    assert "trend" in found[-1].why_ended


def test_the_sweep_itself_is_no_trend() -> None:
    calm = [100 + 0.02 * math.sin(n) for n in range(QUIET)]
    found = swept([95.5, *CALM], wave(AT + BAR), before=calm)
    assert phases(found)[-1] == "setup"


def test_where_less_is_left_to_win_than_is_risked_there_is_no_setup() -> None:
    back = [95.6, 96.4, 97.0, 97.4, 97.5, 97.6, 97.6, 97.7, 97.7]
    found = swept([98.0, 95.5, *back], wave(AT + 2 * BAR))
    assert phases(found) == ["swept", "confirmed", "too late"]


def test_a_target_is_the_nearest_dense_cluster_worth_the_risk_and_the_stop_is_beyond() -> None:
    near, worth = Zone(SHORT, 96.6, 97.0, 400e6), Zone(SHORT, 97.6, 98.0, 250e6)
    thin, below = Zone(SHORT, 97.2, 97.4, 20e6), Zone(LONG, 95.2, 95.4, 90e6)
    later = looks([1, 2], near, worth, thin, below, price=96.2)
    found = swept([98.0, 95.5, *CALM], later, wave(AT + 2 * BAR))
    setup = found[-1]
    assert (setup.phase, setup.target) == ("setup", worth)
    assert setup.stop == pytest.approx(below.low * (1 - BEYOND))
    assert setup.facts[-1].value >= 1
