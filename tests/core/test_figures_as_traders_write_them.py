"""Figures in pictures and captions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import figures

_UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


def _read_usd(written: str) -> float:
    found = re.fullmatch(r"([−+]?)\$([\d,]+(?:\.\d)?)([KMBT]?)", written)
    assert found, written
    sign, number, letter = found.groups()
    return (-1 if sign == "−" else 1) * float(number.replace(",", "")) * _UNITS[letter]


def _read_percent(written: str) -> float:
    assert written.endswith(" %")
    return float(written.removesuffix(" %").replace(",", "").replace("−", "-")) / 100


@given(st.floats(1.0, 1e16), st.sampled_from([1, -1]))
def test_dollars_read_back_are_within_a_twentieth(size: float, sign: int) -> None:
    assert _read_usd(figures.usd(sign * size)) == pytest.approx(sign * size, rel=0.0501)


@given(st.floats(0, 9.9e14))
def test_dollars_are_never_wider_than_six_characters(size: float) -> None:
    assert len(figures.usd(size)) <= 6


@given(st.floats(0, 1e16), st.floats(0, 1e16))
def test_more_dollars_never_read_as_fewer(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert _read_usd(figures.usd(low)) <= _read_usd(figures.usd(high))


@given(st.floats(1e-9, 1e7))
def test_a_price_read_back_is_within_a_two_thousandth(value: float) -> None:
    written = figures.price(value)
    assert float(written.replace(",", "")) == pytest.approx(value, rel=1 / 2000)


@given(st.floats(-5, 5))
def test_a_percentage_read_back_is_within_a_twentieth_or_a_ten_thousandth_of_a_percent(
    fraction: float,
) -> None:
    read = _read_percent(figures.percent(fraction))
    assert read == pytest.approx(fraction, rel=0.05, abs=0.6e-6)


@given(st.floats(-5, 5).filter(lambda fraction: abs(fraction) > 1e-5))
def test_a_signed_percentage_always_shows_its_sign(fraction: float) -> None:
    assert figures.percent(fraction, signed=True)[0] == ("−" if fraction < 0 else "+")


@pytest.mark.parametrize("write", [figures.usd, figures.price, figures.percent])
def test_what_is_no_number_reads_as_a_dash(write: object) -> None:
    assert callable(write)
    assert write(float("nan")) == "–"
    assert write(float("inf")) == "–"


def test_nothing_that_rounds_to_zero_is_signed() -> None:
    assert figures.usd(-0.01) == "$0"
    assert figures.percent(-1e-9, signed=True) == "0 %"


@given(st.integers(0, 400 * 86_400_000))
def test_a_length_of_time_is_never_overstated(length: int) -> None:
    number, unit = figures.span(length).split()
    sizes = {"s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
    assert int(number) * sizes[unit] <= length < (int(number) + 1) * sizes[unit]


def test_data_of_the_last_seconds_are_just_now() -> None:
    assert figures.ago(-3) == "just now"
    assert figures.ago(4_999) == "just now"
    assert figures.ago(5_000) == "5 s ago"
