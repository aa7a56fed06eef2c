"""Quiet hours, digests and pictures, in a person's own day."""

import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.watches import hours
from bot.core.watches.presets import Rules
from bot.core.watches.schedule import begun, called
from bot.core.watches.tree import Digest, HeatmapEvery, Hours
from tests.support.watching import MINUTE, NOW

NIGHT = Hours(22 * 60, 7 * 60)


def test_quiet_hours_follow_the_wall_through_both_changes_of_the_clock() -> None:
    spring, autumn = 1_774_742_400_000, 1_792_886_400_000  # 29 Mar and 25 Oct 2026, 00:00 UTC
    for midnight, length in ((spring, 6), (autumn, 8)):
        wall = [midnight + HOUR * hour for hour in range(-3, 10)]
        asleep = [hours.quiet(Hours(0, 7 * 60), at, "Europe/Berlin") for at in wall]
        assert sum(asleep) == length


@pytest.mark.parametrize("at", [2 * 60 + 30, 8 * 60, 0])
@pytest.mark.parametrize("start", [1_774_656_000_000, 1_792_800_000_000])
def test_a_digest_comes_once_a_day_through_both_changes_of_the_clock(at: int, start: int) -> None:
    digest, followed = Digest(at), Rules("d", zone="Europe/Berlin")
    state, keys = begun(digest, start, "Europe/Berlin"), list[str]()
    for minute in range(0, 4 * 24 * 60, 10):
        for now in (start + minute * MINUTE, start + (minute - 60) * MINUTE):  # set back, and on
            state, call = called(state, digest, now, followed)
            if call is not None:
                keys.append(call.key)
                assert now - call.at <= 10 * MINUTE
    assert len(keys) == len(set(keys)) == 4


def test_a_picture_comes_at_equal_times_is_not_made_up_for_and_sleeps_at_night() -> None:
    pictures, followed = HeatmapEvery(4 * HOUR), Rules("h", quiet=NIGHT)
    state, at = begun(pictures, NOW, "UTC"), list[int]()
    for minute in range(1, 24 * 60):
        state, call = called(state, pictures, NOW + minute * MINUTE, followed)
        at += [] if call is None else [(call.at - NOW) // HOUR]
    assert at == [4, 8, 20]  # 16:00, 20:00, 08:00
    assert state.held == 2
    state, call = called(state, pictures, NOW + 20 * DAY, followed)
    assert call is not None
    assert called(state, pictures, NOW + 20 * DAY + MINUTE, followed)[1] is None


def test_a_clock_set_back_brings_no_picture_again() -> None:
    pictures, followed = HeatmapEvery(4 * HOUR), Rules("h")
    state, call = called(begun(pictures, NOW, "UTC"), pictures, NOW + 4 * HOUR, followed)
    assert call is not None
    for now in (NOW + 3 * HOUR, NOW + 4 * HOUR, NOW + 5 * HOUR):
        state, call = called(state, pictures, now, followed)
        assert call is None


def test_a_digest_that_is_hours_late_is_sent_and_one_of_this_morning_at_night_is_not() -> None:
    digest, followed = Digest(8 * 60), Rules("d")
    state = begun(digest, NOW, "UTC")  # at noon
    _, late = called(state, digest, NOW + 22 * HOUR, followed)
    assert late is not None
    state, too_late = called(state, digest, NOW + 30 * HOUR, followed)
    assert too_late is None
    assert called(state, digest, NOW + 44 * HOUR, followed)[1] is not None


@pytest.mark.parametrize("schedule", [Digest(8 * 60), HeatmapEvery(HOUR)])
def test_a_schedule_goes_on_after_a_clock_that_was_years_ahead(
    schedule: Digest | HeatmapEvery,
) -> None:
    followed = Rules("d")
    state, call = called(begun(schedule, NOW, "UTC"), schedule, NOW + 1000 * DAY, followed)
    assert call is not None
    state, call = called(state, schedule, NOW + 20 * HOUR, followed)
    assert call is None
    assert called(state, schedule, NOW + 44 * HOUR, followed)[1] is not None
