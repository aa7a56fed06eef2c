"""Round prices and times, each written once and so that it can be told from the next."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import figures
from bot.core.arrays import HOUR
from bot.core.windows import WINDOWS, Window
from renderers import lettering
from renderers.axes import PriceAxis, TimeAxis, price_axis
from renderers.canvas import Box
from tests.support.readings import reading

_BOX = Box(28, 240, 828, 1176)
_PRICES = st.floats(-6, 6).map(lambda power: float(10.0**power))


@given(_PRICES, st.floats(0.003, 1.5))
def test_every_written_price_is_the_price_it_stands_at(price: float, reach: float) -> None:
    axis = PriceAxis(_BOX, price, price * (1 + reach))
    ticks, decimals = axis.ticks()
    written = [figures.price(at, decimals=decimals) for at in ticks]
    assert 3 <= len(ticks) <= 12
    assert len(set(written)) == len(written)
    for at, text in zip(ticks, written, strict=True):
        assert float(text.replace(",", "")) == pytest.approx(at, rel=1e-9)
        assert axis.low <= at <= axis.high


@given(_PRICES, st.floats(0.003, 1.5), st.floats(0, 1))
def test_a_row_has_the_price_that_is_drawn_there(price: float, reach: float, at: float) -> None:
    axis = PriceAxis(_BOX, price, price * (1 + reach))
    row = np.array([_BOX.top + at * _BOX.height])
    assert axis.y(axis.price(row)) == pytest.approx(row)


@given(st.sampled_from(WINDOWS), st.integers(1_500_000_000_000, 1_900_000_000_000))
def test_written_times_are_whole_hours_within_the_window(window: Window, until: int) -> None:
    ticks = TimeAxis(_BOX, until - window.length, until).ticks()
    assert 3 <= len(ticks) <= 7
    for at, text in ticks:
        assert at % HOUR == 0
        assert until - window.length <= at <= until
        assert text in {figures.clock(at), figures.day(at)}


def test_a_market_that_stood_still_still_has_an_axis() -> None:
    made = reading(volatility=0.0)
    axis = price_axis(made, _BOX)
    assert axis.low < made.price < axis.high


@given(st.text(max_size=80), st.integers(0, 600), st.sampled_from([27, 32, 72]))
def test_a_text_is_cut_until_it_fits(text: str, room: int, size: int) -> None:
    assert lettering.width(lettering.fitted(text, room, size), size) <= room


def test_a_text_that_fits_is_not_cut() -> None:
    assert lettering.fitted("3 of 3 venues", 1000, 28) == "3 of 3 venues"


@given(st.text(max_size=40), st.booleans())
def test_no_box_ever_stands_for_a_letter(text: str, bold: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    written = lettering.readable(text, bold=bold)
    assert all(lettering.has(letter, bold=bold) for letter in written)
    assert lettering.readable(written, bold=bold) == written


def test_a_coin_whose_name_the_font_lacks_is_never_read_as_another() -> None:
    names = ("BTC", "龙BTC", "BTC龙", "虎BTC", "BTC🚀", "币安人生", "人生币安", "币安人", "한국")
    assert len({lettering.readable(name) for name in names}) == len(names)
    assert lettering.readable("no answer from 币安, OKX") == "no answer from U+5E01.5B89, OKX"
    assert lettering.mask("币", 40).advance > lettering.width("U+", 40)


def test_controls_and_joiners_have_no_shape() -> None:
    assert lettering.readable("B\u202eT\u200dC\ufe0f") == "BTC"
    assert lettering.readable("B\nTC") == "B TC"
