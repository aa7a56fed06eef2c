"""Stretches of a series: cut, joined and merged without a bit of difference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import DAY, MINUTE, floats, times
from storage.series import BARS, Block, Series, block, changes, column, joined, merged, stretches

times_of_rows = st.lists(st.integers(-(10**13), 10**13), unique=True, max_size=60).map(sorted)
spans = st.sampled_from([1, 1000, MINUTE, DAY])


def rows(time: list[int], scale: float = 1.0) -> Block:
    return block(times(time), floats(time) * scale, floats(time) / 7)


@given(times_of_rows.filter(bool), spans)
def test_what_is_cut_joins_to_what_it_was(time: list[int], span: int) -> None:
    cut = list(stretches(rows(time), span))
    assert [end for end, _ in cut] == sorted({at // span * span + span for at in time})
    assert joined([body for _, body in cut], 3).tobytes() == rows(time).tobytes()


@given(times_of_rows, times_of_rows)
def test_merged_rows_are_a_table_of_the_newest_by_time(old: list[int], new: list[int]) -> None:
    found = merged(rows(old), rows(new, 2.0))
    table = {at: float(at) for at in old} | {at: at * 2.0 for at in new}
    assert found[0].tolist() == sorted(table)
    assert column(found, 1).tolist() == [table[at] for at in sorted(table)]


@pytest.mark.parametrize("bits", [0x7FF8_0000_0000_0001, 0x7FF0_0000_0000_0001, 1, -(2**63)])
def test_a_number_that_is_no_ordinary_number_keeps_every_bit(bits: int) -> None:
    odd = np.array([bits], np.int64).view(np.float64)
    [(_, body)] = stretches(block(times([5]), odd), DAY)
    assert column(joined([body], 2), 1).view(np.int64).tolist() == [bits]


def test_one_new_bar_rewrites_one_stretch() -> None:
    minutes = Series("candles", MINUTE)
    known_bars = [MINUTE * number for number in range(10 * BARS + 5)]
    known = dict(stretches(rows(known_bars), minutes.span))
    assert len(known) == 11
    written = list(changes(known, rows([known_bars[-1] + MINUTE]), minutes))
    assert [end for end, _ in written] == [11 * BARS * MINUTE]


def test_rows_already_known_rewrite_nothing() -> None:
    minutes = Series("candles", MINUTE)
    bars = [MINUTE * number for number in range(1000)]
    known = dict(stretches(rows(bars), minutes.span))
    assert list(changes(known, rows(bars[100:900]), minutes)) == []


def test_no_stretch_joins_to_no_rows() -> None:
    assert joined([], 7).shape == (7, 0)
