"""Two pieces of a history make one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import MINUTE, times
from bot.core.market.history import MarketHistory
from bot.core.market.join import joined, trimmed
from bot.core.market.liquidations import Liquidations
from bot.core.market.series import Candles, OpenInterest
from tests.support.histories import history

FIELDS = ("open_time", "open", "high", "low", "close", "volume")


def part(whole: MarketHistory, first: int, last: int) -> MarketHistory:
    candles = whole.candles.sliced(slice(first, last))
    interest, events = whole.open_interest, whole.liquidations
    assert interest is not None
    assert events is not None
    begin, end = int(candles.open_time[0]), int(candles.close_time[-1])
    seen = (interest.time >= begin) & (interest.time < end)
    happened = slice(*np.searchsorted(events.time, [begin, end]))
    return replace(
        whole,
        candles=candles,
        open_interest=OpenInterest(interest.time[seen], interest.quantity[seen]),
        liquidations=events.sliced(happened),
    )


@given(st.integers(1, 49), st.integers(0, 10))
def test_pieces_that_overlap_join_to_the_whole(cut: int, overlap: int) -> None:
    whole = history(bars=50)
    result = joined(part(whole, 0, cut), part(whole, max(0, cut - overlap), 50))
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(result.candles, name), getattr(whole.candles, name))
    assert result.open_interest is not None
    assert whole.open_interest is not None
    np.testing.assert_array_equal(result.open_interest.quantity, whole.open_interest.quantity)
    assert result.liquidations is not None
    assert whole.liquidations is not None
    np.testing.assert_array_equal(result.liquidations.price, whole.liquidations.price)


def test_a_bar_that_was_forming_is_replaced_by_the_finished_one() -> None:
    whole = history(bars=10)
    old = part(whole, 0, 5)
    forming = Candles(
        old.candles.open_time,
        old.candles.open,
        old.candles.high,
        old.candles.low,
        old.candles.close,
        np.append(old.candles.volume[:-1], 0.0),
        None,
        old.candles.interval,
    )
    result = joined(replace(old, candles=forming), part(whole, 4, 10))
    assert result.candles.volume[4] == whole.candles.volume[4]
    assert len(result.candles) == 10


def test_a_series_missing_from_the_newer_piece_is_kept() -> None:
    whole = history(bars=10)
    result = joined(part(whole, 0, 5), replace(part(whole, 5, 10), open_interest=None))
    assert result.open_interest is not None
    assert result.open_interest.time[-1] < whole.candles.open_time[5]


def test_taker_volume_is_dropped_when_only_one_piece_has_it() -> None:
    whole = history(bars=10)
    assert whole.candles.taker_buy_volume is not None
    old = part(whole, 0, 5)
    bare = replace(old.candles, taker_buy_volume=None)
    result = joined(replace(old, candles=bare), part(whole, 5, 10))
    assert result.candles.taker_buy_volume is None


def test_bars_of_different_length_are_not_joined() -> None:
    with pytest.raises(ValueError, match="one candle interval"):
        joined(history(bars=10), history(bars=10, interval=15 * MINUTE))


def test_what_is_trimmed_begins_no_earlier_than_it_should() -> None:
    whole = history(bars=300)
    since = int(whole.candles.open_time[120])
    rest = trimmed(whole, since)
    assert rest.candles.open_time[0] == since
    assert len(rest.candles) == 180
    for name in ("open_interest", "funding", "long_short_ratio", "liquidations"):
        before, after = getattr(whole, name), getattr(rest, name)
        np.testing.assert_array_equal(after.time, before.time[before.time >= since])


def test_no_new_events_leave_the_old_ones() -> None:
    whole = history(bars=10)
    nothing = Liquidations(times([]), np.array([], np.int8), np.array([]), np.array([]))
    result = joined(part(whole, 0, 5), replace(part(whole, 5, 10), liquidations=nothing))
    assert result.liquidations is not None
    assert len(result.liquidations) > 0
