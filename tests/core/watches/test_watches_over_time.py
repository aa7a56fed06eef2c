"""How a watch stands over time: told once, held back where it must be, and never twice."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR
from bot.core.errors import MalformedData
from bot.core.watches.gate import Act, snoozed
from bot.core.watches.grouping import held_back
from bot.core.watches.lifecycle import BLIND_AFTER, Course, Phase, Sight, due
from bot.core.watches.parse import watch
from bot.core.watches.presets import USUAL_CAP, Rules, rules
from bot.core.watches.saved import restored, saved
from bot.core.watches.tree import Hours
from bot.core.watches.truth import Truth
from tests.support.watching import MINUTE, NOW, Told, cluster

YES, NO, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
PLAIN = Rules("w", cooldown=0, edit=DAY)
NIGHT = Hours(22 * 60, 7 * 60)


def phase(told: Told) -> Phase:
    return told.state.courses[told.market].phase


def test_an_episode_is_opened_once_and_closed_once() -> None:
    told = Told(PLAIN)
    for truth in (NO, YES, YES, YES, NO, NO):
        told.tick(truth)
    assert told.acts() == ["open", "close"]
    assert {effect.message for effect in told.effects} == {"w/BTC/1"}


def test_what_must_hold_for_a_time_is_pending_until_then() -> None:
    told = Told(replace(PLAIN, hold=3 * MINUTE))
    for truth in (YES, YES, YES):
        told.tick(truth)
    assert (phase(told), told.acts()) == (Phase.PENDING, [])
    told.tick(NO)
    assert phase(told) is Phase.INACTIVE
    for truth in (YES, YES, YES, YES):
        told.tick(truth)
    assert (phase(told), told.acts()) == (Phase.FIRING, ["open"])


def test_an_hour_that_a_clock_jumps_is_not_an_hour_that_anything_held() -> None:
    told = Told(replace(PLAIN, hold=30 * MINUTE))
    told.tick(YES)
    told.tick(YES, after=HOUR)
    assert phase(told) is Phase.PENDING


def test_within_the_margin_it_is_kept_and_beyond_it_lets_go() -> None:
    told = Told(PLAIN)
    told.tick(YES)
    told.tick(NO, YES)
    assert phase(told) is Phase.KEPT
    told.tick(YES)
    told.tick(NO, NO)
    assert (phase(told), told.acts()) == (Phase.INACTIVE, ["open", "close"])


def test_until_ends_it_even_while_it_would_begin() -> None:
    told = Told(PLAIN)
    told.tick(YES)
    told.tick(YES, NO)
    told.tick(YES, NO)
    assert told.acts() == ["open", "close"]


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 24 * HOUR, -24 * HOUR])
def test_a_clock_that_jumps_makes_no_second_message_of_one_episode(jump: int) -> None:
    told = Told(replace(PLAIN, every=2 * HOUR))
    for _ in range(5):
        told.tick(YES)
    told.tick(YES, after=jump)
    for _ in range(30):
        told.tick(YES)
    assert told.acts() == ["open"]


def test_a_clock_set_back_an_hour_does_not_blind_a_watch() -> None:
    told = Told(PLAIN)
    told.tick(NO)
    told.tick(YES, after=-HOUR)
    assert told.acts() == ["open"]


def test_no_data_is_said_once_ends_nothing_and_is_taken_back_once() -> None:
    told = Told(PLAIN)
    told.tick(YES)
    for _ in range(60):
        told.tick(UNKNOWN)
    assert phase(told) is Phase.FIRING
    assert told.state.courses["BTC"].sight is Sight.BLIND
    told.tick(YES)
    assert told.acts() == ["open", "blind", "sees"]
    assert told.effects[1].why == "funding"
    assert told.effects[1].message == told.effects[2].message


def test_a_feed_that_comes_and_goes_is_not_complained_of_again_and_again() -> None:
    told = Told(PLAIN)
    for _ in range(10):
        told.tick(NO)
        for _ in range(BLIND_AFTER // MINUTE + 1):
            told.tick(UNKNOWN)
    assert told.acts().count("blind") == 1


def test_a_moment_without_data_is_not_worth_a_word_and_pending_goes_on() -> None:
    told = Told(replace(PLAIN, hold=3 * MINUTE))
    for truth in (YES, YES, UNKNOWN, YES, YES):
        told.tick(truth)
    assert told.acts() == ["open"]


def test_what_fails_is_said_once() -> None:
    told = Told(PLAIN)
    for _ in range(5):
        told.tick(NO, error="Binance lists no such market.")
    told.tick(NO)
    assert told.acts() == ["broken", "sees"]
    assert told.effects[0].why == "Binance lists no such market."


def test_the_same_cluster_is_not_told_again_so_soon_but_another_one_is() -> None:
    told = Told(replace(PLAIN, cooldown=2 * HOUR))
    for low in (100.0, 100.5, 120.0):
        told.tick(YES, about=cluster(low))
        told.tick(NO)
    assert told.acts() == ["open", "close", "held", "open", "close"]
    assert told.effects[2].why == "told before"
    assert told.effects[3].held == {"told before": 1}
    told.tick(YES, after=3 * HOUR, about=cluster(100.0))
    assert told.acts()[-1] == "open"


def test_what_begins_in_quiet_hours_is_told_after_them_if_it_lasts() -> None:
    told = Told(replace(PLAIN, quiet=Hours(11 * 60, 12 * 60 + 5)))  # ticks begin at 12:01
    told.tick(YES)
    told.tick(NO)
    told.tick(YES)
    told.tick(YES)
    assert told.acts() == ["held"]
    opened = told.tick(YES)
    assert [each.act for each in opened] == [Act.OPEN]
    assert opened[0].why == "quiet hours"
    assert opened[0].held == {"quiet hours": 1}
    assert held_back([told.state, told.state]) == {"quiet hours": 2}


def test_a_daily_cap_holds_until_the_next_day_of_the_person() -> None:
    told = Told(replace(PLAIN, cap=2, zone="Europe/Berlin"))
    for _ in range(4):
        told.tick(YES)
        told.tick(NO)
    assert told.acts() == ["open", "close", "open", "close", "held", "held"]
    told.tick(YES, after=11 * HOUR)  # 23:09 UTC, and the next day in Berlin
    assert told.acts()[-1] == "open"


def test_a_clock_set_back_over_midnight_gives_no_day_anew() -> None:
    told = Told(replace(PLAIN, cap=1))
    told.tick(YES, after=13 * HOUR)
    told.tick(NO)
    told.tick(YES, after=-12 * HOUR)
    told.tick(NO)
    assert told.acts() == ["open", "close", "held"]
    assert told.effects[-1].why == "daily limit"


def test_a_clock_that_was_years_ahead_silences_nothing_once_it_is_right() -> None:
    told = Told(replace(PLAIN, cap=1, cooldown=HOUR), "BTC")
    told.tick(YES, after=1000 * DAY)
    told.tick(NO)
    told.tick(YES, after=-1000 * DAY)
    assert told.acts() == ["open", "close", "open"]


def test_what_was_held_back_is_told_with_the_next_message_and_not_again() -> None:
    told = Told(replace(PLAIN, muted_until=NOW + 3 * MINUTE))
    for truth in (YES, NO, YES, NO, YES, NO):
        told.tick(truth)
    opened = [effect.held for effect in told.effects if effect.act is Act.OPEN]
    assert opened == [{"muted": 1}, {}]


def test_a_muted_chat_and_a_snoozed_watch_are_silent_and_edits_still_come() -> None:
    told = Told(replace(PLAIN, muted_until=NOW + 10 * MINUTE))
    told.tick(YES)
    told.tick(NO)
    assert [(each.act, each.why) for each in told.effects] == [(Act.HELD, "muted")]
    told = Told(replace(PLAIN, edit=2 * MINUTE))
    told.tick(YES)
    told.state = snoozed(told.state, NOW + HOUR)
    for truth in (YES, YES, YES, NO, YES, NO):
        told.tick(truth)
    assert told.acts() == ["open", "edit", "close", "held"]


def test_what_goes_on_is_said_again_every_so_often_if_asked_for() -> None:
    told = Told(replace(PLAIN, every=5 * MINUTE))
    for _ in range(12):
        told.tick(YES)
    assert told.acts() == ["open", "repeat", "repeat"]
    assert len({effect.key for effect in told.effects}) == 3
    told.state = snoozed(told.state, told.now + 20 * MINUTE)
    for _ in range(19):
        told.tick(YES)
    assert told.acts().count("repeat") == 2
    told.tick(YES)
    assert told.acts().count("repeat") == 3


TRUTHS = st.sampled_from([NO, UNKNOWN, YES])


@given(
    st.lists(
        st.tuples(TRUTHS, TRUTHS, st.sampled_from([1, 1, 1, 3, 60, 1440, -60, -70])), max_size=60
    ),
    st.sampled_from(
        [
            PLAIN,
            replace(PLAIN, hold=3 * MINUTE, quiet=NIGHT),
            replace(PLAIN, cooldown=HOUR, every=5 * MINUTE, cap=3, edit=MINUTE),
        ]
    ),
)
def test_whatever_comes_each_episode_has_one_message_and_survives_any_restart(
    script: list[tuple[Truth, Truth, int]], followed: Rules
) -> None:
    told = Told(followed)
    for start, keep, minutes in script:
        told.tick(start, max(start, keep), after=minutes * MINUTE)
        told.state = restored(saved(told.state))
    keys = [effect.key for effect in told.effects]
    assert len(keys) == len(set(keys))
    by_message: dict[str, list[str]] = {}
    for effect in told.effects:
        by_message.setdefault(effect.message, []).append(effect.act.value)
    for acts in by_message.values():
        if acts[0] in {"blind", "broken"}:
            assert acts in (["blind"], ["blind", "sees"])
        else:
            assert acts.count("open") + acts.count("held") == 1
            assert acts[0] in {"open", "held"}
            assert "close" not in acts[:-1]


@given(st.lists(st.tuples(TRUTHS, TRUTHS), min_size=1, max_size=40))
def test_rows_that_are_at_rest_need_not_be_gone_through(
    script: list[tuple[Truth, Truth]],
) -> None:
    told = Told(PLAIN)
    for start, keep in script:
        rests = told.state.courses.get("BTC", Course()).rests_on
        before = len(told.effects)
        told.tick(start, max(start, keep))
        if rests == start:
            assert len(told.effects) == before
            assert phase(told) is Phase.INACTIVE


def test_only_rows_that_changed_are_due() -> None:
    start = np.array([-1, 0, 1, 0, -1], dtype=np.int8)
    rests = np.array([-1, 0, -1, -1, 9], dtype=np.int8)
    assert due(start, rests).tolist() == [2, 3, 4]


def test_a_state_that_is_none_is_refused() -> None:
    for data in (b"", b"{}", b'{"version":99}', b"[1", b'{"version":1,"state":{"day":"x"}}'):
        with pytest.raises(MalformedData):
            restored(data)


def test_what_a_watch_does_not_say_is_as_usual_for_what_it_is_about() -> None:
    usual = rules("w", watch("BTC funding > 0.03%"))
    assert (usual.cooldown, usual.cap, usual.cascade) == (HOUR, USUAL_CAP, False)
    cascade = rules("w", watch("BTC cascade and squeeze"), quiet=NIGHT)
    assert (cascade.cooldown, cascade.cascade, cascade.squeeze) == (30 * MINUTE, True, False)
    assert cascade.quiet == NIGHT
    said = rules("w", watch("BTC squeeze for 5m cooldown 2h cap 3/day"), zone="Asia/Tokyo")
    assert (said.hold, said.cooldown, said.cap) == (5 * MINUTE, 2 * HOUR, 3)
    assert (said.squeeze, said.zone) == (True, "Asia/Tokyo")
