"""Previews of watches: every word readable, every episode marked, whatever the market."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.arrays import HOUR
from bot.core.watches.preview import Once
from bot.core.watches.previewed import WatchReading
from renderers import watch_preview
from renderers.canvas import WIDTH, Box, Canvas, Word
from renderers.theme import Theme, palette
from tests.support.panels import END
from tests.support.pictures import decoded
from tests.support.watch_previews import watch_reading

_MANY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
_WORDS = (
    "BTC funding > 0.03% and oi rising 4h",
    "BTC price moves 3% in 1h for 10m",
    "BTC price crosses below 0.00001",
    "BTC squeeze",
    "BTC oi > 700B",
    "BTC ratio < 0.5 until ratio > 1 quiet 22:00-07:00 cap 5/day cooldown 2h",
    "BTC liquidations longs 1h > 5x normal",
    "BTC nearest cluster distance < 1% or clusters above > 500M within 3%",
)


def words(made: WatchReading, theme: Theme = Theme.DARK) -> list[Word]:
    canvas = Canvas()
    watch_preview.draw(canvas, made, palette(theme))
    return list(canvas.words)


@st.composite
def any_reading(draw: st.DrawFn) -> WatchReading:
    """Any watch on a dear or cheap coin, with a past of hours or weeks."""
    made = watch_reading(
        draw(st.sampled_from(_WORDS)),
        base=draw(st.sampled_from(["BTC", "1000000MOGWAITOKEN"])),
        days=draw(st.sampled_from([0.2, 2, 30])),
        price=draw(st.sampled_from([1e-5, 1.2, 97_412.0])),
        seed=draw(st.integers(0, 5)),
        simulated=draw(st.booleans()),
    )
    start = int(made.candles.open_time[0])
    episodes = []
    for _ in range(draw(st.integers(0, 12))):
        began = draw(st.integers(start - HOUR, END))
        ended = draw(st.sampled_from([None, began, began + HOUR]))
        told = draw(st.sampled_from([None, began]))
        episodes.append(Once(began, told, ended, "quiet hours"))
    if not draw(st.booleans()):
        return made
    return replace(made, preview=replace(made.preview, episodes=tuple(episodes)))


@given(any_reading())
@_MANY
def test_no_word_covers_another_or_leaves_the_picture(made: WatchReading) -> None:
    drawn = words(made)
    frame = Box(0, 0, WIDTH, watch_preview.HEIGHT)
    for word in drawn:
        assert word.box.within(frame) == word.box, word
    for one, two in combinations(drawn, 2):
        assert not one.box.overlaps(two.box), (one, two)


@given(any_reading())
@_MANY
def test_words_are_large_enough_for_a_phone(made: WatchReading) -> None:
    assert all(word.size >= watch_preview.HEIGHT / 60 for word in words(made))


def test_the_watch_is_said_in_its_own_words_however_long() -> None:
    made = watch_reading(_WORDS[5])
    shown = " ".join(word.text for word in words(made))
    for part in made.words.split():
        assert part in shown


def test_each_time_it_would_have_spoken_is_flagged_and_what_was_held_back_is_not() -> None:
    made = watch_reading("BTC funding > 50bps", days=4)
    quiet = replace(made.preview, episodes=())
    at = [END - 60 * HOUR, END - 20 * HOUR]
    once = [Once(time, time, time + 2 * HOUR) for time in at]
    told = replace(made.preview, episodes=tuple(once))
    held = replace(
        made.preview, episodes=tuple(replace(each, told=None, why="muted") for each in once)
    )
    pictures = [
        decoded(watch_preview.render(replace(made, preview=each), Theme.DARK))
        for each in (quiet, told, held)
    ]
    above = [
        (picture[285:297, :1060] != pictures[0][285:297, :1060]).any(axis=2).any(axis=0)
        for picture in pictures
    ]
    inside = [
        (picture[400:700, :1060] != pictures[0][400:700, :1060]).any(axis=2).any(axis=0)
        for picture in pictures
    ]
    starts = [np.flatnonzero(np.diff(row.astype(int)) == 1) for row in above]
    assert [len(each) for each in starts] == [0, 2, 0]
    assert inside[1].any()
    assert inside[2].any()


def test_what_is_simulated_says_so() -> None:
    assert "SIMULATED" in [
        word.text for word in words(watch_reading("BTC squeeze", simulated=True))
    ]
    assert "SIMULATED" not in [word.text for word in words(watch_reading("BTC squeeze"))]


@pytest.mark.parametrize("theme", list(Theme))
def test_the_same_reading_gives_the_same_bytes(theme: Theme) -> None:
    made = watch_reading("BTC funding > 0.03%")
    png = watch_preview.render(made, theme)
    assert png == watch_preview.render(made, theme)
    assert len(png) < 256 * 1024


def test_a_figure_that_is_never_known_leaves_its_box_empty_and_breaks_nothing() -> None:
    made = watch_reading("BTC clusters above > 500M within 3%")
    assert not np.isfinite(made.line.value).any()
    assert any("clusters above" in word.text for word in words(made))
