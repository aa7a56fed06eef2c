"""Candles, liquidations, swept zones, strips: what is known, over what is estimated."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import HOUR, MINUTE, floats, times
from bot.core.estimate.maps import SweptCluster
from bot.core.market.liquidations import Liquidations, PositionSide
from bot.core.windows import WINDOWS
from renderers import candles, heatmap, sums
from renderers.axes import price_axis, time_axis
from renderers.canvas import Box, Canvas
from renderers.theme import Theme, palette
from tests.support.readings import reading

_LOOK = palette(Theme.DARK)
_BOX = Box(28, 240, 828, 1040)


@given(st.integers(0, 50), st.sampled_from([15, 30, 60, 240]))
def test_joined_candles_lose_no_high_low_or_volume(seed: int, minutes: int) -> None:
    made = reading(seed=seed).candles
    wide = candles.joined(made, minutes * MINUTE)
    assert wide.high.max() == made.high.max()
    assert wide.low.min() == made.low.min()
    assert wide.volume.sum() == pytest.approx(made.volume.sum())
    assert wide.open[0] == made.open[0]
    assert wide.close[-1] == made.close[-1]
    assert np.all(wide.open_time % (minutes * MINUTE) == 0)


@pytest.mark.parametrize("window", [window.name for window in WINDOWS])
def test_candles_are_wide_enough_for_a_phone(window: str) -> None:
    made = reading(window=window)
    axis = time_axis(made, _BOX)
    wide = candles.fit(made.candles, axis)
    assert wide.interval / (axis.end - axis.start) * _BOX.width >= 8


def test_a_liquidation_is_a_ring_of_its_side_where_it_happened() -> None:
    made = reading(sides="none", simulated=False)
    at = int(made.heatmap.column_edges[100])
    events = Liquidations(
        times([at, at + 6 * HOUR]),
        np.array([1, -1], dtype=np.int8),
        floats([made.price * 0.98, made.price * 1.02]),
        floats([5e6 / made.price, 5e6 / made.price]),
    )
    made = replace(made, liquidations=events)
    prices, axis = price_axis(made, _BOX), time_axis(made, _BOX)
    found = candles.bubbles_of(made, prices, axis)
    assert found is not None
    canvas = Canvas()
    candles.draw_bubbles(canvas, found, 3e6, (prices, axis), _LOOK)
    for place, ink in enumerate((_LOOK.long, _LOOK.short)):
        rows, columns = np.nonzero(canvas.pixels == ink.solid)
        assert abs(rows.mean() - float(prices.y(events.price[place]))) < 1
        assert abs(columns.mean() - float(axis.x(int(events.time[place])))) < 1


def test_liquidations_that_lie_together_are_one_ring_of_their_sum() -> None:
    made = reading(sides="none")
    at = int(made.heatmap.column_edges[100])
    events = Liquidations(
        times([at] * 50), np.ones(50, dtype=np.int8), floats([made.price] * 50), floats([1.0] * 50)
    )
    made = replace(made, liquidations=events)
    found = candles.bubbles_of(made, price_axis(made, _BOX), time_axis(made, _BOX))
    assert found is not None
    assert found.usd.tolist() == [pytest.approx(50 * made.price)]


def test_a_swept_zone_is_crossed_out_where_and_when_it_was_swept() -> None:
    made = reading(sides="none")
    at = int(made.heatmap.column_edges[150])
    price = made.price * 1.01
    zone = SweptCluster(PositionSide.SHORT, price, price * 1.006, 3e8, at - HOUR, at, None)
    made = replace(made, swept=(zone,))
    prices, axis = price_axis(made, _BOX), time_axis(made, _BOX)
    canvas = Canvas()
    candles.draw_swept(canvas, made, prices, axis, _LOOK)
    rows, columns = np.nonzero(canvas.pixels == _LOOK.ink.solid)
    assert abs(rows.mean() - float(prices.y(price * 1.003))) < 1.5
    assert abs(columns.mean() - float(axis.x(at))) < 1.5


def test_sums_end_at_what_the_map_holds_in_view() -> None:
    made = reading()
    axis = price_axis(made, _BOX)
    found = sums.sums_of(made.now, axis)
    centre = made.now.centres
    in_view = (centre > axis.low) & (centre < axis.high)
    for part, usd in ((found.shorts, made.now.short_usd), (found.longs, made.now.long_usd)):
        assert part[-1] == pytest.approx(usd[in_view].sum(), rel=0.03)
        assert np.all(np.diff(part) >= 0)


def test_a_forming_column_is_marked_and_a_closed_one_is_not() -> None:
    for forming in (True, False):
        canvas = Canvas()
        heatmap.draw(canvas, reading(forming=forming), _LOOK)
        assert ("forming" in [word.text for word in canvas.words]) is forming


def test_a_market_without_positions_says_so() -> None:
    canvas = Canvas()
    heatmap.draw(canvas, reading(sides="none"), _LOOK)
    assert "no positions known here" in [word.text for word in canvas.words]
