"""A cascade is said of a live tape as of the whole record: late, twice, or with nothing to tell."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, PositionSide
from bot.core.signals.cascade import CUT_OFF, FADED_FOR, KNOWN, CascadeMachine, Feeds, told_of_waves
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import STEP, Bar, Event, Forced, Look, Zone, bars, in_order, steps
from bot.core.signals.machine import run
from bot.core.signals.normal import BUSIER, Normal
from bot.core.signals.read import signals
from bot.core.signals.tape import LATEST, CascadeTape
from bot.core.signals.together import feeds
from bot.core.simulation.simulate import simulate

START = 20_000 * DAY
SETTLED = START + 2 * DAY


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    return simulate("crash", 5, 6 * 288).history


@pytest.fixture(scope="module")
def whole(history: MarketHistory) -> list[Episode]:
    assert history.liquidations is not None
    events = in_order(steps(history.liquidations), bars(history))
    return list(run(events, [CascadeMachine("m")]))


def heard_live(
    history: MarketHistory, late: int, settle: int, *, rng: np.random.Generator
) -> Iterator[Episode]:
    """Feed a tape from the third day on: each second of a feed comes up to `late` [ms] late.

    A step is taken to be over `settle` [ms] after it is. Every tenth second is told a second time.
    """
    assert history.liquidations is not None
    events, known = history.liquidations, list(bars(history))
    begin = int(history.candles.open_time[0]) + 2 * DAY
    machine = CascadeMachine("m")
    past = in_order(steps(events.until(begin - 1)), (bar for bar in known if bar.time <= begin))
    yield from run(past, [machine])
    tape = CascadeTape(machine, begin)
    coming: list[tuple[int, Liquidations | Bar]] = []
    later = events.sliced(slice(int(events.time.searchsorted(begin)), None))
    seconds = later.time // 1000
    cuts = [0, *(np.flatnonzero(np.diff(seconds)) + 1).tolist(), len(later)]
    for first, last in pairwise(cuts):
        batch, over = later.sliced(slice(first, last)), (int(seconds[first]) + 1) * 1000
        coming.append((over + int(rng.integers(0, late + 1)), batch))
        if rng.random() < 0.1:
            coming.append((over + int(rng.integers(0, 4 * MINUTE)), batch))
    coming += [(bar.time + int(rng.integers(1, 5 * MINUTE)), bar) for bar in known]
    coming = sorted((one for one in coming if one[0] > begin), key=lambda one: one[0])
    newest = begin
    for time, what in coming:
        if tape.due(time - settle):
            yield from tape.over(time - settle)
        if isinstance(what, Bar):
            if what.time > newest:
                tape.tell([what])
                newest = what.time
        else:
            tape.hear("feed", what)
    yield from tape.over(int(history.candles.close_time[-1]))


def test_batches_that_come_late_and_twice_are_judged_as_the_whole_record(
    history: MarketHistory, whole: Sequence[Episode]
) -> None:
    assert sum(one.phase == "over" for one in whole) >= 5
    for seed in range(3):
        rng = np.random.default_rng(seed)
        said = list(heard_live(history, 2_000, 3_000, rng=rng))
        ended = [one for one in whole if one.name in {each.name for each in said}]
        assert said == ended
        assert {one.name for one in whole} == {one.name for one in said}


def test_what_was_said_is_never_taken_back_however_late_the_rest_comes(
    history: MarketHistory, whole: Sequence[Episode]
) -> None:
    said = list(heard_live(history, 100_000, 0, rng=np.random.default_rng(9)))
    names = [(one.name, one.phase) for one in said]
    assert len(set(names)) == len(names)
    begun = [one for one in said if one.phase == "cascade"]
    assert len(begun) == sum(one.phase == "over" for one in said)
    known = [(one.began, one.ended) for one in whole if one.ended is not None]
    near = [any(a - MINUTE <= one.began <= b + MINUTE for a, b in known) for one in begun]
    assert sum(near) >= 0.9 * len(begun)
    assert len(begun) >= 0.7 * len(known)


def usual(days: int = 2) -> list[Forced]:
    """Days with a small wave each hour."""
    at = [START + h * HOUR + 20 * MINUTE for h in range(24 * days)]
    return [Forced(time, STEP, 2e5, 2e5, 100.0, 100.0) for time in at]


def known(days: int = 2) -> list[Bar]:
    times = [START + (n + 1) * HOUR for n in range(24 * days)]
    return [Bar(time, 100, 100.5, 99.5, 100.2, 1e9, 1e9, 1e-4, HOUR) for time in times]


STORM = [
    Forced(SETTLED + 10_000, STEP, 4e6, 0.0, 99.5, 99.6),
    Forced(SETTLED + 50_000, STEP, 3e6, 0.0, 98.5, 98.9),
]


def warmed(heard: Heard | None = None) -> CascadeMachine:
    machine = CascadeMachine("m", heard=heard)
    assert not list(run(in_order(usual(), known()), [machine]))
    return machine


def test_a_cascade_fades_within_seconds_of_its_time_while_nothing_is_told() -> None:
    machine = warmed()
    assert [one.phase for one in run(STORM, [machine])] == ["cascade"]
    said: list[tuple[int, Episode]] = []
    for time in range(SETTLED + 50_000, SETTLED + 10 * MINUTE, 1_000):
        said += [(time, one) for one in machine.until(time)]
    ((at, over),) = said
    assert over.why_ended == "liquidations faded"
    assert at == over.time == over.ended
    assert at <= STORM[-1].time + MINUTE + FADED_FOR
    # The same is said, of the same moment, when the next that is told comes an hour later.
    late = warmed()
    later: list[Event] = [*STORM, Forced(SETTLED + HOUR, STEP, 1e3, 0.0, 99.0, 99.0)]
    assert list(run(later, [late]))[-1] == over


def test_a_cascade_that_faded_while_its_bar_is_open_is_not_under_way() -> None:
    events: list[Event] = [*in_order(usual(), known()), *STORM]
    early = signals("m", events, now=STORM[-1].time + MINUTE)
    late = signals("m", events, now=STORM[-1].time + 10 * MINUTE)
    assert early is not None
    assert late is not None
    assert [one.kind for one in early.current] == [Kind.CASCADE]
    assert not late.current
    assert late.told[: len(early.told)] == early.told


def test_a_feed_that_is_cut_off_does_not_pass_for_one_that_fades() -> None:
    spans = ((START, SETTLED + 50_000), (SETTLED + HOUR, SETTLED + DAY))
    machine = warmed(Heard(spans))
    found = list(run(STORM, [machine]))
    found += machine.until(SETTLED + 20 * MINUTE)
    assert [one.phase for one in found] == ["cascade", "over"]
    assert found[1].why_ended == "its liquidations are not heard any more"
    assert found[1].time <= SETTLED + 50_000 + CUT_OFF + STEP


def test_hours_in_which_nobody_listened_are_no_quiet_hours() -> None:
    normal = Normal()
    normal.begin(START)
    for wave in usual(1):
        normal.take(wave.time, 4e5)
    later = START + 5 * DAY
    assert normal.usual(later) == 0.0  # four quiet days, so it seems
    deaf = Normal()
    deaf.begin(START)
    for wave in usual(1):
        deaf.take(wave.time, 4e5)
    assert deaf.usual(later, Heard(((START, START + DAY),))) == 4e5
    short = Normal()
    short.begin(START)
    assert np.isnan(short.usual(later, Heard(((START, START + DAY - HOUR),))))


def test_more_is_usual_at_an_hour_of_the_day_that_is_busier_than_others() -> None:
    normal = Normal()
    normal.begin(START)
    for hour in range(7 * 24):
        busy = 13 <= hour % 24 <= 16
        normal.take(START + hour * HOUR + 30 * MINUTE, 3e6 * BUSIER if busy else 1e6)
    week = START + 7 * DAY
    assert normal.usual(week + 3 * HOUR) == 1e6
    assert normal.usual(week + 15 * HOUR) == 3e6 * BUSIER


def told_at(*rows: tuple[int, float, float]) -> Liquidations:
    """Longs: seconds after the quiet days, USD, price."""
    time, usd, price = (np.array(column) for column in zip(*rows, strict=True))
    at = SETTLED + 1000 * time.astype(np.int64)
    return Liquidations(at, np.ones(len(rows), np.int8), price, usd / price)


def test_a_cascade_that_was_said_stands_whatever_comes_late() -> None:
    tape = CascadeTape(warmed(), SETTLED)
    tape.hear("feed", told_at((35, 4e6, 99.5), (75, 3e6, 98.5)))
    (said,) = tape.over(SETTLED + 80_000)
    assert said.began == SETTLED + 40_000
    tape.hear("feed", told_at((5, 5e6, 99.7)))  # had it come in time, it had begun with this
    assert tape.due(SETTLED + 80_000)
    assert not tape.over(SETTLED + 80_000)
    assert tape.under_way is not None
    found = [one for n in range(9, 90) for one in tape.over(SETTLED + n * 10_000)]
    assert [(one.name, one.phase) for one in found] == [(said.name, "over")]


def test_what_comes_late_is_judged_as_if_in_time_while_nothing_was_said() -> None:
    tape = CascadeTape(warmed(), SETTLED)
    tape.hear("feed", told_at((75, 3e6, 98.5)))
    assert not tape.over(SETTLED + 80_000)
    tape.hear("feed", told_at((35, 4e6, 99.5), (75, 3e6, 98.5)))  # and one a second time
    (said,) = tape.over(SETTLED + 90_000)
    assert (said.began, said.time) == (SETTLED + 40_000, SETTLED + 80_000)
    assert said.facts[2].value == pytest.approx(3e6)


def test_what_comes_too_late_is_not_counted() -> None:
    tape = CascadeTape(warmed(), SETTLED)
    for time in range(SETTLED, SETTLED + 20 * MINUTE, STEP):
        tape.over(time)
    tape.hear("feed", told_at((5, 4e6, 99.5), (45, 3e6, 98.5)))
    assert 20 * MINUTE - LATEST > 45_000
    assert not tape.over(SETTLED + 21 * MINUTE)


def test_a_look_counts_when_venues_have_had_the_time_to_tell_of_it() -> None:
    zone = Zone(PositionSide.LONG, 95.0, 96.0, 1e7)
    fresh, old = warmed(), warmed()
    fresh.tell(Look(SETTLED, 100.0, (zone,), 0.0, 0.0, 1e9))
    old.tell(Look(SETTLED - KNOWN, 100.0, (zone,), 0.0, 0.0, 1e9))
    assert [one.target for one in run(STORM, [fresh])] == [None]
    assert [one.target for one in run(STORM, [old])] == [zone]


def test_a_coin_is_heard_as_far_as_any_of_its_venues_and_told_as_far_as_all(
    history: MarketHistory,
) -> None:
    one = replace(history, heard=Heard(((0, 10),)), liquidation_feed="every liquidation")
    other = replace(history, heard=Heard(((5, 20),)), liquidation_feed="one a second")
    silent = replace(history, liquidations=None)
    assert feeds([one, other]) == Feeds(0.6, Heard(((0, 20),)))
    assert feeds([one, silent]).told == 0.5
    assert feeds([one, history]).heard is None
    assert feeds([silent]) == Feeds(heard=Heard())  # nobody has told of any yet
    assert told_of_waves([]) == Feeds().told


def test_a_squeeze_of_shorts_is_a_cascade_that_goes_up() -> None:
    machine = warmed()
    up = [Forced(one.time, STEP, 0.0, one.long_usd, 200 - one.low, 200 - one.low) for one in STORM]
    (said,) = run(up, [machine])
    assert said.way is Way.UP
