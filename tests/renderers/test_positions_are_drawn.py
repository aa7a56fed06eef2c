"""Somebody's own position: every word can be read, and lines stand where the figures say."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import figures
from bot.core.market.liquidations import PositionSide
from bot.core.signals.position_reading import PositionReading
from renderers import position
from renderers.canvas import WIDTH, Box, Canvas
from renderers.theme import Theme, palette
from tests.support.own_positions import VENUES, position_reading

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
_LOOK = palette(Theme.DARK)
_SMALLEST = 1600 / 60  # [px]
POSITIONS: dict[str, Callable[[], PositionReading]] = {
    "long": lambda: position_reading(entry=1.01),
    "short": lambda: position_reading(SHORT, 50, entry=0.985, simulated=True),
    "opened now": position_reading,
    "small": lambda: position_reading(
        SHORT, 3, base="1000CHEEMSFRIENDS", price=0.0000123, venues=("okx",)
    ),
    "gone": lambda: position_reading(entry=1.2, leverage=40),
    "safe": lambda: position_reading(leverage=2, wallet=60_000.0),
    "far": lambda: position_reading(SHORT, 1, entry=0.6),
    "no cluster": lambda: position_reading(usd=1e-9),
    "most venues": lambda: position_reading(venues=(*VENUES, "gate", "kucoin", "hyperliquid")),
}


def readable(reading: PositionReading) -> list[str]:
    """Draw a position; hold every word against the frame, the least size, and all others."""
    canvas = Canvas()
    position.draw(canvas, reading, _LOOK)
    frame = Box(0, 0, WIDTH, position.HEIGHT)
    for word in canvas.words:
        assert word.size >= _SMALLEST, word
        assert word.box == word.box.within(frame), word
    for one, other in combinations(canvas.words, 2):
        assert not one.box.overlaps(other.box), (one, other)
    return [word.text for word in canvas.words]


@pytest.mark.parametrize("name", POSITIONS)
def test_every_word_of_a_position_can_be_read(name: str) -> None:
    reading = POSITIONS[name]()
    said = readable(reading)
    assert ("SIMULATED" in said) is reading.simulated
    assert ("gone" in said) is reading.over
    if reading.liquidation is not None:
        assert figures.price(reading.liquidation) in said
    assert figures.price(reading.price) in said


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([LONG, SHORT]),
    st.floats(1, 50),
    st.floats(0.8, 1.25),
    st.floats(0.00001, 100_000),
)
def test_any_position_can_be_read(
    side: PositionSide, leverage: float, entry: float, price: float
) -> None:
    readable(position_reading(side, leverage, entry=entry, price=price, value=None))


def test_what_is_gone_is_shaded_from_the_liquidation_on() -> None:
    for side in (LONG, SHORT):
        reading, canvas = position_reading(side, usd=1e-9), Canvas()
        position.draw(canvas, reading, _LOOK)
        axis = position.axis_of(reading)
        assert reading.liquidation is not None
        y = round(float(axis.y(reading.liquidation)))
        column = canvas.pixels[250:1140, 700]
        panel = np.bincount(column).argmax()
        shaded = np.flatnonzero(column == _LOOK.warning.over[3][_LOOK.panel.solid]) + 250
        assert panel == _LOOK.panel.solid
        assert (shaded >= y).all() if side is LONG else (shaded < y).all()
        assert len(shaded) > 20
