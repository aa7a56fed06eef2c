"""Below a heatmap stands what was chosen, and the map has the room of the rest."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import HOUR
from bot.core.estimate.reading import MapReading
from bot.core.estimate.strips import BELOW, USUAL_BELOW
from bot.core.market.liquidations import Liquidations
from renderers import heatmap
from renderers.canvas import Canvas
from renderers.theme import Theme, palette
from tests.support.readings import reading

_LOOK = palette(Theme.DARK)
_MADE = reading(seed=9, simulated=False)
_NAMES = {"oi": "Open interest", "funding": "Funding, longs pay", "liqs": "Liquidated"}


def drawn(below: tuple[str, ...], made: MapReading = _MADE) -> Canvas:
    canvas = Canvas()
    heatmap.draw(canvas, made, _LOOK, below=below)
    return canvas


def written(canvas: Canvas) -> list[str]:
    return [word.text for word in canvas.words]


@pytest.mark.parametrize("below", [BELOW, USUAL_BELOW, ("funding",), ("liqs", "oi"), ()])
def test_what_was_chosen_stands_below_and_nothing_else(below: tuple[str, ...]) -> None:
    said = written(drawn(below))
    assert {name for name, title in _NAMES.items() if title in said} == set(below)


def test_the_fewer_panels_the_higher_the_map() -> None:
    lower = [
        next(word.box.bottom for word in drawn(BELOW[:count]).words if word.text == "forming")
        for count in range(len(BELOW) + 1)
    ]
    assert lower == sorted(lower, reverse=True)
    assert np.diff(lower).max() < 0


def test_shorts_that_were_liquidated_go_up_and_longs_go_down_when_they_were() -> None:
    start, end = (int(edge) for edge in _MADE.heatmap.column_edges[[0, -1]])
    time = np.array([start - HOUR, start + (end - start) // 4, start + 3 * (end - start) // 4])
    side, price = np.array([1, -1, 1], dtype=np.int8), np.full(3, _MADE.price)
    told = Liquidations(time, side, price, np.array([9e3, 1e3, 3e3]) / _MADE.price)
    canvas = drawn(("liqs",), replace(_MADE, liquidations=told))
    assert "$4K  75.0 % longs" in written(canvas), "what was before the picture is not in it"
    title = next(word.box for word in canvas.words if word.text == "Liquidated")
    top, bottom, right = title.top - 20, title.bottom + 60, title.left - 16
    strip = canvas.pixels[top:bottom, 28:right]
    places = {}
    for name, ink in (("short", _LOOK.short), ("long", _LOOK.long)):
        rows, columns = np.nonzero(strip == ink.solid)
        places[name] = rows.mean(), columns.mean() / strip.shape[1], np.ptp(rows)
    assert places["short"][0] < places["long"][0]
    assert places["short"][1] == pytest.approx(0.25, abs=0.02)
    assert places["long"][1] == pytest.approx(0.75, abs=0.02)
    assert places["long"][2] == pytest.approx(3 * places["short"][2], abs=4)


def test_a_market_whose_liquidations_nobody_tells_says_so() -> None:
    said = written(drawn(("liqs",), replace(_MADE, liquidations=None)))
    assert said.count("no liquidation events") == 2  # in the legend, too
    nothing = np.zeros(0)
    none = Liquidations(nothing.astype(np.int64), nothing.astype(np.int8), nothing, nothing)
    assert "$0" in written(drawn(("liqs",), replace(_MADE, liquidations=none)))
