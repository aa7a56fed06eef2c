"""A regime names its side, says what each reading takes, and lasts until it has failed a while."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.core.arrays import HOUR
from bot.core.language import Tongue, speaking
from bot.core.market.liquidations import PositionSide
from bot.core.signals.density import Density
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import Bar, Event, Look
from bot.core.signals.machine import run
from bot.core.signals.regime import GRACE, RegimeMachine
from bot.core.signals.regime_reading import NEUTRAL
from bot.core.signals.squeeze import pressed, ranked, series
from tests.support.foreign import OPEN, Quoting
from tests.support.squeezes import hours_of, machine_of, ranking_reading, squeeze_reading

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
TO_A_SQUEEZE = ((1.0, 26, 1.0),)


def changed(events: Sequence[Event], hours: int, **fields: float) -> list[Event]:
    """The same with other figures in the last hours' bars."""
    first = len(events) - 2 * hours
    return [
        replace(event, **fields) if place >= first and isinstance(event, Bar) else event  # type: ignore[arg-type]
        for place, event in enumerate(events)
    ]


def after(events: Sequence[Event], hours: int, **fields: float) -> list[Event]:
    """The last hour over and over, with other figures in its bars."""
    bar, look = events[-2:]
    assert isinstance(bar, Bar)
    assert isinstance(look, Look)
    made = list(events)
    for hour in range(1, hours + 1):
        made.append(replace(bar, time=bar.time + hour * HOUR, **fields))  # type: ignore[arg-type]
        made.append(replace(look, time=look.time + hour * HOUR))
    return made


@pytest.mark.parametrize(
    ("strength", "side", "way"), [(1.0, LONG, Way.DOWN), (-1.0, SHORT, Way.UP)]
)
def test_a_crowd_is_squeezed_against_its_side(
    strength: float, side: PositionSide, way: Way
) -> None:
    machine, told = machine_of(hours_of(surges=((1.0, 26, strength),)))
    reading = machine.reading
    assert reading is not None
    assert (reading.kind, reading.crowded, reading.side) == (Kind.SQUEEZE, side, side)
    assert told[-1].way is way
    assert reading.zone is not None
    assert reading.zone.side is side
    assert reading.since == told[-1].began
    assert all(reading.passed)


def test_between_nothing_and_what_is_built_in_nobody_is_crowded() -> None:
    quiet = hours_of(surges=())
    for funding, crowded in (
        (0.5 * NEUTRAL, None),
        (NEUTRAL, None),
        (0.0, None),
        (2 * NEUTRAL, LONG),
        (-NEUTRAL, SHORT),
    ):
        machine, _ = machine_of(changed(quiet, 3, funding=funding))
        assert machine.reading is not None
        assert machine.reading.crowded is crowded
        assert machine.reading.side is not None
        assert machine.reading.facts


def test_a_reading_passes_exactly_where_it_reaches_what_it_takes() -> None:
    for strength in (1.0, -1.0, 0.45, 0.2, 0.0, -0.3):
        machine, _ = machine_of(hours_of(surges=((1.0, 26, strength),)))
        assert machine.reading is not None
        for fact, met in zip(machine.reading.facts, machine.reading.passed, strict=True):
            assert fact.threshold is not None
            reached = fact.value >= fact.threshold if fact.least else fact.value <= fact.threshold
            assert met is (reached and not math.isnan(fact.threshold))


def test_a_regime_lasts_through_an_hour_that_fails_and_ends_after_some() -> None:
    squeezed = hours_of(surges=TO_A_SQUEEZE)
    hours = GRACE // HOUR
    machine, told = machine_of(after(squeezed, hours, funding=NEUTRAL))
    assert machine.reading is not None
    assert machine.reading.kind is Kind.SQUEEZE
    assert machine.reading.crowded is LONG  # though funding is neutral now
    assert not all(machine.reading.passed)
    machine, told = machine_of(after(squeezed, hours + 1, funding=NEUTRAL))
    ended = [one for one in told if one.ended is not None and one.kind is Kind.SQUEEZE]
    assert ended
    assert ended[-1].why_ended
    assert machine.reading is not None
    assert machine.reading.kind is not Kind.SQUEEZE


def test_a_crowd_on_the_other_side_is_another_episode() -> None:
    squeezed = hours_of(surges=TO_A_SQUEEZE)
    machine, told = machine_of(squeezed)
    assert told[-1].way is Way.DOWN
    look = squeezed[-1]
    assert isinstance(look, Look)
    turned = after(squeezed, 1, funding=-6e-4)
    turned[-1] = replace(look, time=look.time + HOUR, short_near=2 * look.long_near)
    machine, told = machine_of(turned)
    assert machine.reading is not None
    assert machine.reading.crowded is SHORT
    over, begun = told[-2:]
    assert (over.phase, over.way) == ("over", Way.DOWN)
    assert (begun.phase, begun.way) == ("on", Way.UP)


