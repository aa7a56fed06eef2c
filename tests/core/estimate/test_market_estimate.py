"""One market's estimate, kept current bar by bar, and the columns that never change."""

import numpy as np
import pytest

from bot.core.arrays import DAY, MINUTE
from bot.core.errors import NotEnoughData
from bot.core.estimate.columns import REACH, column, shown_until
from bot.core.estimate.market import MarketEstimate
from bot.core.windows import WINDOWS
from tests.support.walks import first_bars, wandering


def same(one: MarketEstimate, other: MarketEstimate) -> bool:
    return (
        np.array_equal(one.inventory.stored, other.inventory.stored)
        and np.array_equal(one.inventory.factor, other.inventory.factor)
        and np.array_equal(one.map().long_usd, other.map().long_usd)
        and np.array_equal(one.map().short_range, other.map().short_range)
        and [c.time for c in one.columns] == [c.time for c in other.columns]
        and all(
            np.array_equal(a.long, b.long)
            and np.array_equal(a.short, b.short)
            and (a.first, a.scale, a.until) == (b.first, b.scale, b.until)
            for a, b in zip(one.columns, other.columns, strict=True)
        )
        and np.array_equal(one.expected.usd, other.expected.usd)
        and np.array_equal(one.expected.interest, other.expected.interest)
    )


@pytest.mark.parametrize("step", [1, 7, 100])
def test_advancing_bar_by_bar_is_estimating_anew(step: int) -> None:
    history = wandering(bars=400)
    reached = MarketEstimate.of(first_bars(history, 1))
    for count in range(1 + step, 400 + step, step):
        reached = reached.advanced(first_bars(history, min(count, 400)))
    assert same(reached, MarketEstimate.of(history))


def test_a_shorter_memory_that_still_holds_the_new_bars_is_enough_to_advance() -> None:
    history = wandering(bars=200)
    before = MarketEstimate.of(first_bars(history, 150))
    recent = history.candles.sliced(slice(120, None))
    short = type(history)(history.instrument, recent, history.open_interest)
    assert same(before.advanced(short), MarketEstimate.of(history))


def test_advancing_leaves_the_estimate_it_began_with_as_it_was() -> None:
    history = wandering(bars=200)
    before = MarketEstimate.of(first_bars(history, 150))
    said = before.map().long_usd.copy()
    before.advanced(history)
    assert np.array_equal(before.map().long_usd, said)
    assert before.time == history.candles.close_time[149]


def test_a_candle_that_is_forming_is_not_believed() -> None:
    history = wandering(bars=100)
    ended = int(history.candles.close_time[98])
    forming = MarketEstimate.of(history, as_of=ended + MINUTE)
    assert same(forming, MarketEstimate.of(first_bars(history, 99)))


def test_a_market_without_a_closed_candle_is_not_estimated() -> None:
    history = wandering(bars=5)
    with pytest.raises(NotEnoughData):
        MarketEstimate.of(history, as_of=int(history.candles.open_time[0]) + MINUTE)


def test_a_history_of_another_market_does_not_advance_it() -> None:
    estimate = MarketEstimate.of(wandering(bars=5))
    with pytest.raises(ValueError, match="not of binance"):
        estimate.advanced(wandering(bars=9, exchange="okx"))


def test_closed_columns_never_change() -> None:
    history = wandering(bars=600)
    before, after = MarketEstimate.of(first_bars(history, 500)), MarketEstimate.of(history)
    later = {each.time: each for each in after.columns}
    assert len(before.columns) > 200
    for each in before.columns:
        if each.time in later:
            assert np.array_equal(each.long, later[each.time].long)
            assert np.array_equal(each.short, later[each.time].short)


def test_a_column_holds_the_map_of_its_time_to_a_two_thousandth() -> None:
    history = wandering(bars=200)
    estimate = MarketEstimate.of(history)
    shown, last = estimate.map(), estimate.columns[-1]
    assert last.time == estimate.time
    long, short = last.sides()
    assert long == pytest.approx(shown.long_usd[: REACH + 1], rel=1e-3, abs=1)
    assert short == pytest.approx(shown.short_usd[REACH:], rel=1e-3, abs=1)


def test_every_window_finds_all_of_its_columns() -> None:
    interval = 5 * MINUTE
    history = wandering(bars=31 * DAY // interval)
    estimate = MarketEstimate.of(history)
    times = {each.time for each in estimate.columns}
    for window in WINDOWS:
        end = estimate.time // window.column * window.column
        start = window.start(estimate.time)
        assert set(range(start + window.column, end + 1, window.column)) <= times


def test_a_month_of_a_market_fits_into_two_megabytes() -> None:
    estimate = MarketEstimate.of(wandering(bars=31 * DAY // (5 * MINUTE)))
    size = estimate.inventory.stored.nbytes
    size += sum(each.long.nbytes + each.short.nbytes for each in estimate.columns)
    assert size <= 2e6


def test_an_hourly_market_keeps_hourly_columns() -> None:
    hour = 60 * MINUTE
    ends = np.array([10 * hour, 11 * hour, 11 * hour + 5 * MINUTE])
    even, odd, between = shown_until(ends, hour) - ends
    assert even >= 30 * DAY
    assert odd < 8 * DAY  # the month's columns are of two
    assert between < 0


def test_a_map_of_nothing_can_be_kept() -> None:
    nothing = column(0, DAY, 11_000.5, np.zeros(REACH + 1), np.zeros(REACH + 1))
    assert not nothing.sides().any()


def test_the_map_covers_a_quarter_of_the_price_either_way() -> None:
    shown = MarketEstimate.of(wandering(bars=50)).map()
    assert shown.edges[0] < 0.75 * shown.price
    assert shown.edges[-1] > 1.25 * shown.price
    assert len(shown.edges) == len(shown.long_usd) + 1


def test_the_range_of_a_map_holds_the_map() -> None:
    shown = MarketEstimate.of(wandering(bars=50)).map()
    for usd, (low, high) in (
        (shown.long_usd, shown.long_range),
        (shown.short_usd, shown.short_range),
    ):
        assert (low <= usd).all()
        assert (usd <= high).all()
        assert (low[usd > 0] < high[usd > 0]).all()
