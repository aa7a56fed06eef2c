"""Walking forward: what was expected of a bar was known when it opened."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.core.arrays import HOUR, MINUTE, floats
from bot.core.estimate.bars import bars
from bot.core.estimate.coverage import Coverage
from bot.core.estimate.market import MarketEstimate, start
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.judge.baselines import price_map, prices_only
from bot.core.judge.report import interval_moves, rows
from bot.core.judge.walk import by_interval, realised, walk
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, LiquidationTotals
from bot.exchanges.replay import read_market
from tests.support.walks import first_bars, scaled, wandering


def reported_by(
    history: MarketHistory, share: tuple[float, float], interval: int = HOUR
) -> MarketHistory:
    """The same market, with a feed that reports exactly so much of what the map expects."""
    forecasts = walk(history)
    starts = np.unique(history.candles.open_time // interval * interval)
    place = np.searchsorted(starts, forecasts.time, side="right") - 1
    sums = [
        floats(np.bincount(place, row * part))
        for row, part in zip(forecasts.usd, share, strict=True)
    ]
    return replace(
        history, liquidation_totals=LiquidationTotals(starts, sums[0], sums[1], interval)
    )


def test_the_forecast_of_a_bar_is_what_the_map_of_its_open_held_on_its_way() -> None:
    history = wandering(bars=200, volatility=0.004)
    forecasts = walk(history)
    for at in (50, 120, 199):
        known = MarketEstimate.of(first_bars(history, at)).map()
        low, opened = history.candles.low[at], history.candles.open[at]
        inside = (known.edges[:-1] >= low) & (known.edges[1:] <= opened)
        touched = (known.edges[1:] > low) & (known.edges[:-1] < opened)
        assert known.long_usd[inside].sum() <= forecasts.usd[LONG, at] * (1 + 1e-9) + 1e-6
        assert forecasts.usd[LONG, at] <= known.long_usd[touched].sum() * (1 + 1e-9) + 1e-6


def test_forecasts_do_not_change_when_more_becomes_known() -> None:
    history = reported_by(wandering(bars=300), (0.3, 0.1))
    part, whole = walk(first_bars(history, 200)), walk(history)
    assert np.array_equal(part.usd, whole.usd[:, :200])
    assert np.array_equal(part.reported, whole.reported[:, :200])


@pytest.mark.parametrize(
    ("feed", "share"), [("lossy: one order a second", 0.25), ("complete: every liquidation", 0.5)]
)
def test_a_complete_feed_is_taken_to_tell_of_more_before_it_was_heard(
    feed: str, share: float
) -> None:
    forecasts = walk(replace(wandering(bars=60), liquidation_feed=feed))
    assert forecasts.usd.sum() > 0
    assert forecasts.reported == pytest.approx(share * forecasts.usd)


def test_bars_are_counted_as_they_are_walked() -> None:
    counted = []
    walk(wandering(bars=30), tick=lambda: counted.append(1))
    assert len(counted) == 30


def test_coverage_is_learnt_side_by_side_from_what_a_feed_reports() -> None:
    history = reported_by(wandering(bars=2000, volatility=0.003), (0.5, 0.05))
    told = history.liquidation_totals
    assert told is not None
    since = int(told.time[-1]) - 40 * HOUR
    late = walk(history).reported[:, history.candles.open_time >= since].sum(axis=1)
    came = np.array((told.long_usd, told.short_usd))[:, told.time >= since].sum(axis=1)
    assert late == pytest.approx(came, rel=0.2)


def test_before_anything_was_reported_coverage_is_the_priors() -> None:
    inventory = start(wandering(bars=3))
    forecasts = walk(wandering(bars=50))
    swept = forecasts.usd.sum(axis=1)
    assert forecasts.reported.sum(axis=1) == pytest.approx(inventory.parameters.coverage * swept)
    assert Coverage.before(np.array([0.1, 0.2])).share(0.0).tolist() == [0.1, 0.2]


def test_an_interval_is_learnt_from_only_when_it_is_over() -> None:
    history = wandering(bars=24, volatility=0.004)
    silent = walk(history)
    opened = int(history.candles.open_time[0])
    told = LiquidationTotals(
        np.array([opened]), np.array([9e9]), np.array([9e9]), HOUR
    )  # the first hour
    forecasts = walk(replace(history, liquidation_totals=told))
    assert np.array_equal(forecasts.reported[:, :12], silent.reported[:, :12])
    later = silent.usd[:, 12:] > 0
    assert (forecasts.reported[:, 12:][later] > silent.reported[:, 12:][later]).all()


def test_events_are_counted_by_the_hour_with_the_hours_in_which_nothing_happened() -> None:
    start_of_hour = 100 * HOUR
    events = Liquidations(
        np.array([start_of_hour + 5, start_of_hour + 6, start_of_hour + 2 * HOUR]),
        np.array([1, -1, -1], dtype=np.int8),
        np.array([10.0, 10, 20]),
        np.array([1.0, 2, 3]),
    )
    actual = realised(replace(wandering(bars=5), liquidations=events))
    assert actual is not None
    assert actual.time.tolist() == [start_of_hour + n * HOUR for n in range(3)]
    assert actual.usd.tolist() == [[10, 0, 0], [20, 0, 60]]


def test_totals_are_taken_as_they_are_given() -> None:
    history = reported_by(wandering(bars=100), (1.0, 1.0))
    actual = realised(history)
    assert actual is not None
    assert history.liquidation_totals is not None
    assert np.array_equal(actual.usd[SHORT], history.liquidation_totals.short_usd)
    assert realised(wandering(bars=5)) is None


def test_bars_outside_every_interval_count_nowhere() -> None:
    history = wandering(bars=36)
    opened = int(history.candles.open_time[0])
    told = LiquidationTotals(
        np.array([opened, opened + 2 * HOUR]), np.ones(2), np.ones(2), HOUR
    )  # an hour is missing between
    actual = realised(replace(history, liquidation_totals=told))
    assert actual is not None
    sums, filled = by_interval(history.candles.open_time, np.ones((2, 36)), actual)
    assert filled.tolist() == [0, 1]
    assert sums.tolist() == [[12, 12], [12, 12]]
    moved, same = interval_moves(history.candles, actual)
    assert same.tolist() == [0, 1]
    candles = history.candles
    assert moved[LONG, 1] == pytest.approx(np.log(candles.open[24] / candles.low[24:36].min()))
    assert moved[SHORT, 0] == pytest.approx(np.log(candles.high[:12].max() / candles.open[0]))


def test_the_map_of_prices_knows_neither_open_interest_nor_turnover() -> None:
    history = wandering(bars=150)
    told = history.open_interest
    assert told is not None
    other = replace(
        history,
        candles=replace(history.candles, volume=history.candles.volume[::-1].copy()),
        open_interest=replace(
            told, quantity=np.concatenate((told.quantity[:1], told.quantity[:0:-1]))
        ),
    )
    assert np.array_equal(price_map(history).usd, price_map(other).usd)
    assert not np.array_equal(walk(history).usd, walk(other).usd)
    constant = bars(prices_only(scaled(history, size=3.0))).open_interest
    assert (constant == constant[0]).all()


def test_a_feed_that_reports_what_the_map_expects_gives_it_full_marks() -> None:
    history = reported_by(wandering(bars=1500), (0.4, 0.4))
    table = rows(history, walk(history))
    by_name = {(row.name, row.side): row for row in table}
    assert set(by_name) == {
        (name, side) for name in ("map", "prices only", "bare move") for side in ("longs", "shorts")
    }
    for side in ("longs", "shorts"):
        ours = by_name["map", side]
        # But for the level, which the map has learnt meanwhile from the same reports.
        assert ours.score.rho == pytest.approx(1, abs=0.01)
        assert 2 < ours.score.usd < 4
        assert ours.reported == pytest.approx(1, abs=0.25)
        assert ours.score.count == 1500 * 5 * MINUTE // HOUR
        for rival in ("prices only", "bare move"):
            assert by_name[rival, side].score.rho < 1


def test_without_liquidations_there_is_nothing_to_score() -> None:
    history = wandering(bars=10)
    assert rows(history, walk(history)) == []


@pytest.mark.shared
def test_the_map_beats_what_knows_only_prices_on_a_recorded_market(shared: Path) -> None:
    history = read_market(shared / "data/replay/binance-btc-2025-12")
    table = {(row.name, row.side): row for row in rows(history, walk(history))}
    for side in ("longs", "shorts"):
        ours, prices = table["map", side], table["prices only", side].score
        assert ours.score.partial > prices.partial
        assert ours.score.biggest > prices.biggest
        assert ours.score.biggest > table["bare move", side].score.biggest
        assert 0.7 < ours.reported < 1.4
