"""What fails is left alone for longer each time, and never for ever."""

from itertools import pairwise

from bot.core.arrays import MINUTE
from bot.desk.pauses import Pauses


def test_each_failure_in_a_row_doubles_the_pause_up_to_a_quarter_of_an_hour() -> None:
    pauses, now, lengths = Pauses(), 0, []
    for _ in range(10):
        pauses.begin("okx", now, "it hangs")
        found = pauses.under_way("okx", now)
        assert found is not None
        assert found[0] == "it hangs"
        lengths.append(found[1] - now)
        now = found[1]
        assert pauses.under_way("okx", now) is None
    assert lengths[0] == 15_000
    assert all(after == min(2 * before, 15 * MINUTE) for before, after in pairwise(lengths))
    assert lengths[-1] == 15 * MINUTE


def test_several_who_fail_at_the_same_time_are_one_failure() -> None:
    pauses = Pauses()
    for late in range(5):
        pauses.begin("okx", late, "it hangs")
    assert pauses.under_way("okx", 5) == ("it hangs", 15_000)


def test_what_works_again_begins_with_short_pauses() -> None:
    pauses = Pauses()
    for at in (0, 15_000, 45_000):
        pauses.begin("okx", at, "no")
    pauses.over("okx")
    assert pauses.under_way("okx", 46_000) is None
    pauses.begin("okx", 50_000, "no")
    assert pauses.under_way("okx", 50_000) == ("no", 65_000)
    pauses.over("never failed")
