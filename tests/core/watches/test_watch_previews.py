"""What a watch would have done on stored history is what it then does live."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR, Floats
from bot.core.watches.columns import Column, Columns, Key, clusters_of
from bot.core.watches.figures import Figure, Measure
from bot.core.watches.gate import Act, State, Tick, advance
from bot.core.watches.lifecycle import Seen
from bot.core.watches.margin import kept
from bot.core.watches.parse import watch
from bot.core.watches.presets import rules
from bot.core.watches.preview import preview
from bot.core.watches.program import Program
from bot.core.watches.tree import Digest, HeatmapEvery
from bot.core.watches.truth import Truth
from tests.support.watching import NOW

STEP = 5 * 60_000


def past(prices: Floats) -> Columns:
    time = NOW + STEP * np.arange(len(prices), dtype=np.int64)
    figures: dict[Key, Column] = {Figure(Measure.PRICE): Column(prices, time.copy())}
    return Columns(time, figures, clusters_of([None] * len(prices)))


def month(*begins: int, length: int = 8) -> Floats:
    """Thirty days of prices at 100, and at 110 for `length` steps from each of these steps on."""
    prices = np.full(30 * DAY // STEP, 100.0)
    for begin in begins:
        prices[begin : begin + length] = 110.0
    return prices


def test_a_preview_tells_how_often_when_and_how_long() -> None:
    told = watch("BTC price > 105 cooldown 5m")
    begins = (100, 110, 500, 2000, 2010, 2028)  # the last comes after 90 min
    found = preview(told, past(month(*begins)), rules("w", told))
    said = [each.told for each in found.told]
    assert said == [NOW + STEP * begin for begin in begins]
    assert str(found) == "6 times in 30 d, twice within an hour of another, 40 min each"
    assert found.unknown == 0


def test_what_would_have_been_held_back_is_said() -> None:
    told = watch("BTC price > 105")
    found = preview(told, past(month(100, 110, 500)), rules("w", told))
    assert str(found) == "twice in 30 d, 40 min each, 1 more held back"
    assert found.episodes[1].why == "told before"


def test_what_never_happened_and_what_is_not_known_are_said() -> None:
    told = watch("BTC price > 105 for 10m")
    assert str(preview(told, past(month()), rules("w", told))) == "never in 30 d"
    prices = month()
    prices[: len(prices) // 2] = np.nan
    said = str(preview(told, past(prices), rules("w", told)))
    assert said == "never in 30 d; 50 % of that time is not known"
    assert str(preview(told, past(prices[:1].copy()), rules("w", told))).startswith("never in 0 s")


def test_what_still_goes_on_at_the_end_has_no_end() -> None:
    told = watch("BTC price > 105")
    prices = month()
    prices[-3:] = 110.0
    found = preview(told, past(prices), rules("w", told))
    assert [each.ended for each in found.episodes] == [None]
    assert str(found) == "once in 30 d"


def test_a_crossing_is_seen_between_two_times() -> None:
    told = watch("BTC price crosses above 105")
    found = preview(told, past(month(100, 500)), rules("w", told))
    assert len(found.told) == 2
    assert found.usual_length == 8 * STEP


def test_a_schedule_has_nothing_to_preview() -> None:
    told = watch("BTC digest 08:00")
    with pytest.raises(ValueError, match="schedule"):
        preview(told, past(month()), rules("w", told))


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.sampled_from(["", "for 10m", "cap 2/day", "quiet 22:00-07:00"]))
def test_a_preview_tells_what_would_have_been_told_live(seed: int, options: str) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    prices = np.array([rng.choice((99.0, 104.95, 110.0, 110.0, np.nan)) for _ in range(300)])
    prices = np.repeat(prices, 3)
    told = watch(f"BTC price > 105 cooldown 1h {options}")
    seen, followed, state = past(prices), rules("w", told), State()
    what = told.what
    assert not isinstance(what, Digest | HeatmapEvery)
    rows = range(len(prices))
    start = Program([(row, what) for row in rows]).truths(seen)
    keep = Program([(row, kept(what, told.options)) for row in rows]).truths(seen)
    live = []
    for row in rows:  # every tick, none left out
        tick = Seen("BTC", int(seen.time[row]), Truth(start[row]), Truth(keep[row]))
        state, effects = advance(state, Tick((tick,), interval=STEP), followed)
        live += [effect.time for effect in effects if effect.act is Act.OPEN]
    found = preview(told, seen, followed)
    assert [each.told for each in found.told] == live
    assert found.length == len(prices) * STEP
    assert all(
        each.ended is None or each.ended - each.began < 31 * 24 * HOUR for each in found.told
    )
