"""A person's trades are drawn: every word can be read, and every step is where it belongs."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import languages
from bot.core.journal.reading import JournalReading
from bot.core.journal.review import review
from bot.core.journal.trade import TAGS
from bot.core.language import many, say, speaking
from renderers import journal
from renderers.canvas import WIDTH, Box, Canvas
from renderers.theme import Theme, palette
from tests.support.journals import NOW, reading, trades, with_

_LOOK = palette(Theme.DARK)
_SMALLEST = 1600 / 60  # [px]
_HIGHEST = 1600  # [px]


def readable(made: JournalReading, *, whole: bool = True) -> list[str]:
    """Draw trades; hold every word against the frame, the least size, and all others."""
    canvas = Canvas()
    height = journal.draw(canvas, made, _LOOK, whole=whole)
    assert height <= _HIGHEST
    frame = Box(0, 0, WIDTH, height)
    for word in canvas.words:
        assert word.size >= _SMALLEST, word
        assert word.box == word.box.within(frame), word
    for one, other in combinations(canvas.words, 2):
        assert not one.box.overlaps(other.box), (one, other)
    return [word.text for word in canvas.words]


@settings(max_examples=80, deadline=None)
@given(
    count=st.integers(1, 220),
    seed=st.integers(0, 1000),
    stops=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    mistakes=st.floats(0, 1),
    hours=st.sampled_from([1, 14, 24 * 20]),
    skill=st.floats(-2, 2),
    simulated=st.booleans(),
    whole=st.booleans(),
    language=st.sampled_from(sorted(languages.NAMES)),
)
def test_no_word_covers_another_whatever_the_trades(
    *,
    count: int,
    seed: int,
    stops: float,
    mistakes: float,
    hours: int,
    skill: float,
    simulated: bool,
    whole: bool,
    language: str,
) -> None:
    made = reading(
        count,
        simulated=simulated,
        seed=seed,
        stops=stops,
        mistakes=mistakes,
        hours=hours,
        skill=skill,
    )
    with speaking(languages.tongue(language)):
        said = readable(made, whole=whole)
        assert (say("SIMULATED") in said) is simulated
        closed = many("{count} closed trade", "{count} closed trades", len(made.review.trades))
    assert any(each.startswith(closed) for each in said)


def test_every_signal_and_every_mistake_at_once_can_be_read() -> None:
    told = [with_(each, mistakes=TAGS[::-1], stop=None) for each in trades(40)]
    said = readable(JournalReading(review(told, NOW), NOW, simulated=True))
    assert "held through a zone · 40" in said
    assert sum(each.endswith(" · 40") for each in said) == 6  # there is no room for more
    assert any(each.startswith("sweep · ") for each in said)


@pytest.mark.parametrize("factor", [1e-6, 1e3])
def test_sums_of_any_size_can_be_read(factor: float) -> None:
    told = [
        each
        if each.exit is None
        else with_(each, stop=each.entry * (1 - each.side.value * 0.01 * factor))
        for each in trades(30)
    ]
    readable(JournalReading(review(told, NOW), NOW, simulated=False))


def test_few_trades_have_no_range_and_say_so() -> None:
    said = readable(reading(6))
    assert said.count("a range takes 10 trades") == 2
    assert any(each.startswith("too few to say (") for each in said)


def test_what_is_below_the_best_is_shaded_and_nothing_else() -> None:
    canvas = Canvas()
    losing = [each for each in reading(60, skill=-3.0).review.trades if (each.multiple or 0) < 0]
    found = review(losing, NOW)
    journal.draw(canvas, JournalReading(found, NOW, simulated=False), _LOOK, whole=False)
    column = canvas.pixels[250:690, 1100]
    shade = _LOOK.ink.over[4][_LOOK.panel.solid]
    shaded = np.flatnonzero(column == shade)
    assert len(shaded) > 100
    assert (column[shaded.min() : shaded.max()] != _LOOK.panel.solid).all()
    rising = review([each for each in reading(60).review.trades if (each.multiple or 0) > 0], NOW)
    canvas = Canvas()
    journal.draw(canvas, JournalReading(rising, NOW, simulated=False), _LOOK, whole=False)
    # The edges of marks and lines have a few pixels of that colour.
    assert (canvas.pixels[250:690, 28:1100] == shade).mean() < 0.002


def test_a_won_trade_is_a_ring_and_a_lost_one_a_cross() -> None:
    one = trades(1)[0]
    for exit_, middle in ((one.entry * 1.005, False), (one.entry * 0.995, True)):
        made = with_(one, exit=exit_, side=type(one.side).LONG, stop=one.entry * 0.99, target=None)
        canvas = Canvas()
        found = review([made], NOW)
        journal.draw(canvas, JournalReading(found, NOW, simulated=False), _LOOK, whole=False)
        inked = np.argwhere(canvas.pixels[250:690, 28:1112] == _LOOK.long.solid)
        assert len(inked)
        y, x = (inked.min(axis=0) + inked.max(axis=0)) // 2
        here = canvas.pixels[250 + y - 1 : 250 + y + 2, 28 + x - 1 : 28 + x + 2]
        assert (here == _LOOK.long.solid).any() == middle


def test_the_same_trades_always_give_the_same_bytes() -> None:
    first = journal.render(reading(30), Theme.LIGHT, whole=True)
    assert journal.render(reading(30), Theme.LIGHT, whole=True) == first
