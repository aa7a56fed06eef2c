"""What of a market's past is not known: found, cut into stretches, and not asked for twice."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import DAY, MINUTE
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.holes import SERIES, holes, stretches, unsought, without
from bot.core.market.join import joined
from tests.support.histories import START, history

END = START + 600 * 5 * MINUTE

spans = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 40)).map(lambda two: (two[0], sum(two))),
    max_size=8,
)


def whole() -> MarketHistory:
    return history(bars=600)


def moments(found: tuple[tuple[int, int], ...]) -> set[int]:
    return {at for start, end in found for at in range(start, end)}


def test_a_market_never_seen_lacks_everything() -> None:
    assert holes(None, 0, DAY) == dict.fromkeys(SERIES, ((0, DAY),))
    assert holes(None, DAY, DAY) == {}


def test_a_whole_history_lacks_nothing() -> None:
    assert holes(whole(), START, END) == {}


def test_bars_left_out_and_a_beginning_that_is_missing_are_holes() -> None:
    market = whole()
    before, after = (
        replace(market, candles=market.candles.sliced(part), funding=None)
        for part in (slice(0, 100), slice(103, None))
    )
    torn = joined(before, after)
    found = holes(torn, START - 2 * DAY, END)
    hole = (START + 100 * 5 * MINUTE, START + 103 * 5 * MINUTE)
    assert found["candles"] == ((START - 2 * DAY, START), hole)
    assert found["funding"] == ((START - 2 * DAY, END),)


def test_holes_before_and_after_what_is_asked_about_are_not_told() -> None:
    assert holes(whole(), START + DAY, END - DAY) == {}
    assert holes(whole(), END + 2 * DAY, END + 3 * DAY)["candles"] == (
        (END + 2 * DAY, END + 3 * DAY),
    )


def test_what_the_venue_has_told_all_of_is_not_asked_for_again() -> None:
    lacking = {"candles": ((0, 10), (20, 30)), "funding": ((0, 30),)}
    sought = {"candles": Heard(((0, 25),)), "funding": Heard(((0, 30),))}
    assert unsought(lacking, sought) == {"candles": ((25, 30),)}


@given(spans, spans)
def test_what_is_taken_away_is_gone_and_nothing_else(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    kept = Heard.of(one).spans
    left = without(kept, Heard.of(other))
    assert moments(left) == moments(kept) - moments(tuple(other))


@given(spans, spans, st.integers(1, 50))
def test_stretches_cover_every_hole_once_in_order_and_none_is_too_long(
    one: list[tuple[int, int]], other: list[tuple[int, int]], length: int
) -> None:
    found = list(stretches({"candles": tuple(one), "funding": tuple(other)}, length))
    assert moments(tuple(one)) | moments(tuple(other)) <= moments(tuple(found))
    assert all(0 < end - start <= length for start, end in found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))