def test_exhaustion_follows_a_squeeze_that_was_cleared() -> None:
    _, told = machine_of(hours_of(surges=((0.9, 26, 1.0),)))
    kinds = [one.kind for one in told if one.phase == "on"]
    assert kinds[-1] is Kind.EXHAUSTION
    assert Kind.SQUEEZE in kinds[:-1]
    assert told[-1].way is Way.NONE


@pytest.mark.parametrize(
    ("lost", "why"),
    [({"funding": math.nan}, "no funding"), ({"interest": math.nan}, "of a day ago is not known")],
)
def test_what_is_not_published_is_said_and_never_taken_for_calm(
    lost: dict[str, float], why: str
) -> None:
    machine, _ = machine_of(changed(hours_of(surges=()), 1, **lost))
    assert machine.reading is not None
    assert machine.reading.kind is None
    assert why in machine.reading.ends


def test_a_market_without_open_interest_has_no_regime() -> None:
    events = hours_of(surges=())
    look = events[-1]
    assert isinstance(look, Look)
    machine, _ = machine_of([*events[:-1], replace(look, interest=0.0)])
    assert machine.reading is not None
    assert machine.reading.ends == "no open interest is published"
    assert not machine.reading.facts


def test_a_longer_past_is_another_rank_once_it_is_known() -> None:
    for days, longer in ((40, False), (60, True)):
        machine, _ = machine_of(hours_of(days=days, surges=((0.2, 20, 1.0),)))
        assert machine.reading is not None
        assert (machine.reading.longer_days > 0) is longer
    facts = machine.reading.facts if machine.reading is not None else ()
    assert all(fact.longer is not None for fact in facts)
    assert any(fact.longer != fact.rank for fact in facts)


def test_what_was_said_of_an_hour_does_not_depend_on_what_came_after() -> None:
    events = hours_of()
    whole, told = machine_of(events)
    cut = 2 * (len(events) // 2 - 200)
    part, before = machine_of(events[:cut])
    assert list(map(repr, before)) == list(map(repr, told[: len(before)]))
    by_time = {hour.time: repr(hour) for hour in whole.hours}
    shared = [hour for hour in part.hours if hour.time in by_time]
    assert shared
    assert all(by_time[hour.time] == repr(hour) for hour in shared)


def test_hours_say_which_regime_there_was() -> None:
    machine, told = machine_of(hours_of())
    begun: list[Episode] = [one for one in told if one.phase == "on"]
    kinds = {hour.time: hour.kind for hour in machine.hours}
    for one in begun:
        if one.began in kinds:
            assert kinds[one.began] is one.kind
    columns = series(machine.hours, LONG)
    assert all(len(column) == len(machine.hours) for column in columns)


def test_coins_are_ranked_by_regime_then_by_readings_that_pass_then_by_how_extreme() -> None:
    coins = ranking_reading().coins
    order = [(one.reading.kind is None, -sum(one.reading.passed)) for one in coins]
    assert order == sorted(order)
    quiet = [one for one in coins if not any(one.reading.passed)]
    sums = [sum(pressed(one.reading)) for one in quiet]
    assert sums == sorted(sums, reverse=True)
    assert ranked(reversed(coins)) == coins


def test_gauges_have_the_past_that_ranks_are_of() -> None:
    reading = squeeze_reading()
    assert len(reading.gauges) == 3
    for gauge in reading.gauges:
        known = gauge.past[~(gauge.past != gauge.past)]
        below = float((known < gauge.value).mean())
        assert gauge.rank == pytest.approx(below, abs=0.01)
    assert reading.density == Density(LONG, reading.gauges[2].value, 0.97, 0.91, 88.0)
    bare = replace(reading, reading=None)
    assert bare.gauges == ()
    assert bare.side is None


def test_machines_read_alone_or_with_others_say_the_same() -> None:
    events = hours_of()
    one, two = RegimeMachine("a"), RegimeMachine("a")
    alone = [repr(said) for said in run(events, [one])]
    both = [repr(said) for said in run(events, [two, RegimeMachine("b")]) if said.market == "a"]
    assert alone == both


def test_what_is_kept_of_a_regime_is_the_same_whoever_asked() -> None:
    events = after(hours_of(surges=TO_A_SQUEEZE), 9, funding=NEUTRAL)
    machine, told = machine_of(events)
    with speaking(Tongue("de", Quoting())):
        abroad, told_abroad = machine_of(events)
        assert abroad.reading is not None
        assert abroad.reading.ends.startswith(OPEN)
    assert told == told_abroad
    assert machine.reading == abroad.reading
    (over,) = (each for each in told if each.kind is Kind.SQUEEZE and each.ended is not None)
    assert over.invalidation.startswith("it ends when funding leaves its extreme")
    assert over.why_ended == "funding is near neutral"
