"""The same colour is the same density, wherever and whenever it is seen."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.estimate.maps import Heatmap
from bot.core.estimate.reading import MapReading
from renderers import density
from renderers.axes import price_axis, time_axis
from renderers.canvas import Box, Canvas
from renderers.scale import DECADES, PER_PERCENT, Scale, scale_of
from renderers.theme import LEVELS, Theme, palette
from tests.support.readings import reading

_LOOK = palette(Theme.DARK)
_BOX = Box(28, 240, 828, 1040)


def _with_heat(made: MapReading, long_usd: np.ndarray, short_usd: np.ndarray) -> MapReading:
    heatmap = replace(
        made.heatmap,
        long_usd=long_usd.astype(np.float32),
        short_usd=short_usd.astype(np.float32),
    )
    return replace(made, heatmap=heatmap)


def _drawn(heatmap: Heatmap, made: MapReading) -> np.ndarray:
    canvas = Canvas()
    prices, times = price_axis(made, _BOX), time_axis(made, _BOX)
    density.heat(canvas, heatmap, prices, times, Scale(1e6, 1e9), _LOOK)
    return canvas.part(_BOX).copy()


@pytest.mark.parametrize("window", ["12h", "30d"])
@pytest.mark.parametrize("venues", [("okx",), ("binance", "bybit", "okx")])
def test_a_coin_has_one_scale_for_all_windows_and_venues(
    window: str, venues: tuple[str, ...]
) -> None:
    usual = scale_of(reading())
    assert scale_of(reading(window=window, venues=venues, open_interest_usd=3e9)) == usual


@given(st.floats(1e3, 1e13))
def test_a_scale_spans_whole_decades_whatever_the_market(size: float) -> None:
    made = reading("NEW", sides="none")
    bins = len(made.now.long_usd)
    now = replace(made.now, long_usd=np.full(bins, size / bins))
    scale = scale_of(replace(made, now=now))
    assert scale.upper / scale.lower == pytest.approx(10**DECADES)
    assert scale.decades[0] == pytest.approx(scale.lower)
    assert scale.decades[-1] == pytest.approx(scale.upper)


@given(st.floats(1e6, 1e11), st.floats(1e6, 1e11))
def test_more_dollars_are_never_a_lower_level(one: float, other: float) -> None:
    scale = Scale(1e6, 1e9)
    low, high = scale.levels(np.array(sorted((one, other)))).tolist()
    assert 0 <= low <= high <= LEVELS - 1


def test_a_decade_is_the_same_number_of_levels_everywhere() -> None:
    scale = Scale(1e6, 1e9)
    usd = np.array([1e6, 1e7, 1e8, 1e9]) / PER_PERCENT
    assert scale.levels(usd * 1.000001).tolist() == [0, 21, 42, 63]


def test_a_price_and_a_time_are_drawn_where_the_axes_put_them() -> None:
    made = reading(sides="none")
    columns, bins = made.heatmap.long_usd.shape
    long_usd, short_usd = np.zeros((columns, bins)), np.zeros((columns, bins))
    short_usd[100, 50], long_usd[7, 20] = 5e6, 5e7
    made = _with_heat(made, long_usd, short_usd)
    prices, times = price_axis(made, _BOX), time_axis(made, _BOX)
    pixels = _drawn(made.heatmap, made)
    for (column, place), first in (((100, 50), _LOOK.shorts), ((7, 20), _LOOK.longs)):
        row, col = np.nonzero((pixels > first) & (pixels < first + LEVELS))
        bottom, top = prices.y(made.heatmap.edges[place : place + 2]) - _BOX.top
        left, right = times.x(made.heatmap.column_edges[column : column + 2]) - _BOX.left
        assert abs(row.min() - top) <= 1
        assert abs(row.max() + 1 - bottom) <= 1
        assert abs(col.min() - left) <= 1
        assert abs(col.max() + 1 - right) <= 1


def test_a_closed_column_looks_the_same_whatever_comes_later() -> None:
    made = reading(simulated=False)
    later = made.heatmap.long_usd.copy()
    later[200:] *= 3
    other = _with_heat(made, later, made.heatmap.short_usd)
    edge = int(time_axis(made, _BOX).x(made.heatmap.column_edges[200])) - _BOX.left
    one, two = _drawn(made.heatmap, made), _drawn(other.heatmap, other)
    assert np.array_equal(one[:, :edge], two[:, :edge])
    assert not np.array_equal(one[:, edge + 1 :], two[:, edge + 1 :])


def test_a_bin_that_holds_both_sides_takes_the_hue_of_the_larger() -> None:
    usd = np.array([[4e6, 6e6]])
    scale = Scale(1e6, 1e9)
    more_longs, more_shorts = density.colours(usd, usd[:, ::-1], scale, _LOOK)[0].tolist()[::-1]
    assert _LOOK.longs < more_longs < _LOOK.longs + LEVELS
    assert _LOOK.shorts < more_shorts < _LOOK.shorts + LEVELS


def test_the_newest_map_has_in_the_profile_the_colours_it_has_in_the_heatmap() -> None:
    made = reading(forming=False)
    scale = scale_of(made)
    axis = price_axis(made, _BOX)
    canvas = Canvas()
    density.bars(canvas, made.now, axis, scale, _LOOK)
    profile = canvas.part(_BOX)[:, 0].copy()
    density.heat(canvas, made.heatmap, axis, time_axis(made, _BOX), scale, _LOOK)
    newest = canvas.part(_BOX)[:, -1]
    bright = newest != _LOOK.panel.solid
    assert np.mean(np.abs(profile[bright].astype(int) - newest[bright]) <= 1) > 0.99
