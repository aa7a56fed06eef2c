"""The picture of scores: every word readable, every mark where its figure is."""

import io
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.core.judge.accuracy import AccuracyReading
from renderers import accuracy, lettering
from renderers.canvas import WIDTH, Box, Canvas, Word
from renderers.theme import Theme, palette
from tests.support.accuracies import accuracy_reading
from tests.support.pictures import decoded

_MANY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
_FRAME = Box(0, 0, WIDTH, accuracy.HEIGHT)


def words(made: AccuracyReading) -> list[Word]:
    canvas = Canvas()
    accuracy.draw(canvas, made, palette(Theme.DARK))
    return list(canvas.words)


@st.composite
def any_accuracy(draw: st.DrawFn) -> AccuracyReading:
    venues = ("binance", "bybit", "okx", "hyperliquid", "kucoin", "sim-a", "a-venue-nobody-knows")
    return accuracy_reading(
        draw(st.sampled_from(["BTC", "W", "1000PEPE", "ABCDEFGHIJKLMNOPQRST", "币"])),
        count=draw(st.sampled_from([1, 5, 80, 700, 2160])),
        skill=draw(st.floats(-1, 1)),
        coverage=draw(st.sampled_from([1e-6, 0.5, 1.0, 1e4])),
        seed=draw(st.integers(0, 9)),
        venues=tuple(draw(st.lists(st.sampled_from(venues), min_size=1, unique=True))),
        simulated=draw(st.booleans()),
    )


@_MANY
@given(any_accuracy())
def test_no_word_covers_another_or_leaves_the_picture_or_is_too_small(
    made: AccuracyReading,
) -> None:
    written = words(made)
    for word in written:
        assert word.size >= lettering.SMALLEST, word
        assert word.box == word.box.within(_FRAME), word
    for one, other in combinations(written, 2):
        assert not one.box.overlaps(other.box), (one, other)
    for panel in accuracy.panels():
        marks = panel.scale.grown(11)._replace(bottom=panel.scale.bottom)
        assert not any(word.box.overlaps(marks) for word in written)
    assert ("SIMULATED" in [word.text for word in written]) is made.simulated


def test_what_a_reader_must_know_is_written() -> None:
    made = accuracy_reading(venues=("binance", "okx"))
    text = " | ".join(word.text for word in words(made))
    for said in (
        "BTC",
        str(made.accuracy.grade.word),
        str(made.accuracy.grade.why),
        "720 hours in 30 days",
        "Binance, OKX",
        "prices only",
        "bare move",
        "90 % range, days drawn again",
        "forecast over reported",
    ):
        assert said in text, said
    for line in made.accuracy.lines[::3]:  # the map's own
        assert f"{line.partial.value:.2f}" in text
        assert f"×{line.usd.value:.2f}" in text


@pytest.mark.parametrize("theme", list(Theme))
def test_a_better_map_stands_further_to_the_right(theme: Theme) -> None:
    look = palette(theme)
    ends = []
    for skill in (0.2, 0.9):
        canvas = Canvas()
        accuracy.draw(canvas, accuracy_reading(skill=skill), look)
        given_the_move = canvas.part(Box(140, 250, 520, 320))
        ends.append(float(np.nonzero(given_the_move == look.long.solid)[1].mean()))
    assert ends[1] > ends[0] + 50


def test_the_picture_is_small_and_a_png() -> None:
    png = accuracy.render(accuracy_reading(), Theme.DARK)
    assert decoded(png).shape == (accuracy.HEIGHT, WIDTH, 3)
    assert len(png) < 60_000
    with Image.open(io.BytesIO(png)) as image:
        assert image.mode == "P"


@pytest.mark.parametrize("theme", list(Theme))
def test_simulated_is_written_large_across_the_picture(theme: Theme) -> None:
    real, marked = (
        decoded(accuracy.render(accuracy_reading(simulated=simulated), theme)).astype(int)
        for simulated in (False, True)
    )
    touched = np.abs(real - marked).sum(axis=2) > 20
    rows, columns = np.nonzero(touched[200:])
    assert touched[200:].mean() > 0.05
    assert np.ptp(rows) > 0.6 * (accuracy.HEIGHT - 200)
    assert np.ptp(columns) > 0.7 * WIDTH
