"""When a feed was heard, and two accounts of the same liquidations."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import HOUR, floats, times
from bot.core.judge.walk import realised
from bot.core.market.heard import Heard, Span
from bot.core.market.join import joined
from bot.core.market.liquidations import Liquidations, together
from tests.support.histories import START, history

Row = tuple[int, int, float]
_ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([1, -1]), st.sampled_from([1.0, 2.0]))
)
_SPANS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=8)


def told(rows: list[Row]) -> Liquidations:
    ordered = sorted(rows, key=lambda row: row[0])
    time, side, price = zip(*ordered, strict=True) if rows else ((), (), ())
    return Liquidations(
        times(time), np.array(side, np.int8), floats(price), np.ones(len(rows), np.float64)
    )


def counted(events: Liquidations) -> dict[Row, int]:
    rows = list(zip(events.time.tolist(), events.side.tolist(), events.price.tolist(), strict=True))
    return {row: rows.count(row) for row in rows}


@given(_ROWS, _ROWS)
def test_an_event_told_by_both_accounts_is_one_and_told_twice_by_one_is_two(
    one: list[Row], other: list[Row]
) -> None:
    expected = {row: max(one.count(row), other.count(row)) for row in (*one, *other)}
    both = together([told(one), told(other)])
    assert counted(both) == expected
    assert counted(together([told(one), both, told(other)])) == expected


@given(_SPANS, _SPANS)
def test_a_moment_was_heard_if_either_heard_it(one: list[Span], other: list[Span]) -> None:
    both = Heard.of(one).also(other)
    for at in range(50):
        heard = any(start <= at < end for start, end in (*one, *other))
        assert both.covers(at, at + 1) is heard
    assert all(a[1] < b[0] for a, b in zip(both.spans, both.spans[1:], strict=False))


def test_only_hours_heard_from_end_to_end_are_counted_even_if_nothing_happened() -> None:
    made = history(bars=72)  # six hours, with events in all of them
    spans = ((START + 1, START + 2 * HOUR), (START + 3 * HOUR, START + 5 * HOUR + 17))
    actual = realised(replace(made, heard=Heard(spans)))
    assert actual is not None
    assert ((actual.time - START) // HOUR).tolist() == [1, 3, 4]
    whole = realised(made)
    assert whole is not None
    assert np.array_equal(actual.usd, whole.usd[:, [1, 3, 4]])
    silent = replace(made, heard=Heard(spans), liquidations=told([]))
    quiet = realised(silent)
    assert quiet is not None
    assert quiet.usd.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_what_was_heard_is_known_only_up_to_the_time_asked() -> None:
    made = replace(history(bars=24), heard=Heard(((START, START + 2 * HOUR),)))
    assert made.known_at(START + HOUR).heard == Heard(((START, START + HOUR),))


def test_two_pieces_of_a_history_were_heard_whenever_one_was() -> None:
    made = history(bars=24)
    early = replace(made, heard=Heard(((START, START + 10),)))
    late = replace(made, heard=Heard(((START + 10, START + 30),)))
    assert joined(early, late).heard == Heard(((START, START + 30),))
    # A venue's own answer has no liquidations, and so says nothing of when they were heard.
    assert joined(early, replace(made, liquidations=None)).heard == early.heard
    assert joined(early, made).heard is None
