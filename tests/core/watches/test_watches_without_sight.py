"""That there is no data is one message in a chat; and cumulative delta, as a watch reads it."""

import numpy as np
import pytest

from bot.core.estimate.columns import REACH, column
from bot.core.estimate.maps import STEP
from bot.core.signals.looks import Seen
from bot.core.watches.gate import Act, Effect
from bot.core.watches.hours import upcoming
from bot.core.watches.mapped import delta
from bot.core.watches.sights import sights
from bot.core.watches.tree import Digest, HeatmapEvery

NOW = 1_767_268_800_000
MINUTE, HOUR = 60_000, 3_600_000


def effect(act: Act, watch: str, market: str, time: int = NOW) -> Effect:
    message = f"{watch}/{market}/sight1"
    return Effect(act, f"{message}#{act.value}", message, watch, market, time)


def test_a_venue_that_is_down_is_said_once_over_all_watches() -> None:
    blind = [effect(Act.BLIND, "w1", "BTC"), effect(Act.BLIND, "w2", "ETH")]
    groups, said = sights((), [*blind, effect(Act.OPEN, "w3", "SOL")])
    assert {each.message for each in said} == {"w1/BTC/sight1"}
    assert [each.act for each in said] == [Act.BLIND, Act.BLIND]
    groups, said = sights(groups, [effect(Act.SEES, "w1", "BTC", NOW + HOUR)])
    assert said == ()
    groups, said = sights(groups, [effect(Act.SEES, "w2", "ETH", NOW + HOUR)])
    assert [(each.act, each.message) for each in said] == [(Act.SEES, "w1/BTC/sight1")]
    assert groups == ()


def test_what_was_not_said_has_no_end_that_is_said() -> None:
    groups, said = sights((), [effect(Act.BLIND, "w1", "BTC")], silent={"w1"})
    assert (groups, said) == ((), ())
    assert sights(groups, [effect(Act.SEES, "w1", "BTC")]) == ((), ())


def test_delta_is_shorts_above_less_longs_below_as_far_as_it_reaches() -> None:
    price = 100.0
    here = np.log(price) / STEP
    long, short = np.full(REACH + 1, 1e6), np.full(REACH + 1, 2e6)
    seen = Seen(column(NOW, NOW, float(here), long, short), 1e9)
    assert delta([seen], price) == pytest.approx((REACH + 1) * 1e6, rel=1e-3)
    near = delta([seen], price, 0.05)
    assert abs(near - (2e6 * np.log(1.05) - 1e6 * -np.log(0.95)) / STEP) < 4e6
    assert delta([seen, seen], price, 0.05) == 2 * near
    # What the price has gone through since is not counted on either side any more.
    assert delta([seen], price * 1.1) < delta([seen], price)


def test_the_next_time_of_a_schedule_is_after_now() -> None:
    assert upcoming(HeatmapEvery(HOUR), NOW, "UTC") == NOW + HOUR
    assert upcoming(HeatmapEvery(HOUR), NOW - 1, "UTC") == NOW
    assert upcoming(Digest(12 * 60), NOW, "UTC") == NOW + 24 * HOUR
    assert upcoming(Digest(12 * 60 + 5), NOW, "UTC") == NOW + 5 * MINUTE
    # The last Sunday of March has no 02:30 in Berlin; the one after the gap is meant.
    gap = 1_774_746_000_000 - HOUR
    assert upcoming(Digest(2 * 60 + 30), gap, "Europe/Berlin") > gap
